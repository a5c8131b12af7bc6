"""Connections to a sandbox in this process: a function call in place of HTTP on a socket."""

from __future__ import annotations

import re
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from urllib3.util import parse_url

from cocalc_magic.client.cancel import sleep
from cocalc_magic.client.incoming import PoolResponse
from cocalc_magic.client.pool import OWN_HEADERS
from cocalc_magic.client.request_state import Phase, RequestState, current_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import HTTPResponse

    from cocalc_magic.client.pool import Timeouts
    from cocalc_magic.client.streams import LocalBody
    from cocalc_magic.config.server import Answer, Server

_BROKEN = re.compile(r"[\r\n\0]")  # what a header can't have, or it would end there


class InProcess:
    """What sends requests to the function that answers for a server."""

    headers: Mapping[str, str] = OWN_HEADERS
    watched = True

    def __init__(self, server: Server, answer: Answer) -> None:
        self._host, self._answer = urlsplit(server.url).netloc, answer

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | LocalBody, timeout: Timeouts
    ) -> PoolResponse:
        """Send a request; see `Connections.send`."""
        state = current_request() or RequestState(timeout[1], len(path))
        state.phase = Phase.SENDING
        sent = {**OWN_HEADERS, **headers, "host": self._host, "content-length": str(len(body))}
        pieces = [body] if isinstance(body, bytes) else body
        served = self._answer(method, parse_url(path).request_uri, _checked(sent), pieces)
        state.phase = Phase.WAITING
        _wait(served.delay, state)
        if served.dropped:
            raise RemoteDisconnected("Remote end closed connection without response")
        return _Answered(served.received(method), len(served.body))

    def close(self) -> None:
        """Do nothing: there is no connection."""


class _Answered(PoolResponse):
    """A response that is here already."""

    def __init__(self, response: HTTPResponse, size: int) -> None:
        super().__init__(response)
        self._size = size

    def received(self) -> int:
        """Return the bytes of the body that have arrived: all that come."""
        return self._size


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers by names in lower case. Raises `ValueError` for what can't travel in one."""
    for name, value in headers.items():
        value.encode("latin-1")
        if _BROKEN.search(value):
            raise ValueError(f"Invalid header value of {name}")
    return {name.lower(): value for name, value in headers.items()}


def _wait(seconds: float, state: RequestState) -> None:
    """Wait before the answer. Raises `TimeoutError` where the request has no time for that."""
    if seconds:
        sleep(min(seconds, state.remaining()))
    state.remaining()
