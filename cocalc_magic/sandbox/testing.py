"""For tests: a sandbox in this process, without a socket; and `FakeServer`, which plays any other server.

The sandbox needs no socket: `Client(box.url, box.key, session=box.session())` reaches it.
"""

from __future__ import annotations

import time
import traceback
from http import HTTPStatus
from http.client import RemoteDisconnected
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse

from cocalc_magic.sandbox.fake_server import Connection, FakeServer, Request, Response, json_response
from cocalc_magic.sandbox.http import app, routes
from cocalc_magic.sandbox.http.api_versions import ALL
from cocalc_magic.sandbox.http.faults import parse
from cocalc_magic.sandbox.http.messages import SERVER, error_page
from cocalc_magic.sandbox.seed import begin
from cocalc_magic.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Connection", "FakeServer", "Request", "Response", "Sandbox", "json_response"]

URL = "http://127.0.0.1:9"  # an address that nobody listens at


class Sandbox:
    """A whole sandbox: its world, its processes, and a key of its first account::

        with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
            box.fault(status=503)

    Args:
        folder: Where its data is kept; without it, in a temporary folder that goes with the sandbox.
        world: A YAML file with the accounts and projects to begin with, for a folder without data.
        empty: Begin with one account and no project.
        generation: Which APIs it speaks, as `--generation` has it: `all` is v1, v2 and conat.

    Attributes:
        url: The address that `session()` reaches it at.
        key: A key of the first account.

    Raises:
        CannotStart: When the folder is in use, or the file of the world is wrong.
    """

    url = URL

    def __init__(
        self,
        folder: Path | None = None,
        *,
        world: Path | None = None,
        empty: bool = False,
        generation: str = ALL,
    ) -> None:
        self.world = World(folder, generation)
        self.world.address = URL
        try:
            self.key = begin(self.world, world, empty=empty)
        except BaseException:
            self.world.close()
            raise

    def adapter(self) -> BaseAdapter:
        """Return what a `requests.Session` mounts to talk to it."""
        return _Adapter(self.world)

    def session(self) -> requests.Session:
        """Return a session that talks to it at `url`, and to nothing else there."""
        session = requests.Session()
        session.trust_env = False
        session.mount(self.url, self.adapter())
        return session

    def fault(self, **what: Any) -> None:
        """Schedule a fault; see `Fault` for what there is.

        Raises `InvalidFault`.
        """
        self.world.faults.schedule(parse(what))

    def close(self) -> None:
        """End every process, and forget the data unless it has a folder."""
        self.world.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class _Adapter(BaseAdapter):
    """Responds to requests by the app, as the server does."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Answer a request; raise what requests raises when a fault cuts the connection or takes too long."""
        del stream, verify, cert, proxies
        reply = self._reply(request)
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and reply.delay > limit:
            time.sleep(limit)
            raise requests.ReadTimeout(f"no answer within {limit} seconds", request=request)
        time.sleep(reply.delay)
        if reply.dropped:
            closed = RemoteDisconnected("the connection was closed without an answer")
            raise requests.ConnectionError(closed, request=request)
        return _response(request, reply)

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _reply(self, request: requests.PreparedRequest) -> Response:
        parts = urlsplit(request.url or "")
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        headers.setdefault("host", parts.netloc)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        received = Request(request.method or "GET", target, headers, body)
        endpoint = routes.find(received, self._world.generation)
        if len(body) > (endpoint.body_limit(received) or len(body)):
            return endpoint.too_large()
        try:
            return app.respond(self._world, received, endpoint)
        except Exception:  # noqa: BLE001 - as behind HTTP, a bug is a response
            traceback.print_exc(limit=-5)
            return error_page(500)


def _response(request: requests.PreparedRequest, reply: Response) -> requests.Response:
    headers = HTTPHeaderDict(
        {"Server": SERVER, "Content-Type": reply.content_type, "Content-Length": str(len(reply.body))}
    )
    for name, value in reply.headers:
        headers.add(name, value)
    body = b"" if request.method == "HEAD" else reply.body[: reply.sent_bytes]
    raw = HTTPResponse(
        BytesIO(body),
        headers,
        status=reply.status,
        preload_content=False,
        enforce_content_length=request.method != "HEAD",
        request_method=request.method,
    )
    response = requests.Response()
    response.status_code = reply.status
    response.reason = HTTPStatus(reply.status).phrase
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    return response


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
