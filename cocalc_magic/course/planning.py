"""`plan`, `drift`, and what `apply` is to do: the class compared with the server, told student by student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.bulk.rows import Row
from cocalc_magic.catalog.generations import scoped
from cocalc_magic.client.wire.translate import outlook
from cocalc_magic.course import by_hand, plan, saved_plan
from cocalc_magic.course.apply import due_steps, invitations, planned_only, removals
from cocalc_magic.course.classroom import listed, row_of
from cocalc_magic.course.result import AS_PLANNED, DIFFERENT, DRIFT, EQUAL, PLANNED, CourseResult, all_ok
from cocalc_magic.course.stages import INVITE, STAGES
from cocalc_magic.errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.plan import Change
    from cocalc_magic.course.result import State
    from cocalc_magic.course.saved_plan import SavedPlan

_SIGNS = {"+": "to make", "~": "to change", "-": "to leave", "=": "as planned"}


def make(room: Classroom, *, delete: bool = False) -> CourseResult:
    """Compare the class with the server, keep the plan, and return it: a row a student."""
    changes = plan.changes(room.course, room.read(), room.notes, delete=delete)
    saved_plan.save(room.file, _new(room, changes, delete=delete, reviewed=True))
    remarks = [*_remarks(room, changes)]
    remarks += ["course apply does just this."] if any(map(due_steps, changes)) else []
    return _result(room, changes, "plan", remarks, PLANNED)


def drift(room: Classroom) -> CourseResult:
    """Compare the class with the server and keep nothing; the exit status is 2 where they differ."""
    changes = plan.changes(room.course, room.read(), room.notes)
    differs = any(change.steps for change in changes)
    remarks = [_BOTH] if any(map(due_steps, changes)) else []
    remarks += [*by_hand.remarks(changes, room.client.server.url), *_ended(room)]
    return _result(room, changes, "drift", remarks, DIFFERENT, DRIFT if differs else AS_PLANNED)


_BOTH = "course plan, then course apply, brings the server to what the file says."


def _ended(room: Classroom) -> list[str]:
    """Return a sentence where the class was ended: what differs then is meant to."""
    day = room.notes.ended[:10]
    return (
        [f"This class was ended on {day}: to apply a plan that is made now begins it again."] if day else []
    )


def due(room: Classroom) -> tuple[SavedPlan, tuple[Change, ...]]:
    """Return the plan to apply and what is still to be done of it; without one, or for one that was not
    asked for and no longer holds, a new plan is made and kept.

    Raises:
        NotSent: The class has ended.
        StalePlan: Something else has changed since the plan was made.
    """  # fmt: skip
    kept = saved_plan.load(room.file)
    if room.notes.ended and (kept is None or not kept.reviewed or kept.is_before(room.notes.ended)):
        raise NotSent(
            f"this class was ended on {room.notes.ended[:10]}.",
            "If it is to go on, have a look at %cocalc course plan first.",
        )
    server = room.read()
    changes = plan.changes(room.course, server, room.notes, delete=kept.delete if kept else False)
    if kept is not None:
        now = saved_plan.Present(room.course, changes, room.server, server.projects, room.notes)
        if not saved_plan.differences(kept, now):
            return kept, planned_only(kept, changes)
        if kept.reviewed:
            saved_plan.require_current(kept, now)
    changes = plan.changes(room.course, server, room.notes)
    planned = _new(room, changes, delete=False, reviewed=False)
    saved_plan.save(room.file, planned)
    return planned, changes


def _new(room: Classroom, changes: tuple[Change, ...], *, delete: bool, reviewed: bool) -> SavedPlan:
    return saved_plan.of(room.course, changes, room.server, delete=delete, reviewed=reviewed)


def counted(changes: tuple[Change, ...]) -> str:
    """Return how many changes there are of each sign: `+ 28 to make, = 2 as planned`."""
    counts = plan.counts(changes)
    return (
        ", ".join(f"{sign} {counts[sign]:,} {_SIGNS[sign]}" for sign in plan.SIGNS if counts[sign])
        or "nobody"
    )


def _result(
    room: Classroom,
    changes: tuple[Change, ...],
    action: str,
    remarks: list[str],
    state: State,
    exit_status: int = AS_PLANNED,
) -> CourseResult:
    rows = all_ok(_rows(room, changes))
    state = state if any(change.steps for change in changes) else EQUAL
    return CourseResult(
        rows, action, summary=counted(changes), remarks=remarks, exit_status=exit_status, state=state,
        **room.shown,
    )  # fmt: skip


def _rows(room: Classroom, changes: tuple[Change, ...]) -> Iterator[Row]:
    students = {student.address: student for student in room.course.students}
    ordered = sorted(changes, key=lambda change: change.sign == "=")  # what changes comes first
    for number, change in enumerate(ordered, 1):
        student = students.get(change.key)
        known = row_of(number, student).values if student else {"name": change.name, "email": change.email}
        words = {"what": change.words(), "title": change.title, "project_id": change.project_id}
        values = {"change": change.sign, **known, **words}
        yield Row(number, values, change.name)


def _remarks(room: Classroom, changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield what a person should know before it is applied."""
    named = {student.address: student.project for student in room.course.students if student.project}
    if gone := [each.name for each in changes if named.get(each.key, each.project_id) != each.project_id]:
        yield f"Not on the server, or not yours: the project that the file names, of {listed(gone)}."
    if written := invitations(changes):
        yield f"Without an account here, and to be invited by e-mail: {written:,}."
    if removed := removals(changes):
        yield f"To be removed: {removed:,}. Beyond 5 % apply wants --max-delete {removed}."
    yield from by_hand.remarks(changes, room.client.server.url)
    yield from unsendable(room, changes)
    yield from _ended(room)


def unsendable(room: Classroom, changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield which messages of a plan the server has nothing for, with the reason."""
    steps = [step for change in changes for step in change.steps]
    ways = {step.way for step in steps}
    generations = room.client.router.generations() if steps else frozenset()
    if any(step.by_hand and step.kind == "add" for step in steps) and not scoped(generations):
        ways.add(INVITE.way)
    events = dict.fromkeys(stage.event for stage in STAGES if stage.way in ways)
    for event in events:
        how, reason = outlook(catalog.find(event).event, generations)
        if how == "no":
            yield f"The server does not take {event}: {reason.removesuffix('.')}."
