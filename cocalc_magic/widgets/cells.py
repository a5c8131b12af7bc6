"""Cells to be inserted: each with *Insert cell* and *Copy*, below the notes on all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.render.blocks import Pre
from cocalc_magic.widgets.code_actions import Actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cocalc_magic.render.blocks import Block


class Cells(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The notes, then the source of each cell with its buttons."""

    def __init__(self, notes: Sequence[Block], cells: Iterable[str]) -> None:
        self.actions = [Actions(code=cell) for cell in cells]
        parts = [W.HTML(render.format_html(notes))] if notes else []
        for action in self.actions:
            parts += [W.HTML(render.format_html([Pre(action.code)])), action]
        super().__init__(parts)
        self.add_class("ccm-form")
