"""The current project: named once, meant by every later message that needs one and names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from cocalc_magic.commands.session import Session


def use(session: Session, words: list[str]) -> Page:
    """Makes a project the current one, by id, title or beginning of a title; ``--clear`` forgets it."""
    if words == ["--clear"]:
        session.project = None
        return Page((Note("No project is the current one now."),))
    if len(words) != 1:
        raise InvalidSyntax("use takes one project.", 'Write %cocalc use "My project", or its id, or --clear')
    session.project = session.find_project(words[0])
    project_id, title = session.project
    return Page((Note(f"The current project is {title!r} ({project_id})."),))
