"""Bulk work runs from a recording as from a server, in as many threads, and as often as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from tests.cassette.lines import lines_of

if TYPE_CHECKING:
    from pathlib import Path

CLASS = [{"name": f"Student {number:03}", "address": f"s{number}@lab.example.edu"} for number in range(300)]


@pytest.fixture(autouse=True)
def _own_journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)


def test_300_projects_are_made_again_without_a_server(client: Client, tmp_path: Path) -> None:
    def work(client: Client) -> tuple[str, str, list[str]]:
        projects = client.map("create_project", CLASS, title="${row.name}", jobs=32)
        people = client.map("user_search", CLASS, query="${row.address}", jobs=32)
        return projects.summary, people.summary, [row["project_id"] for row in projects]

    with client.recording(tmp_path / "class.jsonl"):
        real = work(client)
    titles = [
        line["options"]["title"]
        for line in lines_of(tmp_path / "class.jsonl")
        if line["event"] == "create_project"
    ]

    assert real[:2] == ("300 sent", "300 sent")
    assert titles == [row["name"] for row in CLASS]
    for _ in range(2):
        with Client.of_recording(tmp_path / "class.jsonl") as replaying:
            assert work(replaying) == real


def test_a_job_that_was_done_is_not_done_before_in_a_replay(client: Client, tmp_path: Path) -> None:
    """The journal is of the server: a replay neither reads nor writes it."""
    with client.recording(tmp_path / "class.jsonl"):
        assert client.map("create_project", CLASS[:3], title="${row.name}").summary == "3 sent"
    with client.replaying(tmp_path / "class.jsonl"):
        assert client.map("create_project", CLASS[:3], title="${row.name}").summary == "3 sent"

    assert client.map("create_project", CLASS[:3], title="${row.name}").summary == "3 done before"
