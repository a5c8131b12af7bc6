"""`from-curl`: turn pasted text with curl in it into cells that send the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic import config
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.page import LivePage, Page

if TYPE_CHECKING:
    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session


@dataclass(frozen=True, repr=False)
class CurlPage(Page):
    """The notes, then the cells; `cells` are their sources, ready for `run_cell`."""

    cells: list[str]


@dataclass(frozen=True, repr=False)
class LiveCurlPage(LivePage):
    """The same, with *Insert cell* in a page."""

    cells: list[str]


def from_curl(session: Session, argv: list[str]) -> CurlPage | LiveCurlPage:
    """Show the cells for a text with curl in it, given on the line, quoted as a whole, or in the cell.

    Raises:
        InvalidSyntax: For a text without a curl command, or with one that cannot become a magic.
        InvalidMessage: For options that a message does not take.
    """
    from cocalc_magic import from_curl as reader  # with its grammar of the shell, which nothing else needs

    text = _unquoted(argv[0])
    if not text.strip():
        raise InvalidSyntax(
            "there is no curl command here.",
            "Paste it below %%cocalc from-curl; in a shell: cocalc-magic from-curl < FILE",
        )
    pasted = reader.read(text)
    here = _address(session)
    cells = pasted.cells(here)
    notes = pasted.all_notes(cells)
    guides = sorted(
        {message.server for message in pasted.messages if message.server == config.COCALC_COM} - {here}
    )
    notes += [f"It was for {server}; here it goes to the server that is configured." for server in guides]
    if pasted.had_key:
        notes.append(
            "The key in it is left out. Take it out of the notebook or script it stands in, "
            "and replace it if others saw it."
        )
    return _page(session, tuple(map(Note, notes)), cells)


def _page(session: Session, notes: tuple[Note, ...], cells: list[str]) -> CurlPage | LiveCurlPage:
    """Return the notes, and below them the cells with an empty line in front of each."""
    sources = (Pre(f"\n{cell}" if notes or number else cell) for number, cell in enumerate(cells))
    blocks: tuple[Block, ...] = (*notes, *sources)
    if not session.frontend.page:
        return CurlPage(blocks, cells)
    from cocalc_magic import widgets  # late: with the page that shows them

    return LiveCurlPage(blocks, lambda: widgets.Cells(notes, cells), cells)


def _unquoted(text: str) -> str:
    """Return the text without quotes around all of it."""
    whole = (
        len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and "curl" in text[1:].split(None, 1)[0]
    )
    return text[1:-1] if whole else text


def _address(session: Session) -> str:
    """Return the URL of the configured server; empty if it is not known yet."""
    name = session.choice().server
    if name == config.SANDBOX:
        running = config.sandbox().running
        return running[0].url if running else ""
    try:
        return config.at(name).url
    except CoCalcError:  # an unknown name, which messages will report
        return ""
