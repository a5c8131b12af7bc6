"""Folders swapped with links, and files with pipes, while every face of the sandbox works on them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.timing import granted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Running, Start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="swaps by renameat2, which is Linux's"),
]

SECRET = "what is outside"
# Swaps as fast as it can: a folder and a link to one outside, a file and a pipe, a file and a link to one outside,
# and, if told to, the project's whole folder and such a link. What the messages have removed it makes anew.
SWAPPER = """
import ctypes, os, shutil, sys, time
home, outside, whole = sys.argv[1], sys.argv[2], sys.argv[3] == "whole"
exchange = ctypes.CDLL(None, use_errno=True).renameat2
def anew(name, make):
    try:
        make(name)
    except OSError:
        pass
def folder(name):
    os.mkdir(name)
    os.mkdir(name + "/sub")
    for inner in ("f", "sub/f"):
        with open(f"{name}/{inner}", "w") as file:
            file.write("inside")
def file(name):
    with open(name, "x") as made:
        made.write("inside")
pairs = [
    ("swap", folder, "link", lambda name: os.symlink(outside, name)),
    ("plain", file, "pipe", os.mkfifo),
    ("other", file, "away", lambda name: os.symlink(outside + "/f", name)),
]
os.chdir(home)
for one, make, other, make_other in pairs:
    anew(one, make); anew(other, make_other)
if whole:
    anew(home + "-link", lambda name: os.symlink(outside, name))
    while True:
        exchange(-100, home.encode(), -100, (home + "-link").encode(), 2)
print(flush=True)
count = 0
while True:
    for one, make, other, make_other in pairs:
        if exchange(-100, one.encode(), -100, other.encode(), 2):
            anew(one, make); anew(other, make_other)
    count += 1
    if count % 50 == 0 and not os.path.exists("swap/f") and os.path.isdir("swap") and not os.path.islink("swap"):
        shutil.rmtree("swap", ignore_errors=True)
"""


@dataclass
class Attack:
    """A sandbox, a project in which things are swapped, another, and a folder outside of both."""

    running: Running
    folder: Path
    outside: Path
    project: str
    other: str
    sent: int = 0
    slowest: tuple[float, str] = (0.0, "")
    complaints: list[str] = field(default_factory=list)

    def home(self, project: str) -> Path:
        return self.folder / "projects" / project

    def post(self, session: requests.Session, address: str, body: dict[str, Any]) -> requests.Response:
        return session.post(f"{self.running.url}/{address}", json=body, timeout=90)

    def messages(self, session: requests.Session) -> Iterator[Callable[[], requests.Response]]:
        """Every way to get at a file, at each of the places that are swapped, again and again."""
        mine, other = {"project_id": self.project}, self.other
        for path in cycle(("swap/f", "plain", "swap/sub/f", "other", "swap")):
            text = {"path": path, "content": "written"}
            above = os.path.dirname(path)
            v1, v2 = "api/v1", "api/v2"
            posts: list[tuple[str, dict[str, Any]]] = [
                (f"{v1}/read_text_file_from_project", {**mine, "path": path}),
                (f"{v1}/write_text_file_to_project", {**mine, **text}),
                (f"{v2}/projects/write-text-file", {**mine, **text}),
                *(
                    (f"{v2}/projects/call", {**mine, "mesg": {"event": event, **text}})
                    for event in ("read_text_file_from_project", "write_text_file_to_project")
                ),
                *(
                    ("api/conat/project", {**mine, "name": f"system.{name}", "args": args})
                    for name, args in (
                        ("readTextFileFromProject", [{"path": path}]),
                        ("writeTextFileToProject", [text]),
                        ("listing", [{"path": above or path, "hidden": True}]),
                        ("realpath", [path]),
                        ("renameFile", [{"src": path, "dest": f"{path}-new"}]),
                        ("moveFiles", [{"paths": [path], "dest": "swap"}]),
                        ("deleteFiles", [{"paths": [path]}]),
                    )
                ),
                *(
                    (
                        f"{v1}/copy_path_between_projects",
                        {
                            "src_project_id": source, "src_path": what, "target_project_id": target,
                            "target_path": to, "overwrite_newer": True, "delete_missing": True,
                        },
                    )
                    for source, what, target, to in (
                        (self.project, path, other, "copied"),
                        (other, "copied", self.project, path),
                        (self.project, "swap/sub", self.project, "swap/copied"),
                    )
                ),
                (f"{v2}/projects/copy-path", {"src_project_id": self.project, "path": path, "target_project_id": other}),
            ]  # fmt: skip
            for address, body in posts:
                yield lambda address=address, body=body: self.post(session, address, body)  # type: ignore[misc]
            yield lambda path=path: session.get(f"{self.running.url}/{self.project}/files/{path}", timeout=90)  # type: ignore[misc]
            query = {**mine, "path": above}
            file = {"file": (os.path.basename(path), "written")}
            yield lambda query=query, file=file: session.post(  # type: ignore[misc]
                f"{self.running.url}/upload", params=query, files=file, timeout=90
            )

    def send(self, count: int) -> None:
        """Sends so many messages, and looks at each answer."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.running.key}"
            session.cookies.set("api_key", self.running.key)
            for _, message in zip(range(count), self.messages(session), strict=False):
                began = time.monotonic()
                reply = message()
                took = time.monotonic() - began
                self.slowest = max(self.slowest, (took, f"{reply.request.url} {reply.request.body!r}"))
                self.sent += 1
                if SECRET in reply.text or "<title>" in reply.text:
                    self.complaints.append(f"{reply.request.method} {reply.request.url}: {reply.text[:300]}")

    def check(self) -> None:
        """Nothing outside was read, written, listed or removed, and nothing of it was copied."""
        assert self.complaints == []
        assert sorted(path.name for path in self.outside.rglob("*")) == ["f", "f", "sub"]
        for path in (self.outside / "f", self.outside / "sub" / "f"):
            assert path.read_text() == SECRET
            assert path.stat().st_mtime == 1e9
        for folder, _, files in os.walk(self.home(self.other)):
            for name in files:
                copied = os.path.join(folder, name)
                if os.path.isfile(copied) and not os.path.islink(copied):
                    with open(copied) as file:
                        assert SECRET not in file.read()


