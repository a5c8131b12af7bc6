"""All messages by subject, as far as they are about some words, and what works on a server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cocalc_magic.catalog import Message

_OF = {"v2": " (API v2)", "conat": " (conat)"}
_STANDING = {"closed": "not over HTTP", "gone": "gone", "unhandled": "does nothing"}


@dataclass(frozen=True)
class Entry:
    """One message in a list; ``mark`` is empty, or says why it is of little use."""

    event: str
    mark: str
    summary: str


def by_subject(words: str = "", spoken: Collection[str] = ()) -> dict[str, list[Entry]]:
    """The messages whose help has all the words, by subject and generation.

    ``spoken`` are the generations that the server speaks; where it is empty nothing is said of that.
    """
    found: dict[str, list[Entry]] = {}
    for message in _all():
        if all(word in _help(message.event) for word in words.lower().split()):
            label = message.subject.capitalize() + _OF.get(message.generation, "")
            found.setdefault(label, []).append(Entry(message.event, _mark(message, spoken), message.summary))
    return found


def _all() -> Iterator[Message]:
    for generation in catalog.GENERATIONS:
        yield from catalog.messages(generation).values()


@cache
def _help(event: str) -> str:
    message = catalog.find(event)
    options = (f"{option.name} {option.meaning}" for option in message.options)
    fields = (f"{field.name} {field.meaning}" for field in message.fields)
    texts = (event, message.subject, message.summary, message.description, message.example.about)
    return "\n".join((*texts, *options, *fields)).lower()


def _mark(message: Message, spoken: Collection[str]) -> str:
    if spoken and not _works(message, spoken):
        return "not on this server"
    if message.generation == "v1" and "v1" not in spoken and spoken:
        return "translated"
    return _STANDING.get(message.availability, "") if message.generation == "v1" else ""


def _works(message: Message, spoken: Collection[str]) -> bool:
    """Whether a server that speaks these has the message, or something that does the same."""
    if message.generation in spoken:
        return True
    found = translate.translations().get(message.event) if message.generation == "v1" else None
    return found is not None and any(
        catalog.generation_of(event) in spoken for route in found.routes for event in route.to
    )
