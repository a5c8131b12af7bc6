"""What the catalog knows by a text: a message by its name or address, errors by what a server said."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.catalog import Message
    from cocalc_magic.catalog.types import Failure

_SHORT = 12  # characters of an error besides its values: one with fewer is in any text
_SERVER = re.compile(r"^https?://[^/]*|[?#].*$")
_VALUE = re.compile(r"\{\w+\}|\d+")
_ONE_FOR_ALL = "conat"  # the API whose messages share an address


@cache
def messages_by_name() -> dict[str, str]:
    """Return every event by its name and its address below the server's, in small letters."""
    names: dict[str, str] = {}
    for message in catalog.all_messages():
        names.setdefault(message.event.lower(), message.event)
        if message.api != _ONE_FOR_ALL:
            names.setdefault(WIRES[message.api].path(message.event).lower(), message.event)
    return names


def message_named(text: str) -> Message | None:
    """Return the message with this name or address, `https://cocalc.ai/api/v2/projects/stop` too."""
    name = text.strip().lower()
    event = messages_by_name().get(_SERVER.sub("", name))
    return catalog.get(event) if event else None


def failures(text: str) -> Iterator[tuple[Message, Failure]]:
    """Yield the errors that a text is, or has in it, with ids and numbers as a server fills them in."""
    answer = unquoted(text)
    for message in catalog.all_messages():
        for failure in message.errors:
            if _is_in(answer, failure.error):
                yield message, failure


def _is_in(answer: str, error: str) -> bool:
    """Return whether a server said an error, with others in place of its `{names}` and numbers."""
    pieces = _VALUE.split(unquoted(error))
    pattern = ".*?".join(map(re.escape, pieces))
    return len("".join(pieces)) > _SHORT and re.search(pattern, answer, re.IGNORECASE) is not None


def unquoted(text: str) -> str:
    """Return a text without quotes, which a line of the language takes away."""
    return text.translate({ord("'"): None, ord('"'): None})
