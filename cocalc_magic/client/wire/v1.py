"""The v1 wire: `POST <server>/api/v1/<event>`, the options as one JSON object.

The event stands in the address and never in the body, which servers refuse. Failures come in several
forms, as recorded from a server of March 2024 and in the history of the API: HTTP 400 with
`{"error": …}`, HTTP 200 with `{"event": "error"}`, typed responses with an `error` or `reason` of their
own, and HTML from everything on the way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic.catalog.raw import RAW, whole
from cocalc_magic.client.wire.messages import WireRequest, WireResponse, error_text
from cocalc_magic.errors import (
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    ServerError,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
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
    """Return where a message goes, below the server's address."""
    return f"/api/v1/{event.removeprefix(RAW)}"


def encode(
    message: Message, options: Mapping[str, Any], *, seconds: float = 0, form: bool = False
) -> WireRequest:
    """Return the request for a message: JSON, or a form where every option is text.

    Raises:
        InvalidValue: For a form with another value, since a form's `false` is true to servers.
    """
    del seconds
    if not form:
        return WireRequest.of_json(path(message.event), whole(options) if message.raw else dict(options))
    other = next((name for name, value in options.items() if not isinstance(value, str)), None)
    if other is not None:
        raise InvalidValue(f"{other} is not text, and a form can carry nothing else.", "Leave --form out.")
    return WireRequest(
        path(message.event), FORM_HEADERS, urlencode(dict(options), errors="surrogatepass").encode()
    )


def options_of(message: Message, body: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
    """Return the options in a body, the way back of `encode`."""
    del message
    return {name: value for name, value in body.items() if name != "event"}, None


def decode(response: WireResponse, event: str = "") -> Any:
    """Return the JSON value of a response. Raises `NotCoCalc` for anything else."""
    del event
    return response.decode(_HINTS)


def failure(response: Response) -> ServerError | None:
    """Return the error that a response amounts to, or `None` for a success."""
    value, sent_id = response.value, response.request.options.get("id")
    if response.status >= 400:
        return _refused(response, error_text(value.get("error") if isinstance(value, dict) else value))
    if not isinstance(value, dict):
        return None
    if sent_id is not None and value.get("id", sent_id) != sent_id:
        return UnexpectedReply(
            "the answer carries another id than the message.",
            "Nothing of it is used. Does a proxy keep old answers?",
            response=response,
        )
    problem = _problem(value)
    return MessageFailed(error_text(problem), response=response) if problem is not None else None


def _problem(value: dict[str, Any]) -> Any:
    """Return what a response says went wrong: empty where it says nothing, `None` for a success."""
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
