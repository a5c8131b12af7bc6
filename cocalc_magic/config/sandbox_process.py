"""The embedded sandbox: a child process, or where none can be started a part of this one."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import cache
from typing import TYPE_CHECKING, Protocol

from cocalc_magic import host
from cocalc_magic.config.secret import Secret
from cocalc_magic.config.server import Server
from cocalc_magic.errors import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IN_PROCESS = "--in-process"
"""The option that starts no process."""


@cache
def sandbox() -> EmbeddedSandbox:
    """Return the embedded sandbox of this process."""
    return EmbeddedSandbox()


class _Run(Protocol):
    """One sandbox, from its start to its end."""

    server: Server
    key: Secret
    process_id: int | None

    def exit_code(self) -> int | None:
        """Return the exit code where it has ended by itself, else `None`."""

    def stop(self) -> None:
        """End it, and all that runs in it."""


class EmbeddedSandbox:
    """A sandbox of this process: started when needed, ended with this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # threads share it, and one alone starts it
        self._run: _Run | None = None
        self._connection: tuple[Server, Secret] | None = None
        self._start_key: Secret | None = None
        atexit.register(self.stop)

    def start(self, *options: str) -> tuple[Server, Secret]:
        """Start it with options of `python -m cocalc_magic.sandbox`, after stopping one that runs.

        With `--in-process` among them, and where no process can be started, it is a part of this process.

        Raises:
            SandboxFailed: It does not start.
        """
        with self._lock:
            self.stop()
            words = [option for option in options if option != IN_PROCESS]
            run = _InProcess if host.IN_PAGE or len(words) < len(options) else _Child
            self._run = run(*words)
            self._connection = self._run.server, self._run.key
            self._start_key = self._run.key
            return self._connection

    def renew(self, key: Secret) -> None:
        """Use a new key of its first account, which it has made in place of the one of its start."""
        self._start_key = key
        self.use(key)

    def use(self, key: Secret) -> None:
        """Let messages go with this key; what is asked of the sandbox itself goes with that of its start."""
        if self._connection:
            self._connection = (self._connection[0], key)

    @property
    def start_key(self) -> Secret:
        """The key of its start, which what is asked of the sandbox itself needs; it is started."""
        key = self.connection()[1]
        return self._start_key or key

    def connection(self) -> tuple[Server, Secret]:
        """Return its address and the key of its first account; start it when it does not run.

        Raises:
            SandboxFailed: It does not start, or (once) it has ended by itself and its data is lost.
        """
        with self._lock:
            if self._run is not None and (code := self._run.exit_code()) is not None:
                self.stop()
                raise SandboxFailed(
                    f"the sandbox has ended by itself (exit code {code}).",
                    "The next message starts a new one, which knows nothing of what you did in this one.",
                )
            return self._connection or self.start()

    @property
    def running(self) -> tuple[Server, Secret] | None:
        """Its address and key while it runs; it is not started."""
        return self._connection

    @property
    def process_id(self) -> int | None:
        """The process that it is; `None` where it does not run, or is a part of this one."""
        return None if self._run is None else self._run.process_id

    def stop(self) -> None:
        """Stop it, and all that runs in it; do nothing when it does not run."""
        run, self._run, self._connection = self._run, None, None
        if run is not None:
            run.stop()


class _Child:
    """A sandbox as a child process.

    It runs in a session of its own, so that an interrupt of the kernel does not reach it, and ends when its
    standard input closes, which happens however this process ends.
    """

    START_LIMIT = 20.0  # seconds; it takes 0.3 on an idle machine

    def __init__(self, *options: str) -> None:
        with tempfile.TemporaryFile() as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cocalc_magic.sandbox", "--child", "--port", "0", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
                env=_without_keys(os.environ),
            )
            self.process_id: int | None = self._process.pid
            line = _within(self.START_LIMIT, self._process.stdout.readline if self._process.stdout else bytes)
            try:
                ready = json.loads(line)
                self.server, self.key = Server("sandbox", ready["url"], sandbox=True), Secret(ready["key"])
            except (ValueError, KeyError):
                self.stop()
                words.seek(0)
                raise SandboxFailed("the sandbox did not start.", _last_lines(words.read())) from None

    def exit_code(self) -> int | None:
        """Return the exit code where it has ended by itself, else `None`."""
        return self._process.poll()

    def stop(self) -> None:
        """End it, and all that runs in it."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_numbers = itertools.count(1)


class _InProcess:
    """A sandbox in this process."""

    process_id: int | None = None

    def __init__(self, *options: str) -> None:
        from cocalc_magic.sandbox.errors import CannotStart  # late: it loads the sandbox
        from cocalc_magic.sandbox.in_process import InProcessSandbox

        # An address of its own for each, as other processes have; nobody listens there.
        address = f"http://127.0.0.1:{next(_numbers) % 65_535}"
        try:
            self._sandbox = InProcessSandbox(options, address)
        except (CannotStart, OSError) as problem:
            raise SandboxFailed("the sandbox did not start.", str(problem)) from None
        self.server = Server("sandbox", address, sandbox=True, answer=self._sandbox.serve)
        self.key = Secret(self._sandbox.key)

    def exit_code(self) -> int | None:
        """Return `None`: it ends with this process."""
        return None

    def stop(self) -> None:
        """End it."""
        self._sandbox.close()


def _without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without keys of other servers, since commands of the sandbox inherit it."""
    return {name: value for name, value in environ.items() if name not in ("COCALC_API_KEY", "COCALC_HOST")}


def _within(seconds: float, read: Callable[[], bytes]) -> bytes:
    """Return the result of `read`, or nothing when it takes longer."""
    results: list[bytes] = []
    thread = threading.Thread(target=lambda: results.append(read()), daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else b""


def _last_lines(words: bytes, count: int = 5) -> str:
    return "\n".join(words.decode("utf-8", "replace").splitlines()[-count:]) or "It printed nothing."
