"""A line of text that takes no space while it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render

if TYPE_CHECKING:
    from cocalc_magic.render import Block


class StatusLine(W.HTML):  # type: ignore[misc]  # ipywidgets has no types
    """Shows a few blocks; hidden at first."""

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})

    def say(self, *blocks: Block) -> None:
        """Show these blocks in place of the last ones; without any, hide the line."""
        self.value = render.format_html(blocks) if blocks else ""
        self.layout.display = "" if blocks else "none"
