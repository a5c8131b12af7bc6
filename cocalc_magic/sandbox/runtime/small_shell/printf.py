"""`echo` and `printf` of the small shell, and the escapes that they know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from cocalc_magic.sandbox.runtime.small_shell.call import Call

_SIGNS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "\\": "\\",
}
_ESCAPE = re.compile(r"\\(?:([ntrabfve\\])|x([0-9a-fA-F]{1,2})|(0?[0-7]{1,3}))")


def unescaped(text: str) -> str:
    """Return a text with `\\n`, `\\x41`, `\\101` and the like replaced; bytes beyond ASCII as surrogates."""

    def sign(match: re.Match[str]) -> str:
        if match[1]:
            return _SIGNS[match[1]]
        code = int(match[2], 16) if match[2] else int(match[3], 8) & 0xFF
        return bytes((code,)).decode("utf-8", "surrogateescape")

    return _ESCAPE.sub(sign, text)


def echo(call: Call) -> int:
    """Write the arguments; `-n` without an end of line, `-e` with escapes."""
    words = call.args
    flags = set[str]()
    while words and re.fullmatch("-[neE]+", words[0]):
        flags |= set(words.pop(0)[1:])
    text = " ".join(words)
    text = unescaped(text) if "e" in flags else text
    call.write(text if "n" in flags else f"{text}\n")
    return 0


def printf(call: Call) -> int:
    """Write the arguments in a format, again and again while there are any."""
    if not call.args:
        raise Usage("usage: printf [-v var] format [arguments]", 2)
    form, rest = call.args[0], call.args[1:]
    pattern = re.compile(r"%(?:%|(-?0?\d{0,3}(?:\.\d{1,3})?)([sdixXocfgeb]))")
    while True:
        before = len(rest)

        def value(match: re.Match[str]) -> str:
            return "%" if match[0] == "%%" else _formatted(call, match, rest.pop(0) if rest else "")

        pieces = re.split(r"(%%|%[-0-9.]*[a-zA-Z])", form)
        if wrong := next((each for each in pieces[1::2] if not pattern.fullmatch(each)), None):
            raise Usage(f"`{wrong[-1]}': invalid format character", 1)
        call.write("".join(pattern.sub(value, unescaped(piece)) for piece in pieces))
        if not rest or len(rest) == before:
            return call.failed


def _formatted(call: Call, match: re.Match[str], argument: str) -> str:
    width, kind = match[1], match[2]
    if kind in "sbc":
        text = unescaped(argument) if kind == "b" else argument[:1] if kind == "c" else argument
        return f"%{width}s" % text
    try:
        number = float(argument or "0") if kind in "fge" else int(argument or "0", 0)
    except ValueError:
        call.failed = call.fail(f"{argument}: invalid number")
        number = 0
    return f"%{width}{'d' if kind == 'i' else kind}" % number
