"""`grep` of the small shell, whose patterns are bounded in the time that they take.

Python's expressions try again and again, and can't be interrupted. A repetition of what has repetitions or
choices, which may take exponential time, is refused; so is a line that is long for several repetitions.
"""

from __future__ import annotations

import math
import posixpath
import re
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Output, Usage, lines_of

if TYPE_CHECKING:
    from cocalc_magic.sandbox.runtime.small_shell.call import Call

_MAX_LENGTH = 1_000  # characters of a pattern
_MAX_STEPS = 10**9  # about, some seconds; of a line and a pattern with several repetitions
_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
}
_SIGN = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|[^\]])*\]|\{\d*,?\d*\}|.", re.DOTALL)
_IN_CLASS = {"[": r"\[", "]": r"\]", "\\": r"\\"}
_WHOLE = {r"\<": r"\b(?=\w)", r"\>": r"\b(?<=\w)"}


def grep(call: Call) -> int:
    """Write the lines that a pattern is found in; the exit code says whether there is any."""
    flags = call.flags("invcFEGlLqwxHrRhso", "em")
    if "e" not in flags and not call.args:
        call.err.line("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.")
        return 2
    pattern = _pattern(flags["e"] if "e" in flags else call.args.pop(0), flags)
    if {"r", "R"} & flags.keys():
        call.args = [path for top in call.args or [""] for path in _below(call, top)]
        flags.setdefault("H", "")
    several, matched = (len(call.args) > 1 or "H" in flags) and "h" not in flags, False
    if "s" in flags:
        call.streams = call.streams._replace(err=Output(0))
    for path, data in call.inputs():
        name = "(standard input)" if path == "-" else path
        if b"\0" in data and not {"c", "l", "q"} & flags.keys():
            if pattern.search(data.decode("utf-8", "replace")):
                call.out.line(f"grep: {name}: binary file matches")
                matched = True
            continue
        matches = _matches(call, pattern, lines_of(data), flags)
        matched = matched or bool(matches)
        if "q" not in flags:
            _write_matches(call, f"{name}:" if several else "", name, matches, flags)
    return 2 if call.failed and not ("q" in flags and matched) else int(not matched)


def _matches(
    call: Call, pattern: _Pattern, lines: list[str], flags: dict[str, str]
) -> list[tuple[int, list[str]]]:
    """Return the lines that match with their numbers; with `-o` what matches of each."""
    matches, most = list[tuple[int, list[str]]](), int(flags.get("m", "") or len(lines))
    for number, line in enumerate(lines, 1):
        if len(matches) >= most:
            break
        call.check_time()
        if pattern.search(line) != ("v" in flags):
            matches.append((number, pattern.parts(line) if "o" in flags else [line]))
    return matches


def _below(call: Call, path: str) -> list[str]:
    """Return the files at a path and below."""
    if not call.files.is_folder(path or "."):
        return [path]
    entries = [entry for entry in call.files.list(path or ".") if entry.link is None]
    return [below for entry in entries for below in _below(call, posixpath.join(path, entry.name))]


def _write_matches(
    call: Call, before: str, path: str, matches: list[tuple[int, list[str]]], flags: dict[str, str]
) -> None:
    if "l" in flags or "L" in flags:
        if bool(matches) == ("l" in flags):
            call.out.line(path)
    elif "c" in flags:
        call.out.line(f"{before}{len(matches)}")
    else:
        for number, texts in matches:
            for text in texts:
                call.out.line(f"{before}{f'{number}:' if 'n' in flags else ''}{text}")


class _Pattern:
    """An expression of Python; a line of n characters takes about n to the power of `exponent` steps."""

    def __init__(self, source: str, flags: int, exponent: int) -> None:
        self._expression, self._exponent = re.compile(source, flags), exponent

    def search(self, line: str) -> bool:
        """Tell whether it is found in a line. Raises `Usage` where that could take too long."""
        if self._exponent > 1 and math.comb(len(line), min(self._exponent, 20)) > _MAX_STEPS:
            raise Usage("a line is too long for a pattern with so many repetitions", 2)
        return bool(self._expression.search(line))

    def parts(self, line: str) -> list[str]:
        """Return what matches of a line."""
        return [match[0] for match in self._expression.finditer(line) if match[0]]


