"""`board`: how far each student is, as a picture: account, project, and each handout by its last step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.course import plan
from cocalc_magic.course.classroom import how_many, row_of
from cocalc_magic.course.definition import is_over
from cocalc_magic.course.report import handouts, state_of
from cocalc_magic.course.result import EVENT, NOW, CourseResult
from cocalc_magic.course.server_state import NOT_KNOWN
from cocalc_magic.render.blocks import Board, BoardRow, Cell
from cocalc_magic.render.live_board import MAX_MESSAGES, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.course.classroom import Classroom

_ACCOUNT = {"yes": Cell("yes", "good"), "invited": Cell("invited", "warning"), "no": Cell("no", "warning")}
_STEPS = (("returned", "returned"), ("collected", "collected"), ("handed_out", "handed out"))


def board(room: Classroom, results: Iterable[tuple[float, BulkResult]] = ()) -> CourseResult:
    """Return how far each student is, a row a student; no project is started.

    Args:
        room: The class.
        results: Earlier results with their times, whose messages the board has.
    """
    server, students = room.read(), room.course.students
    owners = plan.assigned(room.course, server, room.notes)
    names = handouts(room)
    messages = _messages(results)
    outcomes, rows = Outcomes(), []
    for position, student in enumerate(students):
        known = state_of(student, owners.get(student.address), server)
        cells = {
            "account": _ACCOUNT.get(known["account"], Cell(known["account"])),
            "project": _project(known),
            "active": _active(known["last_active"]),
            **{name: _handout(room, name, student.address) for name in names},
        }
        words = {name: cell.word for name, cell in cells.items()}
        outcomes.put(position, Outcome(row_of(position + 1, student), "ok", words, "", EVENT))
        rows.append(BoardRow(student.name, tuple(cells.values()), messages.get(student.address, ())))
    result = CourseResult(outcomes, "board", summary=how_many(len(rows), "student"), state=NOW, **room.shown)
    result.board = Board(("account", "project", "active", *names), tuple(rows), "student")
    return result


def _project(known: Mapping[str, Any]) -> Cell:
    if known["project"] == "none":
        return Cell("none", "warning")
    return Cell(known["state"] or "made", "" if known["state"] == NOT_KNOWN else "good")


def _active(last: str) -> Cell:
    return Cell(last or "not started", "good" if last not in ("", NOT_KNOWN) else "")


def _handout(room: Classroom, name: str, address: str) -> Cell:
    """Return the last step that a handout has taken; one that is due and not collected stands out."""
    entry = room.notes.handouts.get(name, {}).get(address, {})
    if grade := entry.get("grade"):
        return Cell(f"grade {grade}", "good")
    word = next((word for step, word in _STEPS if step in entry), "")
    if word in ("returned", "collected"):
        return Cell(word, "good")
    known = room.course.handout(name)
    late = known is not None and known.due is not None and is_over(known.due)
    return Cell(word or "not yet", "warning" if late else "")


def _messages(results: Iterable[tuple[float, BulkResult]]) -> dict[str, tuple[str, ...]]:
    """Return the last messages of each student, by address."""
    messages: dict[str, tuple[str, ...]] = {}
    for when, result in results:
        step = result.event.removeprefix(f"{EVENT} ")
        for outcome in result.outcomes:
            address = str(outcome.row.values.get("email", "")).lower()
            message = message_of(outcome, step, when)
            messages[address] = (*messages.get(address, ()), message)[-MAX_MESSAGES:]
    return messages
