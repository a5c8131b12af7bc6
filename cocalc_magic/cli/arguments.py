"""The arguments of the program as a line of the magic.

A shell has taken its own quotes away and put its own variables in. So every text is quoted again, and no `$`
is a variable of ours; what follows `@` is a file, `:=` begins JSON, and `-` is standard input, as in a cell.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cocalc_magic.catalog.raw import METHODS

_ITEM = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?P<sign>\[\]:=|\[\]=|:=|=)(?P<at>@?)(?P<text>.*)", re.DOTALL)
_FLAG = re.compile(r"--?[A-Za-z][\w-]*")
_FLAG_VALUE = re.compile(r"(?P<name>--[A-Za-z][\w-]*)=(?P<value>.*)", re.DOTALL)
STDIN = "-"


class Typed(NamedTuple):
    """What was typed: a line of the magic, and whether standard input belongs to it."""

    line: str
    takes_input: bool


def read(argv: list[str]) -> Typed:
    """Return the arguments as a line of the magic; a lonely `-` is a body from standard input."""
    words = [word for word in argv if word != STDIN]
    event, rest = _event(words)
    line = " ".join([*event, *map(_word, rest)])
    return Typed(line, len(words) < len(argv) or any(_is_input(word) for word in rest))


def _event(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words that name the message, which are not quoted, and the others; `raw` has up to three."""
    if not words or _ITEM.match(words[0]) or words[0].startswith("-"):
        return [], words
    count = 1
    if words[0] == "raw":
        count += 2 if len(words) > 1 and words[1].upper() in METHODS else 1
    return words[:count], words[count:]


def _is_input(word: str) -> bool:
    match = _ITEM.fullmatch(word)
    return match is not None and "[]" not in match["sign"] and not match["at"] and match["text"] == STDIN


def _word(word: str) -> str:
    if _is_input(word):
        return word
    if match := _ITEM.fullmatch(word):
        json = match["sign"].endswith(":=") and not match["at"]
        value = match["text"].replace("$", "$$") if json else _quoted(match["text"])
        return f"{match['name']}{match['sign']}{match['at']}{value}"
    if match := _FLAG_VALUE.fullmatch(word):
        return f"{match['name']}={_quoted(match['value'])}"
    return word if _FLAG.fullmatch(word) else _quoted(word)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
