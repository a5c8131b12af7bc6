"""Serve a folder on this machine: python serve.py [FOLDER] [--port PORT]

What `python -m http.server` does, with the types that a browser insists on, and with the compressed twin of a
file where there is one. It needs nothing but Python, since a copy of it lies on the stick beside the site.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".ipynb": "application/json",
    ".wasm": "application/wasm",
    ".whl": "application/zip",
}


class Handler(SimpleHTTPRequestHandler):
    """Requests for the files of a folder."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def send_head(self) -> BinaryIO | None:
        """Send the headers of the compressed twin where there is one and the browser takes it."""
        path = self.translate_path(self.path)
        twin = Path(f"{path}.gz")
        if "gzip" not in self.headers.get("Accept-Encoding", "") or not twin.is_file():
            return super().send_head()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(twin.stat().st_size))
        self.end_headers()
        return twin.open("rb")

    def end_headers(self) -> None:
        """Have browsers ask again, so that a page that was built anew is the one that they show."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing: a page takes hundreds of files."""


class Server(ThreadingHTTPServer):
    """A server that says nothing of browsers that went away."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong, but for a connection that the other side has closed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def server(folder: Path, port: int = 0, handler: type[Handler] = Handler) -> Server:
    """Return a server of the folder on 127.0.0.1, which listens; on a free port unless one is given."""
    return Server(("127.0.0.1", port), partial(handler, directory=str(folder)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve a folder on this machine.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    chosen = parser.parse_args(arguments)
    if not (chosen.folder / "index.html").is_file():
        parser.error(f"there is no page in {chosen.folder}: it has no index.html")
    try:
        serving = server(chosen.folder, chosen.port)
    except (OSError, OverflowError) as problem:
        parser.error(f"port {chosen.port} cannot be used ({problem}); --port 0 takes a free one")
    with serving:
        print(f"http://127.0.0.1:{serving.server_port}/ until Ctrl-C", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
