"""What `course` does in all projects: `run`, `handout`, `collect` and `return`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands.course_room import parsed, work
from cocalc_magic.errors import InvalidSyntax, InvalidValue
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from cocalc_magic.commands.course_room import Flags
    from cocalc_magic.course.result import CourseResult
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session


def run(session: Session, argv: list[str], body: str | None) -> CourseResult | Job:
    """Run a command in every project: the words of the line, or the cell."""
    words, flags = parsed(
        "run", argv, 1, "A command with blanks in it needs quotes, or a cell: %%cocalc course run"
    )
    command = "\n".join([*words, *([body] if body else [])])
    if not command.strip() or (words and body):
        raise InvalidSyntax(
            "course run takes one command.", "Write %cocalc course run 'ls | wc -l', or a cell"
        )
    from cocalc_magic.course import run_command  # late, as above

    seconds = _seconds(flags)
    return work(
        session, "run", flags,
        lambda room: run_command.run(room, command, group=flags.get("group", ""), seconds=seconds),
    )  # fmt: skip


def _seconds(flags: Flags) -> float:
    from cocalc_magic.course.run_command import DEFAULT_TIME  # late, as above

    text = flags.get("timeout")
    try:
        seconds = DEFAULT_TIME if text is None else float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise InvalidValue(f"--timeout takes seconds, more than 0 and less than a day, not {text!r}.")
    return seconds


def handout(session: Session, argv: list[str]) -> CourseResult | Job:
    """Put a folder into every project."""
    words, flags = parsed("handout", argv, 1)
    if not words:
        raise InvalidSyntax("course handout takes a folder.", "Write %cocalc course handout week1")
    from cocalc_magic.course import handing  # late, as above

    return work(
        session, "handout", flags,
        lambda room: handing.handout(room, words[0], **_where(flags), force="force" in flags),
    )  # fmt: skip


def collect(session: Session, argv: list[str]) -> CourseResult | Job:
    """Copy a file or folder out of every project."""
    words, flags = parsed("collect", argv, 1)
    if not words or "into" not in flags:
        hint = "Write %cocalc course collect week1 --into week1-collected"
        raise InvalidSyntax("course collect takes a path and a folder here.", hint)
    from cocalc_magic.course import collecting  # late, as above

    into = typed_path(flags["into"])
    return work(
        session, "collect", flags,
        lambda room: collecting.collect(room, words[0], into, group=flags.get("group", "")),
    )  # fmt: skip


def give_back(session: Session, argv: list[str]) -> CourseResult | Job:
    """Put collected folders back into the projects."""
    words, flags = parsed("return", argv, 1)
    if not words:
        raise InvalidSyntax("course return takes a folder.", "Write %cocalc course return week1-collected")
    from cocalc_magic.course import handing  # late, as above

    folder = typed_path(words[0])
    return work(
        session, "return", flags,
        lambda room: handing.give_back(room, folder, **_where(flags), force="force" in flags),
    )  # fmt: skip


def _where(flags: Flags) -> dict[str, str]:
    return {name: flags.get(name, "") for name in ("to", "group")}
