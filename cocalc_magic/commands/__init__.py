"""What `%cocalc` does besides sending messages: help, servers and keys, history, the current project.

A command is a function of the session and its arguments that returns something to show. No command shares
a name with an event.

From the bottom up: synopsis, args, records, show, doctor, server, sandbox, project, forms, from_curl,
legacy_key, keys, login_email, login, conform, cassette, jobs, open_page, course_room, course_end,
course_work, course, help, docs, paths, files, history, scope, lessons, capsule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands import (
    cassette,
    conform,
    doctor,
    files,
    forms,
    from_curl,
    help,
    history,
    jobs,
    keys,
    login,
    project,
    sandbox,
    scope,
    server,
)
from cocalc_magic.commands.args import kept, split
from cocalc_magic.commands.show import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.session.session import Session

__all__ = ["RUN", "run", "show"]

Run = Callable[["Session", list[str]], Any]


def run_course(session: Session, argv: list[str], body: str | None = None) -> Any:
    """Run an action of a class."""
    from cocalc_magic.commands.course import course  # late: few sessions have a class

    return course(session, argv, body)


def show_page(session: Session, argv: list[str]) -> Any:
    """Return the link to a project's page, and the page in a frame."""
    from cocalc_magic.commands import open_page  # late: few sessions are embedded

    return open_page.open_page(session, argv)


def check(session: Session, argv: list[str]) -> Any:
    """Return how far an exercise is."""
    from cocalc_magic.commands import lessons  # late: few sessions have exercises

    return lessons.check(session, argv)


def copy_lessons(session: Session, argv: list[str]) -> Any:
    """List or copy the lessons."""
    from cocalc_magic.commands import lessons  # late, as above

    return lessons.lessons(session, argv)


def pack(session: Session, argv: list[str]) -> Any:
    """Make a notebook that runs without a server."""
    from cocalc_magic.commands import capsule  # late, as above

    return capsule.pack(session, argv)


def unpack(session: Session, argv: list[str]) -> Any:
    """Answer from the notebook itself."""
    from cocalc_magic.commands import capsule  # late, as above

    return capsule.unpack(session, argv)


def search_docs(session: Session, argv: list[str]) -> Any:
    """Show pages of the documentation."""
    from cocalc_magic.commands import docs  # late: few cells read

    return docs.docs(session, argv)


RUN: dict[str, Run] = {
    "help": help.help_,
    "docs": search_docs,
    "events": help.events,
    "status": help.status,
    "doctor": doctor.doctor,
    "course": run_course,
    "conform": conform.conform,
    "login": login.login,
    "logout": login.logout,
    "keys": keys.keys,
    "scope": scope.scope,
    "server": server.server,
    "sandbox": sandbox.sandbox,
    "projects": project.projects,
    "use": project.use,
    "open": show_page,
    "upload": files.upload,
    "download": files.download,
    "record": cassette.record,
    "replay": cassette.replay,
    "form": forms.form,
    "explore": forms.explore,
    "jobs": jobs.jobs,
    "history": history.history,
    "last-error": history.last_error,
    "from-curl": from_curl.from_curl,
    "lessons": copy_lessons,
    "check": check,
    "pack": pack,
    "unpack": unpack,
    "version": help.version,
}
RAW = frozenset({"from-curl", "unpack"})
"""Commands that take the rest of the line as one text."""


WITH_CELL = frozenset({"course"})
"""Commands that take the cell as a text, and `-o NAME`."""


HELP = ("--help", "-h")
"""Words at the end of a line that ask for help."""


def help_instead(words: list[str]) -> list[str]:
    """Return the words, or those of `help` where the last one asks for it: `ping --help`, `course run -h`."""
    if not words or words[-1] not in HELP:
        return words
    actions = [word for word in words[1:-1][:1] if word.isidentifier()]
    return ["help", *words[:-1][:1], *actions]


def run(
    session: Session,
    line: str,
    cell: str | None,
    namespace: Mapping[str, Any] | None = None,
    keep: Callable[[str, Any], None] | None = None,
) -> Any:
    """Run the command that a line names and return what it shows.

    Args:
        session: The session of the shell.
        line: Name and arguments.
        cell: More arguments, if it is a cell magic.
        namespace: Values for `$name` and `${…}` in the arguments.
        keep: Stores a value in the notebook, under the name that the line gives.

    Raises:
        InvalidSyntax: The command does not take these arguments.
    """
    name, *rest = line.strip().split(None, 1)
    name, first = name.removesuffix(";"), "".join(rest)
    if name in RAW:
        first = first.rstrip().removesuffix(";")
        return RUN[name](session, [(first if cell is None else f"{first}\n{cell}").strip()])
    names = namespace or {}
    if name in WITH_CELL:
        takes_rows = first.split(None, 1)[:1] == ["init"]
        return kept(split(first, names, whole=takes_rows), keep, lambda argv: run_course(session, argv, cell))
    return RUN[name](session, [*split(first, names), *split(cell or "", names)])
