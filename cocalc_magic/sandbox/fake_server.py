"""A real HTTP server that notes each request and answers what a test wants: `FakeServer`."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.http.messages import Request, Response, json_response

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

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
        request = Request(method, target, headers, b"".join(parts))
        self.server.requests.append(request)
        self.server.arrived.set()
        return request

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
        names = {name.lower() for name, _ in response.headers}
        measured = bool(names & {"content-length", "transfer-encoding"})
        headers = [("Content-Type", response.content_type)] if response.content_type else []
        headers += response.headers
        headers += [] if measured else [("Content-Length", str(len(response.body)))]
        reason = http.client.responses.get(response.status, "")
        lines = [f"HTTP/1.1 {response.status} {reason}", *(f"{name}: {value}" for name, value in headers)]
        body = b"" if to and to.method == "HEAD" else response.body[: response.sent_bytes]
        self.send("".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body)
        return not measured and response.sent_bytes is None

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
        url: The address, without a slash at its end.
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
        self.answer = {} if answer is None else answer
        self.requests: list[Request] = []
        self.connections = 0
        self.arrived, self.closed = threading.Event(), threading.Event()
        self._play, self._tls = play or self._serve, tls
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server((host, 0))
        self._listening.settimeout(1)  # not every system ends an accept() when the socket is closed
        self.port: int = self._listening.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls else f"http://{host}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self) -> list[Request]:
        """Return what has arrived since the last call, and forget it."""
        taken, self.requests = self.requests, []
        return taken

    def close(self) -> None:
        """Stop listening, and end the connections that are open."""
        self.closed.set()
        for sock in (self._listening, *list(self._open)):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self.closed.is_set():
            try:
                accepted = self._listening.accept()[0]
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
            answer = self.answer(request) if callable(self.answer) else self.answer
            if isinstance(answer, bytes):
                connection.send(answer)
                break
            response = answer if isinstance(answer, Response) else json_response(200, answer)
            keep_alive = connection.respond(response, to=request)
            keep_alive &= request.headers.get("connection", "").lower() != "close"
