"""A server and its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from cocalc_magic.errors import CoCalcError, InsecureServer
from cocalc_magic.sanitize.secret_forms import typed_secrets

COCALC_COM = "https://cocalc.com"
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_API = re.compile(r"/api/(v1|v2|conat)(/.*)?$", re.DOTALL)  # what follows the address in a message's own


@dataclass(frozen=True)
class Server:
    """One CoCalc: the name people know it by, its base address, and how it is to be reached.

    ``sandbox``: it is the embedded one. ``timeout``: seconds for an exchange, where it is not the usual
    limit. ``proxy``: address of a proxy for it. ``ca``: a file with the certificates it is trusted by.
    ``insecure``: a key may travel to it unencrypted.
    """

    name: str
    url: str
    sandbox: bool = False
    timeout: float | None = None
    proxy: str = ""
    ca: str = ""
    insecure: bool = False

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, where nothing between can listen or interfere."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def reference(self) -> str:
        """What one types to mean it: its name, and where that is only its address, one that says http."""
        return self.url if self.url == f"http://{self.name}" else self.name


def named(url: str) -> Server:
    """The server at this address, called by it; see :func:`normal` for what an address may leave out.

    Raises :class:`InsecureServer` for plain ``http`` to another machine, since the key would be readable
    on the way, and :class:`CoCalcError` for what is no address.
    """
    url = normal(url)
    return safe(Server(url.partition("://")[2], url))


def normal(url: str) -> str:
    """The address in the one form that keys and settings are kept under, with its path (``/prefix``).

    Without a scheme it is ``https``, or ``http`` for this machine. The address of a message
    (``…/api/v2/exec``) stands for that of its server. Raises :class:`CoCalcError` for what is no address,
    and for one with a key in it, without repeating it.
    """
    parts, host = _taken_apart(_with_scheme(url.strip()))
    if parts.username is not None or parts.password is not None or typed_secrets(url):
        raise CoCalcError("an address holds no key and no password.", "A key is given to %cocalc login")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{_API.sub('', parts.path).rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether this is a name or an address of this machine."""
    return _LOOPBACK.fullmatch(host) is not None


def safe(server: Server) -> Server:
    """The same server; raises :class:`InsecureServer` where a key would be readable on the way to it."""
    parts = urlsplit(server.url)
    if parts.scheme == "https" or server.loopback or server.insecure:
        return server
    raise InsecureServer(
        f"{parts.hostname} would get the key unencrypted.",
        f"Use https://{parts.netloc}{parts.path}",
        f"Where nobody can listen on the way: %cocalc server add NAME {server.url} --insecure",
    )


def _with_scheme(address: str) -> str:
    if "://" in address:
        return address
    address = "[::1]" if address == "::1" else address
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:  # told as no address by who takes it apart
        host = ""
    return f"{'http' if is_loopback(host) else 'https'}://{address}"


def _taken_apart(url: str) -> tuple[SplitResult, str]:
    """The parts of an address, and its host; raises :class:`CoCalcError` for what is none."""
    no_address = CoCalcError("this is no address of a server.", "It looks like https://cocalc.example.edu")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise no_address from None
    known = parts.scheme in _PORTS and host and host.isprintable() and " " not in url
    if not known or not host or parts.query or parts.fragment:
        raise no_address
    return parts, host
