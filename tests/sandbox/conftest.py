"""Real sandboxes: processes with a folder, an address and a key."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from cocalc_magic.sandbox.runtime.processes import Processes
from cocalc_magic.sandbox.storage.temporary import TemporaryFolder
from tests.timing import granted


@dataclass
class Running:
    """A sandbox that runs, and how to talk to it."""

    process: subprocess.Popen[str]
    url: str
    key: str
    folder: Path | None
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, event: str, options: Any = None, key: str | None = None, **more: Any) -> requests.Response:
        """Sends a message as it stands; `key=""` sends none."""
        key = self.key if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= more.pop("headers", {})
        if "data" not in more:
            more["json"] = {} if options is None else options
        return self.session.post(f"{self.url}/api/v1/{event}", headers=headers, timeout=30, **more)

    def send(self, event: str, /, **options: Any) -> dict[str, Any]:
        """The JSON of an answer."""
        answer: dict[str, Any] = self.post(event, options).json()
        return answer

    def project(self, title: str = "test") -> str:
        """A new project."""
        return str(self.send("create_project", title=title)["project_id"])

    def run(self, project_id: str, command: str, **options: Any) -> dict[str, Any]:
        """Runs a command by bash."""
        return self.send("project_exec", project_id=project_id, command=command, bash=True, **options)

    def call(self, name: Any, *args: Any, key: str | None = None, **more: Any) -> Any:
        """The JSON that a method of the conat bridge gives; one of a project with `project_id`."""
        place = "project" if "project_id" in more else "hub"
        body = {"name": name, "args": list(args), **more}
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return self.session.post(
            f"{self.url}/api/conat/{place}", headers=headers, json=body, timeout=30
        ).json()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal and waits; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


Start = Callable[..., Running]
PROGRAM = ("-m", "cocalc_magic.sandbox")


def start(
    *arguments: str, folder: Path | None = None, program: Sequence[str] = PROGRAM, **environ: str
) -> Running:
    """Starts a sandbox as a person does."""
    data = [] if folder is None else ["--data", str(folder)]
    process = subprocess.Popen(
        [sys.executable, *program, "--port", "0", *data, *arguments],
        env={**os.environ, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(process.communicate()[1])
    said = json.loads(line)
    running = Running(process, said["url"], said["key"], folder)
    running.session.trust_env = False
    return running


def stop(running: Running) -> None:
    if running.process.poll() is None:
        running.end()
    for stream in (running.process.stdin, running.process.stdout, running.process.stderr):
        if stream:
            stream.close()
    running.session.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    """One sandbox with the default world for the tests of a module."""
    running = start()
    yield running
    stop(running)


@pytest.fixture
def start_sandbox() -> Iterator[Start]:
    """Starts sandboxes that are ended after the test."""
    with contextlib.ExitStack() as stack:

        def start_one(*arguments: str, **how: Any) -> Running:
            running = start(*arguments, **how)
            stack.callback(stop, running)
            return running

        yield start_one


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Commands and kernels without a server."""
    folder = TemporaryFolder()
    started = Processes(folder.path)
    yield started
    started.close()
    assert not folder.path.exists()
    folder.close()


def gone(process_id: int, within: float = 5.0) -> bool:
    """Whether a process ends within so many seconds of a quiet machine."""
    if not alive(process_id):
        return True
    deadline = time.monotonic() + granted(within, time.monotonic)
    while time.monotonic() < deadline:
        if not alive(process_id):
            return True
        time.sleep(0.005)
    return False


def alive(process_id: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        os.kill(process_id, 0)
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"