def _pattern(text: str, flags: dict[str, str]) -> _Pattern:
    if len(text) > _MAX_LENGTH:
        raise Usage("the pattern is too long", 2)
    sources, exponent = [], 1
    for each in text.split("\n"):
        source, most = (re.escape(each), 1) if "F" in flags else _translated(each, extended="E" in flags)
        sources.append(source)
        exponent = max(exponent, most)
    source = "|".join(sources)
    source = rf"(?<!\w)(?:{source})(?!\w)" if "w" in flags else rf"^(?:{source})$" if "x" in flags else source
    try:
        return _Pattern(source, re.IGNORECASE if "i" in flags else 0, exponent)
    except re.error as problem:
        raise Usage(f"{text}: {problem}", 2) from None


def _translated(text: str, *, extended: bool) -> tuple[str, int]:
    """Return an expression of grep as one of Python, and the exponent of the steps that it takes.

    In a basic one, `+?|(){}` are signs only after a backslash. Raises `Usage` for repetitions in repetitions.
    """
    pieces, open_ended, plain = list[str](), 0, 0  # how many repetitions end where they like, and where not
    groups, last = [False], False  # whether each open group, or the part before, has repetitions or choices
    repeated = ""  # what is repeated just before
    for sign in _SIGN.findall(_with_signs(text, extended=extended)):
        is_repeat = sign[0] in "*+?{" and bool(pieces) and pieces[-1] not in ("(", "|", "^")
        if is_repeat and last and sign != "?":
            raise Usage("a repetition of what has repetitions or choices may take for ever; it is refused", 2)
        if repeated and len(sign) == 1 and sign not in "*+?{(.^$" and not re.match(repeated, sign):
            open_ended, plain = open_ended - 1, 1
        repeated = pieces[-1] if is_repeat and sign != "?" and pieces[-1] != ")" else ""
        open_ended += is_repeat and sign != "?"
        if sign == "(":
            groups.append(False)
        elif sign == ")" and len(groups) > 1:
            last = groups.pop()
        groups[-1] = groups[-1] or is_repeat or sign == "|" or (sign == ")" and last)
        last = last and sign == ")"
        pieces.append(_turned(sign) if is_repeat or sign[0] not in "*+?{" else re.escape(sign))
    return "".join(pieces), 1 + open_ended + plain


def _with_signs(text: str, *, extended: bool) -> str:
    """Return a basic expression as an extended one."""
    if extended:
        return text
    turned = (match[0] for match in re.finditer(r"\\.|\[\^?\]?[^\]]*\]|.", text, re.DOTALL))
    return "".join(
        each[1] if re.fullmatch(r"\\[+?|(){}]", each) else f"\\{each}" if each in "+?|(){}" else each
        for each in turned
    )


def _turned(sign: str) -> str:
    """Return one sign or class of an extended expression as one of Python."""
    if sign[0] == "[" and len(sign) > 1:
        negated = "^" * sign.startswith("[^")
        inner = sign[1 + len(negated) : -1]
        pieces = re.findall(r"\[:\w+:\]|.", inner, re.DOTALL)
        signs = [_class(each[2:-2]) if len(each) > 1 else _IN_CLASS.get(each, each) for each in pieces]
        return f"[{negated}{''.join(signs)}]"
    if re.fullmatch(r"\\[0-9]", sign):
        raise Usage("back-references are refused here", 2)
    return _WHOLE.get(sign, sign)


def _class(name: str) -> str:
    if name not in _CLASSES:
        raise Usage("invalid character class name", 2)
    return _CLASSES[name]
