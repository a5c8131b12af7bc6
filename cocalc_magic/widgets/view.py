"""The live view of one response: what it shows, all of its JSON, what was sent, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.render.blocks import Pre, Table
from cocalc_magic.widgets.lines import LinesBox
from cocalc_magic.widgets.table import Keep, RecordsTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.render import Block
    from cocalc_magic.response import Response
    from cocalc_magic.widgets.sending import Send


def response_view(
    response: Response, again: Send | None = None, *, asks: bool = True, keep: Keep | None = None
) -> W.Widget:
    """Tabs over one response: *View*, *Rendered* where there is such a form, *JSON*, *Request*, *Code*.

    ``again`` sends its message once more; ``asks`` says that this does something each time, so that
    it takes a second click. ``keep`` gives DataFrames of its tables a name in the notebook.
    """
    shown = {"View": shown_blocks(render.blocks(response), keep)}
    if rendered := render.rendered(response):
        shown["Rendered"] = _html(rendered)
    shown["JSON"] = _html(render.json_blocks(response))
    shown["Request"] = _html(render.request_blocks(response))
    shown["Code"] = _html(render.code_blocks(response))
    tabs = W.Tab(children=list(shown.values()), titles=list(shown))
    tabs.add_class("cocalc-magic")
    if again is None:
        return tabs
    from cocalc_magic.widgets.sending import SendAgain  # whose answers are views again

    button = SendAgain(
        again,
        asks=asks,
        event=response.request.event,
        server=response.server,
        view=lambda answer: response_view(answer, keep=keep),
    )
    return W.VBox([tabs, button])


def shown_blocks(blocks: Iterable[Block], keep: Keep | None = None) -> W.Widget:
    """The blocks as HTML; tables that scroll, sort and filter; long texts by their lines."""
    parts: list[W.Widget] = []
    waiting: list[Block] = []
    for block in blocks:
        if (live := _live(block, keep)) is None:
            waiting.append(block)
            continue
        if waiting:
            parts.append(_html(waiting))
        waiting = []
        parts.append(live)
    if waiting:
        parts.append(_html(waiting))
    return parts[0] if len(parts) == 1 else W.VBox(parts)


def _live(block: Block, keep: Keep | None) -> W.Widget | None:
    """The block as a widget, where that is more than its HTML."""
    match block:
        case Table(records=records) if len(records) > 1:
            return RecordsTable(records, keep)
        case Pre(whole=text) if text:
            return LinesBox(text, block.label, block.tone, block.language)
    return None


def _html(blocks: Iterable[Block]) -> W.HTML:
    # Without a width of its own the content takes that of the page; else a wide table widens the tabs.
    return W.HTML(f'<div style="width: 0; min-width: 100%">{render.format_html(blocks)}</div>')
