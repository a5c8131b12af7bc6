"""What the actions of `course` share: flags, the class of the folder, progress, questions, failures."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.errors import ConfirmationRequired, InvalidSyntax
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cocalc_magic.bulk.loop import Stop
    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.render.live_board import LiveBoard
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session

    Action = Callable[[Classroom], CourseResult]
    Flags = Mapping[str, str]

EVERYWHERE = {"--file": True, "--server": True, "--quiet": False, "--no-raise": False, "--jobs": True}
FLAGS: dict[str, dict[str, bool]] = {
    "init": {"--from": True, "--course": True, "--force": False},
    "plan": {"--delete": False},
    "apply": {"--yes": False, "--no-invite": False, "--max-delete": True, "--background": False},
    "drift": {},
    "status": {},
    "board": {},
    "run": {"--group": True, "--timeout": True, "--background": False},
    "handout": {"--to": True, "--group": True, "--force": False, "--background": False},
    "collect": {"--into": True, "--group": True, "--background": False},
    "return": {"--to": True, "--group": True, "--force": False, "--background": False},
    "report": {"--csv": True, "--html": True, "--force": False},
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
    return typed_path(flags.get("file", "class.yaml"))


@contextmanager
def classroom(session: Session, action: str, flags: Flags) -> Iterator[Classroom]:
    """Open the class of the folder; while it is worked on, a person is told how far that is."""
    from cocalc_magic.course.classroom import Work, opened  # late, for errors in flags alone
    from cocalc_magic.render.bulk import ProgressWords

    client = session.client(flags.get("server"))
    words, stop = ProgressWords(_new_board()), threading.Event()
    room = opened(client, class_path(flags), Work(_jobs(flags), words, stop, words.board))

    def how_far() -> str:
        return words.text() if words.progress else "looking at what the server has"

    quiet = "quiet" in flags
    with session.frontend.progress(f"course {action}", client.server.name, how_far, quiet=quiet):
        yield room


def _new_board() -> LiveBoard:
    from cocalc_magic.render.live_board import LiveBoard  # late, as above

    return LiveBoard("student")


class CourseWork:
    """An action of a class as work that goes on in the background.

    Args:
        session: The session of the shell.
        action: Its name.
        flags: Those of its line.
        do: Carries it out.
    """

    def __init__(self, session: Session, action: str, flags: Flags, do: Action) -> None:
        self._session, self._client, self._do = session, session.client(flags.get("server")), do
        self.class_file = class_path(flags).absolute()
        self.event, self.server = f"course {action}", self._client.server.name
        self.flags = flags
        self.board = _new_board()

    def run(self, on_progress: Callable[[Progress], None], stop: Stop | None = None) -> CourseResult:
        """Carry it out, and return what became of each student."""
        from cocalc_magic.course.classroom import Work, opened  # late, as above

        work = Work(_jobs(self.flags), on_progress, stop, self.board)
        result = self._do(opened(self._client, self.class_file, work))
        _remember(self._session, self.class_file, result)
        return result


def work(session: Session, action: str, flags: Flags, do: Action) -> CourseResult | Job:
    """Carry out an action, in the background if the line says so. Raises what `checked` raises."""
    if "background" in flags:
        from cocalc_magic.session.jobs import start  # late, as above

        return start(session.jobs, CourseWork(session, action, flags, do))
    with classroom(session, action, flags) as room:
        result = do(room)
    _remember(session, class_path(flags).absolute(), result)
    return checked(session, result, flags)


def _remember(session: Session, class_file: Path, result: CourseResult) -> None:
    """Keep a result for the messages of the board."""
    session.course_results.append((time.time(), str(class_file), result))


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
