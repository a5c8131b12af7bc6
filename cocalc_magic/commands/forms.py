"""`form` and `explore`, where there is a page; elsewhere a line that says what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage, Page

if TYPE_CHECKING:
    from cocalc_magic.session.session import Session


def form(session: Session, argv: list[str]) -> Page:
    """Return the form of a message.

    Raises:
        UnknownEvent: The catalog does not have it.
    """
    if len(argv) != 1:
        raise InvalidSyntax("form takes one event.", "Write %cocalc form create_project")
    message = catalog.find(argv[0])
    note = Page(
        (
            Note(
                f"%cocalc form {message.event} shows its form in a notebook that runs; "
                f"%cocalc help {message.event} lists its options."
            ),
        )
    )
    if not session.frontend.page:
        return note
    from cocalc_magic import widgets

    look = session.frontend.look
    return LivePage(note.blocks, lambda: widgets.branded(look, widgets.Form(message, session)))


def explore(session: Session, argv: list[str]) -> Page:
    """Return the explorer of all messages, open on the named event or the last one."""
    if len(argv) > 1:
        raise InvalidSyntax("explore takes one event.", "Write %cocalc explore query")
    event = catalog.find(argv[0]).event if argv else ""
    line = f"%cocalc explore {event}".strip()
    note = Page(
        (Note(f"{line} shows the explorer in a notebook that runs; %cocalc help has all of it as text."),)
    )
    if not session.frontend.page:
        return note
    from cocalc_magic import widgets

    return LivePage(note.blocks, lambda: widgets.Explorer(session, event))
