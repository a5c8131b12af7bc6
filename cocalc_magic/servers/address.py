"""A server and its address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from cocalc_magic.errors import CoCalcError, InsecureServer
from cocalc_magic.secret_forms import typed_secrets

COCALC_COM = "https://cocalc.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = {"http": 80, "https": 443}


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
        return urlsplit(self.url).hostname in LOOPBACK

    @property
    def typed(self) -> str:
        """What one types to mean it: its name, and where that is only its address, one that says http."""
        return self.url if self.url == f"http://{self.name}" else self.name


def named(url: str) -> Server:
    """The server at this address, called by it; ``https`` is assumed where the address names no scheme.

    Raises :class:`InsecureServer` for plain ``http`` to another machine, since the key would be readable
    on the way, and :class:`CoCalcError` for what is no address.
    """
    url = normal(url)
    return safe(Server(url.partition("://")[2], url))


def normal(url: str) -> str:
    """The address in the one form that keys and settings are kept under, with its path (``/prefix``).

    Raises :class:`CoCalcError` for what is no address, and for one with a key in it, without repeating it.
    """
    parts, host = _taken_apart(url.strip() if "://" in url else f"https://{url.strip()}")
    if parts.username is not None or parts.password is not None or typed_secrets(url):
        raise CoCalcError("an address holds no key and no password.", "A key is given to %cocalc login")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


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
