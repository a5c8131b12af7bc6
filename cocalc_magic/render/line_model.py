"""A text of any length by its lines: counted at once, searched by words, cut to what is shown."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.highlight import PLAIN, Look, ansi_pieces, look_after, without_colors
from cocalc_magic.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_LINE = 2_000  # characters of one line that are shown
MAX_SECONDS = 2.0  # of a search
_BLOCK = 8_192  # characters per entry of the index
_STEP = 1_000_000  # characters that are searched at once
_MAX_TAIL = 200  # characters behind a cut, by which a key that is cut is still recognised
_MAX_BACK = 4_000  # characters before a line in which its colour is searched

Run = list[str]
"""A piece of text; if it is not plain, also its colour, its background, and letters of its styles."""

Line = tuple[int, list[Run], int]
"""The number of a line from 0, what is shown of it, and how many characters are not."""


class LineModel:
    """The lines of one text. The text is kept once; its index is small and made in one pass.

    `language` is `ansi` for a terminal's text, whose colours are kept. A colour that begins more than 4,000
    characters before a line is not seen in it.
    """

    def __init__(self, text: str, language: str = "") -> None:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._text, self._ansi = text, language == "ansi"
        ends = (text.count("\n", place, place + _BLOCK) for place in range(0, len(text), _BLOCK))
        self._before = array("Q", accumulate(ends, initial=0))
        self._last: tuple[str, Sequence[int], int] = ("", range(self.total), self.total)

    @property
    def total(self) -> int:
        """How many lines there are."""
        return self._before[-1] + (self._text[-1:] not in ("", "\n"))

    def find(self, words: str) -> tuple[Sequence[int], int]:
        """Return the numbers of the lines that contain all of the words, and how many lines were searched.

        Not all are searched if that would take more than two seconds.
        """
        query = " ".join(words.lower().split())
        if self._last[0] != query:
            self._last = (query, *self._search(query.split()))
        return self._last[1:]

    def lines(self, numbers: Iterable[int]) -> Iterator[Line]:
        """Yield lines by their numbers, harmless and cut to 2,000 characters."""
        after, look = -1, PLAIN
        for number, start, end in self._places(numbers):
            if number != after:
                look = look_after(self._text[max(0, start - _MAX_BACK) : start])
            runs = self._runs(self._text[start : min(end, start + MAX_LINE + _MAX_TAIL)], look)
            yield number, runs, max(0, end - start - MAX_LINE)
            look = look_after(self._text[max(start, end - _MAX_BACK) : end], look)
            after = number + 1

    def copy(self, numbers: Sequence[int], most: int) -> str | None:
        """Return whole lines by their numbers as they are shown; `None` for more than `most` characters."""
        if len(numbers) == self.total:
            return visible(self._text) if len(self._text) <= most else None
        parts, left = [], most - len(numbers)
        for _, start, end in self._places(numbers) if left > 0 else ():
            left -= end - start
            if left < 0:
                break
            parts.append(self._text[start:end])
        return visible("\n".join([*parts, ""])) if left >= 0 else None

    def _places(self, numbers: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        """Yield the numbers with where their lines begin and end; quick for increasing numbers."""
        after, place = 0, 0  # a line, and its beginning
        for number in numbers:
            mark = max(0, bisect_left(self._before, number) - 1)
            if not self._before[mark] <= after <= number:
                after, place = self._before[mark], mark * _BLOCK
            for _ in range(number - after):
                place = self._text.find("\n", place) + 1
            end = self._end(place)
            yield number, place, end
            after = number

    def _end(self, start: int) -> int:
        end = self._text.find("\n", start)
        return len(self._text) if end < 0 else end

    def _search(self, words: list[str]) -> tuple[Sequence[int], int]:
        if not words:
            return range(self.total), self.total
        numbers, line, place, until = array("Q"), 0, 0, time.monotonic() + MAX_SECONDS
        while place < len(self._text) and time.monotonic() < until:
            end = self._end(min(place + _STEP, len(self._text))) + 1
            part = self._text[place:end]
            numbers.extend(_matching(part, words, line))
            line += part.count("\n")
            place = end
        return numbers, line if place < len(self._text) else self.total

    def _runs(self, text: str, look: Look) -> list[Run]:
        if not self._ansi:
            return [[visible(text)[:MAX_LINE]]]
        runs: list[Run] = []
        left = MAX_LINE
        for piece, its_look in ansi_pieces(text, look):
            shown = visible(piece)[:left]
            left -= len(shown)
            if shown:
                runs.append(_run(shown, its_look))
        return runs


def _matching(text: str, words: list[str], line: int) -> list[int]:
    """Return the numbers of the text's lines with all of the words; its first has the number `line`."""
    text = text.lower()
    if "\x1b" in text or "\x9b" in text:
        text = without_colors(text)
    if any(word not in text for word in words):
        return []
    lines: Any = enumerate(text.split("\n"), line)
    for word in words:
        lines = [pair for pair in lines if word in pair[1]]
    return [number for number, _ in lines]


def _run(text: str, look: Look) -> Run:
    if look == PLAIN:
        return [text]
    return [text, look.color, look.behind, "b" * look.bold + "i" * look.italic + "u" * look.underlined]
