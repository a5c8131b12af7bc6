"""A server that notes what arrives, and answers as if all were well."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Arrived:
    """One request, as bytes."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def is_json(self) -> bool:
        return "json" in self.kind or self.body.lstrip().startswith((b"{", b"["))

    @property
    def message(self) -> Any:
        """What a server makes of it: the object of JSON, or the names and values of a form or a query."""
        if self.is_json:
            return json.loads(self.body.decode("utf-8", "surrogatepass"))
        if self.kind == "multipart/form-data":
            return dict(self._parts())
        text = self.body.decode("ascii") or urlsplit(self.target).query
        return dict(
            parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="surrogatepass")
        )

    def _parts(self) -> Iterator[tuple[str, str]]:
        boundary = self.headers["content-type"].partition("boundary=")[2].encode()
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, text = part.strip(b"\r\n").partition(b"\r\n\r\n")
            yield head.partition(b'name="')[2].partition(b'"')[0].decode(), text.decode()


class Listener(ThreadingHTTPServer):
    """Use as a context manager; ``take()`` gives what has arrived since it was asked last."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.arrived: list[Arrived] = []
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    def take(self) -> list[Arrived]:
        found, self.arrived = self.arrived, []
        return found

    def __exit__(self, *problem: Any) -> None:
        self.shutdown()
        super().__exit__(*problem)


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.arrived.append(Arrived(self.command, self.path, headers, body))
        answer = json.dumps({"event": "success", "project_id": PROJECT}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *words: object) -> None:
        """Nothing: the test tells."""


PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
