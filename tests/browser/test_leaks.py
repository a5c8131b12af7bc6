"""The leak test in a real page: a marked key goes in by the form, and through everything a notebook does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic.sandbox.testing import FakeServer
from cocalc_magic.sanitize.secret_forms import hint
from tests.browser.test_login import files_of, frames_of, run_first
from tests.leaks.examples import KEYS
from tests.leaks.search import KEY, Hostile, found, hits, in_files
from tests.leaks.test_leaks import WORLD
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Lab, Page

FORM = ".ccm-login"
LINES = [
    "import logging\nlogging.basicConfig(level=logging.DEBUG)\n%xmode Verbose",
    "%cocalc status",
    "%cocalc ping",
    "%cocalc create_project title=x -o project",
    '%cocalc query query=\'{"projects_all": [{"project_id": null, "title": null}]}\'',
    "%cocalc project_exec project_id=$project['project_id'] command=env",
    "%cocalc keys",
    "%cocalc form ping",
    "%cocalc ping --show curl",
    "%cocalc history",
    "%cocalc nothing",
    "%cocalc last-error",
    "project, get_ipython().magics_manager.registry['CoCalc'].session",
    "%whos",
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """Knows the marked key; its log and its folder are looked through at the end."""
    (tmp_path / "world.yaml").write_text(yaml.safe_dump(WORLD))
    running = start("--world", str(tmp_path / "world.yaml"), folder=tmp_path / "data")
    yield running
    stop(running)


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    with FakeServer() as elsewhere, Hostile(elsewhere.url) as server:
        yield server
        assert elsewhere.requests == []


def give(page: Page, key: str, words: str) -> None:
    """The key by the form, in the way of a person."""
    form = page.page.locator(FORM).last
    form.get_by_label("Key", exact=True).fill(key)
    form.get_by_label("Key", exact=True).press("Enter")
    form.locator(".ccm-status", has_text=words).wait_for()


def address(page: Page, url: str) -> None:
    page.page.locator(FORM).get_by_label("Server", exact=True).select_option("another address …")
    page.page.locator(FORM).get_by_label("Address", exact=True).fill(url)


@pytest.mark.parametrize(
    "key",
    [pytest.param(key, id=name, marks=() if key == KEY else pytest.mark.long) for name, key in KEYS.items()],
)
def test_a_key_goes_through_everything_and_is_found_nowhere(
    page: Page, lab: Lab, server: Running, hostile: Hostile, tmp_path: Path, key: str
) -> None:
    """Widget state is saved; sockets, requests, the page, its storage and all files are looked through."""
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    notebook = lab.notebook(
        "leaks.ipynb", "%load_ext cocalc_magic", f"%cocalc server use {server.url}", "%cocalc login", *LINES
    )
    sent, got = frames_of(page)
    asked: list[Any] = []
    said: list[str] = []
    page.on("request", lambda one: asked.append(f"{one.url} {one.headers} {one.post_data_buffer}"))
    page.on("console", lambda one: said.append(one.text))
    page.open(notebook)
    run_first(page, 3)
    page.page.locator(FORM).wait_for()
    given = 0
    for way, words in (("refuses", "•••"), ("page", "where JSON was due"), ("sends-away", "elsewhere")):
        address(page, hostile.ways[way])
        give(page, key, words)
        given += 1
    address(page, server.url)
    give(page, key, "It belongs to Iris Instructor")
    page.page.locator(".jp-CodeCell .cm-content").nth(3).click()
    for _ in LINES:
        page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
    page.page.get_by_text("Interactive namespace").or_(page.page.get_by_text("Variable")).first.wait_for()
    text = page.saved(notebook, "last-error")
    storage = page.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")

    assert '"application/vnd.jupyter.widget-state+json"' in text
    assert hint(key) in text
    assert len(hits(sent, key)) == given + 1, "the form's own messages, one each time"
    assert not hits([*got, *asked, *said, storage, page.page.content(), text, *files_of(lab)], key)
    exported(notebook, tmp_path / "exported")
    server.end()
    assert not found(server.process.stderr.read() if server.process.stderr else "", key)
    assert in_files(tmp_path / "data", key) == in_files(tmp_path / "exported", key) == {}
    assert page.errors == []


def exported(notebook: Path, folder: Path) -> None:
    """The saved notebook as nbconvert writes it."""
    folder.mkdir()
    for form in ("html", "markdown"):
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", form, "--output-dir", str(folder), str(notebook)],
            check=True, capture_output=True, env=os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"},
        )  # fmt: skip
    assert len(list(folder.iterdir())) >= 2
