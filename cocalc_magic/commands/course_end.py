"""`course end`: what is asked for at the end of a term, each after its own question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.commands.course_room import checked, classroom, confirm_removal, parsed
from cocalc_magic.errors import ConfirmationRequired, InvalidSyntax

if TYPE_CHECKING:
    from cocalc_magic.commands.course_room import Flags
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.ending import Ending
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.session import Session


def end(session: Session, argv: list[str]) -> CourseResult:
    """End the class on a date: list its projects, stop them, take the students out, as far as asked for."""
    hint = (
        "Write %cocalc course end --on 2027-02-15, with --stop, --remove-students, --archive FILE, --forget"
    )
    _, flags = parsed("end", argv, 0, hint)
    from cocalc_magic.course import definition, ending  # late, as above

    due = definition.parsed_moment(flags.get("on", ""))
    if due is None:
        raise InvalidSyntax("course end needs a date.", hint)
    with classroom(session, "end", flags) as room:
        term = ending.Ending(room)
    if not definition.is_over(due) or not any(name in flags for name in _ENDS):
        return term.outlook(due)
    return checked(session, _carried_out(session, term, flags), flags)


_ENDS = ("archive", "stop", "remove-students", "forget")


def _carried_out(session: Session, term: Ending, flags: Flags) -> CourseResult:
    """Do what the flags ask for, each after its own question."""
    stop, remove, room = "stop" in flags, "remove-students" in flags, term.room
    if stop and term.running:
        what = f"{len(term.running):,} projects are stopped, with all that runs in them."
        session.confirm(room.client.server, what, yes="yes" in flags)
    if remove:
        confirm_removal(session, "end", len(term.inside), len(term.people), flags)
    remarks = []
    if "archive" in flags:
        path = term.archive(Path(flags["archive"]).expanduser(), force="force" in flags)
        remarks.append(f"Written to {path}, which you alone can read.")
    result = term.carry_out(stop=stop, remove=remove)
    if "forget" in flags and result.failure is None:
        remarks.append(_forget(session, room, flags))
    result.remarks = tuple(remarks)
    return result


def _forget(session: Session, room: Classroom, flags: Flags) -> str:
    from cocalc_magic.course import ending  # late, as above

    names = ", ".join(ending.kept_files(room))
    problem = f"course end --forget deletes {names}, and the journals."
    if "yes" not in flags and not session.agrees(f"{problem} Go on?"):
        raise ConfirmationRequired(problem, "Run it with --yes")
    removed = ending.forget(room)
    return f"Deleted: {', '.join(map(str, removed))}. Folders that work was collected into are left."
