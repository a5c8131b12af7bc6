"""The colours of a terminal's text: what its escape sequences ask for, as far as it helps to read.

Colours are eight that can be read on white and on black; of others the nearest is taken. Nothing hides
or moves text: concealed text is shown, and backgrounds are a tint.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.clean import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PIECES = 1_000  # changes of colour in one text; the rest of it has none

# Each has a contrast of at least 4 on white and on #111.
COLORS = {
    "black": "#767676",
    "red": "#d43c3c",
    "green": "#268640",
    "yellow": "#97710d",
    "blue": "#4076d8",
    "magenta": "#b14bb5",
    "cyan": "#128394",
    "white": "#767676",
}
_NAMES = tuple(COLORS)
_SELECT = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")


@dataclass(frozen=True)
class Look:
    """How a piece of text looks; ``color`` and ``behind`` are names of ``COLORS`` or empty."""

    color: str = ""
    behind: str = ""
    bold: bool = False
    italic: bool = False
    underlined: bool = False


PLAIN = Look()


def pieces(text: str, look: Look = PLAIN) -> list[tuple[str, Look]]:
    """The text in pieces of one look each; texts are raw, without the sequences that colour them.

    ``look`` is what it begins with. One plain piece where colours would change what is read, as in a
    key with a colour inside.
    """
    text = text.replace("\r\n", "\n")
    made = [(piece, look) for piece, look in _split(text, look) if piece]
    if "".join(visible(piece) for piece, _ in made) != visible(text):
        return [(text, PLAIN)]
    return made


def without_colors(text: str) -> str:
    """The text without the sequences that colour it; its lines stay as many."""
    return _SELECT.sub("", text)


def look_after(text: str, look: Look = PLAIN) -> Look:
    """How text looks that follows this one, which begins with ``look``."""
    for found in _SELECT.finditer(text):
        look = _changed(look, found[1])
    return look


def _split(text: str, look: Look) -> Iterator[tuple[str, Look]]:
    place = 0
    for number, found in enumerate(_SELECT.finditer(text)):
        yield text[place : found.start()], look
        place = found.end()
        if number >= PIECES:
            look = PLAIN
            break
        look = _changed(look, found[1])
    yield text[place:], look


def _changed(look: Look, numbers: str) -> Look:
    codes = iter([int(number or 0) for number in re.split("[;:]", numbers)[:16] if len(number) <= 3])
    for code in codes:
        look = _one(look, code, codes)
    return look


def _one(look: Look, code: int, more: Iterable[int]) -> Look:
    if code == 0:
        return PLAIN
    if code in _STYLES:
        return replace(look, **_STYLES[code])
    base, name = code // 10 * 10, code % 10
    if base in (30, 90):
        return replace(look, color=_color(name, more))
    if base in (40, 100):
        return replace(look, behind=_color(name, more))
    return look


_STYLES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    3: {"italic": True},
    4: {"underlined": True},
    22: {"bold": False},
    23: {"italic": False},
    24: {"underlined": False},
}


def _color(name: int, more: Iterable[int]) -> str:
    """The colour of the last digit of a code; 8 takes it from what follows, 9 is none."""
    if name < 8:
        return _NAMES[name]
    following = iter(more)
    if name != 8:
        return ""
    match next(following, None):
        case 5:
            return _of_256(next(following, 0))
        case 2:
            return _nearest(*(min(next(following, 0), 255) for _ in range(3)))
    return ""


def _of_256(number: int) -> str:
    if number < 16:
        return _NAMES[number % 8]
    if number >= 232:
        return "white"
    cube = number - 16
    return _nearest(cube // 36 * 51, cube // 6 % 6 * 51, cube % 6 * 51)


def _nearest(red: int, green: int, blue: int) -> str:
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if saturation < 0.25:
        return "white"
    return ("red", "yellow", "green", "cyan", "blue", "magenta")[round(hue * 6) % 6]
