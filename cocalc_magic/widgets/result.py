"""The place where a response appears, brought into sight when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Unicode

from cocalc_magic.widgets.assets import script

if TYPE_CHECKING:
    from cocalc_magic.widgets.sending import Sending


class Reveal(anywidget.AnyWidget):
    """An empty line at the top of what is to be seen; only the page can scroll there."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("reveal")).tag(sync=True)


class Result(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """What a button brings back, each in the place of the one before, apart from the button."""

    def __init__(self, sending: Sending) -> None:
        self._reveal = Reveal()
        sending.children = [part for part in sending.children if part is not sending.answer]
        sending.answer.observe(self._changed, names="children")
        super().__init__([self._reveal, sending.answer])
        self.add_class("ccm-result")

    def _changed(self, change: Any) -> None:
        if change["new"]:
            self._reveal.send({"reveal": True})
