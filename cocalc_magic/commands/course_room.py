"""What the actions of `course` share: flags, the class of the folder, progress, questions, failures."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.errors import ConfirmationRequired, InvalidSyntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.session import Session

    Flags = Mapping[str, str]

EVERYWHERE = {"--file": True, "--server": True, "--quiet": False, "--no-raise": False, "--jobs": True}
FLAGS: dict[str, dict[str, bool]] = {
    "init": {"--from": True, "--course": True, "--force": False},
    "plan": {"--delete": False},
    "apply": {"--yes": False, "--no-invite": False, "--max-delete": True},
    "drift": {},
    "status": {},
    "run": {"--group": True, "--timeout": True},
    "handout": {"--to": True, "--group": True, "--force": False},
    "collect": {"--into": True, "--group": True},
    "return": {"--to": True, "--group": True, "--force": False},
    "report": {"--csv": True, "--html": True},
    "end": {
        "--on": True,
        "--archive": True,
        "--stop": False,
        "--remove-students": False,
        "--forget": False,
        "--max-delete": True,
        "--yes": False,
        "--force": False,
    },
}


def parsed(action: str, argv: list[str], most: int, hint: str = "") -> tuple[list[str], Flags]:
    """Return the words and flags of an action. Raises `InvalidSyntax`."""
    words, flags = parse_args(f"course {action}", argv, FLAGS[action] | EVERYWHERE)
    if len(words) > most:
        raise InvalidSyntax(f"course {action} does not take {words[most]!r}.", hint)
    return words, flags


def class_path(flags: Flags) -> Path:
    """Return the class file: that of the flag, or `class.yaml` of the folder."""
    return Path(flags.get("file", "class.yaml")).expanduser()


@contextmanager
def classroom(session: Session, action: str, flags: Flags) -> Iterator[Classroom]:
    """Open the class of the folder; while it is worked on, a person is told how far that is."""
    from cocalc_magic.course.classroom import Work, opened  # late, for errors in flags alone
    from cocalc_magic.render.bulk import ProgressWords

    client = session.client(flags.get("server"))
    words, stop = ProgressWords(), threading.Event()
    room = opened(client, class_path(flags), Work(_jobs(flags), words, stop))

    def how_far() -> str:
        return words.text() if words.progress else "looking at what the server has"

    quiet = "quiet" in flags
    with session.frontend.progress(f"course {action}", client.server.name, how_far, quiet=quiet):
        yield room


def _jobs(flags: Flags) -> int:
    from cocalc_magic.bulk.settings import Settings  # late, as above

    return Settings.of({"jobs": flags["jobs"]} if "jobs" in flags else {}).jobs


def checked(session: Session, result: CourseResult, flags: Flags) -> CourseResult:
    """Return a result in which nothing has failed, or any with `--no-raise`; raise the failure else."""
    failure = result.failure
    if failure is None or ("no-raise" in flags and not result.interrupted):
        return result
    if "quiet" not in flags:
        session.frontend.show(result)
    raise failure


def confirm_removal(session: Session, action: str, removed: int, total: int, flags: Flags) -> None:
    """Let no more people and projects be removed than `--max-delete` says, unless a person types how many."""
    from cocalc_magic.bulk.settings import MAX_DELETE, limit, rows_within  # late, as above

    bound = limit("max-delete", flags)
    if removed <= rows_within(MAX_DELETE if bound is None else bound, total):
        return
    problem = f"course {action} removes {removed:,} of {total:,} people or projects."
    if not session.types(f"{problem} Type {removed} to go on: ", str(removed)):
        raise ConfirmationRequired(problem, f"If that is meant: --max-delete {removed}")
