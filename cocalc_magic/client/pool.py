"""Our own connections to one server, used in the shortest way that urllib3 has.

A session of requests would find proxies, certificates and the quoted address anew for each request, read the
body of a redirect, however long, and keep cookies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from urllib3 import PoolManager
from urllib3.util import Retry, Timeout

from cocalc_magic import __version__
from cocalc_magic.client.connections import POOLS
from cocalc_magic.client.incoming import PoolResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import HTTPConnectionPool

    from cocalc_magic.client.incoming import Incoming
    from cocalc_magic.client.streams import LocalBody
    from cocalc_magic.config import Server

HEADERS = {"Accept-Encoding": "gzip, deflate"}  # both are decompressed within bounds everywhere
OWN_HEADERS = {**HEADERS, "Accept": "*/*", "User-Agent": f"cocalc-magic/{__version__}"}
_NO_RETRIES = Retry(total=False, redirect=False)
_MAX_CONNECTIONS = 64  # that are kept open, for threads which send at the same time
_MAX_TARGETS = 200  # paths whose quoted form is kept

Timeouts = tuple[float, float]
"""Seconds for a connection, and for each wait on it."""


class Connections(Protocol):
    """What sends requests to one server, from any number of threads."""

    headers: Mapping[str, str]
    """The headers that each request has besides its own."""

    watched: bool
    """Whether its connections keep to the current `RequestState`."""

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | LocalBody, timeout: Timeouts
    ) -> Incoming:
        """Send a request, and return the response as soon as its headers have arrived.

        Raises:
            HTTPError: One of urllib3, or an `OSError` (as those of requests are) or a `ValueError`, for every
                way in which that can fail.
        """

    def close(self) -> None:
        """Close the connections that are ours; new ones are opened for what is sent later."""


class _Route(Protocol):
    """The way to a server."""

    pool: HTTPConnectionPool

    def target(self, path: str) -> str:
        """Return what stands in the request line for a path below the server's address."""

    def close(self) -> None:
        """Close the connections."""


class _Known(NamedTuple):
    """The way to the server, the environment it was found in, and the targets of paths."""

    environment: tuple[str | None, ...]
    route: _Route
    targets: dict[str, str]


class _DirectRoute:
    """Plain HTTP on this machine, where the environment has no say."""

    def __init__(self, server: Server) -> None:
        self._prefix = urlsplit(server.url).path
        manager = PoolManager(maxsize=_MAX_CONNECTIONS)
        manager.pool_classes_by_scheme = POOLS
        self.pool = manager.connection_from_url(server.url)

    def target(self, path: str) -> str:
        return self._prefix + path

    def close(self) -> None:
        self.pool.close()


class ServerPool:
    """Our own connections to a server, by a way that is found once for each environment."""

    headers: Mapping[str, str] = OWN_HEADERS
    watched = True

    def __init__(self, server: Server) -> None:
        self._server = server
        self._direct = server.url.startswith("http:") and server.loopback and not server.proxy
        self._known: _Known | None = None

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | LocalBody, timeout: Timeouts
    ) -> PoolResponse:
        """Send a request; see `Connections.send`."""
        known, sized = self._way(), {} if isinstance(body, bytes) else {"Content-Length": str(len(body))}
        response = known.route.pool.urlopen(
            method,
            known.targets.get(path) or _target(known, path),
            body=body or None,
            headers={**OWN_HEADERS, **headers, **sized},
            retries=_NO_RETRIES,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(*timeout),
            preload_content=False,
            decode_content=False,
        )
        return PoolResponse(response)

    def close(self) -> None:
        """Close the connections; new ones are opened for what is sent later."""
        known, self._known = self._known, None
        if known:
            known.route.close()

    def _way(self) -> _Known:
        if self._direct:
            if self._known is None:
                self._known = _Known((), _DirectRoute(self._server), {})
            return self._known
        from cocalc_magic.client import environment  # late: requests takes as long to load as all of this

        read = environment.settings() if not self._server.loopback else ()
        if self._known is None or self._known.environment != read:
            self._known = _Known(read, environment.EnvironmentRoute(self._server, _MAX_CONNECTIONS), {})
        return self._known


def _target(known: _Known, path: str) -> str:
    """Return what stands in the request line for a path, and keep it."""
    if len(known.targets) >= _MAX_TARGETS:
        known.targets.clear()
    known.targets[path] = known.route.target(path)
    return known.targets[path]
