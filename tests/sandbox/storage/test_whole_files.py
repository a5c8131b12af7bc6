"""A file is whole at any moment, old or new: when the server is killed, and when the disk is full."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.api_v2 import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running, Start

SIZES = (90_000, 2_000)
ROOM = 1_200_000  # bytes of the small disk
COUNT = itertools.count()


def text_of(number: int, size: int) -> str:
    """The content of one version of a file: it tells what it must be as a whole."""
    line = f"version {number} of {size} bytes\n"
    return (line * (size // len(line) + 1))[:size]


def is_whole(content: str) -> bool:
    found = re.match(r"version (\d+) of (\d+) bytes\n", content)
    return found is not None and content == text_of(int(found[1]), int(found[2]))


class Overwriter(threading.Thread):
    """A client that overwrites one file without pause, in one of the ways there are, until it can't."""

    def __init__(self, running: Running, project: str, way: str, number: int) -> None:
        super().__init__()
        self.running, self.project, self.way = running, project, way
        self.size = SIZES[number % len(SIZES)]
        self.path = f"f{number}.txt"
        self.content = ""  # what was acknowledged last
        self.sent = ""  # what was sent after that
        self.refusals: list[str] = []
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {running.key}"

    def run(self) -> None:
        with contextlib.suppress(requests.RequestException):  # the server has been killed
            while not self.refusals:
                self.overwrite()
        self.session.close()

    def overwrite(self) -> None:
        self.sent = text_of(next(COUNT), self.size)
        refused = getattr(self, self.way)()
        if refused:
            self.refusals.append(refused)
        else:
            self.content = self.sent

    def post(self, address: str, body: dict[str, Any]) -> Any:
        return self.session.post(f"{self.running.url}/{address}", json=body, timeout=20).json()

    def message(self, path: str = "") -> str:
        body = {"project_id": self.project, "path": path or self.path, "content": self.sent}
        error = self.post("api/v1/write_text_file_to_project", body).get("error")
        return f"{error['code']}: {error}" if error else ""

    def conat(self) -> str:
        args = [{"path": self.path, "content": self.sent}]
        body = {"project_id": self.project, "name": "system.writeTextFileToProject", "args": args}
        return str((self.post("api/conat/project", body) or {}).get("error", ""))

    def upload(self) -> str:
        url = f"{self.running.url}/upload?project_id={self.project}&path="
        reply = self.session.post(url, files={"file": (self.path, self.sent)}, timeout=20)
        return "" if reply.status_code == 200 else f"{reply.status_code} {reply.text}"

    def copy(self) -> str:
        source = f"source-{self.path}"
        places = {"src_project_id": self.project, "target_project_id": self.project}
        paths = {"src_path": source, "target_path": self.path, "overwrite_newer": True}
        return self.message(source) or self.post("api/v1/copy_path_between_projects", places | paths).get(
            "error", ""
        )


WAYS = ("message", "message", "conat", "conat", "upload", "upload", "copy", "copy")


def left_behind(folder: Path) -> list[str]:
    """What is neither a project's folder nor a file of one of the clients."""
    return [
        str(path)
        for path in (folder / "projects").rglob("*")
        if not re.fullmatch(r"[0-9a-f-]{36}|(source-)?f\d\.txt", path.name)
    ]


def survives(start_sandbox: Start, folder: Path, seed: int) -> int:
    """One round: overwrite, kill, start again, look; returns how many files there were to look at."""
    running = start_sandbox("--empty", folder=folder)
    project = running.project()
    clients = [Overwriter(running, project, way, number) for number, way in enumerate(WAYS)]
    for client in clients:
        client.start()
    threading.Event().wait(0.15 + 0.4 * (seed * 0.618 % 1))
    running.end(signal.SIGKILL)
    for client in clients:
        client.join(20)
    again = start_sandbox("--empty", folder=folder)
    looked_at = 0
    for client in clients:
        assert not client.refusals
        file = folder / "projects" / project / client.path
        if client.content or file.exists():
            looked_at += 1
            assert is_whole(file.read_text()), f"{client.way}: {file.read_text()[:50]!r}"
            assert file.read_text() in (client.content, client.sent), client.way
    assert left_behind(folder) == []
    assert again.end() == 0
    return looked_at


