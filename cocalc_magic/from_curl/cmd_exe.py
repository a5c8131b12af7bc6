"""Commands of cmd.exe, and what the runtime of C makes of their quotes.

Carets and percent signs are cmd's, though not the carets in its quotes; backslashes are the program's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.from_curl.commands import Script, refused
from cocalc_magic.from_curl.windows import LOOPS, Stage, take

if TYPE_CHECKING:
    from cocalc_magic.from_curl.references import References

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2}%)([A-Za-z_]\w*)%")
_SET = re.compile(r"\s*set\s+(\"?)(\w+)=(.*?)\1\s*", re.IGNORECASE | re.DOTALL)
_LINE_GOES_ON = re.compile(r"(?<!\^)(?:\^\^)*\^[ \t]*\n?\Z")


def complete(text: str) -> bool:
    """Return whether the text ends where a command may end."""
    return not _LINE_GOES_ON.search(text)


def read(text: str, references: References) -> Script:
    """Return the curl commands of a text for cmd.exe.

    Raises:
        InvalidSyntax: For curl inside of loops and conditions.
    """
    script, variables = Script(), dict[str, str]()
    for line in _cmd_lines(text):
        if re.match(r"\s*(?:rem\b|::|@?echo off)", line, re.IGNORECASE):
            continue
        if match := _SET.fullmatch(line.replace("^\n", "")):
            variables[match[2].upper()] = match[3]
            continue
        _refuse_loop(line)

        def value(match: re.Match[str]) -> str:
            name = match[1]
            return variables[name.upper()] if name.upper() in variables else references.variable(name)

        for pipeline in _cmd_pipelines(_PERCENT.sub(value, line)):
            take(script, [_cmd_stage(part) for part in pipeline])
    return script


def _refuse_loop(line: str) -> None:
    loop = LOOPS.match(line)
    if loop and re.search(r"\bcurl(?:\.exe)?\b", line):
        raise refused(f"{loop[1].lower()}")


def _cmd_lines(text: str) -> list[str]:
    """Return the lines of a text, those that end in `^` with the next; an empty one then is a line end."""
    lines, current = list[str](), list[str]()
    for line in text.split("\n"):
        if current and not line:
            current.append("\n")
        elif _LINE_GOES_ON.search(line):
            current.append(line.rstrip(" \t") + "\n")
        else:
            lines.append("".join([*current, line]))
            current = []
    return [line for line in [*lines, "".join(current)] if line.strip()]


def _cmd_pipelines(line: str) -> list[list[str]]:
    """Return the commands between `&` and `|`; a zero byte is before what `^` takes literally."""
    pipelines: list[list[list[str]]] = [[[]]]
    quoted, at = False, 0
    while at < len(line):
        sign, here = line[at], pipelines[-1][-1]
        if sign == "^" and not quoted:
            at += 2 if line.startswith("^\n", at) else 1
            here.append(f"\0{line[at : at + 1]}")
        elif sign in "&|" and not quoted:
            double = line.startswith(sign * 2, at)
            if sign == "|" and not double:
                pipelines[-1].append([])
            else:
                pipelines.append([[]])
            at += double
        else:
            quoted ^= sign == '"'
            here.append(sign)
        at += 1
    joined = [["".join(stage) for stage in pipeline] for pipeline in pipelines]
    return [pipeline for pipeline in joined if any(stage.strip() for stage in pipeline)]


def _cmd_stage(text: str) -> Stage:
    """Split a command into words, without redirections, as the C runtime reads quotes and backslashes."""
    redirects = []

    def take(match: re.Match[str]) -> str:
        if match["to"] is None:
            return match[0]
        redirects.append(match["to"].strip())
        return " "

    quoted = r'"[^"]*"?|\0.'
    text = re.sub(
        rf"(?:{quoted})|(?P<to>\d?>{{1,2}}\s*(?:&\d|[^\s>&|]+)|<\s*\S+)", take, text, flags=re.DOTALL
    )
    return Stage(_argv(text.replace("\0", "")), redirects)


def _argv(line: str) -> list[str]:
    """Return the words that a C program gets: backslashes are special before a quote only."""
    words, word, begun, quoted = list[str](), "", False, False
    for slashes, sign in re.findall(r"(\\*)([^\\]?)", line, re.DOTALL):
        if sign == '"':
            word += "\\" * (len(slashes) // 2) + '"' * (len(slashes) % 2)
            quoted ^= len(slashes) % 2 == 0
            begun = True
        elif sign and (quoted or not sign.isspace()):
            word, begun = word + slashes + sign, True
        elif word or begun or slashes:
            words.append(word + slashes)
            word, begun = "", False
    return words
