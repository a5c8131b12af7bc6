"""`sort` of the small shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call

_KEY = re.compile(r"(\d+)(?:\.\d+)?([nrfb]*)(?:,(\d+)([nrfb]*))?")


def sort(call: Call) -> int:
    """Sort lines: `-n` by number, `-r` backwards, `-u` each once, `-f` whatever their case.

    `-k N` is by a field and what follows, `-k N,M` up to another one; `-t` is what ends a field.
    """
    flags = call.flags("nrufb", "kto")
    match = _KEY.fullmatch(flags["k"]) if "k" in flags else None
    if "k" in flags and (not match or match[1] == "0"):
        raise Usage(f"-: invalid field specification ‘{flags['k']}’", 2)
    letters = {*flags, *(f"{match[2]}{match[4] or ''}" if match else "")}
    field = _field(int(match[1]), int(match[3] or 0), flags.get("t", "")) if match else None
    key = _key(letters, field)
    try:
        lines = call.lines("cannot read: {}", "read failed: {}")
    except OSError as problem:
        return call.fail(str(problem.strerror), 2)
    if "u" in flags:
        lines.sort(key=key, reverse="r" in letters)
        lines = [line for place, line in enumerate(lines) if not place or key(line) != key(lines[place - 1])]
    else:
        lines.sort(key=lambda line: (key(line), line), reverse="r" in letters)
    if call.failed:
        return 2
    text = "".join(f"{line}\n" for line in lines)
    if "o" in flags:
        call.files.write(flags["o"], text.encode("utf-8", "surrogateescape"))
    else:
        call.write(text)
    return 0


def _key(letters: set[str], field: Callable[[str], str] | None) -> Callable[[str], str | float]:
    def key(line: str) -> str | float:
        text = field(line) if field else line
        text = text.lstrip() if "b" in letters else text
        text = text.upper() if "f" in letters else text
        return _leading_number(text) if "n" in letters else text

    return key


def _field(first: int, last: int, sign: str) -> Callable[[str], str]:
    """Return a function that returns fields of a line, with the blanks before them without a sign."""

    def field(line: str) -> str:
        fields = line.split(sign) if sign else re.findall(r"[ \t]*[^ \t]+", line)
        return sign.join(fields[first - 1 : last or None])

    return field


def _leading_number(text: str) -> float:
    match = re.match(r"\s*(-?\d*\.?\d+)", text)
    return float(match[1]) if match else 0.0
