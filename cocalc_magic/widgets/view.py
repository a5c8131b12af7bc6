"""The live view of one response: what it shows, all of its JSON, and what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import HTML, Tab, Widget

from cocalc_magic import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.render import Block
    from cocalc_magic.response import Response


def response_view(response: Response) -> Widget:
    """Tabs *View*, *JSON* and *Request* over one response."""
    tabs = Tab(
        children=[
            _html(render.blocks(response)),
            _html(render.json_blocks(response)),
            _html(render.request_blocks(response)),
        ],
        titles=["View", "JSON", "Request"],
    )
    tabs.add_class("cocalc-magic")
    return tabs


def _html(blocks: Iterable[Block]) -> HTML:
    # Without a width of its own the content takes that of the page; else a wide table widens the tabs.
    return HTML(f'<div style="width: 0; min-width: 100%">{render.format_html(blocks)}</div>')
