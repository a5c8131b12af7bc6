"""The one place where text becomes HTML: everything is escaped and made harmless on its way."""

from __future__ import annotations

from html import escape

from cocalc_magic.render.blocks import Link, Said
from cocalc_magic.render.clean import visible, visible_line


class Html(str):
    """Text that is markup already; all other text is escaped when it is put into an element."""

    __slots__ = ()


def element(tag: str, style: str, *content: str, attribute: str = "") -> Html:
    """An element round its content; tag, style and attribute are this package's own."""
    inner = "".join(part if isinstance(part, Html) else escape(visible(part)) for part in content)
    styled = f' style="{style}"' if style else ""
    return Html(f"<{tag}{attribute}{styled}>{inner}</{tag}>")


def exactly(value: str) -> str:
    """The attribute that shows the exact value behind words, where it stayed with them."""
    return f' title="{escape(visible_line(value.exact))}"' if isinstance(value, Said) else ""


def words(value: str) -> Html:
    """One line of a value; where it leads to a page of the server, as a link that opens beside."""
    if not (isinstance(value, Link) and value.address.startswith(("http://", "https://"))):
        return Html(escape(visible_line(value)))
    address = f' href="{escape(value.address)}" target="_blank" rel="noopener noreferrer"'
    return element("a", "", visible_line(value), attribute=address)
