"""`course`: a class as a file, planned, applied, watched, handed out to, collected from, and ended."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands.args import dispatch, parse_args
from cocalc_magic.errors import BulkFailed, ConfirmationRequired, InvalidSyntax, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.plan import Change
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.session import Session

    Keep = Callable[[str, Any], None]
    Flags = Mapping[str, str]

_EVERYWHERE = {"--file": True, "--server": True, "--quiet": False, "--no-raise": False, "--jobs": True}
_FLAGS: dict[str, dict[str, bool]] = {
    "init": {"--from": True, "--course": True, "--force": False},
    "plan": {"--delete": False},
    "apply": {"--yes": False, "--no-invite": False, "--max-delete": True},
    "drift": {},
    "status": {},
    "run": {"--group": True, "--timeout": True},
    "report": {"--csv": True, "--html": True},
}


def course(session: Session, argv: list[str], body: str | None = None) -> CourseResult:
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
    actions = {name: action for name, action in _ACTIONS.items() if name != "run"}
    hint = f"Write %cocalc course {' | '.join(_ACTIONS)}"
    if argv[:1] == ["run"]:
        return _run(session, argv[1:], body)
    result: CourseResult = dispatch("course", session, argv or ["status"], actions, hint)
    return result


def _parsed(action: str, argv: list[str], most: int, hint: str = "") -> tuple[list[str], Flags]:
    """Return the words and flags of an action. Raises `InvalidSyntax`."""
    words, flags = parse_args(f"course {action}", argv, _FLAGS[action] | _EVERYWHERE)
    if len(words) > most:
        raise InvalidSyntax(f"course {action} does not take {words[most]!r}.", hint)
    return words, flags


def _file(flags: Flags) -> Path:
    return Path(flags.get("file", "class.yaml")).expanduser()


@contextmanager
def _classroom(session: Session, action: str, flags: Flags) -> Iterator[Classroom]:
    """Open the class of the folder; while it is worked on, a person is told how far that is."""
    from cocalc_magic.course.classroom import Work, opened  # late: few sessions have a class
    from cocalc_magic.render.bulk import ProgressWords

    client = session.client(flags.get("server"))
    words, stop = ProgressWords(), threading.Event()
    room = opened(client, _file(flags), Work(_jobs(flags), words, stop))
    quiet = "quiet" in flags
    with session.frontend.progress(f"course {action}", client.server.name, words.line, quiet=quiet):
        yield room


def _jobs(flags: Flags) -> int:
    from cocalc_magic.bulk.settings import Settings  # late, as above

    return Settings.of({"jobs": flags["jobs"]} if "jobs" in flags else {}).jobs


def _checked(session: Session, result: CourseResult, flags: Flags) -> CourseResult:
    """Return a result in which nothing has failed, or any with `--no-raise`; raise the failure else."""
    failure = result.failure
    if failure is None or ("no-raise" in flags and not result.interrupted):
        return result
    if "quiet" not in flags:
        session.frontend.show(result)
    raise failure


# -- the class and the server ----------------------------------------------------------------------


def _init(session: Session, argv: list[str]) -> CourseResult:
    """Write a class file from a list of students, or from the file of CoCalc's own course page."""
    hint = "Write %cocalc course init students.csv, or --from PROJECT:PATH.course"
    words, flags = _parsed("init", argv, 1, hint)
    from cocalc_magic.course import opening  # late, as above

    force = "force" in flags
    if bool(words) == ("from" in flags):
        raise InvalidSyntax("course init takes a list of students.", hint)
    if not words:
        return opening.from_page(
            session.client(flags.get("server")), flags["from"], _file(flags), force=force
        )
    return opening.from_list(words[0], _file(flags), flags.get("course", ""), force=force)


def _plan(session: Session, argv: list[str]) -> CourseResult:
    """Show what `apply` would do, and keep that as the plan."""
    _, flags = _parsed("plan", argv, 0)
    from cocalc_magic.course import planning  # late, as above

    with _classroom(session, "plan", flags) as room:
        return planning.make(room, delete="delete" in flags)


def _drift(session: Session, argv: list[str]) -> CourseResult:
    """Show what differs between the file and the server; the exit status is 2 where something does."""
    _, flags = _parsed("drift", argv, 0)
    from cocalc_magic.course import planning  # late, as above

    with _classroom(session, "drift", flags) as room:
        return planning.drift(room)


