"""Sessions of requests whose requests a function answers, without a socket."""

from __future__ import annotations

import time
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.served import Served


class Answer(Protocol):
    """What answers a request: its method, target, headers by their names in lower case, and body."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], pieces: Iterable[bytes], /
    ) -> Served:
        """Return what is sent in response."""


def session(url: str, answer: Answer) -> requests.Session:
    """Return a session whose requests to an address are answered by the function."""
    answered = requests.Session()
    answered.trust_env = False  # no key of ~/.netrc, no proxy
    answered.mount(url, AnswerAdapter(answer))
    return answered


class AnswerAdapter(BaseAdapter):
    """Has a function answer what a session sends."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Answer a request; raise what requests raises when a fault cuts the connection or takes too long."""
        del stream, verify, cert, proxies
        served = self._served(request)
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and served.delay > limit:
            time.sleep(limit)
            raise requests.ReadTimeout(f"no answer within {limit} seconds", request=request)
        time.sleep(served.delay)
        if served.dropped:
            closed = RemoteDisconnected("the connection was closed without an answer")
            raise requests.ConnectionError(closed, request=request)
        received: requests.Response = HTTPAdapter().build_response(
            request, served.received(request.method or "GET")
        )
        return received

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _served(self, request: requests.PreparedRequest) -> Served:
        parts = urlsplit(request.url or "")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        body: Any = request.body or b""
        pieces = [body.encode() if isinstance(body, str) else body] if isinstance(body, str | bytes) else body
        return self._answer(request.method or "GET", target, {"host": parts.netloc, **headers}, pieces)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