def test_every_file_is_whole_after_kill_9(start_sandbox: Start, tmp_path: Path) -> None:
    assert sum(survives(start_sandbox, tmp_path, seed) for seed in range(5)) > 5


@pytest.mark.long
def test_every_file_is_whole_after_a_hundred_kills(start_sandbox: Start, tmp_path: Path) -> None:
    assert sum(survives(start_sandbox, tmp_path / str(seed // 10), seed) for seed in range(100)) > 500


# -- a full disk -----------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """A disk of so many bytes in place of a folder; skips the test where one can't have that."""
    words = ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not os.access(words[0], os.X_OK):
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.splitlines()[0]}")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose projects are on a disk of about a megabyte."""
    projects = tmp_path / "data" / "projects"
    projects.mkdir(parents=True)
    with mounted(projects, ROOM):
        yield tmp_path / "data"


def fills_up(running: Running, folder: Path) -> None:
    """One round: overwrite until the disk is full, and look; then make room and write again."""
    project = running.project()
    clients = [Overwriter(running, project, way, number) for number, way in enumerate(WAYS)]
    for client in clients:
        client.overwrite()
        assert client.refusals == []
    running.run(project, f"head -c {ROOM} /dev/zero > filler; true")

    for client in clients:
        while not client.refusals:
            client.overwrite()
    for client in clients:
        assert "no space left on device" in client.refusals[0].lower() or "ENOSPC" in client.refusals[0]
        assert not client.refusals[0].startswith("500")
        file = folder / "projects" / project / client.path
        assert file.read_text() == client.content, client.way
        read = running.send("read_text_file_from_project", project_id=project, path=client.path)
        assert read["content"] == client.content
    assert running.run(project, "ls f0.txt")["stdout"] == "f0.txt\n"
    assert ask(running, "exec", project_id=project, command="wc -c filler", bash=True)["exit_code"] == 0

    running.call("system.deleteFiles", {"paths": ["filler"]}, project_id=project)
    for client in clients:
        client.refusals.clear()
        client.overwrite()
        assert client.refusals == []
        client.session.close()
    names = [f"{start}{client.path}" for client in clients for start in ("", "source-")]
    running.call("system.deleteFiles", {"paths": names}, project_id=project)
    assert left_behind(folder) == []


def test_a_full_disk_leaves_the_old_file_and_lets_one_read_and_run(
    start_sandbox: Start, small_disk: Path
) -> None:
    running = start_sandbox("--empty", folder=small_disk)

    fills_up(running, small_disk)


@pytest.mark.long
def test_twenty_full_disks_leave_the_old_files(start_sandbox: Start, small_disk: Path) -> None:
    running = start_sandbox("--empty", folder=small_disk)

    for _ in range(20):
        fills_up(running, small_disk)


def full_project(start_sandbox: Start, disk: Path) -> tuple[Running, str]:
    running = start_sandbox("--empty", folder=disk)
    project = running.project()
    running.run(project, f"echo old > a; mkdir d; echo b > d/b; head -c {ROOM} /dev/zero > filler; true")
    return running, project


def test_every_face_tells_of_a_full_disk_in_its_own_words(start_sandbox: Start, small_disk: Path) -> None:
    running, project = full_project(start_sandbox, small_disk)
    big = {"path": "a", "content": "x" * 90_000}

    written = running.send("write_text_file_to_project", project_id=project, **big)
    called = ask(
        running,
        "projects/call",
        project_id=project,
        mesg={"event": "write_text_file_to_project", **big},
    )
    bridged = running.call("system.writeTextFileToProject", big, project_id=project)
    copied = running.send(
        "copy_path_between_projects",
        src_project_id=project, src_path="filler", target_project_id=project, target_path="a",
    )  # fmt: skip
    sent = running.session.post(
        f"{running.url}/upload",
        params={"project_id": project, "path": ""},
        files={"file": ("a", "x" * 90_000)},
        headers={"Authorization": f"Bearer {running.key}"},
        timeout=30,
    )

    assert written["error"] == {"errno": -28, "code": "ENOSPC", "syscall": "write"}
    assert called["error"] == "ENOSPC: no space left on device, write"
    assert bridged["error"] == "Error: ENOSPC: no space left on device, write"
    assert copied["error"].startswith("WARNING: copy exited with an error -- write ")
    assert copied["error"].endswith("No space left on device (28)")
    assert (sent.status_code, sent.text) == (
        507,
        "upload failed -- Error: ENOSPC: no space left on device, write",
    )
    read = running.send("read_text_file_from_project", project_id=project, path="a")
    assert read["content"] == "old\n"


def test_a_folder_of_another_file_system_is_written_to_at_once_too(
    start_sandbox: Start, tmp_path: Path
) -> None:
    """Nothing can be moved into it from elsewhere, so what is made waits in it, and is not seen."""
    running = start_sandbox("--empty", folder=tmp_path)
    project = running.project()
    disk = tmp_path / "projects" / project / "disk"
    disk.mkdir()
    with mounted(disk, 200_000):
        left = ".cocalc-new-0123456789abcdef-0123456789abcdef"
        (disk / left).write_text("of a sandbox that was killed")
        write = {"project_id": project, "path": "disk/a"}
        assert running.send("write_text_file_to_project", **write, content="old")["event"] != "error"
        refused = [
            running.send("write_text_file_to_project", **write, content="x" * 99_000) for _ in range(3)
        ]
        listed = running.call("system.listing", {"path": "disk", "hidden": True}, project_id=project)
        seen = os.listdir(disk)

    assert [answer["event"] for answer in refused] == ["file_written_to_project"] + ["error"] * 2
    assert [entry["name"] for entry in listed] == ["a"]
    assert seen == ["a"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sets the limit of another process")
def test_a_file_over_a_limit_of_the_system_leaves_the_old_one(start_sandbox: Start, tmp_path: Path) -> None:
    """Where nothing can be mounted this stands for the full disk."""
    import resource

    running = start_sandbox("--empty", folder=tmp_path)
    project = running.project()
    client = Overwriter(running, project, "upload", 0)
    client.overwrite()
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (8_000_000, 8_000_000))

    client.size = 9_000_000
    client.overwrite()
    client.session.close()

    assert client.refusals == ["500 upload failed"]
    assert (tmp_path / "projects" / project / client.path).read_text() == client.content
    assert running.run(project, "cat f0.txt | wc -c")["stdout"] == "90000\n"


# -- what stays of the old file --------------------------------------------------------------------

OVERWRITES: dict[str, Callable[[Overwriter], str]] = {
    way: getattr(Overwriter, way) for way in ("message", "conat", "upload")
}


@pytest.mark.parametrize("way", OVERWRITES)
def test_permissions_stay_and_a_link_is_followed(sandbox: Running, way: str) -> None:
    project = sandbox.project()
    sandbox.run(project, "mkdir d; echo old > d/real; chmod 751 d/real; ln -s d/real f0.txt; ln d/real hard")
    client = Overwriter(sandbox, project, way, 0)
    client.overwrite()
    client.session.close()

    said = sandbox.run(project, "readlink f0.txt; stat -c %a d/real; cat hard; head -c 9 d/real")["stdout"]

    assert client.refusals == []
    assert said == "d/real\n751\nold\nversion 0"[:-1] + client.content[8:9]


@pytest.fixture
def small_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of its own for what the system keeps for a while."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    with mounted(folder, 100_000):
        monkeypatch.setenv("TMPDIR", str(folder))
        yield folder


def test_commands_go_on_where_no_script_can_be_written(
    start_sandbox: Start, tmp_path: Path, small_temporary_folder: Path
) -> None:
    running = start_sandbox("--empty", folder=tmp_path / "data")
    project = running.project()
    with contextlib.suppress(OSError), open(small_temporary_folder / "filler", "wb") as filler:
        filler.write(bytes(200_000))

    ran = running.run(project, "echo 'on'; exit 3", err_on_exit=False)
    kernel = running.send("jupyter_execute", project_id=project, kernel="python3", input="1")

    assert (ran["stdout"], ran["exit_code"]) == ("on\n", 3)
    assert kernel["error"].startswith("Error: the kernel 'python3' does not start: [Errno 28] No space left")
