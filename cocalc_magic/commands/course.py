"""`course`: a class as a file, planned, applied, watched, handed out to, collected from, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.commands import course_end, course_work
from cocalc_magic.commands.args import ValueWord, dispatch
from cocalc_magic.commands.course_room import class_path, classroom, confirm_removal, parsed, work
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session


def course(session: Session, argv: list[str], body: str | None = None) -> CourseResult | Job:
    """Run an action of a class: `init`, `plan`, `apply`, `status`, and so on.

    Args:
        session: The session of the shell.
        argv: The action with its arguments.
        body: The cell, which is the command of `run`.

    Raises:
        BulkFailed: Something went wrong for some students, unless `--no-raise` is given; it has the result.
    """
    if body is not None and argv[:1] != ["run"]:
        raise InvalidSyntax("only course run takes a cell.", "Write %%cocalc course run")
    actions = {name: action for name, action in ACTIONS.items() if name != "run"}
    hint = f"Write %cocalc course {' | '.join(ACTIONS)}"
    if argv[:1] == ["run"]:
        return course_work.run(session, argv[1:], body)
    result: CourseResult | Job = dispatch("course", session, argv or ["status"], actions, hint)
    return result


# -- the class and the server ----------------------------------------------------------------------


def _init(session: Session, argv: list[str]) -> CourseResult:
    """Write a class file from a list of students, or from the file of CoCalc's own course page."""
    hint = "Write %cocalc course init students.csv, or $df, or --from PROJECT:PATH.course"
    words, flags = parsed("init", argv, 1, hint)
    from cocalc_magic.course import class_folder, opening  # late, as above

    class_folder.require_own(class_path(flags))
    force = "force" in flags
    if bool(words) == ("from" in flags):
        raise InvalidSyntax("course init takes a list of students.", hint)
    if not words:
        return opening.from_page(
            session.client(flags.get("server")), flags["from"], class_path(flags), force=force
        )
    students = words[0].value if isinstance(words[0], ValueWord) else words[0]
    return opening.from_list(students, class_path(flags), flags.get("course", ""), force=force)


def _plan(session: Session, argv: list[str]) -> CourseResult:
    """Show what `apply` would do, and keep that as the plan."""
    _, flags = parsed("plan", argv, 0)
    from cocalc_magic.course import planning  # late, as above

    with classroom(session, "plan", flags) as room:
        return planning.make(room, delete="delete" in flags)


def _drift(session: Session, argv: list[str]) -> CourseResult:
    """Show what differs between the file and the server; the exit status is 2 where something does."""
    _, flags = parsed("drift", argv, 0)
    from cocalc_magic.course import planning  # late, as above

    with classroom(session, "drift", flags) as room:
        return planning.drift(room)


def _apply(session: Session, argv: list[str]) -> CourseResult | Job:
    """Do what the plan says; without one, what `plan` would say."""
    _, flags = parsed("apply", argv, 0)
    from cocalc_magic.course import apply, planning  # late, as above

    with classroom(session, "apply", flags) as read:
        planned, changes = planning.due(read)
    invite = "no-invite" not in flags
    if invite and (count := apply.invitations(changes)):
        what = f"{planning.counted(changes)}; invitations by e-mail to people without an account: {count:,}."
        hint = "--yes sends them with the rest; --no-invite leaves them out"
        session.confirm(read.client.server, what, yes="yes" in flags, hint=hint)
    confirm_removal(session, "apply", apply.removals(changes, invite=invite), len(changes), flags)

    def do(room: Classroom) -> CourseResult:
        room.owner, room.listed = read.owner, read.listed
        return apply.apply(room, planned, changes, invite=invite)

    return work(session, "apply", flags, do)


# -- what is done in all projects ------------------------------------------------------------------


def _status(session: Session, argv: list[str]) -> CourseResult:
    """Show who has started, who was active when, and which projects run; starts none."""
    _, flags = parsed("status", argv, 0)
    from cocalc_magic.course import report  # late, as above

    with classroom(session, "status", flags) as room:
        return report.status(room)


def _board(session: Session, argv: list[str]) -> CourseResult:
    """Show how far each student is, with the last messages of this kernel; starts no project."""
    _, flags = parsed("board", argv, 0)
    from cocalc_magic.course import class_board  # late, as above

    file = str(class_path(flags).absolute())
    with classroom(session, "board", flags) as room:
        return class_board.board(
            room, [(when, kept) for when, path, kept in session.course_results if path == file]
        )


def _report(session: Session, argv: list[str]) -> CourseResult:
    """Show what was handed out, collected, returned and graded, and write it to a file."""
    _, flags = parsed("report", argv, 0, "Write %cocalc course report --csv report.csv")
    from cocalc_magic.course import report  # late, as above

    csv, page = (typed_path(flags[name]) if name in flags else None for name in ("csv", "html"))
    with classroom(session, "report", flags) as room:
        return report.report(room, csv, page, force="force" in flags)


ACTIONS: dict[str, Any] = {
    "init": _init,
    "plan": _plan,
    "apply": _apply,
    "drift": _drift,
    "status": _status,
    "board": _board,
    "run": course_work.run,
    "handout": course_work.handout,
    "collect": course_work.collect,
    "return": course_work.give_back,
    "report": _report,
    "end": course_end.end,
}