def _apply(session: Session, argv: list[str]) -> CourseResult:
    """Do what the plan says; without one, what `plan` would say."""
    _, flags = _parsed("apply", argv, 0)
    from cocalc_magic.course import apply, planning  # late, as above

    with _classroom(session, "apply", flags) as room:
        planned, changes = planning.due(room)
    invite = "no-invite" not in flags
    if invite and (count := apply.invitations(changes)):
        what = (
            f"{planning.counted(changes)}. {count:,} people without an account get an invitation by e-mail."
        )
        session.confirm(room.client.server, what, yes="yes" in flags)
    _confirm_removal(session, changes, flags)
    with _classroom(session, "apply", flags) as room:
        result = apply.apply(room, planned, changes, invite=invite)
    return _checked(session, result, flags)


def _confirm_removal(session: Session, changes: tuple[Change, ...], flags: Flags) -> None:
    """Let no more people and projects be removed than `--max-delete` says, unless a person types how many."""
    from cocalc_magic.bulk.settings import MAX_DELETE, limit, rows_within  # late, as above
    from cocalc_magic.course.apply import removals

    removed, bound = removals(changes), limit("max-delete", flags)
    if removed <= rows_within(MAX_DELETE if bound is None else bound, len(changes)):
        return
    problem = f"course apply removes {removed:,} of {len(changes):,} people or projects."
    if not session.types(f"{problem} Type {removed} to go on: ", str(removed)):
        raise ConfirmationRequired(problem, f"If that is meant: --max-delete {removed}")


# -- what is done in all projects ------------------------------------------------------------------


def _status(session: Session, argv: list[str]) -> CourseResult:
    """Show who has started, who was active when, and which projects run; starts none."""
    _, flags = _parsed("status", argv, 0)
    from cocalc_magic.course import overview  # late, as above

    with _classroom(session, "status", flags) as room:
        return overview.status(room)


def _report(session: Session, argv: list[str]) -> CourseResult:
    """Show what was handed out, collected, returned and graded, and write it to a file."""
    _, flags = _parsed("report", argv, 0, "Write %cocalc course report --csv report.csv")
    from cocalc_magic.course import overview  # late, as above

    csv, page = (Path(flags[name]).expanduser() if name in flags else None for name in ("csv", "html"))
    with _classroom(session, "report", flags) as room:
        return overview.report(room, csv, page)


def _run(session: Session, argv: list[str], body: str | None) -> CourseResult:
    """Run a command in every project: the words of the line, or the cell."""
    words, flags = _parsed(
        "run", argv, 1, "A command with blanks in it needs quotes, or a cell: %%cocalc course run"
    )
    command = "\n".join([*words, *([body] if body else [])])
    if not command.strip() or (words and body):
        raise InvalidSyntax(
            "course run takes one command.", "Write %cocalc course run 'ls | wc -l', or a cell"
        )
    from cocalc_magic.course import running  # late, as above

    with _classroom(session, "run", flags) as room:
        result = running.run(room, command, group=flags.get("group", ""), seconds=_seconds(flags))
    return _checked(session, result, flags)


def _seconds(flags: Flags) -> float:
    from cocalc_magic.course.running import DEFAULT_TIME  # late, as above

    text = flags.get("timeout")
    try:
        seconds = DEFAULT_TIME if text is None else float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise InvalidValue(f"--timeout takes seconds, more than 0 and less than a day, not {text!r}.")
    return seconds


_ACTIONS: dict[str, Any] = {
    "init": _init,
    "plan": _plan,
    "apply": _apply,
    "drift": _drift,
    "status": _status,
    "run": _run,
    "report": _report,
}


def kept(words: list[str], keep: Keep | None, action: Callable[[list[str]], Any]) -> Any:
    """Run an action, and keep its value under the name after `-o`; also that of one that fails for some."""
    argv, name = _without_out(words)
    if name and keep is None:
        raise InvalidSyntax("-o names a variable of a notebook.")
    try:
        value = action(argv)
    except BulkFailed as failure:
        if name and keep:
            keep(name, failure.result)
        raise
    if name and keep:
        keep(name, value)
    return value


def _without_out(words: list[str]) -> tuple[list[str], str]:
    """Return the words without `-o NAME`, and the name."""
    for place, word in enumerate(words):
        option, sign, name = word.partition("=")
        if option in ("-o", "--out"):
            value = name if sign else "".join(words[place + 1 : place + 2])
            return [*words[:place], *words[place + (1 if sign else 2) :]], value
    return words, ""
