"""Parse text copied from a terminal or a page: commands after prompts, with output in between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.from_curl import bash, cmd_exe, powershell

if TYPE_CHECKING:
    from collections.abc import Callable

_PROMPTS = {
    "powershell": re.compile(r"\s*PS (?:[A-Za-z]:|/|~|\w+:)[^>\n]{0,200}>\s?(?=\S)"),
    "cmd": re.compile(r"\s*[A-Za-z]:\\[^>\n]{0,200}>(?=\S)"),
    "bash": re.compile(
        r"\s*(?:\([\w .-]{1,40}\) ?)?"  # (venv)
        r"(?:[\w.-]+@[\w.-]+[^$%#\n]{0,120}?[$%#]|\[[^\]\n]{1,120}\][$%#]|\w{1,20}-[\d.]+[$#]"
        r"|~[^$%\n ]{0,120} ?[$%]|[$%❯›]|➜\s+\S+(?: git:\(\S+\))?(?: ✗)?|In \[\d*\]:|>(?= *curl\b))\s+(?=\S)"
    ),
}
_CONTINUED = {
    "powershell": re.compile(r"\s*>>\s?"),
    "cmd": re.compile(r"\s*(?:More\?|>)\s?"),
    "bash": re.compile(r"\s*(?:>|quote>|dquote>|\.\.\.:)(?:\s|$)"),
}
_COMPLETE: dict[str, Callable[[str], bool]] = {
    "bash": bash.complete,
    "cmd": cmd_exe.complete,
    "powershell": powershell.complete,
}
MAX_PROMPTS = 1_000
LONGEST_COMMAND = 500  # lines that one command behind a prompt may have

_OF_POWERSHELL = re.compile(
    r"\s`[ \t]*$|\$env:\w|^\s*\$\w+\s*=|\bInvoke-(?:WebRequest|RestMethod)\b|^\s*(?:PS )?& *[\"']?curl",
    re.MULTILINE | re.IGNORECASE,
)
_OF_CMD = re.compile(
    r"\^[ \t]*$|\bcurl(?:\.exe)?\s+\^\"|^\s*set \"?\w+=|^\s*(?:@echo off|rem )", re.MULTILINE | re.IGNORECASE
)


def commands_of(text: str) -> tuple[str, str, int]:
    """Return the shell that a text is for, its commands without prompts, and how many lines were output."""
    text = _without_magic(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.split("\n")
    first = next((line for line in lines if re.search(r"\bcurl\b", line)), "")
    for shell, prompt in _PROMPTS.items():
        if prompt.match(first):
            return (shell, *_without_output(lines, shell))
    return _shell(text), text, 0


def _without_magic(text: str) -> str:
    """Return the text without the signs of a notebook for shell commands: `!`, `%%bash`."""
    text = re.sub(r"\A\s*%%(?:bash|sh|script \S+|cmd|!)[^\n]*\n", "", text)
    return re.sub(r"(?m)^\s*!(?=\s*\w)", "", text)


def _shell(text: str) -> str:
    """Return the shell that commands without prompts look like, ignoring their data."""
    signs = re.sub(r"'[^']*'", "''", text)
    continued = re.search(r"\\[ \t]*$", signs, re.MULTILINE)
    if not continued and _OF_POWERSHELL.search(signs):
        return "powershell"
    if not continued and _OF_CMD.search(signs):
        return "cmd"
    if not continued and re.search(r"\bcurl\.exe\b", text):
        return "powershell" if "'" in text or re.search(r"\$\w", text) else "cmd"
    return "bash"


def _without_output(lines: list[str], shell: str) -> tuple[str, int]:
    """Return the commands after prompts with their continuation lines, and the number of other lines."""
    commands, output, at = list[str](), 0, 0
    if sum(bool(_PROMPTS[shell].match(line)) for line in lines) > MAX_PROMPTS:
        raise InvalidSyntax(f"more than {MAX_PROMPTS:,} lines begin with a prompt.", "Paste fewer.")
    while at < len(lines):
        prompt = _PROMPTS[shell].match(lines[at])
        if prompt is None:
            output += bool(lines[at].strip())
            at += 1
            continue
        command, at = _command(lines, at, lines[at][prompt.end() :], shell)
        commands.append(command)
    return "\n".join(commands), output


def _command(lines: list[str], at: int, first: str, shell: str) -> tuple[str, int]:
    """Return one command with its continuation lines, and the next line; an unfinished one is one line."""
    command, end = first, at + 1
    while not _COMPLETE[shell](command) and end < min(len(lines), at + LONGEST_COMMAND):
        if _PROMPTS[shell].match(lines[end]) and not command.endswith("\\"):
            break
        command += "\n" + _CONTINUED[shell].sub("", lines[end], count=1)
        end += 1
    return (command if _COMPLETE[shell](command) else first, end)
