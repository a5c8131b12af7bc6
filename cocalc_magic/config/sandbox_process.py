"""The embedded sandbox as a child process."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic.config.secret import Secret
from cocalc_magic.config.server import Server
from cocalc_magic.errors import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@cache
def sandbox() -> EmbeddedSandbox:
    """Return the embedded sandbox of this process."""
    return EmbeddedSandbox()


class EmbeddedSandbox:
    """A sandbox as a child of this process: started when needed, ended with this process.

    It runs in a session of its own, so that an interrupt of the kernel does not reach it, and ends when its
    standard input closes, which happens however this process ends.
    """

    START_LIMIT = 20.0  # seconds; it takes 0.3 on an idle machine

    def __init__(self) -> None:
        self._lock = threading.RLock()  # threads share it, and one alone starts it
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: tuple[Server, Secret] | None = None
        self._start_key: Secret | None = None
        atexit.register(self.stop)

    def start(self, *options: str) -> tuple[Server, Secret]:
        """Start it with options of `python -m cocalc_magic.sandbox`, after stopping one that runs.

        Raises:
            SandboxFailed: It does not start.
        """
        with self._lock:
            self.stop()
            self._connection = self._start(*options)
            self._start_key = self._connection[1]
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
            if self._process is not None and (code := self._process.poll()) is not None:
                self.stop()
                raise SandboxFailed(
                    f"the sandbox has ended by itself (exit code {code}).",
                    "The next message starts a new one, which knows nothing of what you did in this one.",
                )
            if self._connection is None:
                self._connection = self._start()
                self._start_key = self._connection[1]
            return self._connection

    @property
    def running(self) -> tuple[Server, Secret] | None:
        """Its address and key while it runs; it is not started."""
        return self._connection

    def stop(self) -> None:
        """Stop it, and all that runs in it; do nothing when it does not run."""
        process, self._process, self._connection = self._process, None, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self, *options: str) -> tuple[Server, Secret]:
        with tempfile.TemporaryFile() as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cocalc_magic.sandbox", "--child", "--port", "0", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
                env=_without_keys(os.environ),
            )
            line = _within(self.START_LIMIT, self._process.stdout.readline if self._process.stdout else bytes)
            try:
                ready = json.loads(line)
                return Server("sandbox", ready["url"], sandbox=True), Secret(ready["key"])
            except (ValueError, KeyError):
                self.stop()
                words.seek(0)
                raise SandboxFailed("the sandbox did not start.", _last_lines(words.read())) from None


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
