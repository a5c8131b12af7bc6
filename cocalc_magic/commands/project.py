"""Projects by name: the list of them, and the current one, which every later message means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import projects as names
from cocalc_magic.commands.words import sort
from cocalc_magic.errors import InvalidSyntax, MessageFailed, MessageRefused
from cocalc_magic.render.blocks import Column, Note, Table
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.response import frame_of

if TYPE_CHECKING:
    import pandas as pd

    from cocalc_magic.commands.session import Session
    from cocalc_magic.projects import Project, Projects

MAX_ROWS = 200  # in text and in a saved notebook; a page with a live kernel has all
_COLUMNS = ("title", "project_id", "last_edited", "state", "members")


@dataclass(frozen=True, repr=False)
class ProjectList(LivePage, Sequence[Mapping[str, Any]]):
    """The projects that were found, as a table to look at and as records to go on with."""

    records: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        return self.records[index]

    def to_frame(self) -> pd.DataFrame:
        """Return the projects as a pandas DataFrame, a row each.

        Raises:
            PackageMissing: pandas is not installed.
        """
        return frame_of(self.records, _COLUMNS)


def projects(session: Session, words: list[str]) -> ProjectList:
    """List the projects, or those of which a word is in the title, in the id or in a member's name."""
    alone, flags = sort("projects", words, {"--server": True})
    if len(alone) > 1:
        raise InvalidSyntax(
            "projects takes one word.", 'Write %cocalc projects, or %cocalc projects "linear"'
        )
    client = session.client(flags.get("server"))
    people = client.projects.people()
    records = [_record(project, people) for project in client.projects.all(fresh=True)]
    found = [record for record in records if not alone or _is_about(record, alone[0])]
    blocks = (_table(found), _note(session, found, len(records)))

    def live() -> object:
        from cocalc_magic import widgets

        return widgets.shown_blocks(blocks, session.surroundings.keep)

    return ProjectList(blocks, live, tuple(found))


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


def _table(records: list[dict[str, str]]) -> Table:
    rows = tuple(tuple(record[name] for name in _COLUMNS) for record in records[:MAX_ROWS])
    columns = tuple(Column(name.replace("_", " ")) for name in _COLUMNS)
    return Table(columns, rows, len(records), len(_COLUMNS), records)


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
    session.project = _looked_up(session.client().projects, words[0])
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
