"""What a request that has arrived says, however it was written: as JSON, as a form, in parts or as a query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.sandbox.testing import Request

PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
ANSWER = {"event": "success", "project_id": PROJECT}  # as if all were well


def path_of(request: Request) -> str:
    """Return the path without its query and its escapes."""
    return unquote(request.path)


def message_of(request: Request) -> Any:
    """Return what a server makes of it: the object of JSON, or the names and values of a form or a query."""
    if is_json(request):
        return json.loads(request.body.decode("utf-8", "surrogatepass"))
    if content_type(request) == "multipart/form-data":
        return dict(_parts(request))
    text = request.body.decode("ascii") or request.target.partition("?")[2]
    return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="surrogatepass"))


def is_json(request: Request) -> bool:
    """Whether the body is JSON, by its type or by its first character."""
    return "json" in content_type(request) or request.body.lstrip().startswith((b"{", b"["))


def content_type(request: Request) -> str:
    """Return the type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0]


def _parts(request: Request) -> Iterator[tuple[str, str]]:
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    for part in request.body.split(b"--" + boundary)[1:-1]:
        head, _, text = part.strip(b"\r\n").partition(b"\r\n\r\n")
        yield head.partition(b'name="')[2].partition(b'"')[0].decode(), text.decode()
