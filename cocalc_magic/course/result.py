"""What a command of a class returns: a row a student, and what it comes to in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.outcome import Outcome, Outcomes, Status
from cocalc_magic.bulk.result import BAD, GO_ON, BulkResult, Columns, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cocalc_magic.bulk.rows import Row

EVENT = "course"
AS_PLANNED, DRIFT = 0, 2  # exit statuses
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
    ) -> None:
        super().__init__(outcomes, f"{EVENT} {action}", server=server, sandbox=sandbox)
        self._summary, self.remarks, self.exit_status = summary, tuple(remarks), exit_status
        self._go_on = _GO_ON.get(action, GO_ON)

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
        """All rows, those that failed before the others; without their status where none has."""
        if self._has_failed:
            return super().failed_first
        return Rows(self.outcomes, range(len(self.outcomes)), lambda: self._names, _without_status)

    @property
    def _has_failed(self) -> bool:
        return any(self.outcomes.count(status) for status in BAD) or bool(self.stopped)


def _without_status(columns: Columns) -> tuple[str, ...]:
    return (*columns.of_rows, *columns.fields.values())


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
