"""*Insert cell* and *Copy* for a piece of code, which only the page can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Unicode

from cocalc_magic import render
from cocalc_magic.render.blocks import Pre
from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cocalc_magic.render.blocks import Block


class CodeActions(anywidget.AnyWidget):
    """The two buttons; `code` is the cell's source."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("code_actions")).tag(sync=True)
    _css = Unicode(sheet("form", "fields")).tag(sync=True)

    code = Unicode().tag(sync=True)


class Cells(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Notes, then the source of each cell with its buttons."""

    def __init__(self, notes: Sequence[Block], cells: Iterable[str]) -> None:
        self.actions = [CodeActions(code=cell) for cell in cells]
        parts = [W.HTML(render.format_html(notes))] if notes else []
        for action in self.actions:
            parts += [W.HTML(render.format_html([Pre(action.code)])), action]
        super().__init__(parts)
        self.add_class("ccm-form")
