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
        self._id = secrets.token_hex(8)
        self._shown = False

    def show(self, text: str) -> None:
        """Show the text in place of the last one."""
        if not (self._ticking and isinstance(text, ProgressLine)):
            self._publish({"text/plain": text})
        elif text.words != self._words:
            self._words = text.words
            # Loaded late: a quick message does not need it.
            from cocalc_magic import widgets

            self._publish({"text/plain": widgets.since(text), "text/html": widgets.progress_html(text)})

    def _publish(self, bundle: dict[str, str]) -> None:
        transient = {"display_id": self._id}
        self._publisher.publish(bundle, transient=transient, update=self._shown)
        self._shown = True


def show_on_line(text: str) -> None:
    """Show the text in place of the last one on a terminal's line."""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()
