"""The arguments of the program as a line of the magic.

A shell has taken its own quotes away and put its own variables in. So every text is quoted again, and no `$`
is a variable of ours, except with `--each` that of a row: `'title=${row.name}'`. What follows `@` is a file,
`:=` begins JSON, and `-` is standard input, as in a cell.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic.catalog.raw import METHODS
from cocalc_magic.syntax.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.syntax.variables import Piece

_ITEM = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?P<sign>\[\]:=|\[\]=|:=|=)(?P<at>@?)(?P<text>.*)", re.DOTALL)
_FLAG = re.compile(r"--?[A-Za-z][\w-]*")
_FLAG_VALUE = re.compile(r"(?P<name>--[A-Za-z][\w-]*)=(?P<value>.*)", re.DOTALL)
STDIN = "-"
EACH = "--each"


class Typed(NamedTuple):
    """What was typed: a line of the magic, and whether standard input belongs to it."""

    line: str
    takes_input: bool


def read(argv: list[str]) -> Typed:
    """Return the arguments as a line of the magic; a lonely `-` is a body from standard input."""
    words = [word for word in argv if word != STDIN]
    event, rest = _event(words)
    has_rows = any(word == EACH or word.startswith(f"{EACH}=") for word in rest)
    line = " ".join([*event, *(_word(word, has_rows=has_rows) for word in rest)])
    return Typed(line, len(words) < len(argv) or any(_is_input(word) for word in rest))


def shell_line(event: str, options: Mapping[str, Any]) -> str:
    """Return what a shell takes to send a message; `read` has the same options of it."""
    items = (
        f"{name}={value}" if _is_plain(value) else f"{name}:={json.dumps(value, ensure_ascii=False)}"
        for name, value in options.items()
    )
    return shlex.join(["cocalc-magic", event, *items])


def _is_plain(value: Any) -> bool:
    """Return whether a value is a text that stands for itself, and is neither a file nor standard input."""
    return isinstance(value, str) and not value.startswith("@") and value != STDIN


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


def _word(word: str, *, has_rows: bool = False) -> str:
    if _is_input(word):
        return word
    if match := _ITEM.fullmatch(word):
        is_json = match["sign"].endswith(":=") and not match["at"]
        value = _changed(match["text"], _no_variable, has_rows=has_rows)
        value = value if is_json else _quoted(match["text"], has_rows=has_rows)
        return f"{match['name']}{match['sign']}{match['at']}{value}"
    if match := _FLAG_VALUE.fullmatch(word):
        return f"{match['name']}={_quoted(match['value'])}"
    return word if _FLAG.fullmatch(word) else _quoted(word, has_rows=has_rows)


def _quoted(text: str, *, has_rows: bool = False) -> str:
    """Return the text in quotes; a variable of a row alone needs none, and keeps its type."""
    parts = _parts(text, has_rows=has_rows)
    alone = len(parts) == 1 and isinstance(parts[0], Variable)
    quoted = _changed(text, _escaped, has_rows=has_rows)
    return quoted if alone else f'"{quoted}"'


def _parts(text: str, *, has_rows: bool) -> list[Piece]:
    if not has_rows:
        return [text]
    from cocalc_magic.bulk.template import row_pieces  # late: few calls send many

    return row_pieces(text)


def _changed(text: str, change: Callable[[str], str], *, has_rows: bool) -> str:
    """Return the text with everything changed but the variables of a row."""
    parts = _parts(text, has_rows=has_rows)
    return "".join(change(part) if isinstance(part, str) else part.source for part in parts)


def _escaped(text: str) -> str:
    return _no_variable(text.replace("\\", "\\\\").replace('"', '\\"'))


def _no_variable(text: str) -> str:
    return text.replace("$", "$$")
