"""Journals and results of bulk work: no key of ours and no secret of others, in whatever form a server says them."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.bulk.journal_file import journal_dir
from cocalc_magic.render.bulk import RenderedResult
from cocalc_magic.sandbox.testing import FakeServer, Request, json_response
from tests.leaks.examples import EXAMPLES
from tests.leaks.keyed import for_keys
from tests.leaks.search import KEY, forms

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.sandbox.testing import Response

ROWS = [{"name": name} for name in EXAMPLES]


def tell(request: Request) -> Response:
    """Answer each project with a text that has a secret in it, every other one as an error."""
    message = json.loads(request.body or b"{}")
    if "query" in message:
        return json_response(200, {"event": "query", "query": {"accounts": {"account_id": "ada"}}})
    name = message["title"]
    text = f"{EXAMPLES[name].text} and {KEY}"
    if list(EXAMPLES).index(name) % 2:
        return json_response(200, {"event": "error", "id": message["id"], "error": text})
    return json_response(
        200, {"event": "project_created", "id": message["id"], "project_id": text, "text": [text]}
    )


@pytest.mark.usefixtures("_in_folder")
def test_no_secret_is_in_a_journal_or_a_result() -> None:
    with FakeServer(for_keys(tell)) as server, Client(server.url, KEY) as client:
        made = client.map("create_project", ROWS, title="${row.name}")
        again = client.map("create_project", ROWS, title="${row.name}")

    files = b"".join(file.read_bytes() for file in journal_dir().iterdir())
    frame = made.to_csv("made.csv").read_bytes()
    shown = [
        RenderedResult(made).text,
        RenderedResult(made).html,
        repr(made),
        str(made.failure),
        str(list(again)),
    ]
    places = [files, frame, pickle.dumps(list(made.outcomes)), *(text.encode() for text in shown)]
    assert made.counts == {"ok": len(ROWS) - len(ROWS) // 2, "failed": len(ROWS) // 2}
    assert b"create_project" in files
    assert "•••".encode() in files
    for place in places:
        assert [name for name, shape in forms(KEY).items() if shape in place] == []
        assert [name for name, example in EXAMPLES.items() if example.secret.encode() in place] == []


@pytest.fixture
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
