"""``form`` and ``explore``, where there is a page; elsewhere a line that says what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session.form_sender import Counter

if TYPE_CHECKING:
    from cocalc_magic.session.session import Session


def form(session: Session, words: list[str]) -> Page:
    """The form of a message. Raises :class:`UnknownEvent` for what is none."""
    if len(words) != 1:
        raise InvalidSyntax("form takes one event.", "Write %cocalc form create_project")
    message = catalog.find(words[0])
    note = Page(
        (
            Note(
                f"%cocalc form {message.event} shows its form in a notebook that runs; "
                f"%cocalc help {message.event} tells what it takes."
            ),
        )
    )
    if not session.surroundings.page:
        return note
    from cocalc_magic import widgets

    return LivePage(note.blocks, lambda: widgets.Form(message, Counter(session)))


def explore(session: Session, words: list[str]) -> Page:
    """All messages to be looked through, open on the event that is named, else on the last one."""
    if len(words) > 1:
        raise InvalidSyntax("explore takes one event.", "Write %cocalc explore query")
    event = catalog.find(words[0]).event if words else ""
    line = f"%cocalc explore {event}".strip()
    note = Page(
        (Note(f"{line} shows the explorer in a notebook that runs; %cocalc help tells all in text."),)
    )
    if not session.surroundings.page:
        return note
    from cocalc_magic import widgets

    if event:
        session.explored["event"] = event
    return LivePage(note.blocks, lambda: widgets.Explorer(Counter(session), session.explored))
