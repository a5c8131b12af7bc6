"""The live view of one response: what it shows, its JSON, the request, the code, and *Send again*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.render.blocks import Pre, Table
from cocalc_magic.widgets.lines import LinesBox
from cocalc_magic.widgets.sending import Sending, Submission
from cocalc_magic.widgets.table import RecordsTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cocalc_magic.render import Block, Rendered
    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import Keep, OnJob


class SendAgain(Sending):
    """Sends the same message at each click; at each second one if `asks`."""

    ASKING = "It does something each time."

    def __init__(
        self,
        send: Callable[[OnJob], Response],
        *,
        asks: bool,
        name: str = "Send again",
        meaning: str = "Send this message once more",
        event: str = "the message",
        server: str = "the server",
        keep: Keep | None = None,
    ) -> None:
        submission = Submission(event, server, send, self.ASKING if asks else "")
        super().__init__(lambda: submission, view_maker(keep), name=name, meaning=meaning, style="")


def view_maker(keep: Keep | None) -> Callable[[Response], W.Widget]:
    """Return a function that makes the view of a response."""
    return lambda response: response_view(render.Rendered(response), keep=keep)


def response_view(
    rendered: Rendered,
    again: Callable[[OnJob], Response] | None = None,
    *,
    asks: bool = True,
    keep: Keep | None = None,
) -> W.Widget:
    """Return tabs over one response: *View*, perhaps *Rendered*, *JSON*, *Request*, *Code*.

    Args:
        rendered: The response with its blocks.
        again: Sends its message once more.
        asks: Whether that does something each time, so that it takes a second click.
        keep: Gives DataFrames of its tables a name in the notebook.
    """
    parts = {"View": shown_blocks(rendered.blocks, keep)}
    if file := rendered.file_blocks:
        parts["Rendered"] = _html(file)
    response = rendered.response
    parts["JSON"] = _html(render.json_blocks(response))
    parts["Request"] = _html(render.request_blocks(response))
    parts["Code"] = _html(render.code_blocks(response))
    tabs = W.Tab(children=list(parts.values()), titles=list(parts))
    tabs.add_class("cocalc-magic")
    if again is None:
        return tabs
    event, server = response.request.event, response.server
    return W.VBox([tabs, SendAgain(again, asks=asks, event=event, server=server, keep=keep)])


def shown_blocks(blocks: Iterable[Block], keep: Keep | None = None) -> W.Widget:
    """Return the blocks as HTML, but tables that scroll, sort and filter, and long texts by their lines."""
    parts: list[W.Widget] = []
    static: list[Block] = []
    for block in blocks:
        if (live := _live(block, keep)) is None:
            static.append(block)
            continue
        if static:
            parts.append(_html(static))
        static = []
        parts.append(live)
    if static:
        parts.append(_html(static))
    return parts[0] if len(parts) == 1 else W.VBox(parts)


def _live(block: Block, keep: Keep | None) -> W.Widget | None:
    """Return the block as a widget, if that does more than its HTML."""
    match block:
        case Table(records=records) if len(records) > 1:
            return RecordsTable(records, keep)
        case Pre(whole=text) if text:
            return LinesBox(text, block.label, block.tone, block.language)
    return None


def _html(blocks: Iterable[Block]) -> W.HTML:
    # Without a width of its own the content takes that of the page; else a wide table widens the tabs.
    return W.HTML(f'<div style="width: 0; min-width: 100%">{render.format_html(blocks)}</div>')
