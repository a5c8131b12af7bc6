"""What is the same around every request, however it comes and goes: checks, limits, headers.

Host and key are checked when the headers are in: the body of a request that is refused is not kept.
"""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http import app, routes
from cocalc_magic.sandbox.http.budget import Body, Budget, BudgetExceeded
from cocalc_magic.sandbox.http.hosts import NotServed, local_target
from cocalc_magic.sandbox.http.messages import (
    SERVER,
    Request,
    Response,
    error_page,
    json_response,
    text_response,
)
from cocalc_magic.sandbox.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cocalc_magic.sandbox.http.endpoint import Endpoint
    from cocalc_magic.sandbox.world import World

MAX_BODY = 64 * 1024 * 1024  # bytes that are read at all; past it the connection is closed


class Exchange:
    """One request as it arrives, and its response."""

    def __init__(self, world: World, budget: Budget) -> None:
        self.head = Request("", "", {}, b"")
        self.endpoint: Endpoint = routes.NOT_FOUND
        self.body = Body(budget, 0, lambda: False)
        self._world, self._budget = world, budget

    def begin(
        self, method: str, target: str, hosts: Sequence[str], headers: Mapping[str, str]
    ) -> Response | None:
        """Take the headers; return the response to a request whose body need not be read.

        Else memory for the body is reserved.

        Args:
            hosts: All headers `Host`.
            headers: The headers, by their names in lower case.
        """
        self.head = Request(method, target, {}, b"")
        try:
            target, host = local_target(target, hosts)
        except NotServed as problem:
            return text_response(problem.status, f"{problem}\n")
        self.head = head = Request(method, target, {**headers, "host": host}, b"")
        self.endpoint = routes.find(head, self._world.generation)
        limit = self.endpoint.body_limit(head)
        self.body = Body(self._budget, limit, lambda: _is_authenticated(self._world, head))
        if refusal := self.endpoint.early_response(self._world, head):
            return refusal
        try:
            self.body.reserve(_length(headers.get("content-length", "")))
        except BudgetExceeded as problem:
            return _out_of_memory(problem)
        return self.endpoint.too_large() if self.body.too_long else None

    def add(self, chunk: bytes) -> Response | None:
        """Keep a part of the body; return the response where that is too much."""
        try:
            self.body.add(chunk)
        except BudgetExceeded as problem:
            return _out_of_memory(problem)
        return self.endpoint.too_large() if self.body.too_long else None

    def request(self) -> Request:
        """Return the whole request."""
        return replace(self.head, body=self.body.take())

    def respond(self, request: Request) -> Response:
        """Return the response to it."""
        try:
            return app.respond(self._world, request, self.endpoint)
        except Exception:  # noqa: BLE001 - a bug must not leave the sender without a response
            traceback.print_exc(limit=-5)
            return error_page(500)

    def headers(self, response: Response) -> list[tuple[str, str]]:
        """Return the headers of a response."""
        headers = [
            ("Server", SERVER),
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            *response.headers,
        ]
        policy = "Content-Security-Policy"
        is_json = response.content_type.startswith("application/json")  # in which nothing can be clicked
        if not is_json and policy not in dict(headers):
            headers.append((policy, "frame-ancestors 'none'"))
        return headers

    def sent(self, response: Response) -> bytes:
        """Return what is sent of the body."""
        return b"" if self.head.method == "HEAD" else response.body[: response.sent_bytes]


def serve(
    world: World, method: str, target: str, headers: Mapping[str, str], pieces: Iterable[bytes]
) -> Served:
    """Answer a request as the server does, without a socket.

    Args:
        headers: The headers, by their names in lower case; `host` among them.
        pieces: The body.
    """
    exchange = Exchange(world, Budget())
    response = exchange.begin(method, target, [headers.get("host", "")], headers)
    size, arriving = 0, iter(pieces)
    while response is None and (piece := next(arriving, None)) is not None:
        size += len(piece)
        if size > MAX_BODY:
            return Served(0, [], b"", dropped=True)
        response = exchange.add(piece)
    response = response or exchange.respond(exchange.request())
    sent = exchange.sent(response)
    return Served(response.status, exchange.headers(response), sent, response.delay, response.dropped)


def _is_authenticated(world: World, request: Request) -> bool:
    from cocalc_magic.sandbox.http.sign_in import is_authenticated  # late: only large bodies need it

    return is_authenticated(world, request)


def _length(declared: str) -> int:
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0


def _out_of_memory(problem: BudgetExceeded) -> Response:
    return json_response(503, {"error": str(problem)}, (("Retry-After", "1"),))
