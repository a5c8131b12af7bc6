"""A session of requests that was given to a client, used as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError

from cocalc_magic.client.environment import proxies
from cocalc_magic.client.incoming import PIECE
from cocalc_magic.client.pool import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.client.pool import Timeouts
    from cocalc_magic.client.streams import LocalBody
    from cocalc_magic.config import Server


class GivenSession:
    """The session, with all its hooks and adapters, as `Connections`; it is not closed."""

    headers: Mapping[str, str] = HEADERS
    watched = False

    def __init__(self, server: Server, session: requests.Session) -> None:
        self._server, self._session = server, session

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | LocalBody, timeout: Timeouts
    ) -> SessionResponse:
        """Send a request; see `Connections.send`."""
        redirect, url = _HideRedirect(), self._server.url + path
        try:
            response = self._session.request(
                method,
                url,
                data=body,
                headers={**HEADERS, **headers},
                auth=_AsItIs(url),
                allow_redirects=False,
                hooks={"response": [*self._session.hooks.get("response", ()), redirect]},
                timeout=timeout,
                # Given here, since what a session holds yields to the environment.
                verify=self._server.ca or None,
                proxies=proxies(self._server),
                stream=True,
            )
        except requests.ConnectTimeout as problem:
            raise ConnectTimeoutError from problem
        except requests.Timeout as problem:
            raise TimeoutError from problem
        return SessionResponse(response, redirect.location)

    def close(self) -> None:
        """Leave the session to its owner."""


class SessionResponse:
    """A response of the session, with all that its adapters are, as `Incoming`."""

    def __init__(self, response: requests.Response, location: str) -> None:
        self._response = response
        self.status, self.reason = response.status_code, response.reason or ""
        self.headers = list(response.headers.items())
        if location:
            self.headers.append(("Location", location))

    def cookies(self) -> Iterable[tuple[str, str]]:
        """Return the names and values of the cookies that it sets."""
        return self._response.cookies.items()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body, decompressed."""
        return self._response.iter_content(PIECE)

    def received(self) -> int | None:
        """Return the bytes of the body that have arrived, where the adapter counts them."""
        tell = getattr(self._response.raw, "tell", None)
        try:
            return int(tell()) if tell else None
        except (OSError, ValueError):  # another thread has closed it
            return None

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()


class _AsItIs(AuthBase):
    """Authentication that leaves a request as it is, and its address, which requests would tidy up.

    Without any, requests takes what `~/.netrc` has.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.url = self._url
        return request


class _HideRedirect:
    """A hook that hides a redirect from the session, which would read all of its body."""

    location = ""

    def __call__(self, response: requests.Response, **_: Any) -> requests.Response:
        self.location = response.headers.pop("Location", "")
        return response
