"""The v1 wire: ``POST <server>/api/v1/<event>``, the options as one JSON object.

The event stands in the address and never in the body, which servers refuse. How failures look, and
how many forms they have, was recorded from a server of March 2024 and read in the history of the
API: two layers (HTTP 400 with ``{"error": …}`` and HTTP 200 with ``{"event": "error"}``), typed
answers with an ``error`` or ``reason`` of their own, and HTML from everything on the way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic.errors import (
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NotCoCalc,
    ServerError,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from cocalc_magic.response import Response

HEADERS = {"Content-Type": "application/json"}
FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

_BAD_KEY = re.compile(
    r"No account found|BANNED|You must provide authentication|Unknown authorization type"
    r"|is out of range for type integer|NaN|reading 'account_id'|reading 'startsWith'"
)
_NO_SUCH_EVENT = re.compile(r"^(unknown endpoint|endpoint .* is not part of|unknown message event type)")

_BY_STATUS = {
    401: "The address wants a sign-in of its own.",
    403: "Something before the server forbids it.",
    404: "The server has no v1 API here: check the address, or it is too new for v1.",
    413: "The message is too large: servers take 100 kB of JSON.",
    429: "Too many messages: wait a little.",
    502: "The server is down or starting: try again.",
    503: "The server is down or overloaded: try again.",
    504: "A proxy gave up waiting: the server may still be at work.",
}


def path(event: str) -> str:
    """Where the message goes, below the server's address."""
    return f"/api/v1/{event}"


def encode(options: dict[str, Any], *, form: bool = False) -> tuple[dict[str, str], bytes]:
    """Headers and body of the request: JSON, or a form where every option is text.

    Raises :class:`InvalidValue` for a form with another value, since a form's ``false`` is true to servers.
    """
    if not form:
        text = json.dumps(options, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return HEADERS, text.encode("utf-8", "surrogatepass")
    other = next((name for name, value in options.items() if not isinstance(value, str)), None)
    if other is not None:
        raise InvalidValue(f"{other} is no text, and a form can carry nothing else.", "Leave --form out.")
    return FORM_HEADERS, urlencode(options, errors="surrogatepass").encode()


@dataclass(frozen=True)
class Reply:
    """What HTTP brought: status, content type, body, and where a redirect points."""

    status: int
    kind: str
    body: str
    location: str = ""

    def value(self) -> Any:
        """The body as JSON; raises ``ValueError`` where it is none."""
        return json.loads(self.body)


def decode(reply: Reply) -> Any:
    """The JSON value of the answer.

    Raises :class:`NotCoCalc` for anything else: a page, a redirect, an empty body.
    """
    if reply.location:
        raise NotCoCalc(
            f"the server sends elsewhere, to {reply.location[:200]}.",
            "The key is not sent there. If that is the right address, use it in place of this one.",
        )
    try:
        return reply.value()
    except (ValueError, RecursionError):
        kind = reply.kind.partition(";")[0] or "nothing"
        raise NotCoCalc(
            f"HTTP {reply.status} with {kind} where JSON was due.",
            _BY_STATUS.get(reply.status, "A proxy, or an address that is not a CoCalc server?"),
            _first_words(reply.body),
        ) from None


def failure(response: Response, sent_id: Any) -> ServerError | None:
    """The error that a response amounts to, or ``None`` for a success."""
    value = response.value
    if response.status >= 400:
        return _refused(response, _text(value.get("error") if isinstance(value, dict) else value))
    if not isinstance(value, dict):
        return None
    if sent_id is not None and value.get("id", sent_id) != sent_id:
        return UnexpectedReply(
            "the answer carries another id than the message.",
            "Nothing of it is used. Does a proxy keep old answers?",
            response=response,
        )
    problem = _problem(value)
    return MessageFailed(_text(problem), response=response) if problem is not None else None


def _problem(value: dict[str, Any]) -> Any:
    """What an answer says went wrong: an empty text where it says nothing, ``None`` where all is well."""
    event = str(value.get("event", ""))
    if event.endswith("_failed") and value.get("reason"):
        return value["reason"]
    if value.get("error") or event == "error":
        return value.get("error") or ""
    return None


def _refused(response: Response, text: str) -> ServerError:
    if _BAD_KEY.search(text):
        return KeyRefused(
            f"{response.server} does not know the key: {text}",
            "Has it been deleted, or has it expired? Keys are made in the settings of your account.",
            response=response,
        )
    if _NO_SUCH_EVENT.search(text):
        event = response.request.event
        return MessageRefused(text, f"{response.server} does not offer {event}.", response=response)
    return MessageRefused(text, response=response)


def _text(problem: Any) -> str:
    """The server's own words; an error may be an object too, such as ``{errno, code, syscall, path}``."""
    if not problem:
        return "the server gave no reason."
    if isinstance(problem, str):
        return problem
    if isinstance(problem, dict) and "code" in problem:
        return " ".join(str(problem[name]) for name in ("code", "syscall", "path") if name in problem)
    if isinstance(problem, dict) and all(isinstance(words, str) for words in problem.values()):
        return "; ".join(f"{name}: {words}" for name, words in problem.items())
    return json.dumps(problem, ensure_ascii=False)


def _first_words(page: str) -> str:
    """The first words of a page, as a person would read them."""
    without_tags = re.sub(
        r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page[:20_000], flags=re.DOTALL | re.IGNORECASE
    )
    words = " ".join("".join(c if c.isprintable() else " " for c in without_tags).split())
    return f"It says: {words[:120]}" if words else ""
