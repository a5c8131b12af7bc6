"""Where a cell and a terminal have the words of ``progress``: one output, one line."""

from __future__ import annotations

import secrets
import sys
from typing import Any

from cocalc_magic.render.progress import ProgressLine


class CellProgress:
    """One output of a cell that is written anew, and empty at the end; ``publisher`` is the shell's.

    Where pages run the stage the clock is ``ticking`` there, and only new words are written: what is
    written anew is read anew by a screen reader, and loses the focus.
    """

    def __init__(self, publisher: Any, *, ticking: bool = False) -> None:
        self._publisher = publisher
        self._ticking = ticking
        self._words = ""
        self._id = secrets.token_hex(8)
        self._shown = False

    def show(self, text: str) -> None:
        """Puts the text in the place of the last one."""
        if not (self._ticking and isinstance(text, ProgressLine)):
            self._publish({"text/plain": text})
        elif text.words != self._words:
            self._words = text.words
            # Made here, after the first second: what is quick never pays for it.
            from cocalc_magic import widgets

            self._publish({"text/plain": widgets.since(text), "text/html": widgets.progress_html(text)})

    def _publish(self, bundle: dict[str, str]) -> None:
        transient = {"display_id": self._id}
        self._publisher.publish(bundle, transient=transient, update=self._shown)
        self._shown = True


def show_on_line(text: str) -> None:
    """Puts the text in the place of the last one on a terminal's line."""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()
