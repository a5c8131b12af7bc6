"""`--show FORM`: write a message down as code in place of sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import snippets
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.render.request import KEY_NOTE
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.parse import Call

_WRITERS: dict[str, Callable[..., str]] = {
    "curl": snippets.curl,
    "httpie": snippets.httpie,
    "python": snippets.python,
    "requests": snippets.requests,
    "http": snippets.http,
}
_LANGUAGES = {"curl": "bash", "httpie": "bash", "python": "python", "requests": "python", "http": "http"}


def show(session: Session, call: Call, form: str) -> Page:
    """Return the message of a line as one of `syntax.flags.FORMS`; nothing is sent."""
    call = session.with_ids(call)
    event = call.message.event
    options = Request(event, call.options, call.message.secret).shown()
    if form == "message":
        return _page(snippets.message(event, options), "json")
    server = call.flags.get("server")
    client = session.keyless(None if server is None else str(server))
    if form != "python":  # which finds out by itself what the server speaks
        event, options = client.router.first_message(event, options)
    keywords = {"form": True} if call.flags.get("form") and form != "python" else {}
    text = _WRITERS[form](client.server.url, event, options, **keywords)
    return _page(text, _LANGUAGES[form], *([Note(f"# {KEY_NOTE}")] if snippets.KEY in text else []))


def _page(text: str, language: str, *notes: Block) -> Page:
    blocks = (Pre(text, language=language), *notes)

    def live() -> object:
        from cocalc_magic import widgets  # late: with the page that shows them

        return widgets.shown_blocks(blocks)

    return LivePage(blocks, live)
