"""A server of raw sockets, that says whatever a test wants said, byte by byte."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Line:
    """One connection of a client, as its server sees it."""

    def __init__(self, connection: socket.socket, over: threading.Event, asked: threading.Event) -> None:
        self.socket, self.over, self.asked = connection, over, asked

    def read_request(self) -> bytes:
        """Read a request whole: its headers, and as much of a body as they say."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._received()
        head, _, body = got.partition(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < sum(int(line.partition(b":")[2]) for line in lengths):
            body += self._received()
        self.asked.set()
        return head + b"\r\n\r\n" + body

    def say(self, data: bytes) -> None:
        """Send it."""
        self.socket.sendall(data)

    def answer(self, body: bytes, head: bytes = JSON) -> None:
        """Send an answer that has an end."""
        self.say(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def trickle(self, data: bytes, pause: float = 0.1) -> None:
        """Send one byte now and then, until it is all sent or nobody listens any more."""
        for place in range(len(data)):
            self.say(data[place : place + 1])
            if self.over.wait(pause):
                return

    def flood(self, data: bytes, before: bytes = b"") -> None:
        """Send the same again and again, until nobody listens any more."""
        self.say(before)
        while not self.over.is_set():
            self.say(data)

    def wait(self) -> None:
        """Say nothing until the test is over."""
        self.over.wait()

    def reset(self) -> None:
        """End the connection so that the client is told of an error."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def _received(self) -> bytes:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionResetError
        return data


Play = "Callable[[Line], None]"


class Listener:
    """A server on this machine whose answer to each connection is a function."""

    def __init__(self, play: Callable[[Line], None], tls: ssl.SSLContext | None = None) -> None:
        self.play, self.tls = play, tls
        self.over, self.asked = threading.Event(), threading.Event()
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection = self._listening.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        with connection, contextlib.suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.play(Line(connection, self.over, self.asked))


@contextlib.contextmanager
def listening(play: Callable[[Line], None], tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    """A listener for as long as the block goes on."""
    listener = Listener(play, tls)
    try:
        yield listener
    finally:
        listener.close()


def answering(*bodies: bytes) -> Callable[[Line], None]:
    """What answers the requests of a connection one after the other, the last body again and again."""

    def play(line: Line) -> None:
        for body in (*bodies, *[bodies[-1]] * 1000):
            line.read_request()
            line.answer(body)

    return play


def certificate(folder: Path, *options: str) -> tuple[Path, ssl.SSLContext]:
    """The file of a new certificate for localhost, and what a server with it needs."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", *(options or ("-addext", "subjectAltName=DNS:localhost")),
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
