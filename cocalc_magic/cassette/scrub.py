"""Recorded messages without secrets: stand-ins in all of them, then a search for what is left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.cassette import entry, file, search
from cocalc_magic.cassette.stand_ins import StandIns, stand_ins_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cocalc_magic.cassette.entry import Entry


@dataclass(frozen=True)
class Scrubbed:
    """Lines that may be saved.

    Args:
        lines: Those without a secret.
        places: Where secrets are in the others.
        replaced: How many different texts were replaced, by kind.
    """

    lines: Sequence[dict[str, Any]]
    places: Sequence[str]
    replaced: Mapping[str, int]


def scrubbed(
    entries: Sequence[Entry],
    keys: Iterable[str],
    first_server: str,
    earlier: Sequence[dict[str, Any]] = (),
    known: Mapping[str, str] | None = None,
    people: Iterable[str] = (),
) -> Scrubbed:
    """Return the lines of messages, with stand-ins, and what can't be saved.

    Args:
        entries: The messages in the order of the recording.
        keys: What they were sent with.
        first_server: The server that a line does not name.
        earlier: Lines that are in the recording already.
        known: The stand-ins in them, by the texts that they stand for.
        people: Full names of people that are known beforehand.
    """
    stand_ins = StandIns(_taken(entries, earlier), keys, known)
    for name in people:
        stand_ins.know_person(name)
    for item in entries:
        if not file.is_deep(item.line()):
            _learn(stand_ins, item)
    lines = [_line(item, stand_ins, first_server) for item in entries]
    secrets = stand_ins.secrets
    kept, places = list[dict[str, Any]](), list[str]()
    for number, line in enumerate(lines, 1 + len(earlier)):
        hits = dict.fromkeys(_places(line, secrets))
        places += [f"message {number} ({line['event']}), {hit}" for hit in hits]
        if not hits:
            kept.append(line)
    return Scrubbed(kept, places, stand_ins.counts)


def _taken(entries: Iterable[Entry], earlier: Iterable[dict[str, Any]]) -> set[str]:
    """Return the stand-ins that occur already, as those of a replayed message."""
    texts = (json.dumps(line, default=str) for line in (*(item.line() for item in entries), *earlier))
    return set().union(*map(stand_ins_in, texts))


def _learn(stand_ins: StandIns, item: Entry) -> None:
    stand_ins.learn(item.options, item.secret)
    for part in item.fields.values():
        stand_ins.learn(part)
    for sent in item.fields.get("sent", ()):
        stand_ins.learn(sent["options"], item.secret)


def _line(item: Entry, stand_ins: StandIns, first_server: str) -> dict[str, Any]:
    """Return the line of a message; the content of a file stays what it is, as its hash stands elsewhere."""
    line = item.line()
    if item.server == first_server:
        line.pop("server", None)
    if file.is_deep(line):
        return line
    return {name: _replaced(name, part, stand_ins, item.secret) for name, part in line.items()}


def _replaced(name: str, part: Any, stand_ins: StandIns, secret: tuple[str, ...]) -> Any:
    if name in ("event", "server", "content"):
        return part
    if name == "sent":
        return [{**sent, "options": stand_ins.replaced(sent["options"], secret)} for sent in part]
    return stand_ins.replaced(part, secret if name == "options" else ())


def _places(line: dict[str, Any], secrets: Sequence[str]) -> Iterator[str]:
    if file.is_deep(line):
        yield f"nested deeper than {file.MAX_DEPTH} levels, which is not searched"
        return
    yield from (
        f"content: {what}" for what in search.found(entry.content_of(line.get("content", {})), secrets)
    )
    rest = {name: part for name, part in line.items() if name != "content"}
    hits = list(search.places(rest, secrets))
    # Once more as it will be written: a secret may be known by what stands in another value.
    yield from hits or (f"across its values: {what}" for what in search.plainly(entry.to_json(rest)))
