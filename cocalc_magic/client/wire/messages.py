"""HTTP requests and responses as the wires see them, and their JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidValue, NotCoCalc
from cocalc_magic.response import Exchange, Headers
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import mask_value

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS = {"Content-Type": "application/json"}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
MAY_GO_ON = "What was asked may still be going on there."

_BY_STATUS = {
    401: "The address wants a sign-in of its own.",
    403: "Something before the server forbids it.",
    429: "Too many messages: wait a little.",
    502: "The server is down or starting: try again.",
    503: "The server is down or overloaded: try again.",
    504: "A proxy gave up waiting: the server may still be at work.",
}


@dataclass(frozen=True)
class WireRequest:
    """A message ready for HTTP; the path begins below the server's address."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"

    @classmethod
    def of_json(cls, path: str, value: Any, method: str = "POST") -> WireRequest:
        """Return a request with a JSON body."""
        return cls(path, HEADERS, encode_json(value), method)


@dataclass(frozen=True)
class WireResponse:
    """An HTTP response, decoded and without secrets of ours.

    Args:
        location: Where a redirect points, which is not followed.
        server: Name of the server that it came from.
        exchange: The request that it answers.
    """

    status: int
    content_type: str
    body: str
    location: str = ""
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    server: str = ""
    exchange: Exchange | None = None

    @property
    def http(self) -> str:
        """The status as people know it: `HTTP 429 Too Many Requests`."""
        return f"HTTP {self.status} {self.reason}".rstrip()

    def value(self) -> Any:
        """Return the body as JSON. Raises `ValueError` or `RecursionError` where it is something else."""
        return json.loads(self.body)

    @property
    def absent(self) -> bool:
        """Whether there is nothing at this address: 404 or 405 with anything but JSON."""
        if self.status not in (404, 405):
            return False
        try:
            self.value()
        except (ValueError, RecursionError):
            return True
        return False

    def decode(self, hints: Mapping[int, str]) -> Any:
        """Return the JSON value of the self.

        Args:
            hints: What a page in place of JSON means to this API, by HTTP status.

        Raises:
            NotCoCalc: For anything but JSON: a page, a redirect, an empty body.
        """
        if self.location:
            raise NotCoCalc(
                f"{self.http}: the server sends elsewhere, to {cut(self.location, 200)}.",
                "The key is not sent there. If that is the right address, use it in place of this one.",
                http_response=self,
            )
        try:
            return self.value()
        except (ValueError, RecursionError):
            content_type = self.content_type.partition(";")[0] or "nothing"
            raise NotCoCalc(
                f"{self.http} with {content_type} where JSON was due.",
                hints.get(self.status)
                or _BY_STATUS.get(self.status, "A proxy, or an address that is not a CoCalc server?"),
                _first_words(self.body),
                http_response=self,
            ) from None


def encode_json(value: Any) -> bytes:
    """Return a value as JSON; a lone surrogate travels as it is."""
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def busy_hints(status: int) -> tuple[str, ...]:
    """Return what to do about a status that may be another one later; nothing for all others."""
    return (_BY_STATUS[status],) if status in (429, 502, 503, 504) else ()


def error_text(problem: Any) -> str:
    """Return the server's own words; an error may be an object too, such as `{code, syscall, path}`."""
    if not problem:
        return "the server gave no reason."
    if isinstance(problem, str):
        return problem
    if isinstance(problem, dict) and "code" in problem:
        return " ".join(str(problem[name]) for name in ("code", "syscall", "path") if name in problem)
    if isinstance(problem, dict) and all(isinstance(text, str) for text in problem.values()):
        return "; ".join(f"{name}: {text}" for name, text in problem.items())
    return json.dumps(mask_value(problem), ensure_ascii=False)


def json_only(event: str) -> InvalidValue:
    """Return the error for a form where the wire has JSON alone."""
    return InvalidValue(f"{event} travels as JSON only.", "Leave --form out.")


def _first_words(page: str) -> str:
    """Return the first words of a page, as a person would read them."""
    without_tags = re.sub(
        r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page[:20_000], flags=re.DOTALL | re.IGNORECASE
    )
    text = " ".join("".join(c if c.isprintable() else " " for c in without_tags).split())
    return f"It says: {cut(text, 120)}" if text else ""
