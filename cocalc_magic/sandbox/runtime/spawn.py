"""Processes that the janitor starts on behalf of the sandbox."""

from __future__ import annotations

import itertools
import json
import os
import signal
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

ANSWER_TIME = 30.0  # seconds that the janitor may take to start a process
LOST = "the sandbox has lost its janitor, and starts no command without it"


class Process:
    """A process that the janitor has started, with the part of ``subprocess.Popen``'s interface used here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; ``None`` while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end and return the exit code. Raises ``subprocess.TimeoutExpired``."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def end(self, code: int) -> None:
        """Record that it has ended with this code."""
        self.returncode = code
        self._ended.set()


class _Pending:
    """A request for a process that the janitor has not answered yet."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.process: Process | None = None
        self.problem: Exception | None = None


class Spawner:
    """The sandbox's connection to its janitor. Every method is safe to call from any thread.

    ``mark`` and ``first`` identify the sandbox's processes, ``remove`` are folders to be removed at the end;
    ``lost`` is called when the janitor ends before that.
    """

    def __init__(self, mark: str, first: int, remove: Iterable[Path], lost: Callable[[], None]) -> None:
        words = [sys.executable, "-I", "-S", str(Path(reaper.__file__)), mark, str(first), *map(str, remove)]
        self._lost = lost
        self._lock = threading.Lock()
        self._closed = False
        self._numbers = itertools.count()
        self._asked: dict[int, _Pending] = {}
        self._running: dict[int, Process] = {}
        self._socket: socket.socket | None = None
        if os.name != "posix":
            self._janitor = _begun(words, subprocess.PIPE)
            return
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._janitor = _begun(words, theirs.fileno())
        threading.Thread(target=self._listen, args=(self._socket,), daemon=True, name="janitor").start()

    @property
    def pid(self) -> int:
        """The janitor's process id; it is the parent of all."""
        return self._janitor.pid

    def start(
        self, words: list[str], folder: str, environ: Mapping[str, str], limit: int, output: IO[bytes] | None
    ) -> Process:
        """Start a program in a group of its own, with its output in a file or else in pipes.

        Raises ``OSError`` and ``ValueError`` as ``Popen`` does, :class:`Failed` without a janitor.
        """
        asked = {"words": words, "folder": folder, "environ": dict(environ), "limit": limit}
        ours, theirs = _streams(output)
        try:
            process = self._answer(asked, theirs)
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
        """Have it end all that it started, and wait until it has removed the folders."""
        self._closed = True
        with suppress(OSError):  # it has been killed
            if self._socket:
                self._socket.shutdown(socket.SHUT_WR)
            elif self._janitor.stdin:
                self._janitor.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._janitor.wait(5)

    # -- inside ------------------------------------------------------------------------------------

    def _answer(self, what: Mapping[str, Any], streams: Iterable[IO[bytes]]) -> Process:
        """Request a process and wait for the answer."""
        asked, number = _Pending(), next(self._numbers)
        self._asked[number] = asked
        try:
            self._send(json.dumps({**what, "number": number}).encode(), [one.fileno() for one in streams])
            if not asked.answered.wait(ANSWER_TIME):
                raise Failed("the sandbox's janitor does not answer")
        finally:
            self._asked.pop(number, None)
        if asked.process is None:
            raise asked.problem or Failed(LOST)
        return asked.process

    def _send(self, text: bytes, files: list[int]) -> None:
        with self._lock:
            try:
                if self._socket is None or self._closed:
                    raise Failed("the sandbox is ending")
                socket.send_fds(self._socket, [len(text).to_bytes(reaper.LENGTH, "big")], files)
                self._socket.sendall(text)
            except OSError:
                raise Failed(LOST) from None

    def _listen(self, connection: socket.socket) -> None:
        """Read what the janitor says until it ends."""
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            for line in lines:
                self._handle(json.loads(line))
        for process in list(self._running.values()):
            process.end(-9)
        for asked in list(self._asked.values()):
            asked.answered.set()
        if not self._closed:
            self._lost()

    def _handle(self, said: Mapping[str, Any]) -> None:
        if "ended" in said:
            if process := self._running.pop(said["ended"], None):
                process.end(said["code"])
            return
        asked = self._asked.get(said["asked"])
        if "process" in said:
            process = self._running[said["process"]] = Process(said["process"])
            if asked:
                asked.process = process
            else:  # nobody waits for it any more
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
        elif asked and said["errno"] is None:
            asked.problem = ValueError("what can't be passed on")
        elif asked:
            asked.problem = OSError(said["errno"], os.strerror(said["errno"]), said["named"])
        if asked:
            asked.answered.set()


def _begun(words: list[str], stdin: int) -> subprocess.Popen[bytes]:
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
