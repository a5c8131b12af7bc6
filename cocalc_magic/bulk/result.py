"""What bulk work returns: rows with what became of each, as a table, DataFrame, CSV, or the next `--each`."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from cocalc_magic import catalog
from cocalc_magic.bulk.outcome import GOOD, INTERRUPTED, STATUSES, Problem, without_ids
from cocalc_magic.bulk.rows import row_name
from cocalc_magic.config.servers_file import replacing
from cocalc_magic.errors import BulkFailed, CoCalcError
from cocalc_magic.response import Response, frame_of, plotted
from cocalc_magic.sanitize import csv_cells, cut, visible_line
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd

    from cocalc_magic.bulk.outcome import Outcome, Outcomes, Status
    from cocalc_magic.render.chart import Chart

STATUS, ERROR, PREFIX = "status", "error", "response_"
BAD: tuple[Status, ...] = ("failed", "unknown", "skipped")
_WORDS: dict[Status, str] = {
    "done before": "done before",
    "ok": "sent",
    "failed": "failed",
    "unknown": "unknown",
    "skipped": "not sent",
}
GO_ON = "The same line again sends what is missing, and nothing twice."
_UNKNOWN = "What is unknown may have been carried out: look, since it is not sent again by itself."
_MAX_LISTED, _MAX_ERROR = 5, 500  # errors, and characters of each
_MAX_PROBLEMS = 1_000  # different errors that are told apart


@dataclass(frozen=True)
class Columns:
    """The names of a result's columns: those of the rows, then status and error, then the response's fields.

    A name that is taken gets the prefix `response_`.
    """

    of_rows: tuple[str, ...]
    status: str
    error: str
    fields: Mapping[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, in order."""
        return (*self.of_rows, self.status, self.error, *self.fields.values())

    @property
    def status_first(self) -> tuple[str, ...]:
        """All of them, status and error before the others."""
        return (self.status, self.error, *self.of_rows, *self.fields.values())

    @property
    def without_error(self) -> tuple[str, ...]:
        """The same without the error, for rows none of which has one."""
        return (self.status, *self.of_rows, *self.fields.values())

    def record(self, outcome: Outcome) -> dict[str, Any]:
        """Return a row with what became of it."""
        return {
            **outcome.row.values,
            self.status: outcome.status,
            self.error: outcome.error,
            **{self.fields[name]: value for name, value in outcome.fields.items()},
        }

    def carried(self, outcome: Outcome) -> dict[str, Any]:
        """Return the row and the response's fields, for the next messages."""
        record = self.record(outcome)
        del record[self.status], record[self.error]
        return record


