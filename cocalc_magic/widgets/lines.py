"""A text of any length, of which the page requests the lines that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Dict, Int, Unicode

from cocalc_magic.render.highlight import COLORS
from cocalc_magic.render.line_model import LineModel
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import RowSource, count, text

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LINES = 200  # sent at once
MAX_COPY = 10_000_000  # characters
_WORD = 80


class LinesBox(RowSource):
    """Lines by window, searched by the kernel; nothing of the text is in the widget's state."""

    ACTIONS = ("lines", "copy")

    _esm = Unicode(script("lines")).tag(sync=True)
    _css = Unicode(sheet("table", "lines")).tag(sync=True)

    total = Int().tag(sync=True)
    label = Unicode().tag(sync=True)
    tone = Unicode(help="Empty, `warning` or `error`.").tag(sync=True)
    colors = Dict(COLORS).tag(sync=True)

    def __init__(self, text: str, label: str = "", tone: str = "", language: str = "") -> None:
        self._lines = LineModel(text, language)
        super().__init__(total=self._lines.total, label=visible_line(cut(label, _WORD)), tone=tone)

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a window of the lines that contain the words, or the text of all of them."""
        numbers, searched = self._lines.find(text(content.get("words")))
        if do == "copy":
            copied = self._lines.copy(numbers, MAX_COPY)
            problem = "too long; the response has it all" if copied is None else ""
            return {"text": copied or "", "problem": problem}
        start = count(content.get("start"))
        window = numbers[start : start + min(count(content.get("count")), MAX_LINES)]
        lines = list(self._lines.lines(window))
        return {"lines": lines, "start": start, "found": len(numbers), "searched": searched}
