"""What became of each row: outcomes, a collection of them that is on disk when it is large, and progress."""

from __future__ import annotations

import pickle
import tempfile
import threading
import weakref
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from cocalc_magic.bulk.rows import Row
from cocalc_magic.catalog.types import UUID
from cocalc_magic.errors import CoCalcError

Status = Literal["ok", "done before", "failed", "unknown", "skipped"]
"""`unknown`: it may have been carried out, and is not sent again by itself; `skipped`: it was not sent."""

STATUSES: tuple[Status, ...] = ("ok", "done before", "failed", "unknown", "skipped")
GOOD: frozenset[Status] = frozenset({"ok", "done before"})
INTERRUPTED = "stopped by Ctrl-C"
"""Why a job has ended that was interrupted."""
_IN_MEMORY = 4 * 1024 * 1024  # bytes of outcomes; more are in a file without a name
_GO_ON = "Make room where temporary files are, and run it again: it goes on where it was."
_NONE = 255  # no outcome yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Args:
        row: The row.
        status: One of `STATUSES`; `done before` by an earlier run, whose fields it has.
        fields: The response's fields without `event` and `id`, secrets masked; empty where there is none.
        error: What went wrong, in one line; empty for a good outcome.
        event: The event of the message.
        seconds: From when it was sent first until its outcome; 0 where it was not sent.
    """

    row: Row
    status: Status
    fields: Mapping[str, Any]
    error: str
    event: str
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the message has been carried out."""
        return self.status in GOOD


class Outcomes(Sequence[Outcome]):
    """The outcomes of a job in the order of its rows; they take a few bytes of memory each, however many.

    `stopped` says why the job has ended before its end, in words; empty where it has not. Rows that can't be
    pickled keep their values as texts. Every method is safe to call from any thread.
    """

    def __init__(self) -> None:
        self.stopped = ""
        self._lock = threading.Lock()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it goes with this object
        weakref.finalize(self, self._file.close)
        self._offsets, self._statuses = array("Q"), array("B")

    def put(self, position: int, outcome: Outcome) -> None:
        """Set the outcome of the row at this position; a later one replaces it.

        Raises:
            CoCalcError: There is no room for it in the folder of temporary files.
        """
        record = _pickled(outcome)
        with self._lock:
            while len(self._offsets) <= position:
                self._offsets.append(0)
                self._statuses.append(_NONE)
            try:
                self._offsets[position] = self._file.seek(0, 2)
                self._file.write(record)
            except OSError as problem:
                raise CoCalcError(f"results can't be kept: {problem.strerror}.", _GO_ON) from None
            self._statuses[position] = STATUSES.index(outcome.status)

    def count(self, status: Any) -> int:
        """Return how many have this status."""
        with self._lock:
            return self._statuses.count(STATUSES.index(status))

    def positions(self, *statuses: Status) -> list[int]:
        """Return the positions of the outcomes with one of these statuses, in order."""
        wanted = {STATUSES.index(status) for status in statuses}
        with self._lock:
            return [position for position, status in enumerate(self._statuses) if status in wanted]

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> list[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | list[Outcome]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        with self._lock:
            if self._statuses[index] == _NONE:
                raise IndexError(index)
            self._file.seek(self._offsets[index])
            row, *rest = pickle.load(self._file)  # noqa: S301 - written by this process, without a name
        return Outcome(Row(*row), *rest)

    def __iter__(self) -> Iterator[Outcome]:
        return (self[position] for position in range(len(self)))

    def __len__(self) -> int:
        return len(self._offsets)

    def __repr__(self) -> str:
        counts = ((status, self.count(status)) for status in STATUSES)
        return f"<Outcomes {', '.join(f'{count:,} {status}' for status, count in counts if count)}>"


def _pickled(outcome: Outcome) -> bytes:
    """Return an outcome as plain values, which takes a tenth of the time that the classes take."""
    row = outcome.row
    rest = (outcome.status, outcome.fields, outcome.error, outcome.event, outcome.seconds)
    try:
        return pickle.dumps(((row.number, row.values, row.name), *rest), pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):
        texts = {name: str(value) for name, value in row.values.items()}
        rest = (outcome.status, dict(outcome.fields), outcome.error, outcome.event, outcome.seconds)
        return pickle.dumps(((row.number, texts, row.name), *rest), pickle.HIGHEST_PROTOCOL)


Phase = Literal["checking", "sending", "waiting", "reading back"]


def without_ids(error: str) -> str:
    """Return an error without the ids in it, by which those of rows differ that failed in the same way."""
    return UUID.sub("…", error)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that rows have in common.

    Args:
        error: Its text.
        count: How many rows have it.
        names: The names of the first of them.
    """

    error: str
    count: int
    names: tuple[str, ...]

    @property
    def rows(self) -> str:
        """Which rows, in words: `Ada, Bob and 3 more`."""
        more = self.count - len(self.names)
        return ", ".join(self.names) + (f" and {more:,} more" if more else "")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come.

    Args:
        phase: `checking` before anything is sent, `sending`, `waiting` (the server asks for it) or
            `reading back` (looking up on the server what became of messages without an answer).
        done: Rows with an outcome, those that were done before included.
        total: How many rows there are; `None` while they are counted.
        failed: How many of them have failed, or are unknown.
        before: How many were done before.
        rate: Rows a second, lately; 0 while unknown.
        seconds_left: Until the end at this rate; `None` while unknown.
        errors: The errors so far, grouped by their text, the most frequent first.
        outcomes: Those since the report before.
    """

    phase: Phase
    done: int
    total: int | None
    failed: int = 0
    before: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    errors: tuple[Problem, ...] = field(default=())
    outcomes: tuple[Outcome, ...] = field(default=(), repr=False)
