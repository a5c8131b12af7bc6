"""Show progress in one output of a cell, or on one line of a terminal."""

from __future__ import annotations

import secrets
import sys
from typing import Any

from cocalc_magic.render.progress import ProgressLine


class CellProgress:
    """One output of a cell that is updated, and empty at the end.

    Args:
        publisher: The shell's display publisher.
        ticking: Whether pages update the clock. Then the output is updated only with new words: a screen
            reader reads every update, and a button in it loses the focus.
    """

    def __init__(self, publisher: Any, *, ticking: bool = False) -> None:
        self._publisher = publisher
        self._ticking = ticking
        self._words = ""
        self._outputs: dict[str, str] = {}  # what is shown -> the id of its output

    def show(self, text: str) -> None:
        """Show the text in place of the last one, and below it the rows; `""` empties both."""
        if not (self._ticking and isinstance(text, ProgressLine)):
            for output in self._outputs or ("line",):
                self._publish(output, {"text/plain": text})
            return
        # Loaded late: a quick message does not need it.
        from cocalc_magic import widgets

        if text.words != self._words:
            self._words = text.words
            bundle = {"text/plain": widgets.since(text), "text/html": widgets.progress_html(text)}
            self._publish("line", bundle)
        if text.board is not None and text.board.rows and "board" not in self._outputs:
            self._publish("board", {"text/plain": "", "text/html": widgets.board_html(text.board)})

    def _publish(self, output: str, bundle: dict[str, str]) -> None:
        update = output in self._outputs
        transient = {"display_id": self._outputs.setdefault(output, secrets.token_hex(8))}
        self._publisher.publish(bundle, transient=transient, update=update)


def show_on_line(text: str) -> None:
    """Show the text in place of the last one on a terminal's line."""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()
