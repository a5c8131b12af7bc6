"""Where messages go: which server, with which key; and the embedded sandbox as a process.

The environment decides, as it does for CoCalc's official client:

    COCALC_HOST      address of the server
    COCALC_API_KEY   key for it; without COCALC_HOST it is a key of cocalc.com

With neither, messages go to the sandbox, which is started at the first of them.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from cocalc_magic.errors import CoCalcError, InsecureServer, KeyRequired, SandboxFailed
from cocalc_magic.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COCALC_COM = "https://cocalc.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Server:
    """One CoCalc: the name people know it by, its base address, and whether it is the embedded one."""

    name: str
    url: str
    sandbox: bool = False

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, where nothing between can listen or interfere."""
        return urlsplit(self.url).hostname in LOOPBACK


def named(url: str) -> Server:
    """The server at this address; ``https`` is assumed where the address names no scheme.

    Raises :class:`InsecureServer` for plain ``http`` to another machine, since the key would be readable
    on the way, and :class:`CoCalcError` for what is no address.
    """
    url = (url if "://" in url else f"https://{url}").rstrip("/")
    parts, host = _taken_apart(url)
    if parts.username or parts.password:
        raise CoCalcError("an address holds no key and no password.", "The key belongs into COCALC_API_KEY")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise InsecureServer(
            f"{host} would get the key unencrypted.", f"Use https://{parts.netloc}{parts.path}"
        )
    return Server(parts.netloc + parts.path, url)


def _taken_apart(url: str) -> tuple[SplitResult, str]:
    """The parts of an address, and its host; raises :class:`CoCalcError` for what is none."""
    no_address = CoCalcError("this is no address of a server.", "It looks like https://cocalc.example.edu")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise no_address from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise no_address
    return parts, host


def configured(environ: Mapping[str, str] = os.environ) -> tuple[Server, Secret]:
    """The server that the environment chooses, with its key; the sandbox (started now) when it chooses none.

    Raises :class:`KeyRequired` for a server without a key: never is another server taken instead.
    """
    host, key = environ.get("COCALC_HOST", "").strip(), environ.get("COCALC_API_KEY", "").strip()
    if not host and not key:
        return sandbox().connection()
    server = named(host or COCALC_COM)
    if not key:
        raise KeyRequired(
            f"there is no key for {server.name}.",
            "Set COCALC_API_KEY before the kernel starts; keys are made in the settings of your account.",
            "Without COCALC_HOST messages go to the sandbox, which needs no key.",
        )
    return server, Secret(key)


def configured_for(address: str, environ: Mapping[str, str] = os.environ) -> tuple[Server, Secret]:
    """The server at this address with its key, which is the environment's when that server is meant by it.

    Raises :class:`KeyRequired` for any other server: a key goes nowhere but where it belongs.
    """
    server = named(address)
    host, key = environ.get("COCALC_HOST", "").strip(), environ.get("COCALC_API_KEY", "").strip()
    if key and named(host or COCALC_COM).url == server.url:
        return server, Secret(key)
    if (embedded := sandbox().running) and embedded[0].url == server.url:
        return embedded
    raise KeyRequired(
        f"there is no key for {server.name}.", f"Set COCALC_HOST={server.url} and COCALC_API_KEY"
    )


@cache
def sandbox() -> EmbeddedSandbox:
    """The one sandbox of this process."""
    return EmbeddedSandbox()


class EmbeddedSandbox:
    """A sandbox as a child of this process: started when needed, gone when this process is.

    It runs in a session of its own, so that an interrupt of the kernel does not reach it, and ends
    when its standard input closes, which the operating system does for it however this process
    ends.
    """

    START_LIMIT = 20.0  # seconds; it takes 0.3 on an idle machine

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: tuple[Server, Secret] | None = None
        atexit.register(self.stop)

    def connection(self) -> tuple[Server, Secret]:
        """Its address and the key of its first account; starts it when it does not run yet.

        Raises :class:`SandboxFailed` when it does not start, and once when it was running and has ended,
        since what it held is lost.
        """
        if self._process is not None and (code := self._process.poll()) is not None:
            self.stop()
            raise SandboxFailed(
                f"the sandbox has ended by itself (exit code {code}).",
                "The next message starts a new one, which knows nothing of what you did in this one.",
            )
        if self._connection is None:
            self._connection = self._start()
        return self._connection

    @property
    def running(self) -> tuple[Server, Secret] | None:
        """Its address and key while it runs; it is not started."""
        return self._connection

    def stop(self) -> None:
        """Ends it, and all that runs in it; nothing when it does not run."""
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

    def _start(self) -> tuple[Server, Secret]:
        with tempfile.TemporaryFile() as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cocalc_magic.sandbox", "--child", "--port", "0"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
                env=_without_keys(os.environ),
            )
            line = _within(self.START_LIMIT, self._process.stdout.readline if self._process.stdout else bytes)
            try:
                said = json.loads(line)
                return Server("sandbox", said["url"], sandbox=True), Secret(said["key"])
            except (ValueError, KeyError):
                self.stop()
                words.seek(0)
                raise SandboxFailed("the sandbox did not start.", _last_lines(words.read())) from None


def _without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment less what belongs to other servers: commands of the sandbox inherit it."""
    return {name: value for name, value in environ.items() if name not in ("COCALC_API_KEY", "COCALC_HOST")}


def _within(seconds: float, read: Callable[[], bytes]) -> bytes:
    """What ``read`` gives, or nothing when it takes longer."""
    from threading import Thread

    found: list[bytes] = []
    thread = Thread(target=lambda: found.append(read()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else b""


def _last_lines(words: bytes, count: int = 5) -> str:
    return "\n".join(words.decode("utf-8", "replace").splitlines()[-count:]) or "It said nothing."
