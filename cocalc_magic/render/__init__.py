"""How a response is shown: pure functions from responses to plain text and HTML.

A view is described once, as a short list of blocks, and two small formatters turn blocks into text and into
HTML. Whatever a server sends, the result is harmless and small, and says what it leaves out; the whole stays
in the response.

From the bottom up: blocks, styles, humanize, trees, truncate, markdown, highlight, embed, records, fields,
outputs, files, payload, status, views, failures, screen, text, request, progress, table_access, table_model,
line_model, board_html, html, page, help, event_index, live_board, chart, vega, plots, sections, bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Block
from cocalc_magic.render.html import format_html, heading_html
from cocalc_magic.render.request import code_blocks, request_blocks
from cocalc_magic.render.sections import Rendered, json_blocks
from cocalc_magic.render.text import format_text

if TYPE_CHECKING:
    from cocalc_magic.response import Response

__all__ = [
    "Block",
    "Rendered",
    "code_blocks",
    "format_html",
    "format_text",
    "heading_html",
    "json_blocks",
    "request_blocks",
    "to_html",
    "to_text",
]


def to_text(response: Response) -> str:
    """Return the response as plain text, for terminals and front ends without HTML."""
    return Rendered(response).text


def to_html(response: Response) -> str:
    """Return the response as HTML that stands by itself: nothing to load, nothing that runs."""
    return Rendered(response).html
