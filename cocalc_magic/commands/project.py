"""`projects` and `use`: the list of projects, and the current one of later messages."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cocalc_magic.client.projects import members, moment
from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.records import records_page
from cocalc_magic.errors import InvalidSyntax, MessageFailed, MessageRefused
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.projects import Project, Projects
    from cocalc_magic.commands.records import RecordsPage
    from cocalc_magic.session.session import Session

_COLUMNS = ("title", "project_id", "last_edited", "state", "members")


def projects(session: Session, argv: list[str]) -> RecordsPage:
    """List the projects, or those of which a word is in the title, in the id or in a member's name."""
    words, flags = parse_args("projects", argv, {"--server": True})
    if len(words) > 1:
        raise InvalidSyntax("projects takes one word.", "Write %cocalc projects, or %cocalc projects linear")
    client = session.client(flags.get("server"))
    people = client.router.projects.people()
    records = [_record(project, people) for project in client.router.projects.all(fresh=True)]
    matching = [record for record in records if not words or _is_about(record, words[0])]
    return records_page(_COLUMNS, matching, [_note(session, matching, len(records))], session.frontend.keep)


def _record(project: Project, people: Mapping[str, str]) -> dict[str, str]:
    values = (
        project.title,
        project.project_id,
        moment(project.last_edited),
        project.state,
        members(project, people),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _is_about(record: Mapping[str, str], word: str) -> bool:
    word = word.casefold()
    in_text = word in record["title"].casefold() or word in record["members"].casefold()
    return in_text or record["project_id"].startswith(word)


def _note(session: Session, matching: list[dict[str, str]], count: int) -> Note:
    if not count:
        return Note('You have no project yet: %cocalc create_project title="My project"')
    if not matching:
        return Note(f"None of your {count} projects matches this word.")
    current = f"The current project is {session.project[1]!r}. " if session.project else ""
    return Note(f"{current}A title is enough to name a project: project_id=… and %cocalc use.")


def use(session: Session, argv: list[str]) -> Page:
    """Make a project the current one, by id, title or beginning of a title; `--clear` forgets it."""
    if argv == ["--clear"]:
        session.project = None
        return Page((Note("There is no current project now."),))
    if len(argv) != 1:
        raise InvalidSyntax("use takes one project.", 'Write %cocalc use "My project", or its id, or --clear')
    session.project = _find(session.client().router.projects, argv[0])
    project_id, title = session.project
    return Page((Note(f"The current project is {title!r} ({project_id})."),))


def _find(known: Projects, name: str) -> tuple[str, str]:
    """Return id and title; refuse an unknown id, unless the key is a project's, which lists nothing."""
    project = known.find(name)
    with suppress(MessageFailed, MessageRefused):
        project = project if project.title else known.listed(project.project_id)
    return project.project_id, project.title
