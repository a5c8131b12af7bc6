"""The token of a sign-in link is as secret as a key: it goes through a kernel and is found nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from cocalc_magic.sandbox.testing import FakeServer, Request
from tests.ipython.test_kernel import Kernel
from tests.leaks.keyed import for_keys
from tests.leaks.search import KEY, found, in_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

TOKEN = "k3Zs8WbQ0dT1uLr6xVn9pMca"
MARKED = f"sk_{TOKEN}00"  # the search looks for the middle of a key
ACCOUNT = "c0a8f3d4-51b7-4e7b-8f5d-6a9be2d07c22"
PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
PASSWORD = "correct horse 9"
OPEN = f"%cocalc open {PROJECT} a.md --kiosk --sign-in --account {ACCOUNT}"
LINES = [
    OPEN,
    f"page = {OPEN}",
    "widget = page.make(); page",
    f"res = %cocalc user_auth account_id={ACCOUNT} password=$pw",
    "res",
    "print(repr(res), page)",
    "%cocalc user_auth --each ${[{'id': '" + ACCOUNT + "'}]} account_id=$row.id password=$pw",
    "%cocalc history",
    "%cocalc history --export notebook sent.ipynb",
    "%cocalc last-error",
    "from cocalc_magic import Client\nlink = Client().sign_in_url(res['auth_token'], '" + PROJECT + "')",
    "print(link, [link]); link",
    f"{OPEN} --server nowhere",
    "%whos",
]


def answer(request: Request) -> Any:
    """Give the token to every key, and say it in other answers, too."""
    event = request.path.rpartition("/")[2]
    if event == "user_auth":
        return {"event": "user_auth_token", "auth_token": TOKEN}
    return {"event": "error", "error": f"see /projects/x?fullscreen=kiosk&auth_token={TOKEN}"}


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel that keeps all that it writes in a folder."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    with FakeServer(for_keys(answer)) as server:
        monkeypatch.setenv("COCALC_HOST", server.url)
        monkeypatch.setenv("COCALC_API_KEY", KEY)
        started = Kernel()
        yield started
        started.close()


def test_a_sign_in_link_is_saved_shown_and_logged_nowhere(kernel: Kernel, tmp_path: Path) -> None:
    """Nor in the state of its widget, in a recording, in the journal, in a saved notebook, or in a log."""
    kernel.run(
        "import logging\nlogging.basicConfig(level=logging.DEBUG, filename='debug.log')\n%load_ext cocalc_magic"
    )
    kernel.run(f"pw = {PASSWORD!r}\n%xmode Verbose")
    kernel.run("%cocalc record a.jsonl")
    cells, shown = [], []
    for line in [*LINES, "%cocalc record --stop"]:
        _, outputs = kernel.run(line, [PASSWORD])
        shown.append(outputs)
        cells.append(nbformat.v4.new_code_cell(line, metadata={"outputs": json.dumps(outputs, default=str)}))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "saved.ipynb")

    text = json.dumps(shown, default=str)
    assert "A page with a live kernel shows the sign-in link, once" in text
    assert '"comm_open"' in text
    assert "a.jsonl" in json.dumps(shown[-1], default=str)
    assert [
        line
        for line, outputs in zip(LINES, shown, strict=False)
        if found(json.dumps(outputs, default=str), MARKED)
    ] == []
    assert in_files(tmp_path, MARKED) == {}
    assert (tmp_path / "a.jsonl").stat().st_size > 100
    assert (tmp_path / "debug.log").exists()
