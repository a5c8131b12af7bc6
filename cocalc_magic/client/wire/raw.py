"""The wire of raw messages: what is typed travels as it stands, by the way of the API that it belongs to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import whole
from cocalc_magic.client.wire import conat, v1, v2
from cocalc_magic.client.wire import reply as replies
from cocalc_magic.client.wire.reply import HEADERS, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message

_HINTS = {404: "The server has nothing there.", 405: "The server takes another method there."}


def target(event: str) -> tuple[str, str]:
    """Method and path of a message, below the server's address."""
    name = event.removeprefix(catalog.raw.RAW)
    if " " in name:
        method, _, path = name.partition(" ")
        return method, path
    paths = {"v1": v1.path, "v2": v2.path, "conat": conat.path}
    return "POST", paths[catalog.generation_of(event)](name)


def encode(
    message: Message, options: Mapping[str, Any], seconds: float
) -> tuple[str, dict[str, str], bytes, str]:
    """Path, headers, body and method of the request; options of a GET stand behind its path."""
    method, path = target(message.event)
    if message.generation == "conat":
        return path, *conat.encode(message, options, seconds), method
    if method != "GET":
        return path, HEADERS, replies.encode(whole(options)), method
    query = urlencode({name: _text(value) for name, value in options.items()})
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path, {}, b"", method


def decode(reply: Reply) -> Any:
    """The value of an answer from any path: JSON, or plain text as it is.

    Raises :class:`NotCoCalc` for anything else, such as a page.
    """
    if reply.status == 200 and reply.kind.startswith("text/plain"):
        try:
            return reply.value()
        except (ValueError, RecursionError):
            return reply.body
    return replies.decode(reply, _HINTS)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
