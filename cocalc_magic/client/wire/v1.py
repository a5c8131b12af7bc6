"""The v1 wire: ``POST <server>/api/v1/<event>``, the options as one JSON object.

The event stands in the address and never in the body, which servers refuse. How failures look, and
how many forms they have, was recorded from a server of March 2024 and read in the history of the
API: two layers (HTTP 400 with ``{"error": …}`` and HTTP 200 with ``{"event": "error"}``), typed
answers with an ``error`` or ``reason`` of their own, and HTML from everything on the way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic.client.wire import reply as replies
from cocalc_magic.client.wire.reply import HEADERS, Reply
from cocalc_magic.client.wire.reply import words as _text
from cocalc_magic.errors import (
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    ServerError,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from cocalc_magic.response import Response

FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

_BAD_KEY = re.compile(
    r"No account found|BANNED|You must provide authentication|Unknown authorization type"
    r"|is out of range for type integer|NaN|reading 'account_id'|reading 'startsWith'"
)
_NO_SUCH_EVENT = re.compile(r"^(unknown endpoint|endpoint .* is not part of|unknown message event type)")

_HINTS = {
    404: "The server has no v1 API here: check the address, or it is too new for v1.",
    413: "The message is too large: servers take 100 kB of JSON.",
}


def path(event: str) -> str:
    """Where the message goes, below the server's address."""
    return f"/api/v1/{event}"


def encode(options: dict[str, Any], *, form: bool = False) -> tuple[dict[str, str], bytes]:
    """Headers and body of the request: JSON, or a form where every option is text.

    Raises :class:`InvalidValue` for a form with another value, since a form's ``false`` is true to servers.
    """
    if not form:
        return HEADERS, replies.encode(options)
    other = next((name for name, value in options.items() if not isinstance(value, str)), None)
    if other is not None:
        raise InvalidValue(f"{other} is no text, and a form can carry nothing else.", "Leave --form out.")
    return FORM_HEADERS, urlencode(options, errors="surrogatepass").encode()


def decode(reply: Reply) -> Any:
    """The JSON value of the answer; raises :class:`NotCoCalc` for anything else."""
    return replies.decode(reply, _HINTS)


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
