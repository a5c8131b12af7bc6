"""The connections to one server: our own, or those of a session of requests that was given.

Our own requests go straight to urllib3: a session would find proxies, certificates and the quoted address
anew for each of them, read the body of a redirect, however long, and keep cookies. The way there is found by
requests, once for each environment, since that is what people know how to set it for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import requests
from requests.auth import AuthBase
from requests.utils import default_headers
from urllib3.util import Retry, Timeout

from cocalc_magic.client.adapter import BoundedAdapter
from cocalc_magic.client.incoming import PoolResponse, SessionResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import HTTPConnectionPool

    from cocalc_magic.client.incoming import Incoming
    from cocalc_magic.client.streams import LocalBody
    from cocalc_magic.config import Server

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_ENVIRONMENT = (*_PROXIES, *map(str.upper, _PROXIES), "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_HEADERS = {"Accept-Encoding": "gzip, deflate"}  # both are decompressed within bounds everywhere
_NO_RETRIES = Retry(total=False, redirect=False)
_MAX_CONNECTIONS = 64  # that are kept open, for threads which send at the same time
_MAX_TARGETS = 200  # paths whose quoted form is kept


Timeouts = tuple[float, float]
"""Seconds for a connection, and for each wait on it."""


class _Route(NamedTuple):
    """The way to the server in this environment."""

    environment: tuple[str | None, ...]
    pool: HTTPConnectionPool
    proxies: dict[str, str]
    targets: dict[str, str]  # path below the server's address -> what stands in the request line


class Connections(Protocol):
    """What sends requests to one server, from any number of threads."""

    watched: bool
    """Whether its connections keep to the current `RequestState`."""

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | LocalBody,
        timeout: Timeouts,
    ) -> Incoming:
        """Send a request, and return the response as soon as its headers have arrived.

        Raises:
            HTTPError: One of urllib3, or a `RequestException`, an `OSError` or a `ValueError`, for every way
                in which that can fail.
        """

    def close(self) -> None:
        """Close the connections that are ours; new ones are opened for what is sent later."""


class ServerPool:
    """Our own connections.

    Args:
        server: The server; one on this machine is reached without the proxies of the environment.
    """

    watched = True

    def __init__(self, server: Server) -> None:
        self._server = server
        self._adapter = BoundedAdapter(pool_maxsize=_MAX_CONNECTIONS)
        self._session = requests.Session()
        # Proxies of the environment have no place between two processes of one machine.
        self._session.trust_env = not server.loopback
        self._headers = {**default_headers(), **_HEADERS}
        self._known: _Route | None = None

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | LocalBody,
        timeout: Timeouts,
    ) -> PoolResponse:
        """Send a request; see `Connections.send`."""
        route, sized = self._route(), {} if isinstance(body, bytes) else {"Content-Length": str(len(body))}
        response = route.pool.urlopen(
            method,
            route.targets.get(path) or self._target(route, path),
            body=body or None,
            headers={**self._headers, **headers, **sized},
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
        self._known = None
        self._adapter.close()

    def _route(self) -> _Route:
        """Return the way to the server, found anew when the environment has changed."""
        environment = tuple(map(os.environ.get, _ENVIRONMENT)) if self._session.trust_env else ()
        if self._known is None or self._known.environment != environment:
            self._known = self._find_route(environment)
        return self._known

    def _find_route(self, environment: tuple[str | None, ...]) -> _Route:
        request = _prepared(self._server.url)
        # Given here, since what a session holds yields to the environment.
        settings = self._session.merge_environment_settings(
            self._server.url, _proxies(self._server), True, self._server.ca or None, None
        )
        proxies = dict(settings["proxies"])
        return _Route(environment, self._adapter.pool_for(request, settings["verify"], proxies), proxies, {})

    def _target(self, route: _Route, path: str) -> str:
        target: str = self._adapter.request_url(_prepared(self._server.url + path), route.proxies)
        if len(route.targets) >= _MAX_TARGETS:
            route.targets.clear()
        route.targets[path] = target
        return target


class GivenSession:
    """The session that was given, with all its hooks and adapters; it is not closed."""

    watched = False

    def __init__(self, server: Server, session: requests.Session) -> None:
        self._server, self._session = server, session

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | LocalBody,
        timeout: Timeouts,
    ) -> SessionResponse:
        """Send a request; see `Connections.send`."""
        redirect = _HideRedirect()
        response = self._session.request(
            method,
            self._server.url + path,
            data=body,
            headers={**_HEADERS, **headers},
            auth=_KeepNetrcOut(),
            allow_redirects=False,
            hooks={"response": [*self._session.hooks.get("response", ()), redirect]},
            timeout=timeout,
            # Given here, since what a session holds yields to the environment.
            verify=self._server.ca or None,
            proxies=_proxies(self._server),
            stream=True,
        )
        return SessionResponse(response, redirect.location)

    def close(self) -> None:
        """Leave the session to its owner."""


class _KeepNetrcOut(AuthBase):
    """Authentication that leaves a request as it is; without any, requests takes what `~/.netrc` has."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _HideRedirect:
    """A hook that hides a redirect from the session, which would read all of its body."""

    location = ""

    def __call__(self, response: requests.Response, **_: Any) -> requests.Response:
        self.location = response.headers.pop("Location", "")
        return response


def _proxies(server: Server) -> dict[str, str]:
    return {"http": server.proxy, "https": server.proxy} if server.proxy else {}


def _prepared(url: str) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    request.prepare_method("POST")
    request.prepare_url(url, None)
    return request
