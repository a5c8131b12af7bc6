"""How a response is shown: pure functions from responses to plain text and HTML.

A view is described once, as a short list of blocks (:mod:`~cocalc_magic.render.sections`), and two small
formatters turn blocks into text and into HTML. Whatever a server sends, the result is harmless and
small, and says what it leaves out; the whole stays in the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Block
from cocalc_magic.render.html import format_html
from cocalc_magic.render.sections import blocks, code_blocks, json_blocks, rendered, request_blocks
from cocalc_magic.render.text import format_text

if TYPE_CHECKING:
    from cocalc_magic.response import Response

__all__ = [
    "Block",
    "blocks",
    "code_blocks",
    "format_html",
    "format_text",
    "json_blocks",
    "rendered",
    "request_blocks",
    "to_html",
    "to_text",
]


def to_text(response: Response) -> str:
    """The response as plain text, for terminals and front-ends without HTML."""
    return format_text(blocks(response))


def to_html(response: Response) -> str:
    """The response as HTML that stands by itself: nothing to load, nothing that runs."""
    return format_html(blocks(response))
