"""The app behind HTTP: Tornado's server, without its web framework.

Quick requests are handled on the event loop, blocking ones in threads, so that a ping never waits for a
command. Host and key are checked when the headers are in: the body of a request that is refused is not
stored, but read and dropped for a few seconds, so that the response reaches the sender.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.netutil import bind_sockets

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

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from tornado.iostream import IOStream

    from cocalc_magic.sandbox.http.endpoint import Endpoint
    from cocalc_magic.sandbox.world import World

MAX_BODY = 64 * 1024 * 1024  # bytes that are read at all; past it the connection is closed
MAX_HEADERS = 16 * 1024
MAX_CONNECTIONS = 512  # at once; fewer where a process may open few files
WORKERS = {"command": 64, "file": 8, "password": 2}  # threads of each pool; a password takes some 50 ms
IDLE_TIME = 75.0  # seconds that a connection may be idle, and headers may take
BODY_TIME = 30.0  # seconds that a body may take
DRAIN_TIME = 5.0  # seconds that the body of a refused request is still read


def listen(world: World, port: int) -> tuple[Callable[[], None], int]:
    """Serve a world on a port of 127.0.0.1 (0: a free one); return a function that stops it, and its port.

    To be called on a running event loop. Raises `OSError` for a port that is in use.
    """
    sockets = bind_sockets(port, "127.0.0.1", backlog=256)
    requests = _Requests(world)
    server = _Server(
        requests,
        max_body_size=MAX_BODY,
        max_header_size=MAX_HEADERS,
        idle_connection_timeout=IDLE_TIME,
        body_timeout=BODY_TIME,
        chunk_size=65_536,
    )
    server.add_sockets(sockets)

    def stop() -> None:
        server.stop()
        requests.cancel_waiting()

    return stop, sockets[0].getsockname()[1]


class _Server(HTTPServer):
    """An HTTP server with a limited number of connections."""

    request_callback: _Requests

    def handle_stream(self, stream: IOStream, address: tuple[str, int]) -> None:
        if self.request_callback.make_room():
            super().handle_stream(stream, address)
        else:
            stream.close()

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        self.request_callback.on_close(server_conn)


class _Requests(HTTPServerConnectionDelegate):
    """Starts an `_Exchange` for each request, and limits the connections."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.budget = Budget()
        self.open = 0
        self.idle: dict[object, HTTPConnection] = {}  # connections without a request, the longest first
        # Separate pools, so that a file never waits for a command.
        self.pools = {
            name: ThreadPoolExecutor(count, thread_name_prefix=name) for name, count in WORKERS.items()
        }

    def cancel_waiting(self) -> None:
        """Cancel the requests that no thread has begun with."""
        for pool in self.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def make_room(self) -> bool:
        """Count a new connection; close the longest idle one where there are too many.

        Return False where none is idle.
        """
        if self.open >= _max_connections():
            if not self.idle:
                return False
            _close(self.idle.pop(next(iter(self.idle))))
        self.open += 1
        return True

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        self.idle[server_conn] = request_conn
        return _Exchange(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.idle.pop(server_conn, None)
        self.open -= 1


class _Exchange(HTTPMessageDelegate):
    """One request and its response."""

    def __init__(self, requests: _Requests, server_conn: object, connection: HTTPConnection) -> None:
        self.requests = requests
        self.server_conn = server_conn
        self.connection = connection
        self.head = Request("", "", {}, b"")
        self.endpoint: Endpoint = routes.NOT_FOUND
        self.body = Body(requests.budget, 0, lambda: False)
        self.draining: asyncio.TimerHandle | None = None  # closes the connection of a refused request

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Check host and key before any of the body is read."""
        self.requests.idle.pop(self.server_conn, None)
        if isinstance(start_line, RequestStartLine):
            self.head = Request(start_line.method, start_line.path, {}, b"")
            if refusal := self._refusal(start_line, headers):
                self._refuse(refusal)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self.draining is None:
            try:
                self.body.add(chunk)
            except BudgetExceeded as problem:
                self._refuse(_out_of_memory(problem))
            if self.body.too_long and self.draining is None:
                self._refuse(self.endpoint.too_large())
        return None

    def finish(self) -> None:
        if self.draining:
            self.draining.cancel()
            self._finish()
        else:
            request = replace(self.head, body=self.body.take())
            if pool := self.endpoint.worker_pool(request):
                asyncio.ensure_future(self._respond_in_thread(pool, request))  # noqa: RUF006 - the connection holds this exchange
            else:
                self._send(self._respond(request))

    def on_connection_close(self) -> None:
        self.body.discard()
        if self.draining:
            self.draining.cancel()

    # -- refusing ----------------------------------------------------------------------------------

    def _refusal(self, start_line: RequestStartLine, headers: HTTPHeaders) -> Response | None:
        """Return the response to a request whose body need not be read; else reserve memory for the body."""
        try:
            target, host = local_target(start_line.path, headers.get_list("Host"))
        except NotServed as problem:
            return text_response(problem.status, f"{problem}\n")
        named = {name.lower(): value for name, value in headers.items()} | {"host": host}
        self.head = Request(start_line.method, target, named, b"")
        world, head = self.requests.world, self.head
        self.endpoint = routes.find(head, world.generation)
        limit = self.endpoint.body_limit(head)
        self.body = Body(self.requests.budget, limit, lambda: _is_authenticated(world, head))
        if refusal := self.endpoint.early_response(world, head):
            return refusal
        try:
            self.body.reserve(_length(named.get("content-length", "")))
        except BudgetExceeded as problem:
            return _out_of_memory(problem)
        return self.endpoint.too_large() if self.body.too_long else None

    def _refuse(self, response: Response) -> None:
        """Respond at once, and drop what still arrives for a while, so that the sender reads the response."""
        self.body.discard()
        self._start(response)
        self.draining = asyncio.get_running_loop().call_later(DRAIN_TIME, _close, self.connection)
        if "expect" in self.head.headers:  # the sender waits for a word to go on
            self.draining.cancel()
            self._finish()

    # -- responding --------------------------------------------------------------------------------

    def _respond(self, request: Request) -> Response:
        try:
            return app.respond(self.requests.world, request, self.endpoint)
        except Exception:  # noqa: BLE001 - a bug must not leave the sender without a response
            traceback.print_exc(limit=-5)
            return error_page(500)

    async def _respond_in_thread(self, pool: str, request: Request) -> None:
        loop = asyncio.get_running_loop()
        try:
            response = await loop.run_in_executor(self.requests.pools[pool], self._respond, request)
        except RuntimeError:  # the server is ending
            _close(self.connection)
        else:
            self._send(response)

    def _send(self, response: Response) -> None:
        self.body.discard()
        if response.delay:
            asyncio.get_running_loop().call_later(response.delay, self._send, replace(response, delay=0.0))
        elif response.dropped:
            _close(self.connection)
        else:
            written = self._start(response)
            if len(response.body) > len(response.body[: response.sent_bytes]) and self.head.method != "HEAD":
                written.add_done_callback(lambda _: _close(self.connection))
            else:
                self._finish()

    def _start(self, response: Response) -> Future[None]:
        """Write a response, without finishing the exchange."""
        headers = HTTPHeaders(
            {
                "Server": SERVER,
                "Content-Type": response.content_type,
                "Content-Length": str(len(response.body)),
            }
        )
        for name, value in response.headers:
            headers.add(name, value)
        if not response.content_type.startswith("application/json"):  # in which nothing can be clicked
            headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
        line = ResponseStartLine("HTTP/1.1", response.status, HTTPStatus(response.status).phrase)
        body = b"" if self.head.method == "HEAD" else response.body[: response.sent_bytes]
        return self.connection.write_headers(line, headers, body)

    def _finish(self) -> None:
        with suppress(OSError):  # the client has disconnected
            self.connection.finish()


def _is_authenticated(world: World, request: Request) -> bool:
    from cocalc_magic.sandbox.http.sign_in import is_authenticated  # late: only large bodies need it

    return is_authenticated(world, request)


def _close(connection: HTTPConnection) -> None:
    if isinstance(connection, HTTP1Connection):
        connection.close()


def _max_connections() -> int:
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource  # which Windows has not

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // 2)


def _length(declared: str) -> int:
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0


def _out_of_memory(problem: BudgetExceeded) -> Response:
    return json_response(503, {"error": str(problem)}, (("Retry-After", "1"),))
