"""Servers that answer what comes with a key: what a client asks without one, to find the APIs, is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.testing import FakeServer, Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

CREDENTIALS = {"authorization", "cookie"}
MISSING = Response(404, "text/html", b"<p>Not found")


def for_keys(answer: Any) -> Callable[[Request], Response]:
    """Answer requests with a key: by a response, by JSON, or by a function."""

    def respond(request: Request) -> Response:
        if not CREDENTIALS & set(request.headers):
            return MISSING
        value = answer(request) if callable(answer) else answer
        return value if isinstance(value, Response) else json_response(200, value)

    return respond


def with_key(server: FakeServer) -> list[Request]:
    """The requests that came with a key."""
    return [request for request in server.requests if CREDENTIALS & set(request.headers)]