@pytest.fixture
def attack(start_sandbox: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attack:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    outside = tmp_path / "outside"
    (outside / "sub").mkdir(parents=True)
    for path in (outside / "f", outside / "sub" / "f"):
        path.write_text(SECRET)
        os.utime(path, (1e9, 1e9))
    running = start_sandbox("--empty", folder=tmp_path / "data")
    project, other = running.project(), running.project()
    running.run(other, "mkdir -p copied/sub; echo x > copied/g; echo y > copied/sub/h")
    return Attack(running, tmp_path / "data", outside, project, other)


def run(attack: Attack, messages: int, *, whole: bool = False, clients: int = 4) -> None:
    """Swaps while so many messages are sent, ends the sandbox meanwhile, and looks at what has happened."""
    words = [str(attack.home(attack.project)), str(attack.outside), "whole" if whole else ""]
    swapper = subprocess.Popen([sys.executable, "-c", SWAPPER, *words], stdout=subprocess.PIPE)
    assert swapper.stdout
    try:
        if not whole:
            swapper.stdout.readline()
        threads = [threading.Thread(target=attack.send, args=[messages // clients]) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        began = time.monotonic()
        assert attack.running.end() == 0
        took = time.monotonic() - began
    finally:
        swapper.kill()
        swapper.wait()
        swapper.stdout.close()
    assert attack.sent == messages // clients * clients
    assert attack.slowest[0] < 60, f"a message hung: {attack.slowest}"
    assert took < granted(2, time.monotonic), "the end waited for somebody"
    assert attack.running.process.stderr
    said = attack.running.process.stderr.read()
    assert "Traceback" not in said, said
    assert len(said.splitlines()) == 2, said
    attack.check()
    assert left_over(attack.folder.parent / "tmp") == []


def left_over(temporary: Path) -> list[str]:
    """The temporary folders and the processes that are still there a little after the end."""
    deadline = time.monotonic() + granted(5, time.monotonic)
    while True:
        left = [path.name for path in temporary.iterdir()]
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone meanwhile
                if os.fsencode(temporary) in (process / "environ").read_bytes():
                    left.append((process / "cmdline").read_text())
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def test_what_is_swapped_leads_no_message_outside(attack: Attack) -> None:
    run(attack, 1_500)


def test_a_project_that_is_swapped_as_a_whole_leads_no_message_outside(attack: Attack) -> None:
    run(attack, 300, whole=True)


@pytest.mark.long
def test_what_is_swapped_leads_no_message_outside_for_long(attack: Attack) -> None:
    run(attack, 12_000)
