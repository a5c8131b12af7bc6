"""A real HTTP server that notes each request and answers what a test wants: `FakeServer`."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

from cocalc_magic.host import IN_PAGE
from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sandbox.http.messages import Request, Response, json_response
from cocalc_magic.sandbox.served import NOBODY, Served

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Mapping

    import requests
    from typing_extensions import Self

__all__ = ["Connection", "FakeServer", "Request", "Response", "json_response"]


class Connection:
    """One connection to a `FakeServer`, as a function given to it as `play` has it."""

    def __init__(self, sock: socket.socket, server: FakeServer) -> None:
        self.socket, self.server = sock, server

    def read_request(self) -> Request:
        """Read a request whole and note it in `server.requests`.

        Raises:
            OSError: When the client goes away in the middle of it.
        """
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        method, target, headers = _parse_head(head.decode("latin-1"))
        if headers.get("expect", "").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        parts = [body]
        while int(headers.get("content-length", 0)) > sum(map(len, parts)):
            parts.append(self._receive())
        return self.server.note(Request(method, target, headers, b"".join(parts)))

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def respond(self, response: Response, *, to: Request | None = None) -> bool:
        """Send a response, with a `Content-Length` unless its headers say how long it is.

        Returns:
            Whether the connection can go on: not after a fault, and not without a length.
        """
        self.server.closed.wait(response.delay)
        if response.dropped:
            return False
        reason = http.client.responses.get(response.status, "")
        fields = (f"{name}: {value}" for name, value in _headers(response))
        lines = [f"HTTP/1.1 {response.status} {reason}", *fields]
        body = _sent(response, to.method if to else "")
        self.send("".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body)
        return not _measured(response) and response.sent_bytes is None

    def trickle(self, data: bytes, pause: float = 0.1) -> None:
        """Send one byte every `pause` seconds, until all is sent or the server is closed."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            if self.server.closed.wait(pause):
                return

    def flood(self, data: bytes) -> None:
        """Send the same bytes again and again, until the client goes or the server is closed."""
        while not self.server.closed.is_set():
            self.send(data)

    def wait(self) -> None:
        """Send nothing until the server is closed."""
        self.server.closed.wait()

    def reset(self) -> None:
        """End the connection by a TCP reset, which the client sees as an error."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _receive(self) -> bytes:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionResetError
        return data


def _measured(response: Response) -> bool:
    """Return whether its headers say how long it is."""
    names = {name.lower() for name, _ in response.headers}
    return bool(names & {"content-length", "transfer-encoding"})


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = [("Content-Type", response.content_type)] if response.content_type else []
    length = [] if _measured(response) else [("Content-Length", str(len(response.body)))]
    return [*headers, *response.headers, *length]


def _sent(response: Response, method: str) -> bytes:
    return b"" if method == "HEAD" else response.body[: response.sent_bytes]


def _parse_head(head: str) -> tuple[str, str, dict[str, str]]:
    """Return method, target and headers; the values of a name that is repeated are joined by commas."""
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in lines):
        before = headers.get(name.lower())
        headers[name.lower()] = value.strip() if before is None else f"{before}, {value.strip()}"
    method, target, *_ = first.split(" ")
    return method, target, headers


class FakeServer:
    """A real HTTP server on this machine that notes each request and answers what a test wants::

        with FakeServer({"event": "pong"}) as server, Client(server.url, key) as client:
            client.ping()
        assert server.requests[0].path == "/api/v1/ping"

    Args:
        answer: The answer to every request: a `Response`, a JSON value (HTTP 200), bytes (sent as they are,
            before the connection ends), or a function from a `Request` to one of these. It may be replaced
            while the server runs.
        play: What happens on each connection, byte by byte, in place of `answer`: a function that takes a
            `Connection`. It runs in a thread of its own; the connection ends when it returns.
        tls: The context of a server that speaks TLS; its name is then `localhost`.
        host: The address to listen on.

    Attributes:
        url: The address, without a slash at its end; in a page, without sockets, `session` leads there.
        requests: What has arrived, in order.
        connections: How many connections were made.
        arrived: Set once a request has arrived.
        closed: Set once `close` was called; functions that wait should wait for it.
    """

    def __init__(
        self,
        answer: Any = None,
        *,
        play: Callable[[Connection], object] | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        if IN_PAGE and (play or tls):
            raise CannotStart("a page has no sockets: a FakeServer has its answer there, and no play or tls.")
        self.answer = {} if answer is None else answer
        self.requests: list[Request] = []
        self.connections = 0
        self.arrived, self.closed = threading.Event(), threading.Event()
        self._play, self._tls = play or self._serve, tls
        self._open: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self.url = NOBODY
        if not IN_PAGE:
            self._listening = listening = socket.create_server((host, 0))
            listening.settimeout(1)  # not every system ends an accept() when the socket is closed
            self.port: int = listening.getsockname()[1]
            self.url = f"https://localhost:{self.port}" if tls else f"http://{host}:{self.port}"
            threading.Thread(target=self._accept, args=[listening], daemon=True).start()

    def session(self) -> requests.Session:
        """Return a session that gets the `answer` at `url` without a connection, also where there are none.

        Raises:
            CannotStart: By a request, where the answer is bytes or there is `play`: both need a connection.
        """
        from cocalc_magic.sandbox.adapter import session  # late: it loads requests

        return session(self.url, self._served)

    def note(self, request: Request) -> Request:
        """Keep a request among those that have arrived, and return it."""
        self.requests.append(request)
        self.arrived.set()
        return request

    def take(self) -> list[Request]:
        """Return what has arrived since the last call, and forget it."""
        taken, self.requests = self.requests, []
        return taken

    def close(self) -> None:
        """Stop listening, and end the connections that are open."""
        self.closed.set()
        listening = [self._listening] if self._listening else []
        for sock in (*listening, *list(self._open)):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for sock in listening:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _accept(self, listening: socket.socket) -> None:
        while not self.closed.is_set():
            try:
                accepted = listening.accept()[0]
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=[accepted], daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        sock.settimeout(30)
        with sock, contextlib.suppress(OSError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            self._open.add(sock)
            try:
                with sock:
                    self._play(Connection(sock, self))
            finally:
                self._open.discard(sock)

    def _serve(self, connection: Connection) -> None:
        """Answer the requests of a connection one after the other."""
        keep_alive = True
        while keep_alive:
            request = connection.read_request()
            answer = self._answer_to(request)
            if isinstance(answer, bytes):
                connection.send(answer)
                break
            keep_alive = connection.respond(answer, to=request)
            keep_alive &= request.headers.get("connection", "").lower() != "close"

    def _answer_to(self, request: Request) -> Response | bytes:
        answer = self.answer(request) if callable(self.answer) else self.answer
        return answer if isinstance(answer, Response | bytes) else json_response(200, answer)

    def _served(
        self, method: str, target: str, headers: Mapping[str, str], pieces: Iterable[bytes]
    ) -> Served:
        """Answer a request of `session`."""
        request = self.note(Request(method, target, headers, b"".join(pieces)))
        response = self._answer_to(request)
        if isinstance(response, bytes) or self._play != self._serve:
            raise CannotStart("bytes are sent on a connection: a session of this FakeServer has none.")
        body = _sent(response, method)
        return Served(response.status, _headers(response), body, response.delay, response.dropped)
