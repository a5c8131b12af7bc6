"""What was acknowledged is there after the server was killed, at whatever moment."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Running, Start

WRITERS = 8


class Writer(threading.Thread):
    """A client that writes without pause until the server is gone, and remembers what was acknowledged."""

    def __init__(self, running: Running, number: int) -> None:
        super().__init__()
        self.running, self.number = running, number
        self.projects: dict[str, str] = {}  # id -> the last title that was acknowledged
        self.unsure: dict[str, set[str]] = {}  # id -> titles that were sent, with no answer
        self.files: dict[str, str] = {}  # id -> content
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, event: str, **options: Any) -> dict[str, Any]:
        url = f"{self.running.url}/api/v1/{event}"
        headers = {"Authorization": f"Bearer {self.running.key}"}
        answer: dict[str, Any] = self.session.post(url, json=options, headers=headers, timeout=10).json()
        return answer

    def run(self) -> None:
        try:
            count = 0
            while True:
                count += 1
                title = f"{self.number}-{count}"
                project_id = self.post("create_project", title=title)["project_id"]
                self.projects[project_id] = title
                self.unsure[project_id] = {f"{title}!"}
                self.post("query", query={"projects": {"project_id": project_id, "title": f"{title}!"}})
                self.projects[project_id] = f"{title}!"
                written = self.post(
                    "write_text_file_to_project", project_id=project_id, path="a/b.txt", content=title
                )
                if written["event"] == "file_written_to_project":
                    self.files[project_id] = title
        except requests.RequestException:
            pass  # the server has been killed
        finally:
            self.session.close()


def survives(start_sandbox: Start, folder: Path, seed: int) -> int:
    """One round: write, kill, start again, look; returns how many writes were acknowledged."""
    running = start_sandbox(folder=folder)
    writers = [Writer(running, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    threading.Event().wait(0.05 + 0.55 * (seed * 0.618 % 1))
    running.end(signal.SIGKILL)
    for writer in writers:
        writer.join(20)
    again = start_sandbox(folder=folder)
    query = {"projects_all": [{"project_id": None, "title": None}]}
    titles = {
        row["project_id"]: row["title"] for row in again.send("query", query=query)["query"]["projects_all"]
    }
    for writer in writers:
        for project_id, title in writer.projects.items():
            assert titles.get(project_id) in {title, *writer.unsure[project_id]}
        for project_id, content in writer.files.items():
            read = again.send("read_text_file_from_project", project_id=project_id, path="a/b.txt")
            assert read["content"] == content
    again.end()
    return sum(len(writer.projects) + len(writer.files) for writer in writers)


def test_every_acknowledged_write_survives_kill_9(start_sandbox: Start, tmp_path: Path) -> None:
    acknowledged = [survives(start_sandbox, tmp_path / "data", seed) for seed in range(5)]

    assert sum(acknowledged) > 0


@pytest.mark.long
def test_every_acknowledged_write_survives_fifty_kills(start_sandbox: Start, tmp_path: Path) -> None:
    acknowledged = [survives(start_sandbox, tmp_path / str(seed // 10), seed) for seed in range(100, 150)]

    assert sum(acknowledged) > 500
