"""Trees deeper than Python recurses and a path is long, the limits of names and paths, and an end that never hangs."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.api_v2 import ask
from tests.sandbox.conftest import gone
from tests.timing import within

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running, Start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands need Linux or macOS")

DEPTH = 2_000
DIG = f"""
import os
os.mkdir("deep"); os.chdir("deep")
for _ in range({DEPTH}):
    os.mkdir("folder"); os.chdir("folder")
with open("bottom", "w") as file:
    file.write("found")
"""
CLIMB = f"""
import os
os.chdir("deep")
for _ in range({DEPTH}):
    os.chdir("folder")
print(open("bottom").read(), os.stat("bottom").st_mode % 512)
"""
LONG_NAME = "é" * 128  # 256 bytes, where 255 are the most
LONG_PATH = "0123456789/" * 400 + "f"


def python(running: Running, project: str, program: str) -> str:
    answer = running.send(
        "project_exec", project_id=project, command=sys.executable, args=["-c", program], timeout=60
    )
    return str(answer.get("stdout", answer))


def silent(running: Running) -> bool:
    """Whether an ended sandbox has said nothing but what it says at its start."""
    assert running.process.stderr
    said = running.process.stderr.read().splitlines()
    assert said[2:] == []  # fails here, with what it was
    return len(said) == 2


def folder_of(running: Running, project: str) -> Path:
    return Path(running.run(project, "pwd")["stdout"].strip())


def test_a_path_of_a_thousand_folders_is_written_read_and_removed(start_sandbox: Start) -> None:
    running = start_sandbox("--empty")
    project = running.project()
    path = "d/" * 1_950 + "f"

    written = running.send("write_text_file_to_project", project_id=project, path=path, content="x")
    read = running.send("read_text_file_from_project", project_id=project, path=path)
    listed = running.call("system.listing", {"path": "d/" * 1_950}, project_id=project)
    real = running.call("system.realpath", path, project_id=project)
    removed = running.call("system.deleteFiles", {"paths": ["d"]}, project_id=project)

    assert (written["event"], read.get("content")) == ("file_written_to_project", "x")
    assert [entry["name"] for entry in listed] == ["f"]
    assert real == path
    assert removed is None
    assert running.run(project, "ls")["stdout"] == ""
    assert running.end() == 0
    assert silent(running)


def test_a_tree_of_any_depth_is_copied_listed_and_removed(start_sandbox: Start) -> None:
    running = start_sandbox("--empty")
    project, other = running.project(), running.project()
    python(running, project, DIG)
    both = {"src_project_id": project, "target_project_id": other}

    copied = running.send("copy_path_between_projects", **both, src_path="deep")
    again = running.send(
        "copy_path_between_projects", **both, src_path="", target_path="", delete_missing=True
    )
    found = python(running, other, CLIMB)
    listed = running.call("system.listing", {"path": ""}, project_id=other)
    moved = running.call("system.renameFile", {"src": "deep", "dest": "a/b"}, project_id=other)
    removed = running.call("system.deleteFiles", {"paths": ["a"]}, project_id=other)

    assert copied["event"] == again["event"] == "copy_path_between_projects_response"
    assert found == "found 420\n"
    assert [(entry["name"], entry["size"]) for entry in listed] == [("deep", 1)]
    assert (moved, removed) == (None, None)
    assert running.run(other, "ls -A")["stdout"] == ""
    assert running.end() == 0
    assert silent(running)


def test_a_reset_removes_a_tree_of_any_depth(start_sandbox: Start, tmp_path: Path) -> None:
    running = start_sandbox("--empty", folder=tmp_path)
    python(running, running.project(), DIG)

    reply = running.session.post(
        f"{running.url}/sandbox/reset", headers={"Authorization": f"Bearer {running.key}"}, timeout=60
    )

    assert reply.status_code == 200
    assert list((tmp_path / "projects").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_temporary_folder_goes_however_deep_it_is(start_sandbox: Start, number: int) -> None:
    """Folders that their owner has closed to himself go too."""
    running = start_sandbox("--empty", "--child")
    project = running.project()
    python(running, project, DIG)
    running.run(
        project, "mkdir -p closed/inner; touch closed/inner/f; chmod 0 closed/inner; chmod 500 closed"
    )
    folder = folder_of(running, project).parents[1]

    running.process.send_signal(number)
    assert gone(running.process.pid, 3)

    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    assert silent(running)


def test_names_and_paths_that_are_too_long_are_told_as_node_tells_them(sandbox: Running) -> None:
    project = sandbox.project()
    home = folder_of(sandbox, project)
    v1: dict[str, Any] = {"project_id": project}

    for path, made in ((LONG_NAME, "open"), (LONG_PATH, "open")):
        read = sandbox.send("read_text_file_from_project", **v1, path=path)
        written = sandbox.send("write_text_file_to_project", **v1, path=path, content="x")
        bridged = sandbox.call("system.readTextFileFromProject", {"path": path}, project_id=project)
        listed = sandbox.call("system.listing", {"path": path}, project_id=project)
        copied = sandbox.send(
            "copy_path_between_projects",
            src_project_id=project,
            src_path=path,
            target_project_id=project,
            target_path="x",
        )

        assert read["error"] == f"Error: ENAMETOOLONG: name too long, stat '{home}/{path}'"
        assert written["error"] == {
            "errno": -36,
            "code": "ENAMETOOLONG",
            "syscall": made,
            "path": f"{home}/{path}",
        }
        assert bridged["error"] == f"Error: ENAMETOOLONG: name too long, open '{path}'"
        assert listed["error"] == f"Error: ENAMETOOLONG: name too long, opendir '{home}/{path}'"
        assert copied["error"] == f"ENAMETOOLONG: name too long, stat '{home}/{path}'"
        assert sandbox.call("system.deleteFiles", {"paths": [path]}, project_id=project)["error"].startswith(
            "Error: ENAMETOOLONG: name too long, unlink"
        )
        assert sandbox.call("system.renameFile", {"src": path, "dest": "x"}, project_id=project)[
            "error"
        ].startswith("Error: ENAMETOOLONG: name too long, lstat")
        assert ask(sandbox, "projects/write-text-file", **v1, path=path, content="x") == {"status": "ok"}


def test_links_that_go_round_are_told_as_node_tells_them(sandbox: Running) -> None:
    project = sandbox.project()
    home = folder_of(sandbox, project)
    sandbox.run(project, "ln -s b a; ln -s a b")

    read = sandbox.send("read_text_file_from_project", project_id=project, path="a")

    assert read["error"] == f"Error: ELOOP: too many symbolic links encountered, stat '{home}/a'"


def test_the_end_waits_for_nobody(start_sandbox: Start, tmp_path: Path) -> None:
    """Somebody holds the database: a worker hangs in it, and then the loop does."""
    running = start_sandbox("--empty", folder=tmp_path)
    database = sqlite3.connect(tmp_path / "sandbox.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    senders = [
        threading.Thread(target=lambda event=event: _sent(running, event))
        for event in ("create_project", "create_project", "query")
    ]
    for sender in senders:
        sender.start()
    threading.Event().wait(0.5)
    with within(2, time.monotonic):
        code = running.end(signal.SIGTERM)

    assert code == 0
    assert silent(running)
    database.close()
    for sender in senders:
        sender.join(10)


def _sent(running: Running, event: str) -> None:
    options = {"query": {"projects": {"project_id": "0" * 8, "title": "x"}}} if event == "query" else {}
    headers = {"Authorization": f"Bearer {running.key}"}
    with contextlib.suppress(requests.RequestException):  # the sandbox has ended
        requests.post(f"{running.url}/api/v1/{event}", json=options, headers=headers, timeout=10)
