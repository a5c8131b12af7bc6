"""A board of work that goes on: what became of each row at each step, by the outcomes as they come."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Board, BoardRow, Cell
from cocalc_magic.sanitize import cut, short_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any

    from cocalc_magic.bulk.outcome import Outcome, Status
    from cocalc_magic.bulk.rows import Row

MAX_ROWS = 500  # of more, there is no board
MAX_MESSAGES = 5  # of a row
_MAX_MESSAGE, _MAX_NAME, _MAX_DETAIL, _MAX_WORD = 240, 80, 120, 20  # characters
_CELLS: dict[Status, Cell] = {
    "ok": Cell("done", "good"),
    "done before": Cell("done before", "good"),
    "failed": Cell("failed", "error"),
    "unknown": Cell("unknown", "warning"),
    "skipped": Cell("not sent"),
}
WAITING = Cell("waiting")
_NOT_DUE = Cell("")
_RANKS = ("", "good", "warning", "error")  # what is worse stays, where a step has several messages
_DETAILS = ("stdout", "stderr", "missing", "conflicts", "left_out", "note", "title", "project_id")


class LiveBoard:
    """Rows by steps while work goes on; `rows` is empty until it has begun, or where there are too many.

    It is changed from the thread that works; whoever watches is called from there.
    """

    def __init__(self, noun: str = "row") -> None:
        self.noun = noun
        self.steps: tuple[str, ...] = ()
        self.rows: list[BoardRow] = []
        self.version = 0
        self.versions: list[int] = []  # of each row, when it changed
        self._places: dict[int, int] = {}
        self._step = 0
        self._watchers: list[Callable[[], None]] = []

    def begin(
        self, rows: Sequence[Row], steps: Sequence[str], due: Sequence[Collection[str]] | None = None
    ) -> None:
        """Show these rows, which wait for their steps.

        Args:
            rows: The rows; outcomes are those of their numbers.
            steps: The steps, in order.
            due: The steps of each row; all of them if that is not said.
        """
        if len(rows) > MAX_ROWS:
            return
        waiting = [
            tuple(WAITING if due is None or step in due[place] else _NOT_DUE for step in steps)
            for place in range(len(rows))
        ]
        self.steps, self._step = tuple(steps), 0
        self._places = {row.number: place for place, row in enumerate(rows)}
        self.versions = [0] * len(rows)
        self.rows = [
            BoardRow(short_line(row.name, _MAX_NAME), cells) for row, cells in zip(rows, waiting, strict=True)
        ]

    def go_to(self, step: str) -> None:
        """Take what comes from now on as outcomes of this step."""
        self._step = self.steps.index(step) if step in self.steps else 0

    def take(self, outcomes: Iterable[Outcome]) -> None:
        """Enter outcomes, and tell those who watch."""
        before = self.version
        for outcome in outcomes:
            place = self._places.get(outcome.row.number)
            if place is not None:
                self.rows[place] = self._with(self.rows[place], outcome)
                self.version += 1
                self.versions[place] = self.version
        if self.version != before:
            for changed in list(self._watchers):
                changed()

    def _with(self, row: BoardRow, outcome: Outcome) -> BoardRow:
        cells, cell = list(row.cells), cell_of(outcome)
        if _RANKS.index(cell.tone) >= _RANKS.index(cells[self._step].tone):
            cells[self._step] = cell
        message = message_of(outcome, self.steps[self._step], time.time())
        return replace(row, cells=tuple(cells), messages=(*row.messages, message)[-MAX_MESSAGES:])

    def changed_since(self, version: int) -> list[int]:
        """Return the places of the rows that have changed since a version."""
        return [place for place, its in enumerate(self.versions) if its > version]

    def watch(self, changed: Callable[[], None]) -> None:
        """Call this after every change."""
        self._watchers.append(changed)

    def picture(self) -> Board:
        """Return the board as it is now."""
        return Board(self.steps, tuple(self.rows), self.noun, time.strftime("%H:%M:%S"))


def cell_of(outcome: Outcome) -> Cell:
    """Return what became of a step in a word: how many files, another exit code than 0, or its status."""
    fields = outcome.fields
    if not outcome.ok:
        return _CELLS[outcome.status]
    if fields.get("exit_code"):
        return Cell(short_line(f"exit code {fields['exit_code']}", _MAX_WORD), "warning")
    if fields.get("missing"):
        return Cell("missing", "warning")
    if isinstance(files := fields.get("files"), int):
        return Cell(
            f"{files:,} file{'' if files == 1 else 's'}", "warning" if fields.get("conflicts") else "good"
        )
    return _CELLS[outcome.status]


def message_of(outcome: Outcome, step: str, moment: float) -> str:
    """Return one line that says what became of a step, and when."""
    clock = time.strftime("%H:%M:%S", time.localtime(moment))
    detail = outcome.error or _detail(outcome.fields)
    return short_line(
        f"{clock} {step}: {cell_of(outcome).word}{f', {detail}' if detail else ''}", _MAX_MESSAGE
    )


def _detail(fields: Mapping[str, Any]) -> str:
    texts = (fields[name] for name in _DETAILS if fields.get(name))
    return cut(" ".join(str(next(texts, "")).split()), _MAX_DETAIL)
