"""Pictures and frames: what of others is shown as it is meant, inside of its box."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import PICTURES
from cocalc_magic.render.clean import cut, visible, visible_line
from cocalc_magic.render.element import Html
from cocalc_magic.render.embed import frame

if TYPE_CHECKING:
    from cocalc_magic.render.blocks import Frame, Picture

WORDS = 4_000  # characters of a frame's text
_PICTURE = "display: block; max-width: 100%; background: white; margin: 2px 0"
_FRAME = (
    "display: block; box-sizing: border-box; width: 100%; border: 1px solid rgba(128, 128, 128, 0.35);"
    " background: white; resize: vertical; margin: 2px 0; height: "
)


def picture_html(picture: Picture) -> Html:
    """The picture as an image that is part of the page."""
    if picture.kind not in PICTURES:
        raise ValueError(f"{picture.kind} is no kind of picture")
    meaning = escape(visible_line(picture.meaning))
    return Html(f'<img src="data:{picture.kind};base64,{picture.base64}" alt="{meaning}" style="{_PICTURE}">')


def frame_html(block: Frame) -> Html:
    """The HTML in a frame without any permission.

    Who drops frames keeps the text in them, which no browser with frames shows: JupyterLab for a notebook
    that is not trusted.
    """
    document = escape(frame.document(block.html))
    style = f"{_FRAME}{frame.height(block.html)}px"
    text = escape(visible(cut(block.text, WORDS)))
    return Html(
        f'<div style="white-space: pre-wrap"><iframe sandbox="" srcdoc="{document}" title="Rendered"'
        f' loading="lazy" referrerpolicy="no-referrer" style="{style}">{text}</iframe></div>'
    )
