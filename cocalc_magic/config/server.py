"""A server and its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import SplitResult, urlsplit

from cocalc_magic.errors import CoCalcError, InsecureServer, ServerRetired
from cocalc_magic.sanitize.secret_forms import typed_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COCALC_AI = "https://cocalc.ai"
COCALC_COM = "https://cocalc.com"
RETIRED = {COCALC_COM: "in July 2026"}
"""Servers that are no longer there, by address, and since when; their names and keys stay known."""

_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_API = re.compile(r"/api/(v1|v2|conat)(/.*)?$", re.DOTALL)  # what follows the address in a message's own


class Answer(Protocol):
    """What answers requests to a server in place of HTTP."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], pieces: Iterable[bytes], /
    ) -> Any:
        """Return `status`, `headers`, `body`, `delay` and `dropped` of what is sent back."""


@dataclass(frozen=True)
class Server:
    """A CoCalc server: its name, its base URL, and how to reach it.

    Args:
        name: What people call it.
        url: Its base address.
        sandbox: Whether it is the embedded one.
        timeout: Seconds for an exchange, where not the usual limit.
        proxy: URL of a proxy for it.
        ca: A file with the certificates that it is verified by.
        insecure: Whether a key may be sent to it unencrypted.
        answer: For a sandbox in this process, the function that answers in place of HTTP.
    """

    name: str
    url: str
    sandbox: bool = False
    timeout: float | None = None
    proxy: str = ""
    ca: str = ""
    insecure: bool = False
    answer: Answer | None = field(default=None, repr=False)

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, so that nothing on the way can read or interfere."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def retired(self) -> str:
        """When it was shut down: "in July 2026"; empty for a server that is in service."""
        return RETIRED.get(self.url, "")

    @property
    def reference(self) -> str:
        """The text that selects this server: its name, or its URL if it is plain http."""
        return self.url if self.url == f"http://{self.name}" else self.name


def named(url: str) -> Server:
    """Return the server at this address, named by it; see `normal` for what an address may leave out.

    Raises:
        InsecureServer: For plain `http` to another machine, where the key would be readable on the way.
        CoCalcError: For anything that is not an address.
    """
    url = normal(url)
    return safe(Server(url.partition("://")[2], url))


def normal(url: str) -> str:
    """Return the address in the one form that keys and settings are stored under, with its path (`/prefix`).

    Without a scheme it is `https`, or `http` for this machine. The address of a message
    (`…/api/v2/exec`) stands for that of its server.

    Raises:
        CoCalcError: It is not an address, or has a key in it; it is not repeated.
    """
    parts, host = _split(_with_scheme(url.strip()))
    if parts.username is not None or parts.password is not None or typed_secrets(url):
        raise CoCalcError("an address holds no key and no password.", "A key is given to %cocalc login")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{_API.sub('', parts.path).rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Return whether this is a name or an address of this machine."""
    return _LOOPBACK.fullmatch(host) is not None


def safe(server: Server) -> Server:
    """Return the same server. Raises `InsecureServer` where a key would be readable on the way to it."""
    parts = urlsplit(server.url)
    if parts.scheme == "https" or server.loopback or server.insecure:
        return server
    raise InsecureServer(
        f"{parts.hostname} would get the key unencrypted.",
        f"Use https://{parts.netloc}{parts.path}",
        f"Where nobody can listen on the way: %cocalc server add NAME {server.url} --insecure",
    )


def in_service(server: Server) -> Server:
    """Return the same server. Raises `ServerRetired` for one that was shut down: no key is sent to it."""
    if not server.retired:
        return server
    raise ServerRetired(
        f"{server.name} was retired {server.retired}. CoCalc is cocalc.ai now.",
        f"Its accounts and keys are not those of before: make a key at {COCALC_AI}/settings/keys, and type "
        "%cocalc login cocalc.ai",
        f"A key of {server.name} works nowhere any more: %cocalc logout {server.name} --forget",
    )


def _with_scheme(address: str) -> str:
    if "://" in address:
        return address
    address = "[::1]" if address == "::1" else address
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:  # reported by `_split`
        host = ""
    return f"{'http' if is_loopback(host) else 'https'}://{address}"


def _split(url: str) -> tuple[SplitResult, str]:
    """Return the parts of an address, and its host. Raises `CoCalcError` for anything else."""
    no_address = CoCalcError(
        "this is not the address of a server.", "It looks like https://cocalc.example.edu"
    )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise no_address from None
    known = parts.scheme in _PORTS and host and host.isprintable() and " " not in url
    if not known or not host or parts.query or parts.fragment:
        raise no_address
    return parts, host
