"""`test` and `[`: whether a condition holds."""

from __future__ import annotations

import operator
import re
import stat
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call

_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_NUMBERS: dict[str, Callable[[Any, Any], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_MODES = {"-r": 0o400, "-w": 0o200, "-x": 0o100}


def bracket(call: Call) -> int:
    """Tell whether a condition before `]` holds."""
    if call.args[-1:] != ["]"]:
        raise Usage("missing `]'", 2)
    del call.args[-1]
    return test(call)


def test(call: Call) -> int:
    """Tell whether a condition holds, by the exit code."""
    return int(not _any(call, call.args))


def _any(call: Call, words: list[str]) -> bool:
    """Tell whether one of the conditions between `-o` holds, or all of those between `-a`."""
    for sign, combine in (("-o", any), ("-a", all)):
        if sign in words[1:-1] and len(words) > 3:
            place = words.index(sign, 1)
            return combine([_any(call, words[:place]), _any(call, words[place + 1 :])])
    return _holds(call, words)


def _holds(call: Call, words: list[str]) -> bool:
    if len(words) == 3 and words[1] in _TEXTS:
        return _TEXTS[words[1]](words[0], words[2])
    if len(words) == 3 and words[1] in _NUMBERS:
        return _NUMBERS[words[1]](_number(words[0]), _number(words[2]))
    if len(words) > 1 and words[0] == "!":
        return not _holds(call, words[1:])
    if len(words) == 2:
        return _is(call, *words)
    if len(words) == 3:
        raise Usage(f"{words[1]}: binary operator expected", 2)
    if len(words) > 3:
        raise Usage("too many arguments", 2)
    return bool(words and words[0])


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
        raise Usage(f"{text}: integer expression expected", 2)
    return int(text)


def _is(call: Call, sign: str, text: str) -> bool:
    """Tell whether what one sign asks is true of a text, or of the file with this path."""
    if sign in ("-n", "-z"):
        return bool(text) == (sign == "-n")
    if sign not in ("-e", "-f", "-d", "-s", "-h", "-L", *_MODES):
        raise Usage(f"{sign}: unary operator expected", 2)
    try:
        if sign in ("-h", "-L"):
            return call.files.link_text(text) is not None
        facts = call.files.facts(text)
    except OSError:
        return False
    kinds = {"-e": True, "-f": stat.S_ISREG(facts.st_mode), "-d": stat.S_ISDIR(facts.st_mode)}
    return bool(kinds.get(sign, facts.st_mode & _MODES.get(sign, 0) or (sign == "-s" and facts.st_size)))
