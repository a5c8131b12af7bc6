"""The wire of what goes to a path of its own: `raw GET /stats`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic.catalog.raw import RAW, whole
from cocalc_magic.client.wire import conat, v2
from cocalc_magic.client.wire.messages import WireRequest, WireResponse, json_only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.errors import ServerError
    from cocalc_magic.response import Response

_HINTS = {404: "The server has nothing there.", 405: "The server takes another method there."}


def path(event: str) -> str:
    """Return where a message goes, below the server's address."""
    return event.removeprefix(RAW).partition(" ")[2]


def encode(
    message: Message, options: Mapping[str, Any], *, seconds: float = 0, form: bool = False
) -> WireRequest:
    """Return the request for a message; the options of a GET stand behind its path.

    Raises:
        InvalidValue: For a form.
    """
    del seconds
    if form:
        raise json_only(message.event)
    method, target = message.event.removeprefix(RAW).partition(" ")[0], path(message.event)
    if method != "GET":
        return WireRequest.of_json(target, whole(options), method)
    query = urlencode({name: _text(value) for name, value in options.items()})
    return WireRequest(
        f"{target}{'&' if '?' in target else '?'}{query}" if query else target, {}, b"", method
    )


def options_of(message: Message, body: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
    """Return the options in a body, the way back of `encode`."""
    del message
    return body, None


def decode(response: WireResponse, event: str = "") -> Any:
    """Return the value of a response: JSON, or plain text as it is.

    Raises:
        NotCoCalc: For anything else, such as a page.
    """
    del event
    if response.status == 200 and response.content_type.startswith("text/plain"):
        try:
            return response.value()
        except (ValueError, RecursionError):
            return response.body
    return response.decode(_HINTS)


def failure(response: Response) -> ServerError | None:
    """Return the error that a response amounts to, or `None` for a success."""
    is_conat = path(response.request.event).startswith("/api/conat/")
    return conat.failure(response) if is_conat else v2.failure(response)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
