"""Requests and responses as plain values."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import cocalc_magic

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVER = f"cocalc-magic-sandbox/{cocalc_magic.__version__}"  # in a header of every response
REASONS = {
    400: "Bad Request",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>{}</pre>
</body>
</html>
"""
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Request:
    """An HTTP request; `target` is the path with its query, `headers` have lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The fields of the query; the last one where a name is repeated."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """The media type of the body, in lower case and without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        pairs = (pair.partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def is_cross_origin(self) -> bool:
        """Whether a page of another origin sends it; browsers say so, other programs do not.

        Another port is another origin, though the requests of its pages carry our cookies.
        """
        if self.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return True
        origin, host = self.headers.get("origin"), self.headers.get("host", "")
        return origin is not None and origin.lower() != f"http://{host}".lower()


@dataclass(frozen=True)
class Response:
    """An HTTP response.

    Args:
        headers: Headers besides those of every response.
        delay: Seconds to wait before it is sent; this and the rest is set by faults.
        dropped: The connection is closed without a response.
        sent_bytes: The number of bytes of the body that are sent, `None` for all of them.
    """

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    dropped: bool = False
    sent_bytes: int | None = None


def json_response(
    status: int, value: Any, headers: tuple[tuple[str, str], ...] = (), indent: int | None = None
) -> Response:
    """Return a response of JSON: in one line, or with as many blanks before what is inside."""
    separators = (",", ": " if indent else ":")
    text = json.dumps(value, ensure_ascii=False, separators=separators, allow_nan=False, indent=indent)
    # An unpaired surrogate is sent as its escape, as JavaScript writes it.
    body = _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    return Response(status, "application/json; charset=utf-8", body, headers)


def text_response(status: int, text: str) -> Response:
    """Return a response of plain text."""
    return Response(status, "text/plain; charset=utf-8", text.encode())


def error_page(status: int, text: str | None = None) -> Response:
    """Return the recorded server's error page, by default with the reason of the status."""
    page = _PAGE.format(html.escape(REASONS[status] if text is None else text))
    return Response(status, "text/html; charset=utf-8", page.encode("utf-8", "replace"))


def not_found(request: Request) -> Response:
    """Return the page for a path that does not exist, or not for this method."""
    return error_page(404, f"Cannot {request.method} {request.path}")
