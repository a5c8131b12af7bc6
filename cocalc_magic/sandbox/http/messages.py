"""Requests and replies as plain values, and the forms that replies have."""

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

SERVER = f"cocalc-magic-sandbox/{cocalc_magic.__version__}"  # in a header of every reply
STATUS_WORDS = {
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
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Request:
    """What came in; ``target`` is the path with its query, ``headers`` have lower-case names."""

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
        """The fields of the query; of one given twice the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        pairs = (one.partition("=") for one in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def from_elsewhere(self) -> bool:
        """Whether a page of another origin sends it; browsers say so, other programs do not.

        Another port is another origin, though its pages' requests carry our cookies.
        """
        if self.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return True
        origin, host = self.headers.get("origin"), self.headers.get("host", "")
        return origin is not None and origin.lower() != f"http://{host}".lower()


@dataclass(frozen=True)
class Reply:
    """What goes back: HTTP status, content type, body, and headers besides those of every reply.

    The rest is for faults: seconds of ``delay``, a connection that is ``dropped`` without an answer, and
    how many bytes of the body are ``arriving``.
    """

    status: int
    kind: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    dropped: bool = False
    arriving: int | None = None


def json_reply(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply of JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone half of a surrogate pair travels as its escape, as JavaScript writes it.
    body = _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    return Reply(status, "application/json; charset=utf-8", body, headers)


def text_reply(status: int, words: str) -> Reply:
    """A reply of plain text."""
    return Reply(status, "text/plain; charset=utf-8", words.encode())


def error_page(status: int, words: str | None = None) -> Reply:
    """The recorded server's page for what went wrong; without words the status has its own."""
    text = STATUS_WORDS[status] if words is None else words
    return Reply(
        status, "text/html; charset=utf-8", _PAGE.format(html.escape(text)).encode("utf-8", "replace")
    )


def not_there(request: Request) -> Reply:
    """The reply to a request for what there is not."""
    return error_page(404, f"Cannot {request.method} {request.path}")
