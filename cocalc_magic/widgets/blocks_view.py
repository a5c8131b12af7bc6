"""Blocks as a live view: their HTML, with tables that scroll and sort, and long texts by their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Dict, Instance, List, Unicode

from cocalc_magic import render
from cocalc_magic.render.blocks import Board, Pre, Table
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.board_view import BoardView
from cocalc_magic.widgets.lines import LinesBox
from cocalc_magic.widgets.row_source import RowSource
from cocalc_magic.widgets.table import RecordsTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.render import Block
    from cocalc_magic.session.frontend import Keep


class BlocksView(RowSource):
    """One widget for any number of blocks, since each costs a message to the page.

    A page copies ids by a click, and gives every preformatted text a *Copy*.
    """

    _esm = Unicode(script("blocks_view")).tag(sync=True)
    # Not `_css`, which anywidget writes anew for every widget, and the browser then lays out the whole page.
    sheet = Unicode(sheet("parts", "blocks_view")).tag(sync=True)

    parts = List(Dict(), help="`{html: …}`, or `{child: …}` with its number.").tag(sync=True)
    children = List(Instance(W.Widget)).tag(sync=True, **W.widget_serialization)

    def __init__(self, blocks: Iterable[Block], keep: Keep | None = None, **state: Any) -> None:
        parts = list(_parts(blocks, keep))
        children = [part for part in parts if isinstance(part, W.Widget)]
        places = iter(range(len(children)))
        super().__init__(
            parts=[{"html": part} if isinstance(part, str) else {"child": next(places)} for part in parts],
            children=children,
            **state,
        )

    @property
    def markup(self) -> tuple[str, ...]:
        """The HTML between the other widgets."""
        return tuple(part["html"] for part in self.parts if "html" in part)

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return nothing: all of it is in the page."""
        del do, content
        return {}


def _parts(blocks: Iterable[Block], keep: Keep | None) -> Iterator[str | W.Widget]:
    """Yield HTML, and the widgets that stand between it."""
    static: list[Block] = []
    for block in blocks:
        if (live := _live(block, keep)) is None:
            static.append(block)
            continue
        if static:
            yield render.format_html(static)
        static = []
        yield live
    if static:
        yield render.format_html(static)


def _live(block: Block, keep: Keep | None) -> W.Widget | None:
    """Return the block as a widget, if that does more than its HTML."""
    match block:
        case Table(records=records) if len(records) > 1:
            return RecordsTable(records, keep)
        case Board():
            return BoardView(block)
        case Pre(whole=text) if text:
            return LinesBox(text, block.label, block.tone, block.language)
    return None