def columns_of(outcomes: Sequence[Outcome]) -> Columns:
    """Return the names of the columns of outcomes."""
    rows: dict[str, None] = {}
    fields: dict[str, None] = {}
    for outcome in outcomes:
        rows.update(dict.fromkeys(outcome.row.values))
        fields.update(dict.fromkeys(outcome.fields))
    taken = set(rows)
    status, error = _free(STATUS, taken), _free(ERROR, taken)
    return Columns(tuple(rows), status, error, {name: _free(name, taken) for name in fields})


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with as many prefixes as it takes to be free; it is taken then."""
    while name in taken:
        name = f"{PREFIX}{name}"
    taken.add(name)
    return name


class Rows(Sequence[Mapping[str, Any]]):
    """Rows of a result, each a dict that is made when it is asked for."""

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        positions: Sequence[int],
        columns: Callable[[], Columns],
        order: Callable[[Columns], tuple[str, ...]] = lambda columns: columns.all,
    ) -> None:
        self._outcomes, self._positions = outcomes, positions
        self._columns, self._order = columns, order

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: those of the rows, `status`, `error`, and the response's fields."""
        return self._order(self._columns())

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | list[Mapping[str, Any]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        record = self._columns().record(self._outcomes[self._positions[index]])
        return {name: record[name] for name in self.columns if name in record}

    def __len__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (self[place] for place in range(len(self)))

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame.

        The rows' columns come first, then `status`, `error`, and the response's fields; a field whose name is
        taken has the prefix `response_`.

        Raises:
            PackageMissing: pandas is not installed.
        """
        return frame_of(self, self.columns)

    def to_csv(self, path: str | PathLike[str], *, raw: bool = False) -> Path:
        """Write the rows to a CSV file, which its owner alone can read, and return its path.

        Args:
            path: The file; one that is there is replaced.
            raw: Leave texts as they are that a spreadsheet would take for a formula; else they get a `'`.

        Raises:
            CoCalcError: The file can't be written.
        """
        file = typed_path(path)
        names = self.columns
        try:
            with replacing(file, newline="") as opened:
                writer = csv.writer(opened)
                writer.writerow(csv_cells.head(names, raw=raw))
                writer.writerows(csv_cells.row(record, names, raw=raw) for record in self)
        except OSError as problem:
            raise CoCalcError(f"{file} can't be written: {problem.strerror}.") from None
        return file


class BulkResult(Rows):
    """The rows of a job in their order, each a mapping of its columns, `status`, `error` and what came back.

    Given to `--each` or `Client.map`, it is its rows that are done, with the fields of their responses.

    Args:
        outcomes: What became of each row.
        event: The event of their messages.
        server: Name of the server.
        sandbox: Whether that is an embedded sandbox.
        left_out: Rows that were not sent since they had failed in the result that the data came from.
    """

    remarks: tuple[str, ...] = ()
    """Sentences that are shown below the rows."""

    noun = "row"
    """What a row is."""

    board: Any = None
    """What is shown in place of the rows: a `Board`, the picture of a class."""

    def __init__(
        self,
        outcomes: Outcomes,
        event: str,
        *,
        server: str = "",
        sandbox: bool = False,
        left_out: int = 0,
    ) -> None:
        super().__init__(outcomes, range(len(outcomes)), lambda: self._names)
        self.event, self.server, self.sandbox, self.left_out = event, server, sandbox, left_out
        self.outcomes = outcomes

    @cached_property
    def _names(self) -> Columns:
        return columns_of(self.outcomes)

    @property
    def stopped(self) -> str:
        """Why the job ended before its end; empty where it did not."""
        return self.outcomes.stopped

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped by Ctrl-C, or by the notebook's stop button."""
        return self.stopped == INTERRUPTED

    @property
    def counts(self) -> dict[Status, int]:
        """How many rows have each status, of those that there are."""
        counts = {status: self.outcomes.count(status) for status in STATUSES}
        return {status: count for status, count in counts.items() if count}

    @property
    def state(self) -> tuple[str, str]:
        """The status in a word, and the tone that it is shown in."""
        if self.failure is None:
            return "done", "good"
        return ("stopped" if self.stopped else "failed"), "error"

    @property
    def summary(self) -> str:
        """How it went, in a few words: `28 done before, 2 sent`."""
        counts = self.counts
        words = [f"{counts[status]:,} {word}" for status, word in _WORDS.items() if status in counts]
        return ", ".join(words) or "no rows"

    @property
    def failure(self) -> BulkFailed | None:
        """The error that names the rows that failed; `None` where all are done."""
        bad = sum(count for status, count in self.counts.items() if status in BAD)
        if not bad and not self.stopped:
            return None
        what = cut(self.stopped, _MAX_ERROR) or f"{bad:,} of {len(self):,} rows failed"
        problem = f"{cut(self.event, 80)}: {what} ({self.summary})."
        failure = BulkFailed(problem, *self._failures(), self.go_on)
        failure.result = self
        return failure

    @property
    def go_on(self) -> str:
        """What sending the same again does; empty for messages that only read."""
        message = catalog.get(self.event)
        return "" if message is not None and message.read_only else GO_ON

    def _failures(self) -> Iterator[str]:
        problems = self.problems()
        yield from (f"{problem.rows}: {cut(problem.error, _MAX_ERROR)}" for problem in problems[:_MAX_LISTED])
        if len(problems) > _MAX_LISTED:
            yield f"And {len(problems) - _MAX_LISTED:,} more errors."
        if "unknown" in self.counts:
            yield _UNKNOWN

    @property
    def ok(self) -> Rows:
        """The rows whose message was carried out, now or before."""
        return self._with(*GOOD)

    @property
    def failed(self) -> Rows:
        """The other rows: failed, unknown (it may have been carried out), or not sent."""
        return self._with(*BAD)

    @property
    def failed_first(self) -> Rows:
        """All rows, those that failed before the others, status and error before all columns."""
        positions = (*self.outcomes.positions(*BAD), *self.outcomes.positions(*GOOD))
        if self.counts.keys() & {"failed", "unknown"}:
            return Rows(self.outcomes, positions, lambda: self._names, lambda columns: columns.status_first)
        return Rows(self.outcomes, positions, lambda: self._names, lambda columns: columns.without_error)

    def plot(self) -> Chart:
        """Return a chart of how many rows have which status, how long they took, and what commands printed.

        Raises:
            PackageMissing: What charts are made with is not installed.
        """
        return plotted(self)

    def rows_for_each(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows that are done, with what came back, as data of further messages."""
        names = self._names
        return (names.carried(outcome) for outcome in self.outcomes if outcome.ok)

    def problems(self, most_names: int = 5) -> list[Problem]:
        """Return the failures by their texts, the most frequent first; texts may differ in ids."""
        names: dict[str, list[str]] = {}
        texts: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for position in self.outcomes.positions("failed", "unknown"):
            outcome = self.outcomes[position]
            kind = without_ids(outcome.error)
            if kind not in names and len(names) == _MAX_PROBLEMS:
                continue
            counts[kind] += 1
            texts[kind] = outcome.error if texts.setdefault(kind, outcome.error) == outcome.error else kind
            if len(called := names.setdefault(kind, [])) < most_names:
                called.append(row_name(outcome.row))
        return [Problem(texts[kind], count, tuple(names[kind])) for kind, count in counts.most_common()]

    def _with(self, *statuses: Status) -> Rows:
        return Rows(self.outcomes, self.outcomes.positions(*statuses), lambda: self._names)

    def _repr_html_(self) -> str | None:
        render = Response.renderer
        return None if render is None else render(self).html

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        render = Response.renderer
        inside = len(printer.stack) > 1
        printer.text(repr(self) if inside or render is None else render(self).text)

    def __repr__(self) -> str:
        counts = "".join(f" · {count:,} {status}" for status, count in self.counts.items())
        mark = " · sandbox" if self.sandbox else ""
        return visible_line(f"<BulkResult {cut(self.event, 80)} · {len(self):,} rows{counts}{mark}>")
