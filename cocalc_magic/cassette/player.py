"""Answer messages from a recording, without a server."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.cassette import entry, matching
from cocalc_magic.cassette.file import MAX_LINES
from cocalc_magic.cassette.matching import Meanings, canonical
from cocalc_magic.cassette.stand_ins import STAND_IN
from cocalc_magic.errors import InvalidCassette, InvalidValue, NotRecorded, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.cassette.file import Cassette, Line
    from cocalc_magic.cassette.tape import Generations, Outcome, Outgoing, Send
    from cocalc_magic.config import Server

WARN, ERROR = "warn", "error"
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass
class _Same:
    """Recorded messages with the same options: what came of the first one, of the second one and so on."""

    options: Mapping[str, Any]
    lines: list[Line] = field(default_factory=list)
    answered: int = 0

    def next(self) -> Line:
        """Return what came of the next one; of the last one, when all have been asked."""
        line = self.lines[min(self.answered, len(self.lines) - 1)]
        self.answered += 1
        return line

    @property
    def is_spent(self) -> bool:
        """Whether all have been asked."""
        return self.answered >= len(self.lines)


@dataclass
class _OfEvent:
    """All recorded messages of one event, by their options; those with stand-ins in their order, too."""

    plain: dict[str, _Same] = field(default_factory=dict)
    waiting: deque[_Same] = field(default_factory=deque)  # with stand-ins, and not asked yet
    spent: list[_Same] = field(default_factory=list)

    def add(self, line: Line) -> None:
        text = canonical(line.options)
        same = self.plain.get(text)
        if same is None:
            same = self.plain[text] = _Same(line.options)
            if STAND_IN.search(text):
                self.waiting.append(same)
        same.lines.append(line)


class Player:
    """A tape that answers from a recording, and lets nothing pass.

    Args:
        cassette: The recording.
        strict: Messages must come in the recorded order, each once.
    """

    offline = True

    def __init__(self, cassette: Cassette, *, strict: bool = False) -> None:
        self.cassette, self.strict = cassette, strict
        self.answered = 0  # messages
        self.meanings, self._lock = Meanings(), threading.Lock()
        self._events: dict[tuple[str, str], _OfEvent] = {}
        self._names = {str(server["name"]): server for server in cassette.servers}
        first = str(cassette.servers[0]["name"])
        for line in cassette.lines:
            key = (line.server or first, line.event)
            self._events.setdefault(key, _OfEvent()).add(line)

    def exchange(self, outgoing: Outgoing, send: Send) -> Outcome:
        """Return the recorded outcome of a message.

        Raises:
            NotRecorded: It is not in the recording; the hints say what comes nearest.
            CoCalcError: The recorded error, where there was no response.
        """
        del send
        with self._lock:
            line = self._next(outgoing) if self.strict else self._found(outgoing)
            self.answered += 1
        value = self.cassette.value(line)
        if self.meanings:
            value |= {part: self.meanings.restored(value[part]) for part in value if part != "content"}
        response, problem = entry.replayed(value, outgoing, self.server(line.server))
        if outgoing.sink is not None and "content" in value:
            outgoing.sink.write(entry.content_of(value["content"]))
        if response is not None and (problem is None or isinstance(problem, ServerError)):
            return response, problem
        raise problem or InvalidCassette(f"line {line.number} has no response.")

    def generations(self, server: Server, find: Generations) -> frozenset[str]:
        """Return which APIs the server spoke; nothing where that was not asked."""
        del find
        return frozenset(self.server(server.name).get("generations", ()))

    def know_people(self, names: Iterable[str]) -> None:
        """Take note of nothing: what answers records nothing."""

    def server(self, name: str) -> Mapping[str, Any]:
        """Return the recorded server of this name, or else the first one."""
        return self._names.get(name) or self.cassette.servers[0]

    # ----------------------------------------------------------------------------------------------

    def _found(self, outgoing: Outgoing) -> Line:
        options = _options(outgoing)
        recorded = self._events.get((str(self.server(outgoing.server.name)["name"]), outgoing.request.event))
        same = recorded and (recorded.plain.get(canonical(options)) or self._fitting(recorded, options))
        if same:
            return self._answer(same)
        raise self._missing(outgoing, options)

    def _answer(self, same: _Same) -> Line:
        """Return which of the answers to the same message it is: one after the other."""
        return same.next()

    def _fitting(self, recorded: _OfEvent, options: Mapping[str, Any]) -> _Same | None:
        """Return the messages whose stand-ins fit these options, those first that were not asked yet."""
        for same in (*recorded.waiting, *recorded.spent):
            meanings = self.meanings.fit(options, same.options)
            if meanings is not None:
                self.meanings.learn(meanings)
                if not same.is_spent and same.answered + 1 >= len(same.lines):
                    recorded.waiting.remove(same)
                    recorded.spent.append(same)
                return same
        return None

    def _next(self, outgoing: Outgoing) -> Line:
        """Return the next message of the recording, if that is what was asked. Raises `NotRecorded`."""
        options, lines = _options(outgoing), self.cassette.lines
        if self.answered >= len(lines):
            raise self._missing(outgoing, options, f"The recording has ended with its {len(lines)} messages.")
        line = lines[self.answered]
        meanings = self.meanings.fit(options, line.options) if line.event == outgoing.request.event else None
        if meanings is None:
            raise self._missing(outgoing, options, f"The next one is line {line.number}: {line.event}.")
        self.meanings.learn(meanings)
        return line

    def _missing(self, outgoing: Outgoing, options: Mapping[str, Any], *hints: str) -> NotRecorded:
        shown = {name: value for name, value in outgoing.request.shown().items() if name in options}
        near = matching.nearest(
            outgoing.request.event,
            shown,
            lambda ours, theirs: self.meanings.fit(ours, theirs) is not None,
            [(line.number, line.event, line.options) for line in self.cassette.lines],
        )
        name = self.cassette.path.name
        order = " next" if hints and self.strict else ""
        return NotRecorded(f"{name} does not have this {outgoing.request.event}{order}.", *hints, *near)


class StatePlayer(Player):
    """A tape on which what only reads is answered as it was after what has been written so far.

    So a message that reads may be asked any number of times, before and after one that writes.
    """

    def __init__(self, cassette: Cassette) -> None:
        super().__init__(cassette)
        self._written = 0  # the number of the last line that was answered, of those that write
        self._writing = [line.number for line in cassette.lines if not _reads(line)]

    def _answer(self, same: _Same) -> Line:
        line = same.next()
        if not _reads(line):
            self._written = max(self._written, line.number)
            return line
        until = next((number for number in self._writing if number > self._written), MAX_LINES)
        return [other for other in same.lines if other.number < until or other is same.lines[0]][-1]

    def _missing(self, outgoing: Outgoing, options: Mapping[str, Any], *hints: str) -> NotRecorded:
        del options, hints  # what comes nearest may be the answer to an exercise
        return NotRecorded(
            f"{self.cassette.path} does not have this {outgoing.request.event}.",
            "It answers what its lesson sends, and one right answer to each exercise.",
            "%cocalc replay --stop sends messages to a server again: the sandbox, where none is configured.",
        )


def _reads(line: Line) -> bool:
    """Return whether what was recorded only reads: a message by the catalog, of files a download."""
    message = catalog.get(line.event)
    return message.reads(line.options) if message else line.event == "download"


def _options(outgoing: Outgoing) -> dict[str, Any]:
    """Return the options that count: not an `id` that only tells answers apart."""
    options = dict(outgoing.request.options)
    if outgoing.takes_id:
        options.pop("id", None)
    return options


# -- expiry ----------------------------------------------------------------------------------------


def check_age(cassette: Cassette, expires: str, on_expiry: str = WARN) -> str:
    """Return a warning where a recording is older than allowed; else nothing.

    Args:
        cassette: The recording.
        expires: How old it may be: `90d`, `12h`, `6w`; empty for any age.
        on_expiry: `warn`, or `error`.

    Raises:
        InvalidCassette: It is older, and that is an error.
        InvalidValue: `expires` or `on_expiry` is none.
    """
    if on_expiry not in (WARN, ERROR):
        raise InvalidValue(f"--expired takes {WARN} or {ERROR}, not {on_expiry!r}.")
    age = datetime.now(timezone.utc) - cassette.recorded
    if not expires or age <= _period(expires):
        return ""
    problem = f"{cassette.path.name} was recorded {age.days:,} days ago, and is good for {expires}."
    if on_expiry == ERROR:
        raise InvalidCassette(problem, "%cocalc replay FILE --diff tells what has changed since.")
    return problem


def _period(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdigit() and len(number) < 6 and unit in _UNITS):
        raise InvalidValue(f"--expires takes a number of days (90d), hours or weeks, not {text!r}.")
    return timedelta(**{_UNITS[unit]: int(number)})
