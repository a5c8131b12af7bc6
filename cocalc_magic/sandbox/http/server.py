"""The envelope behind HTTP: Tornado's server, without its web framework.

Quick messages are answered on the loop, slow ones in threads, so that a ping never waits for a
command. Host and key are checked when the headers are in: the body of a request that is refused is not kept,
but read and dropped for a few seconds, so that the reply reaches the sender.
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

from cocalc_magic.sandbox.http import app
from cocalc_magic.sandbox.http.budget import Body, Budget, BudgetExceeded
from cocalc_magic.sandbox.http.hosts import NotServed, local_target
from cocalc_magic.sandbox.http.messages import SERVER, Reply, Request, json_reply, text_reply

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from tornado.iostream import IOStream

    from cocalc_magic.sandbox.world import World

LARGEST_BODY = 64 * 1024 * 1024  # bytes that are read at all; past it the connection is closed
LARGEST_HEADERS = 16 * 1024
MAX_CONNECTIONS = 512  # at once; fewer where a process may open few files
COMMANDS = 64  # that run at once; further ones wait
FILES = 8
PASSWORDS = 2  # that are looked at at once, at some 50 ms each
IDLE = 75.0  # seconds that a kept connection may rest, and headers may take
BODY_TIME = 30.0  # seconds that a body may take
DRAIN_TIME = 5.0  # seconds that the body of a request that has been refused is read on


def listen(world: World, port: int) -> tuple[Callable[[], None], int]:
    """Serves the world on this port of 127.0.0.1 (0: a free one); returns how to stop it, and its port.

    To be called on a running event loop. Raises ``OSError`` for a port that is taken.
    """
    sockets = bind_sockets(port, "127.0.0.1", backlog=256)
    requests = _Requests(world)
    server = _Server(
        requests,
        max_body_size=LARGEST_BODY,
        max_header_size=LARGEST_HEADERS,
        idle_connection_timeout=IDLE,
        body_timeout=BODY_TIME,
        chunk_size=65_536,
    )
    server.add_sockets(sockets)

    def stop() -> None:
        server.stop()
        requests.forget_waiting()

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
    """Makes one :class:`_Exchange` for each request, and counts connections."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.budget = Budget()
        self.open = 0
        self.idle: dict[object, HTTPConnection] = {}  # those that wait for a request, the longest first
        # Apart, so that a file never waits for a command.
        self.threads = {
            "command": ThreadPoolExecutor(COMMANDS, thread_name_prefix="command"),
            "file": ThreadPoolExecutor(FILES, thread_name_prefix="file"),
            "password": ThreadPoolExecutor(PASSWORDS, thread_name_prefix="password"),
        }

    def forget_waiting(self) -> None:
        """Drops what no thread has begun with."""
        for threads in self.threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    def make_room(self) -> bool:
        """Count a new connection; close the longest idle one where there are too many.

        Return False where none is idle.
        """
        if self.open >= _max_connections():
            if not self.idle:
                return False
            _hang_up(self.idle.pop(next(iter(self.idle))))
        self.open += 1
        return True

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        self.idle[server_conn] = request_conn
        return _Exchange(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.idle.pop(server_conn, None)
        self.open -= 1


class _Exchange(HTTPMessageDelegate):
    """One request and its reply."""

    def __init__(self, requests: _Requests, server_conn: object, connection: HTTPConnection) -> None:
        self.requests = requests
        self.server_conn = server_conn
        self.connection = connection
        self.head = Request("", "", {}, b"")
        self.body = Body(requests.budget, 0, lambda: False)
        self.draining: asyncio.TimerHandle | None = None  # what ends a request that has been refused

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
                self._refuse(_no_room(problem))
            if self.body.too_long and self.draining is None:
                self._refuse(app.too_large(self.head.path))
        return None

    def finish(self) -> None:
        if self.draining:
            self.draining.cancel()
            self._finish()
        else:
            request = replace(self.head, body=self.body.take())
            if kind := app.waits_for(request.method, request.path, request.body):
                asyncio.ensure_future(self._respond_in_thread(kind, request))  # noqa: RUF006 - the connection holds this exchange
            else:
                self._send(self._respond(request))

    def on_connection_close(self) -> None:
        self.body.discard()
        if self.draining:
            self.draining.cancel()

    # -- refusing ----------------------------------------------------------------------------------

    def _refusal(self, start_line: RequestStartLine, headers: HTTPHeaders) -> Reply | None:
        """Return the reply to a request whose body need not be read; else reserve room for the body."""
        try:
            target, host = local_target(start_line.path, headers.get_list("Host"))
        except NotServed as problem:
            return text_reply(problem.status, f"{problem}\n")
        named = {name.lower(): value for name, value in headers.items()} | {"host": host}
        self.head = Request(start_line.method, target, named, b"")
        world, head = self.requests.world, self.head
        room = app.room(target, named.get("content-type", ""))
        self.body = Body(self.requests.budget, room, lambda: app.is_authenticated(world, head))
        if refusal := app.early_refusal(world, head):
            return refusal
        try:
            self.body.reserve(_length(named.get("content-length", "")))
        except BudgetExceeded as problem:
            return _no_room(problem)
        return app.too_large(target) if self.body.too_long else None

    def _refuse(self, reply: Reply) -> None:
        """Reply at once, and drop what still arrives for a while, so that the sender reads the reply."""
        self.body.discard()
        self._start(reply)
        self.draining = asyncio.get_running_loop().call_later(DRAIN_TIME, _hang_up, self.connection)
        if "expect" in self.head.headers:  # nothing comes until it is asked for
            self.draining.cancel()
            self._finish()

    # -- replying ----------------------------------------------------------------------------------

    def _respond(self, request: Request) -> Reply:
        world, head = self.requests.world, request
        try:
            return app.respond(world, head.method, head.target, head.headers, head.body)
        except Exception:  # noqa: BLE001 - a mistake of ours must not leave the sender without an answer
            traceback.print_exc(limit=-5)
            return app.broken()

    async def _respond_in_thread(self, kind: str, request: Request) -> None:
        loop = asyncio.get_running_loop()
        try:
            reply = await loop.run_in_executor(self.requests.threads[kind], self._respond, request)
        except RuntimeError:  # the server is ending
            _hang_up(self.connection)
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.body.discard()
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._send, replace(reply, delay=0.0))
        elif reply.dropped:
            _hang_up(self.connection)
        else:
            written = self._start(reply)
            if len(reply.body) > len(reply.body[: reply.arriving]) and self.head.method != "HEAD":
                written.add_done_callback(lambda _: _hang_up(self.connection))
            else:
                self._finish()

    def _start(self, reply: Reply) -> Future[None]:
        """Write a reply, without finishing the exchange."""
        headers = HTTPHeaders(
            {"Server": SERVER, "Content-Type": reply.kind, "Content-Length": str(len(reply.body))}
        )
        for name, value in reply.headers:
            headers.add(name, value)
        line = ResponseStartLine("HTTP/1.1", reply.status, HTTPStatus(reply.status).phrase)
        body = b"" if self.head.method == "HEAD" else reply.body[: reply.arriving]
        return self.connection.write_headers(line, headers, body)

    def _finish(self) -> None:
        with suppress(OSError):  # the other side has gone
            self.connection.finish()


def _hang_up(connection: HTTPConnection) -> None:
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


def _no_room(problem: BudgetExceeded) -> Reply:
    return json_reply(503, {"error": str(problem)}, (("Retry-After", "1"),))
