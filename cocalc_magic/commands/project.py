"""Projects by name: the list of them, and the current one, which every later message means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.client import projects as names
from cocalc_magic.commands.args import sort
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


def projects(session: Session, words: list[str]) -> RecordsPage:
    """List the projects, or those of which a word is in the title, in the id or in a member's name."""
    alone, flags = sort("projects", words, {"--server": True})
    if len(alone) > 1:
        raise InvalidSyntax("projects takes one word.", "Write %cocalc projects, or %cocalc projects linear")
    client = session.client(flags.get("server"))
    people = client.router.projects.people()
    records = [_record(project, people) for project in client.router.projects.all(fresh=True)]
    found = [record for record in records if not alone or _is_about(record, alone[0])]
    return records_page(_COLUMNS, found, [_note(session, found, len(records))], session.surroundings.keep)


def _record(project: Project, people: Mapping[str, str]) -> dict[str, str]:
    values = (
        project.title,
        project.project_id,
        names.moment(project.last_edited),
        project.state,
        names.members(project, people),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _is_about(record: Mapping[str, str], word: str) -> bool:
    word = word.casefold()
    in_text = word in record["title"].casefold() or word in record["members"].casefold()
    return in_text or record["project_id"].startswith(word)


def _note(session: Session, found: list[dict[str, str]], count: int) -> Note:
    if not count:
        return Note('You have no project yet: %cocalc create_project title="My project"')
    if not found:
        return Note(f"None of your {count} projects is about this word.")
    current = f"The current project is {session.project[1]!r}. " if session.project else ""
    return Note(f"{current}A title does where a project is meant: project_id=… and %cocalc use.")


def use(session: Session, words: list[str]) -> Page:
    """Make a project the current one, by id, title or beginning of a title; ``--clear`` forgets it."""
    if words == ["--clear"]:
        session.project = None
        return Page((Note("No project is the current one now."),))
    if len(words) != 1:
        raise InvalidSyntax("use takes one project.", 'Write %cocalc use "My project", or its id, or --clear')
    session.project = _looked_up(session.client().router.projects, words[0])
    project_id, title = session.project
    return Page((Note(f"The current project is {title!r} ({project_id})."),))


def _looked_up(known: Projects, name: str) -> tuple[str, str]:
    """Id and title, an id that is not in the list refused; with the key of a project there is no list."""
    found = known.find(name)
    try:
        listed = found if found.title else known.listed(found.project_id)
    except (MessageFailed, MessageRefused):
        listed = found
    return listed.project_id, listed.title
