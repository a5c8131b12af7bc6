"""The envelope behind HTTP: Tornado's server, without its web framework.

Quick messages are answered on the loop, slow ones in threads, so that a ping never waits for a
command. A body over its limit is counted and thrown away, so that the refusal reaches the sender.
"""

from __future__ import annotations

import asyncio
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor
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

from cocalc_magic.sandbox import envelope
from cocalc_magic.sandbox.replies import SERVER, Reply, text_reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cocalc_magic.sandbox.world import World

LARGEST_BODY = 64 * 1024 * 1024  # bytes that are read at all; past it the connection is closed
LARGEST_HEADERS = 16 * 1024
COMMANDS = 64  # that run at once; further ones wait
FILES = 8
PASSWORDS = 2  # that are looked at at once, at some 50 ms each
IDLE = 75.0  # seconds that a kept connection may rest
BODY_TIME = 30.0  # seconds that a body may take
_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def listen(world: World, port: int) -> tuple[Callable[[], None], int]:
    """Serves the world on this port of 127.0.0.1 (0: a free one); returns how to stop it, and its port.

    To be called on a running event loop.
    """
    with socket.socket() as probe:  # a port in use is told here and now
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    requests = _Requests(world)
    server = HTTPServer(
        requests,
        max_body_size=LARGEST_BODY,
        max_header_size=LARGEST_HEADERS,
        idle_connection_timeout=IDLE,
        body_timeout=BODY_TIME,
        chunk_size=65_536,
    )
    server.listen(port, "127.0.0.1", backlog=256)

    def stop() -> None:
        server.stop()
        requests.forget_waiting()

    return stop, port


class _Requests(HTTPServerConnectionDelegate):
    """Makes one :class:`_Exchange` a request."""

    def __init__(self, world: World) -> None:
        self.world = world
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

    def start_request(
        self,
        server_conn: object,  # noqa: ARG002 - Tornado passes it by name
        request_conn: HTTPConnection,
    ) -> HTTPMessageDelegate:
        return _Exchange(self, request_conn)


class _Exchange(HTTPMessageDelegate):
    """One request and its reply."""

    def __init__(self, requests: _Requests, connection: HTTPConnection) -> None:
        self.requests = requests
        self.connection = connection
        self.method = self.path = ""
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.room = 0
        self.overflown = False

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if isinstance(start_line, RequestStartLine):
            self.method, self.path = start_line.method, start_line.path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.room = envelope.room(self.path, self.headers.get("content-type", ""))
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self.room and not self.overflown:
            self.body += chunk
            self.overflown = len(self.body) > self.room
        return None

    def finish(self) -> None:
        if not _is_local(self.headers.get("host", "")):
            self._send(text_reply(403, "this host name is not served here\n"))
        elif self.overflown:
            self._send(envelope.too_large(self.path))
        elif kind := envelope.waits_for(self.method, self.path, bytes(self.body)):
            asyncio.ensure_future(self._respond_in_thread(kind))  # noqa: RUF006 - the connection holds this exchange
        else:
            self._send(self._respond())

    def on_connection_close(self) -> None:
        self.body.clear()

    def _respond(self) -> Reply:
        try:
            return envelope.respond(
                self.requests.world, self.method, self.path, self.headers, bytes(self.body)
            )
        except Exception:  # noqa: BLE001 - a mistake of ours must not leave the sender without an answer
            traceback.print_exc(limit=-5)
            return envelope.broken()

    async def _respond_in_thread(self, kind: str) -> None:
        loop = asyncio.get_running_loop()
        self._send(await loop.run_in_executor(self.requests.threads[kind], self._respond))

    def _send(self, reply: Reply) -> None:
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._send, replace(reply, delay=0.0))
        elif reply.dropped:
            self._hang_up()
        else:
            self._write(reply)

    def _write(self, reply: Reply) -> None:
        headers = HTTPHeaders(
            {"Server": SERVER, "Content-Type": reply.kind, "Content-Length": str(len(reply.body))}
        )
        for name, value in reply.headers:
            headers.add(name, value)
        line = ResponseStartLine("HTTP/1.1", reply.status, HTTPStatus(reply.status).phrase)
        body = b"" if self.method == "HEAD" else reply.body[: reply.arriving]
        try:
            written = self.connection.write_headers(line, headers, body)
            if len(body) < len(reply.body) and self.method != "HEAD":
                asyncio.ensure_future(written).add_done_callback(lambda _: self._hang_up())
            else:
                self.connection.finish()
        except OSError:  # the other side has gone
            pass

    def _hang_up(self) -> None:
        if isinstance(self.connection, HTTP1Connection):
            self.connection.close()


def _is_local(host: str) -> bool:
    """Whether a ``Host`` header names this machine: a page from elsewhere must not reach the sandbox."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in _HOSTS
