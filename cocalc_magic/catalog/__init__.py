"""Every message that CoCalc understands, as data: the one place where a message is described.

The data is in files beside this module, written by people: one per generation (`v1.yaml`), one of the
tables that `query` reaches (`tables.yaml`), and one of what differs in those of today
(`tables_2026.yaml`). The compiled JSON (`v1.json`) is loaded, which takes a few milliseconds where YAML
takes hundreds; `python -m cocalc_magic.catalog` compiles it, and a test fails when it is out of date.

The shape of a name says which API it belongs to, so that only that one's file is loaded: `ping` is a
message of v1, `projects/stop` and `/exec` are of v2, `projects.createProject` and
`project:system.exec` of conat.

From the bottom up: schema, types, raw, __init__, stub.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import raw, schema
from cocalc_magic.catalog.schema import Column, Table, tables
from cocalc_magic.catalog.types import Example, Failure, Field, Message, Option, ReadBack, is_uuid
from cocalc_magic.errors import UnknownEvent, mean, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "GENERATIONS",
    "Column",
    "Example",
    "Failure",
    "Field",
    "Message",
    "Option",
    "ReadBack",
    "Table",
    "closed_names",
    "find",
    "generation_of",
    "get",
    "is_uuid",
    "messages",
    "names",
    "names_like",
    "raw",
    "tables",
    "unknown",
]

GENERATIONS = ("v1", "v2", "conat")
FILES = (*GENERATIONS, schema.OLD, schema.NEW)

ID = Option(
    "id",
    "any",
    "Comes back in the response, so that the two can be matched; made up by the server when left out.",
)


@cache
def _document(generation: str) -> dict[str, Any]:
    text = Path(__file__).with_name(f"{generation}.json").read_bytes()
    document: dict[str, Any] = json.loads(text)
    return document


def messages(generation: str = "v1") -> Mapping[str, Message]:
    """Return all messages of one generation by event, in the order of the catalog file."""
    return _messages(generation)


@cache
def _messages(generation: str) -> Mapping[str, Message]:
    return MappingProxyType({event: _built(event, generation) for event in _entries(generation)})


@cache
def _entries(generation: str) -> dict[str, Any]:
    return {entry["event"]: entry for entry in _document(generation)["messages"]}


@cache
def _built(event: str, generation: str) -> Message:
    return _message(_entries(generation)[event], generation)


@cache
def closed_names(generation: str = "v1") -> frozenset[str]:
    """Return names that the server uses for internal messages, which its HTTP API refuses."""
    return frozenset(_document(generation)["closed"])


def generation_of(name: str) -> str:
    """Return the API that a name of this shape belongs to, whether or not there is such a message."""
    name = raw.bare(name) if name.startswith(raw.RAW) else name
    if "/" in name:
        return "v2"
    return "conat" if "." in name or ":" in name else "v1"


@lru_cache(4_096)  # it is asked several times for each message
def get(name: str, generation: str | None = None) -> Message | None:
    """Return the message of this name, in one generation or any; `None` where there is none.

    Only this message is built, since building all would slow the start of a sandbox. One whose name begins
    with `raw ` always exists.

    Raises:
        InvalidValue: What follows `raw ` is neither a name nor a path.
    """
    if generation is None and name.startswith(raw.RAW):
        return _raw(name)
    generation = generation or generation_of(name)
    return _built(name, generation) if name in _entries(generation) else None


def _raw(event: str) -> Message:
    event = raw.canonical(event)
    known = get(raw.bare(event))
    return raw.build(event, generation_of(event), known.secret if known else ())


def find(event: str) -> Message:
    """Return the message of this name, of whatever generation.

    Raises:
        UnknownEvent: There is none; the hints have the nearest names.
    """
    message = get(event)
    if message is None:
        raise unknown(event, names_like(event))
    return message


def unknown(event: str, near: list[str]) -> UnknownEvent:
    """Return the error for an unknown event, with the nearest names and where the list is."""
    hint = "%cocalc events lists them, %cocalc events WORD finds those about something."
    return UnknownEvent(f"there is no event {event!r}.", mean(near), hint)


def names() -> list[str]:
    """Return the events of all generations."""
    return [entry["event"] for generation in GENERATIONS for entry in _document(generation)["messages"]]


def names_like(event: str) -> list[str]:
    """Return up to three similar events, the best first; of the same generation if there are any."""
    same = [entry["event"] for entry in _document(generation_of(event))["messages"]]
    return nearest(event, same) or nearest(event, names())


def _message(entry: Mapping[str, Any], generation: str) -> Message:
    parts = dict(entry)
    takes_id = parts.pop("id", generation == "v1")
    options = [Option(**option) for option in parts.pop("options", ())]
    response = parts.pop("response", None) or {}
    read_back = parts.pop("read_back", None)
    return Message(
        options=tuple([ID, *options] if takes_id else options),
        response=response.get("event"),
        fields=tuple(Field(**field) for field in response.get("fields", ())),
        errors=tuple(Failure(**failure) for failure in parts.pop("errors", ())),
        secret=tuple(parts.pop("secret", ())),
        ordered=tuple(parts.pop("ordered", ())),
        example=Example(**parts.pop("example")),
        generations=(generation,),
        read_back=ReadBack(**read_back) if read_back else None,
        **parts,
    )
