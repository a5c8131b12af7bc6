"""A text of any length: the page asks for the lines that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Dict, Int, Unicode

from cocalc_magic.render.clean import cut, visible_line
from cocalc_magic.render.highlight.ansi import COLORS
from cocalc_magic.render.line_model import Lines
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import Rows, count, words

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 200  # lines that are sent at once
COPY = 10_000_000  # characters that are copied at once
_WORD = 80


class LinesBox(Rows):
    """Lines by window, found by the kernel; nothing of the text is in the state."""

    DOES = ("lines", "copy")

    _esm = Unicode(script("lines")).tag(sync=True)
    _css = Unicode(sheet("table", "lines")).tag(sync=True)

    total = Int().tag(sync=True)
    label = Unicode().tag(sync=True)
    tone = Unicode(help="Empty, ``warning`` or ``error``.").tag(sync=True)
    colors = Dict(COLORS).tag(sync=True)

    def __init__(self, text: str, label: str = "", tone: str = "", language: str = "") -> None:
        self._lines = Lines(text, language)
        super().__init__(total=self._lines.total, label=visible_line(cut(label, _WORD)), tone=tone)

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """A window of the lines that were found, or the text of all of them."""
        found, searched = self._lines.found(words(content.get("words")))
        if do == "copy":
            text = self._lines.copy(found, COPY)
            return {
                "text": text or "",
                "problem": "too long; the response has it all" if text is None else "",
            }
        start = count(content.get("start"))
        wanted = found[start : start + min(count(content.get("count")), MOST)]
        lines = list(self._lines.lines(wanted))
        return {"lines": lines, "start": start, "found": len(found), "searched": searched}
