"""What a terminal shows: so many columns and lines, colours or none, signs or ASCII alone."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGNS = str.maketrans(
    {"→": "->", "·": "-", "…": "...", "─": "-", "•": "*", "⏎": "\\n", "⟨": "<", "⟩": ">", "–": "-", "×": "x"}
)
_CODES = {"strong": "1", "muted": "2", "error": "31", "good": "32", "warning": "33", "sandbox": "35"}
_MIN_WIDTH = 20
_AROUND = 4  # lines of a screen that are not the output's: the prompts, and what is left out


@dataclass(frozen=True)
class Screen:
    """Where text is shown; without a width, as in a notebook, nothing is wrapped or left out.

    Args:
        width: Columns.
        height: Lines, or 0 for any number.
        colors: Whether it shows colours.
        encoding: What signs it can show.
    """

    width: int | None = None
    height: int = 0
    colors: bool = False
    encoding: str = "utf-8"

    def paint(self, text: str, meaning: str) -> str:
        """Return the text in the colour of a meaning, such as `muted` or `error`.

        Empty text, and a meaning without a colour, stay as they are.
        """
        code = _CODES.get(meaning)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colors and code and text else text

    def wrap(self, text: str, indent: int = 0, first: int | None = None) -> Iterator[str]:
        """Yield the lines of a text, broken at blanks alone; later ones are indented.

        `first` is how much of the first line is taken already, by default as much as the indent.
        """
        if self.width is None:
            yield text
            return
        for line in text.split("\n"):
            start = " " * (indent if first is None else first)
            wrapper = TextWrapper(
                max(_MIN_WIDTH, self.width), start, " " * indent, break_long_words=False,
                break_on_hyphens=False, drop_whitespace=True, replace_whitespace=False,
            )  # fmt: skip
            lines = wrapper.wrap(line) or [""]
            yield lines[0][len(start) :]
            yield from lines[1:]

    def fit(self, lines: Iterable[str]) -> str:
        """Return the lines as one text, of which no more is shown than fits on the screen."""
        shown = list(lines)
        most = self.height - _AROUND
        if self.height and len(shown) > max(most, _MIN_WIDTH // 2):
            left = len(shown) - most
            note = f"… {left:,} more lines; the response has them all, and --as raw prints them."
            shown = [*shown[:most], self.paint(note, "muted")]
        return self._written("\n".join(shown))

    def _written(self, text: str) -> str:
        """Return the text in signs that the encoding has."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.translate(_SIGNS).encode(self.encoding, "backslashreplace").decode(self.encoding)
        return text


NOTEBOOK = Screen()


def standard_output() -> Screen:
    """Return what standard output shows: a terminal as wide as it is now, with its signs and colours."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not sys.stdout.isatty():
        return Screen(encoding=encoding)
    size = shutil.get_terminal_size()
    colors = os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ
    return Screen(size.columns, size.lines, colors, encoding)
