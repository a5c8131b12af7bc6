"""What a server that has changed answers otherwise than its recording, field by field."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.cassette import file
from cocalc_magic.conformance import drift
from cocalc_magic.errors import ServerUnreachable
from cocalc_magic.sandbox import Sandbox
from cocalc_magic.sandbox.testing import FakeServer, json_response

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-OwnKeyOfTheClient0123456"
READS = {"projects": [{"project_id": None, "title": None}]}


def test_a_server_that_is_the_same_has_not_drifted(tmp_path: Path) -> None:
    """Times, ids of messages and the stand-ins of people differ, and say nothing."""
    path = tmp_path / "demo.jsonl"
    with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
        with client.recording(path):
            client.ping()
            client.user_search(query="sam")
            client.query(query=READS)
        result = drift.drift(file.read(path), client)

    assert result.sent == 3
    assert result.changes == []


def test_a_message_that_fails_now_has_drifted(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    with FakeServer({"event": "pong"}) as server, Client(server.url, KEY) as client:
        with client.recording(path):
            client.ping()
            client.ping()
        server.answer = json_response(400, {"error": "ping has gone"})
        result = drift.drift(file.read(path), client)

    assert result.sent == 1
    assert [(change.field, change.recorded, change.now) for change in result.changes] == [
        ("response.event", '"pong"', "—"),
        ("status", "200", "400"),
        ("error", "—", '"ping has gone"'),
        ("response.error", "—", '"ping has gone"'),
    ]


def test_many_changes_of_one_message_are_cut() -> None:
    line = file.Line(2, "ping", {}, "", b"")
    due, came = ({"response": [value] * 500} for value in (1, 2))

    assert len(drift.changes(line, due, came)) == drift.MAX_CHANGES


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    head = [{"name": "lab", "url": "https://lab"}]
    lines = [{"event": "ping", "options": {}, "status": 200, "response": {}}]
    file.write(tmp_path / "demo.jsonl", head, lines, datetime.now(timezone.utc))

    with Client("http://127.0.0.1:9", KEY) as client, pytest.raises(ServerUnreachable):
        drift.drift(file.read(tmp_path / "demo.jsonl"), client)
