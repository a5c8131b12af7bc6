"""Values of commands, such as help or a list: blocks that show themselves as any value does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.html import format_html
from cocalc_magic.render.text import format_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.render.screen import Screen


@dataclass(frozen=True, repr=False)
class Page:
    """Blocks, as text in a terminal and as HTML in a notebook; `str(page)` is the text."""

    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return format_text(self.blocks)

    def text_on(self, screen: Screen) -> str:
        """Return the text as wide as a screen is, and all of it."""
        return format_text(self.blocks, replace(screen, height=0))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return format_html(self.blocks)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(str(self))


@dataclass(frozen=True, repr=False)
class LivePage(Page):
    """A page in whose place a front end with a live kernel shows the ipywidget that `make` returns.

    `c.CoCalc.view` chooses how it is shown.
    """

    make: Callable[[], object]
