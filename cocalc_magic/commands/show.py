"""`--show FORM`: write a message down as code in place of sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import snippets
from cocalc_magic.render.blocks import Pre
from cocalc_magic.render.page import Page
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.parse import Call

_WRITERS = {"curl": snippets.curl, "httpie": snippets.httpie, "python": snippets.python}


def show(session: Session, call: Call, form: str) -> Page:
    """Return the message of a line as `curl`, `httpie`, `python` or `message` (JSON); nothing is sent."""
    call = session.with_ids(call)
    event = call.message.event
    options = Request(event, call.options, call.message.secret).shown()
    if form == "message":
        return Page((Pre(snippets.message(event, options)),))
    server = call.flags.get("server")
    client = session.keyless(None if server is None else str(server))
    if form != "python":  # which finds out by itself what the server speaks
        event, options = client.router.first_message(event, options)
    keywords = {"form": True} if call.flags.get("form") and form != "python" else {}
    return Page((Pre(_WRITERS[form](client.server.url, event, options, **keywords)),))
