"""Every message that CoCalc understands, as data: the one place where a message is described.

The data stands in files beside this module, written by people: one per generation (``v1.yaml``),
and one of the tables that ``query`` reaches (``tables.yaml``). A compiled twin (``v1.json``) is
what is loaded, since that takes a few milliseconds and YAML takes hundreds;
``python -m cocalc_magic.catalog`` writes it anew, and a test fails when it is old.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.schema import Column, Table, tables
from cocalc_magic.catalog.types import Example, Failure, Field, Message, Option
from cocalc_magic.errors import UnknownEvent, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Column",
    "Example",
    "Failure",
    "Field",
    "Message",
    "Option",
    "Table",
    "closed_names",
    "find",
    "messages",
    "tables",
]

FILES = ("v1", "tables")

ID = Option(
    "id",
    "any",
    "Comes back in the response, so that the two can be matched; made up by the server when left out.",
)


@cache
def _document(generation: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(f"{generation}.json").read_bytes()
    document: dict[str, Any] = json.loads(text)
    return document


def messages(generation: str = "v1") -> Mapping[str, Message]:
    """All messages of one generation by event, in the order of the catalog file."""
    return _messages(generation)


@cache
def _messages(generation: str) -> Mapping[str, Message]:
    built = (_message(entry, generation) for entry in _document(generation)["messages"])
    return MappingProxyType({message.event: message for message in built})


@cache
def closed_names(generation: str = "v1") -> frozenset[str]:
    """Names that the server uses for messages of its own, which its HTTP API does not take."""
    return frozenset(_document(generation)["closed"])


def find(event: str) -> Message:
    """The message of this name.

    Raises :class:`~cocalc_magic.errors.UnknownEvent` with the nearest names.
    """
    try:
        return messages()[event]
    except KeyError:
        raise UnknownEvent(
            f"there is no event {event!r}.",
            did_you_mean(event, messages()),
            _what_there_is(),
        ) from None


def _what_there_is() -> str:
    """The events that one can count on, in lines; the others by their number."""
    from textwrap import fill

    common = [
        message.event for message in messages().values() if message.documented and message.standing == "open"
    ]
    others = len(messages()) - len(common)
    return fill(f"The events: {', '.join(common)}; and {others} that few servers have.", 100)


def _message(entry: Mapping[str, Any], generation: str) -> Message:
    parts = dict(entry)
    takes_id = parts.pop("id", True)
    options = [Option(**option) for option in parts.pop("options", ())]
    response = parts.pop("response", None) or {}
    return Message(
        options=tuple([ID, *options] if takes_id else options),
        response=response.get("event"),
        fields=tuple(Field(**field) for field in response.get("fields", ())),
        errors=tuple(Failure(**failure) for failure in parts.pop("errors", ())),
        secret=tuple(parts.pop("secret", ())),
        example=Example(**parts.pop("example")),
        generations=(generation,),
        **parts,
    )
