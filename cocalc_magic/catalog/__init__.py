"""Every message that CoCalc understands, as data: the one place where a message is described.

The data is in files beside this module, written by people: one per generation (`v1.yaml`), one of the
tables that `query` reaches (`tables.yaml`), one of what differs in those of today (`tables_2026.yaml`), and
one of who may send what where keys are scoped (`ai_policy.yaml`). The compiled JSON (`v1.json`) is loaded,
which takes a few milliseconds where YAML takes hundreds; `python -m cocalc_magic.catalog` compiles it, and a
test fails when it is out of date.

The shape of a name says which API it belongs to, so that only that one's file is loaded: `ping` is a
message of v1, `projects/stop` and `/exec` are of v2, `projects.createProject` and
`project:system.exec` of conat. A generation may build on others (`ai.yaml`): it has the messages of these
that it has a rule for, with what differs, and some of its own, which travel as those of such a name do.

From the bottom up: generations, schema, types, raw, policy, __init__, personal, stub.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import generations, policy, raw, schema
from cocalc_magic.catalog.generations import GENERATIONS, SCOPED, building_on
from cocalc_magic.catalog.schema import Column, Table, tables
from cocalc_magic.catalog.types import (
    Capability,
    Example,
    Failure,
    Field,
    Message,
    Option,
    Permission,
    ReadBack,
    is_uuid,
)
from cocalc_magic.errors import UnknownEvent, mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    CAPABILITIES: Mapping[str, Capability]
    """All that a scoped key may be allowed, by name."""

__all__ = [
    "CAPABILITIES",
    "GENERATIONS",
    "Capability",
    "Column",
    "Example",
    "Failure",
    "Field",
    "Message",
    "Option",
    "Permission",
    "ReadBack",
    "Table",
    "all_messages",
    "by_api",
    "closed_names",
    "find",
    "generation_of",
    "generations",
    "get",
    "is_uuid",
    "messages",
    "names",
    "names_like",
    "policy",
    "raw",
    "tables",
    "unknown",
]

FILES = (*GENERATIONS, policy.FILE, schema.OLD, schema.NEW)

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


def all_messages() -> Iterator[Message]:
    """Yield every message once, as the first generation that has it does."""
    for generation in GENERATIONS:
        yield from (_built(event, generation) for event in _own_entries(generation))


@cache
def _own_entries(generation: str) -> dict[str, Any]:
    """Return the entries of messages that no generation before has."""
    before = _inherited(generation)
    return {event: entry for event, entry in _file_entries(generation).items() if event not in before}


@cache
def _entries(generation: str) -> dict[str, Any]:
    """Return the entries of all messages of a generation, those of a subject together."""
    differences = _file_entries(generation)
    inherited = {
        event: _merged(entry, differences.get(event, {}))
        for event, entry in _inherited(generation).items()
        if policy.rule(event)
    }
    entries = inherited | _own_entries(generation)
    subjects = list(dict.fromkeys(entry["subject"] for entry in entries.values()))
    order = (
        sorted(entries, key=lambda event: subjects.index(entries[event]["subject"])) if inherited else entries
    )
    return {event: entries[event] for event in order}


@cache
def _file_entries(generation: str) -> dict[str, Any]:
    return {entry["event"]: entry for entry in _document(generation)["messages"]}


@cache
def _inherited(generation: str) -> dict[str, Any]:
    """Return the entries of the generations that this one builds on."""
    before = generations.TABLE[generation].builds_on
    return {event: entry for older in before for event, entry in _file_entries(older).items()}


def _merged(entry: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what differs: options gone, new or otherwise, and all else in its place."""
    changed = {option["name"]: option for option in difference.get("options", ())}
    gone = difference.get("gone", ())
    options = {option["name"]: option for option in entry.get("options", ()) if option["name"] not in gone}
    more = {name: value for name, value in difference.items() if name not in ("gone", "options")}
    return {**entry, **more, "options": list((options | changed).values())}


@cache
def _built(event: str, generation: str) -> Message:
    return _message(_entries(generation)[event], generation)


@cache
def _capabilities() -> Mapping[str, Capability]:
    entries = [entry for generation in SCOPED for entry in _document(generation)["capabilities"]]
    return MappingProxyType({entry["name"]: Capability(**entry) for entry in entries})


def __getattr__(name: str) -> Any:
    """Load `CAPABILITIES` when it is accessed: few messages have to do with scoped keys."""
    if name == "CAPABILITIES":
        return _capabilities()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    """Return the message of this name, in one generation or the first with it; `None` where there is none.

    Only this message is built, since building all would slow the start of a sandbox. One whose name begins
    with `raw ` always exists.

    Raises:
        InvalidValue: What follows `raw ` is neither a name nor a path.
    """
    if generation is None and name.startswith(raw.RAW):
        return _raw(name)
    if generation is not None:
        return _built(name, generation) if name in _entries(generation) else None
    home = next((place for place in _homes(name) if name in _own_entries(place)), None)
    return _built(name, home) if home else None


def by_api(api: str, name: str) -> Message | None:
    """Return the message of this name that travels by an API; `None` where there is none."""
    messages = (get(name, generation) for generation in (api, *building_on(api)))
    return next((message for message in messages if message and message.generation == api), None)


def _homes(name: str) -> tuple[str, ...]:
    """Return the generations whose own messages are named like this."""
    api = generation_of(name)
    return (api, *building_on(api))


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
    return [event for generation in GENERATIONS for event in _own_entries(generation)]


def names_like(event: str) -> list[str]:
    """Return up to three similar events, the best first; of the same generation if there are any."""
    same = [name for home in _homes(event) for name in _own_entries(home)]
    return nearest(event, same) or nearest(event, names())


def _message(entry: Mapping[str, Any], generation: str) -> Message:
    parts = dict(entry)
    takes_id = parts.pop("id", generation == "v1")
    options = [Option(**option) for option in parts.pop("options", ())]
    response = parts.pop("response", None) or {}
    api = generation_of(entry["event"])
    rule = policy.rule(entry["event"]) if api != "v1" else None
    read_back = parts.pop("read_back", None)
    return Message(
        options=tuple([ID, *options] if takes_id else options),
        response=response.get("event"),
        fields=tuple(Field(**field) for field in response.get("fields", ())),
        errors=tuple(Failure(**failure) for failure in parts.pop("errors", ())),
        secret=tuple(parts.pop("secret", ())),
        ordered=tuple(parts.pop("ordered", ())),
        example=Example(**parts.pop("example")),
        generations=tuple(_having(entry["event"], has_rule=rule is not None)),
        api=api,
        permission=rule.permission if rule else None,
        read_back=ReadBack(**read_back) if read_back else None,
        **parts,
    )


def _having(event: str, *, has_rule: bool) -> Iterator[str]:
    """Find the generations that have a message."""
    api = generation_of(event)
    if event in _file_entries(api):
        yield api
    if has_rule:
        yield from SCOPED
