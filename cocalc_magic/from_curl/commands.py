"""Simple commands, whichever shell they were written for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cocalc_magic.errors import InvalidSyntax

_WRAPPERS = frozenset({"sudo", "time", "command", "exec", "nohup", "env", "winpty", "noglob", "builtin"})
_RUNNERS = frozenset(
    {"xargs", "parallel", "watch", "ssh", "bash", "sh", "zsh", "eval", "docker", "kubectl", "cmd"}
)
_OTHERS = {
    "wget": "wget",
    "http": "HTTPie",
    "https": "HTTPie",
    "xh": "xh",
    "invoke-webrequest": "PowerShell's Invoke-WebRequest",
    "invoke-restmethod": "PowerShell's Invoke-RestMethod",
    "iwr": "PowerShell's Invoke-WebRequest",
    "irm": "PowerShell's Invoke-RestMethod",
}


@dataclass
class Stdin:
    """What a command reads: a text, a local file, or what only `source` could tell."""

    text: str | None = None
    file: str = ""
    source: str = ""


@dataclass
class Curl:
    """One curl command: its words after `curl`, its input, and the variable that takes its output."""

    words: list[str]
    stdin: Stdin | None = None
    into: str = ""


@dataclass
class Script:
    """What a pasted text asks for: its curl commands, and what stands beside them.

    `aside` names what does not become part of a magic; `other` names programs that send HTTP as well.
    """

    curls: list[Curl] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def leave(self, what: str) -> None:
        """Note something that is left aside."""
        if what not in self.aside:
            self.aside.append(what)

    def add(self, words: list[str], stdin: Stdin | None = None, into: str = "") -> bool:
        """Take a simple command, and return whether it is a curl.

        Raises:
            InvalidSyntax: For a program that runs curl with words that only it knows.
        """
        words = self._unwrapped(words)
        name = program(words)
        if name == "curl":
            self.curls.append(Curl(words[1:], stdin, into))
            return True
        if name in _OTHERS:
            self.other.append(_OTHERS[name])
        elif name in _RUNNERS and any(re.search(r"\bcurl\b", word) for word in words):
            raise refused(name)
        if name:
            self.leave(name)
        return False

    def _unwrapped(self, words: list[str]) -> list[str]:
        """Return the words without `sudo` and the like, which are left aside."""
        while runs_curl(words) and program(words) != "curl":
            self.leave(program(words))
            words = words[1:]
            while not runs_curl(words):  # options of the wrapper, and their values
                words = words[1:]
        return words


def program(words: list[str]) -> str:
    """Return the name of the program that the words run, without its folder and `.exe`."""
    name = re.split(r"[/\\]", words[0])[-1].lower() if words else ""
    return name.removesuffix(".exe")


def runs_curl(words: list[str]) -> bool:
    """Return whether the words run curl themselves, or by `sudo` and the like."""
    return program(words) == "curl" or (
        program(words) in _WRAPPERS and any(program([word]) == "curl" for word in words[1:])
    )


def output_of(words: list[str], stdin: Stdin | None) -> Stdin:
    """Return what a command writes, as far as that is known without running it."""
    name, rest = program(words), words[1:]
    if name == "echo" and not (rest and re.fullmatch(r"-[eE]+n?|-n[eE]+", rest[0])):
        text = " ".join(rest[1:] if rest[:1] == ["-n"] else rest)
        return Stdin(text if rest[:1] == ["-n"] else f"{text}\n")
    if name == "printf" and rest and (len(rest) == 1 or rest[0] in ("%s", "%s\\n")):
        plain = len(rest) == 1 and not re.search(r"[%\\]", rest[0])
        if plain or len(rest) == 2:
            return Stdin(rest[0] if plain else rest[0].replace("\\n", "\n").replace("%s", rest[1]))
    if name == "cat" and len(rest) == 1 and not rest[0].startswith("-"):
        return Stdin(file=rest[0])
    if name == "cat" and rest in ([], ["-"]) and stdin is not None:
        return stdin
    return Stdin(source=name or "a command")


def refused(what: str) -> InvalidSyntax:
    """Return the error for a construct that decides what curl gets while it runs."""
    return InvalidSyntax(
        f"curl inside of {what} can't become a magic: what it sends is known only when {what} runs.",
        "Paste the curl command by itself; values that change are $name in the notebook.",
    )
