"""What a command of a class returns: a row a student, and what it comes to in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.outcome import GOOD, Outcome, Outcomes, Status
from cocalc_magic.bulk.result import BAD, GO_ON, BulkResult, Columns, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cocalc_magic.bulk.rows import Row

EVENT = "course"
AS_PLANNED, DRIFT = 0, 2  # exit statuses
State = tuple[str, str]
"""The status of a result in a word, and the tone that it is shown in."""
DONE: State = ("done", "good")
EQUAL: State = ("no change", "good")
DIFFERENT: State = ("drift", "warning")
PLANNED: State = ("planned", "warning")
WAITING: State = ("in part", "warning")
NOTHING: State = ("nothing done", "warning")
NOW: State = ("now", "")
_FIRST, _ID = ("change", "name", "email", "group", "what", "title", "removed"), "project_id"  # columns
_REST = "The same line again does the rest"
_GO_ON = {
    "apply": f"{_REST}, and nothing twice. For what is unknown: course plan looks at the server anew.",
    "handout": f"{_REST}; --force writes over files.",
    "return": f"{_REST}; --force writes over files.",
    "collect": f"{_REST}, and leaves alone what is here.",
    "run": "The same line again runs it in all projects.",
    "end": f"{_REST}.",
}
"""What to do where something has failed, by action."""


class CourseResult(BulkResult):
    """The students, each with what was done or is known.

    Args:
        outcomes: What became of each student.
        action: The command, such as `plan`.
        server: Name of the server.
        sandbox: Whether that is an embedded sandbox.
        summary: What it comes to, in a few words, where nothing has failed.
        remarks: Sentences below the table.
        exit_status: Of the program `cocalc-magic`.
        state: The status in a word, with its tone, where nothing has failed.
        noun: What a row is.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        action: str,
        *,
        server: str = "",
        sandbox: bool = False,
        summary: str = "",
        remarks: Sequence[str] = (),
        exit_status: int = AS_PLANNED,
        state: State = DONE,
        noun: str = "student",
    ) -> None:
        super().__init__(outcomes, f"{EVENT} {action}", server=server, sandbox=sandbox)
        self._summary, self.remarks, self.exit_status = summary, tuple(remarks), exit_status
        self._go_on, self._state, self.noun = _GO_ON.get(action, GO_ON), state, noun

    @property
    def state(self) -> State:
        """The status in a word, and its tone."""
        return super().state if self._has_failed else self._state

    @property
    def summary(self) -> str:
        """What it comes to, in a few words."""
        return super().summary if self._has_failed or not self._summary else self._summary

    @property
    def go_on(self) -> str:
        """What the same line does another time."""
        return self._go_on

    @property
    def failed_first(self) -> Rows:
        """All rows, those that failed before the others; own columns and ids come last.

        The status is left out where none has failed.
        """
        positions = (*self.outcomes.positions(*BAD), *self.outcomes.positions(*GOOD))
        return Rows(self.outcomes, positions, lambda: self._names, self._in_order)

    def _in_order(self, columns: Columns) -> tuple[str, ...]:
        status = (columns.status, columns.error) if self._has_failed else ()
        known = [name for name in columns.of_rows if name in _FIRST]
        last = [name for name in columns.of_rows if name not in known and name != _ID]
        fields = [name for name in columns.fields.values() if name != _ID]
        ids = [_ID] if _ID in (*columns.of_rows, *columns.fields.values()) else []
        return (*status, *known, *fields, *last, *ids)

    @property
    def _has_failed(self) -> bool:
        return any(self.outcomes.count(status) for status in BAD) or bool(self.stopped)


def all_ok(rows: Iterable[Row], fields: Iterable[Mapping[str, Any]] | None = None) -> Outcomes:
    """Return outcomes of rows that nothing can go wrong with."""
    outcomes = Outcomes()
    values = iter(fields or ())
    for position, row in enumerate(rows):
        outcomes.put(position, Outcome(row, "ok", next(values, {}), "", EVENT))
    return outcomes


_WORST: tuple[Status, ...] = ("failed", "unknown", "skipped", "ok", "done before")


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status of a student whose steps have these; `ok` where there are none."""
    known = set(statuses)
    return next((status for status in _WORST if status in known), "ok")
