"""What HTTP brought, whichever API it came from, and what is told of it when it is no JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import NotCoCalc
from cocalc_magic.response import Headers
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import mask_value

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS = {"Content-Type": "application/json"}

_BY_STATUS = {
    401: "The address wants a sign-in of its own.",
    403: "Something before the server forbids it.",
    429: "Too many messages: wait a little.",
    502: "The server is down or starting: try again.",
    503: "The server is down or overloaded: try again.",
    504: "A proxy gave up waiting: the server may still be at work.",
}


@dataclass(frozen=True)
class Reply:
    """What HTTP brought: status, content type, body, where a redirect points, reason, headers; from where."""

    status: int
    kind: str
    body: str
    location: str = ""
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    server: str = ""

    @property
    def http(self) -> str:
        """The status as people know it: ``HTTP 429 Too Many Requests``."""
        return f"HTTP {self.status} {self.reason}".rstrip()

    def value(self) -> Any:
        """The body as JSON; raises ``ValueError`` where it is none."""
        return json.loads(self.body)

    @property
    def absent(self) -> bool:
        """Whether it says that there is nothing at this address: 404 or 405 with anything but JSON."""
        if self.status not in (404, 405):
            return False
        try:
            self.value()
        except (ValueError, RecursionError):
            return True
        return False


def decode(reply: Reply, hints: Mapping[int, str]) -> Any:
    """The JSON value of the answer.

    ``hints`` say by HTTP status what a page in place of JSON means to one API. Raises
    :class:`NotCoCalc` for anything else: a page, a redirect, an empty body.
    """
    if reply.location:
        raise NotCoCalc(
            f"{reply.http}: the server sends elsewhere, to {cut(reply.location, 200)}.",
            "The key is not sent there. If that is the right address, use it in place of this one.",
            reply=reply,
        )
    try:
        return reply.value()
    except (ValueError, RecursionError):
        kind = reply.kind.partition(";")[0] or "nothing"
        raise NotCoCalc(
            f"{reply.http} with {kind} where JSON was due.",
            hints.get(reply.status)
            or _BY_STATUS.get(reply.status, "A proxy, or an address that is not a CoCalc server?"),
            _first_words(reply.body),
            reply=reply,
        ) from None


def busy(status: int) -> tuple[str, ...]:
    """What a status says of a server that would have answered at another time, where it says that."""
    return (_BY_STATUS[status],) if status in (429, 502, 503, 504) else ()


def encode(value: Any) -> bytes:
    """The value as JSON bytes; a lone half of a character travels as it is."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def words(problem: Any) -> str:
    """The server's own words; an error may be an object too, such as ``{errno, code, syscall, path}``."""
    if not problem:
        return "the server gave no reason."
    if isinstance(problem, str):
        return problem
    if isinstance(problem, dict) and "code" in problem:
        return " ".join(str(problem[name]) for name in ("code", "syscall", "path") if name in problem)
    if isinstance(problem, dict) and all(isinstance(text, str) for text in problem.values()):
        return "; ".join(f"{name}: {text}" for name, text in problem.items())
    return json.dumps(mask_value(problem), ensure_ascii=False)


def _first_words(page: str) -> str:
    """The first words of a page, as a person would read them."""
    without_tags = re.sub(
        r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page[:20_000], flags=re.DOTALL | re.IGNORECASE
    )
    shown = " ".join("".join(c if c.isprintable() else " " for c in without_tags).split())
    return f"It says: {cut(shown, 120)}" if shown else ""
