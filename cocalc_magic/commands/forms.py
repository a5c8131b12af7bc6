"""`form` and `explore`: widgets, over a line that says what to type where they do not come to life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage

if TYPE_CHECKING:
    from cocalc_magic.session.session import Session

_WHERE = 'in a notebook that runs (if none appears there: %config CoCalc.view = "bundle")'


def form(session: Session, argv: list[str]) -> LivePage:
    """Return the form of a message.

    Raises:
        UnknownEvent: The catalog does not have it.
    """
    if len(argv) != 1:
        raise InvalidSyntax("form takes one event.", "Write %cocalc form create_project")
    message = catalog.find(argv[0])
    event = message.event
    note = Note(f"%cocalc form {event} shows its form {_WHERE}; %cocalc help {event} lists its options.")

    def make() -> object:
        from cocalc_magic import widgets  # late: with the page that shows them

        return widgets.branded(session.frontend.look, widgets.Form(message, session))

    return LivePage((note,), make)


def explore(session: Session, argv: list[str]) -> LivePage:
    """Return the explorer of all messages, open on the named event or the last one."""
    if len(argv) > 1:
        raise InvalidSyntax("explore takes one event.", "Write %cocalc explore query")
    event = catalog.find(argv[0]).event if argv else ""
    line = f"%cocalc explore {event}".strip()
    note = Note(f"{line} shows the explorer {_WHERE}; %cocalc help has all of it as text.")

    def make() -> object:
        from cocalc_magic import widgets  # late, as above

        return widgets.Explorer(session, event)

    return LivePage((note,), make)
