"""Start processes through the reaper."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime import reaper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ANSWER_TIME = 30.0  # seconds that the reaper may take to start a process
ENDING = "the sandbox is ending"
LOST = "the sandbox has lost its reaper, and starts no command without it"


class Process:
    """A process of the reaper, with the part of `subprocess.Popen`'s interface that is used here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; `None` while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end and return the exit code. Raises `subprocess.TimeoutExpired`."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def end(self, code: int) -> None:
        """Record that it has ended with this code."""
        self.returncode = code
        self._ended.set()


class _Pending:
    """A request for a process that the reaper has not answered yet."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.process: Process | None = None
        self.problem: Exception | None = None


def _packages() -> str:
    """Return the folder that psutil is in, without loading it."""
    spec = importlib.util.find_spec("psutil")
    return str(Path(spec.origin).parents[1]) if spec and spec.origin else ""


class Spawner:
    """The connection to the reaper. Every method is safe to call from any thread.

    Args:
        mark: The entry of the environment that marks the sandbox's processes.
        first: The first of the limits that mark them.
        remove: The folder that the reaper removes at the end.
        lost: Called when the reaper ends before that.
    """

    def __init__(self, mark: str, first: int, remove: Path, lost: Callable[[], None]) -> None:
        words = [
            sys.executable,
            "-I",
            "-S",
            str(Path(reaper.__file__)),
            _packages(),
            mark,
            str(first),
            str(remove),
        ]
        self._lost = lost
        self._lock = threading.Lock()
        self._closed = False
        self._numbers = itertools.count()
        self._pending: dict[int, _Pending] = {}
        self._running: dict[int, Process] = {}
        self._socket: socket.socket | None = None
        if os.name != "posix":
            self._reaper = _start_reaper(words, subprocess.PIPE)
            return
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._reaper = _start_reaper(words, theirs.fileno())
        threading.Thread(target=self._listen, args=(self._socket,), daemon=True, name="reaper").start()

    @property
    def pid(self) -> int:
        """The process id of the reaper, which is the parent of all."""
        return self._reaper.pid

    def start(
        self, words: list[str], folder: str, environ: Mapping[str, str], limit: int, output: IO[bytes] | None
    ) -> Process:
        """Start a program in a group of its own, with its output in a file or else in pipes.

        Raises `OSError` and `ValueError` as `Popen` does, `Failed` without a reaper.
        """
        request = {"words": words, "folder": folder, "environ": dict(environ), "limit": limit}
        ours, theirs = _streams(output)
        try:
            process = self._request(request, theirs)
        except BaseException:
            for stream in ours:
                stream.close()
            raise
        finally:
            for stream in theirs:
                if stream is not output:
                    stream.close()
        process.stdin, process.stdout, process.stderr = (*ours, None, None)[:3]
        return process

    def close(self) -> None:
        """Let it kill all that it started, and wait until it has removed the folder."""
        self._closed = True
        with suppress(OSError):  # it has been killed
            if self._socket:
                self._socket.shutdown(socket.SHUT_WR)
            elif self._reaper.stdin:
                self._reaper.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._reaper.wait(5)

    # -- inside ------------------------------------------------------------------------------------

    def _request(self, request: Mapping[str, Any], streams: Iterable[IO[bytes]]) -> Process:
        """Request a process and wait for the answer."""
        pending, number = _Pending(), next(self._numbers)
        self._pending[number] = pending
        try:
            text = json.dumps({**request, "number": number}).encode()
            self._send(text, [stream.fileno() for stream in streams])
            if not pending.answered.wait(ANSWER_TIME):
                raise Failed("the sandbox's reaper does not answer")
        finally:
            self._pending.pop(number, None)
        if pending.process is None:
            raise pending.problem or Failed(LOST)
        return pending.process

    def _send(self, text: bytes, files: list[int]) -> None:
        with self._lock:
            try:
                if sys.platform == "win32" or self._socket is None or self._closed:
                    raise Failed(ENDING)
                socket.send_fds(self._socket, [len(text).to_bytes(reaper.LENGTH, "big")], files)
                self._socket.sendall(text)
            except OSError:
                raise Failed(LOST) from None

    def _listen(self, connection: socket.socket) -> None:
        """Handle the reaper's events until it ends."""
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            for line in lines:
                self._handle(json.loads(line))
        for process in list(self._running.values()):
            process.end(-9)
        for pending in list(self._pending.values()):
            pending.answered.set()
        if not self._closed:
            self._lost()

    def _handle(self, event: Mapping[str, Any]) -> None:
        if "ended" in event:
            if process := self._running.pop(event["ended"], None):
                process.end(event["code"])
            return
        pending = self._pending.get(event["request"])
        if "process" in event:
            process = self._running[event["process"]] = Process(event["process"])
            if pending:
                pending.process = process
            else:  # the caller has given up
                reaper.kill(-process.pid)
        elif pending and event["errno"] is None:
            pending.problem = ValueError("an argument that cannot be passed to a program")
        elif pending:
            pending.problem = OSError(event["errno"], os.strerror(event["errno"]), event["filename"])
        if pending:
            pending.answered.set()


def _start_reaper(words: list[str], stdin: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _streams(output: IO[bytes] | None) -> tuple[list[IO[bytes]], list[IO[bytes]]]:
    """Open the standard streams of a process: our ends of the pipes, and its three."""
    read, write = _pipe()
    ours, theirs = [write], [read]
    for _ in range(2):
        if output:
            theirs.append(output)
        else:
            read, write = _pipe()
            ours.append(read)
            theirs.append(write)
    return ours, theirs


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    return open(read, "rb", 0), open(write, "wb", 0)
