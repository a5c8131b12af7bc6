"""The terminal, or the script, that the program runs in."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.session.frontend import HeadlessFrontend

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from cocalc_magic.session.frontend import OnJob


@dataclass(frozen=True)
class TerminalFrontend(HeadlessFrontend):
    """A front end on standard input and output; it asks only where somebody is at both of them."""

    @classmethod
    def here(cls) -> TerminalFrontend:
        """Return the one of this process."""
        asks = sys.stdin.isatty() and sys.stderr.isatty()
        return cls(person=asks, terminal=asks)

    def progress(
        self, what: str, server: str, words: Callable[[], str] | None = None, *, quiet: bool = False
    ) -> AbstractContextManager[OnJob | None]:
        """Show on one line of standard error, where that is a terminal, how long it has been."""
        if quiet or not sys.stderr.isatty():
            return nullcontext()
        from cocalc_magic.ipython.progress import show_on_line  # late, as what it needs
        from cocalc_magic.render.progress import waiting

        return waiting(what, server, "Ctrl-C stops waiting.", show_on_line, words)
