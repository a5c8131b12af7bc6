"""From a curl command of CoCalc's guide to the magic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import snippets
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.page import Page
from cocalc_magic.values.formatting import format_magic

if TYPE_CHECKING:
    from cocalc_magic.commands.session import Session


def from_curl(session: Session, words: list[str]) -> Page:
    """The magic for a curl command, given quoted as a whole, as it stands, or in the cell."""
    del session
    text = words[0]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if not text:
        raise InvalidSyntax(
            "there is no curl command.", "Write %%cocalc from-curl and paste it into the cell."
        )
    pasted = snippets.from_curl(text)
    notes = [Note(f"It was for {pasted.server}; the magic sends to the server that is configured.")]
    if pasted.had_key:
        notes.append(
            Note("The key in it is left out. Take it out of this notebook too; replace it if others saw it.")
        )
    return Page((Pre(format_magic(pasted.message.event, pasted.options)), *notes))
