"""`course end`: what is asked for at the end of a term, each after its own question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands.course_room import (
    CourseWork,
    checked,
    class_path,
    classroom,
    confirm_removal,
    parsed,
)
from cocalc_magic.errors import ConfirmationRequired, InvalidSyntax, NotSent
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.commands.course_room import Flags
    from cocalc_magic.course.ending import Ending
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.session import Session


def end(session: Session, argv: list[str]) -> CourseResult:
    """End the class on a date: list its projects, stop them, take the students out, as far as asked for.

    `--forget` by itself needs neither a date nor a server.
    """
    hint = (
        "Write %cocalc course end --on 2027-02-15, with --stop, --remove-students, --archive FILE, --forget"
    )
    _, flags = parsed("end", argv, 0, hint)
    from cocalc_magic.course import definition, ending  # late, as above

    due = definition.parsed_moment(flags.get("on", ""))
    if due is None and ("on" in flags or "forget" not in flags or _asks_server(flags)):
        raise InvalidSyntax("course end needs a date.", hint)
    if "forget" in flags and (due is None or definition.is_over(due)):
        _require_idle(session, class_path(flags))
    if (due is None or definition.is_over(due)) and "forget" in flags and not _asks_server(flags):
        return _forgotten(session, flags)
    with classroom(session, "end", flags) as room:
        term = ending.Ending(room)
    if due is not None and not (definition.is_over(due) and _asks_server(flags)):
        return term.outlook(due)
    return checked(session, _carried_out(session, term, flags), flags)


def _asks_server(flags: Flags) -> bool:
    return any(name in flags for name in ("archive", "stop", "remove-students"))


def _carried_out(session: Session, term: Ending, flags: Flags) -> CourseResult:
    """Do what the flags ask for, each after its own question."""
    stop, remove, room = "stop" in flags, "remove-students" in flags, term.room
    if stop and term.running:
        what = f"To be stopped, with all that runs in them: {len(term.running):,} projects."
        session.confirm(room.client.server, what, yes="yes" in flags)
    if remove:
        confirm_removal(session, "end", len(term.removable), len(term.people), flags)
    remarks = []
    if "archive" in flags:
        path = term.archive(typed_path(flags["archive"]), force="force" in flags)
        remarks.append(f"Written to {path}, which you alone can read.")
    result = term.carry_out(stop=stop, remove=remove)
    if "forget" in flags and result.failure is None:
        forgotten = _forgotten(session, flags)
        remarks += [f"{forgotten.summary}.", *forgotten.remarks]
    result.remarks = (*remarks, *result.remarks)
    return result


def _forgotten(session: Session, flags: Flags) -> CourseResult:
    """Remove the files with names of people, after a question."""
    from cocalc_magic.course import ending  # late, as above

    file = class_path(flags)
    names, _ = ending.kept_files(file)
    problem = f"course end --forget deletes {', '.join(names)}, and the journals."
    if "yes" not in flags and not session.agrees(f"{problem} Go on?"):
        raise ConfirmationRequired(problem, "Run it with --yes")
    return ending.forget(file)


def _require_idle(session: Session, file: Path) -> None:
    """Raise `NotSent` where a job of this kernel is at work in the class, and would note names again."""
    for job in session.jobs:
        if job.running and isinstance(job.work, CourseWork) and job.work.class_file == file.absolute():
            raise NotSent(f"{job.event} is running for this class.", "Wait for it, or end it: job.stop()")
