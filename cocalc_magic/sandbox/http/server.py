"""The app behind HTTP: Tornado's server, without its web framework.

Quick requests are handled on the event loop, blocking ones in threads, so that a ping never waits for a
command. Host and key are checked when the headers are in: the body of a request that is refused is not
stored, but read and dropped for a few seconds, so that the response reaches the sender.
"""

from __future__ import annotations

import asyncio
import sys
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

from cocalc_magic.sandbox.http.budget import Budget
from cocalc_magic.sandbox.http.exchange import MAX_BODY, Exchange

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from tornado.iostream import IOStream

    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

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
    """Starts an exchange for each request, and limits the connections."""

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
        return _Connected(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.idle.pop(server_conn, None)
        self.open -= 1


class _Connected(HTTPMessageDelegate):
    """One exchange on a connection."""

    def __init__(self, requests: _Requests, server_conn: object, connection: HTTPConnection) -> None:
        self.requests = requests
        self.server_conn = server_conn
        self.connection = connection
        self.exchange = Exchange(requests.world, requests.budget)
        self.draining: asyncio.TimerHandle | None = None  # closes the connection of a refused request

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Check host and key before any of the body is read."""
        self.requests.idle.pop(self.server_conn, None)
        if isinstance(start_line, RequestStartLine):
            named = {name.lower(): value for name, value in headers.items()}
            hosts = headers.get_list("Host")
            if refusal := self.exchange.begin(start_line.method, start_line.path, hosts, named):
                self._refuse(refusal)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self.draining is None and (refusal := self.exchange.add(chunk)):
            self._refuse(refusal)
        return None

    def finish(self) -> None:
        if self.draining:
            self.draining.cancel()
            self._finish()
        else:
            request = self.exchange.request()
            if pool := self.exchange.endpoint.worker_pool(request):
                asyncio.ensure_future(self._respond_in_thread(pool, request))  # noqa: RUF006 - the connection holds this exchange
            else:
                self._send(self.exchange.respond(request))

    def on_connection_close(self) -> None:
        self.exchange.body.discard()
        if self.draining:
            self.draining.cancel()

    # -- refusing ----------------------------------------------------------------------------------

    def _refuse(self, response: Response) -> None:
        """Respond at once, and drop what still arrives for a while, so that the sender reads the response."""
        self.exchange.body.discard()
        self._start(response)
        self.draining = asyncio.get_running_loop().call_later(DRAIN_TIME, _close, self.connection)
        if "expect" in self.exchange.head.headers:  # the sender waits for a word to go on
            self.draining.cancel()
            self._finish()

    # -- responding --------------------------------------------------------------------------------

    async def _respond_in_thread(self, pool: str, request: Request) -> None:
        loop = asyncio.get_running_loop()
        try:
            response = await loop.run_in_executor(self.requests.pools[pool], self.exchange.respond, request)
        except RuntimeError:  # the server is ending
            _close(self.connection)
        else:
            self._send(response)

    def _send(self, response: Response) -> None:
        self.exchange.body.discard()
        if response.delay:
            asyncio.get_running_loop().call_later(response.delay, self._send, replace(response, delay=0.0))
        elif response.dropped:
            _close(self.connection)
        else:
            written = self._start(response)
            is_cut = len(response.body) > len(response.body[: response.sent_bytes])
            if is_cut and self.exchange.head.method != "HEAD":
                written.add_done_callback(lambda _: _close(self.connection))
            else:
                self._finish()

    def _start(self, response: Response) -> Future[None]:
        """Write a response, without finishing the exchange."""
        headers = HTTPHeaders()
        for name, value in self.exchange.headers(response):
            headers.add(name, value)
        line = ResponseStartLine("HTTP/1.1", response.status, HTTPStatus(response.status).phrase)
        return self.connection.write_headers(line, headers, self.exchange.sent(response))

    def _finish(self) -> None:
        with suppress(OSError):  # the client has disconnected
            self.connection.finish()


def _close(connection: HTTPConnection) -> None:
    if isinstance(connection, HTTP1Connection):
        connection.close()


def _max_connections() -> int:
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource  # which Windows has not

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // 2)
