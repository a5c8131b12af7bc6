"""Words that take no room while there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render

if TYPE_CHECKING:
    from cocalc_magic.render import Block


class Said(W.HTML):  # type: ignore[misc]  # ipywidgets has no types
    """A place for a few blocks, hidden at first."""

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})

    def say(self, *blocks: Block) -> None:
        """Shows these in place of the last ones; without any it is hidden."""
        self.value = render.format_html(blocks) if blocks else ""
        self.layout.display = "" if blocks else "none"
