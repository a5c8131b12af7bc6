"""The messages about some words, by subject, with what works on a server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import probe, translate
from cocalc_magic.render.help import AVAILABILITY

if TYPE_CHECKING:
    from collections.abc import Collection

    from cocalc_magic.catalog import Message

_MARKS = {"closed": "not over HTTP", "gone": "gone", "unhandled": "does nothing"}
_NOT_HERE = ("not on this server", "This server has neither it nor a message that does the same.")
_TRANSLATED = ("translated", "This server does it by messages of today.")


@dataclass(frozen=True)
class Entry:
    """One message in a list; `mark` is empty, or says in a word what `note` explains."""

    event: str
    mark: str
    note: str
    summary: str


def by_subject(words: str = "", spoken: Collection[str] = ()) -> dict[str, list[Entry]]:
    """Return the messages whose help has all the words, by subject and generation.

    Args:
        words: Words to search for.
        spoken: Generations that the server speaks; if empty, entries have no mark on that.
    """
    entries: dict[str, list[Entry]] = {}
    for message in catalog.all_messages():
        if all(word in _help(message.event) for word in words.lower().split()):
            label = message.subject.capitalize() + _of(message)
            entry = Entry(message.event, *_mark(message, spoken), message.summary)
            entries.setdefault(label, []).append(entry)
    return entries


def _of(message: Message) -> str:
    label = catalog.generations.TABLE[message.generations[0]].label
    return f" ({label})" if label else ""


@cache
def _help(event: str) -> str:
    message = catalog.find(event)
    options = (f"{option.name} {option.meaning}" for option in message.options)
    fields = (f"{field.name} {field.meaning}" for field in message.fields)
    texts = (event, message.subject, message.summary, message.description, message.example.about)
    return "\n".join((*texts, *options, *fields)).lower()


def _mark(message: Message, spoken: Collection[str]) -> tuple[str, str]:
    """Return what the mark of a message is and means."""
    if spoken and not _works(message, spoken):
        return _NOT_HERE
    if message.generation == "v1" and "v1" not in spoken and spoken:
        return _TRANSLATED
    if message.generation == "v1" and message.availability in _MARKS:
        return _MARKS[message.availability], AVAILABILITY[message.availability]
    return "", ""


def _works(message: Message, spoken: Collection[str]) -> bool:
    """Return whether a server that speaks these has the message, or something that does the same."""
    if probe.has_api_of(spoken, message):
        return True
    translation = translate.translation_of(message.event, spoken)
    return translation is not None and bool(translation.possible(spoken))
