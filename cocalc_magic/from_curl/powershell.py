"""Commands of PowerShell that run a real curl."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.from_curl.commands import Script, refused, runs_curl
from cocalc_magic.from_curl.references import Reference, References
from cocalc_magic.from_curl.windows import LOOPS, Stage, take

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICKS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_NAMED = re.compile(r"\$(?:\{(?:env:)?(?P<braced>[^}\n]+)\}|(?:env:)?(?P<name>\w+))", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"\$\({_NAMED.pattern}(?:\.(?P<attribute>\w+))?\)", re.IGNORECASE)
_IN_QUOTES = re.compile(rf"`(?P<tick>.)|(?P<run>\$\([^)]*\))|{_NAMED.pattern}", re.DOTALL | re.IGNORECASE)


def complete(text: str) -> bool:
    """Return whether the text ends where a command may end."""
    if re.search(r"`[ \t]*\n?\Z|\|\s*\Z", text):
        return False
    try:
        list(_PowerShell(text, References(text)).statements())
    except InvalidSyntax:
        return False
    return True


def read(text: str, references: References) -> Script:
    """Return the curl commands of a text for PowerShell.

    Raises:
        InvalidSyntax: For a quote that does not close, and for curl inside of loops and conditions.
    """
    script = Script()
    reader = _PowerShell(text, references)
    for into, stages in reader.statements():
        if any(runs_curl(stage.words) for stage in stages):
            _refuse_own_curl(stages)
            take(script, stages, into)
            if into:
                reader.responses.add(into.lower())
        elif into and len(stages) == 1 and len(stages[0].words) == 1:
            reader.variables[into.lower()] = stages[0].words[0]
        else:
            take(script, stages)
    return script


def _refuse_own_curl(stages: list[Stage]) -> None:
    """Refuse the `curl` of old PowerShells, which is another program with that name."""
    for stage in stages:
        if any(
            re.fullmatch(r"-(?:uri|method|body|headers|contenttype)", word, re.IGNORECASE)
            for word in stage.words
        ):
            raise InvalidSyntax(
                "this is PowerShell's Invoke-WebRequest under the name of curl.",
                "Paste a command of curl.exe",
            )


class _PowerShell:
    """Reads a text from left to right; every method leaves `at` behind what it read."""

    def __init__(self, text: str, references: References) -> None:
        self.text = text
        self.references = references
        self.variables: dict[str, str] = {}
        self.responses: set[str] = set()
        self.at = 0

    def statements(self) -> Iterator[tuple[str, list[Stage]]]:
        """Yield each statement as a pipeline, and the variable that takes its output."""
        while self.at < len(self.text):
            self._skip(r"(?:[\s;]|`[ \t]*\n|#[^\n]*|&\s+)*")
            if self._loop():
                continue
            into = self._skip(r"\$(?:env:|global:|script:)?(\w+)\s*=\s*")
            stages = self._pipeline()
            if any(stage.words for stage in stages):
                yield (into, stages)

    def _loop(self) -> bool:
        match = LOOPS.match(self.text, self.at)
        if match is None:
            return False
        if re.search(r"\bcurl\b", self.text[self.at :]):
            raise refused(match[1].lower())
        self.at = len(self.text)
        return True

    def _pipeline(self) -> list[Stage]:
        stages = [Stage()]
        while self.at < len(self.text):
            self._skip(r"(?:[ \t]|`[ \t]*\n|#[^\n]*)*")
            sign = self.text[self.at : self.at + 1]
            if sign in ("", "\n", ";"):
                break
            if sign == "|":
                self.at += 1
                self._skip(r"\s*")
                stages.append(Stage())
            elif redirect := self._skip(r"(\d?>{1,2}\s*(?:&\d|[^\s;|]+))"):
                stages[-1].redirects.append(redirect)
            else:
                stages[-1].words.append(self._word())
        return stages

    def _word(self) -> str:
        """Return one word; the quotes that old PowerShells leave a backslash before are quotes."""
        start, parts = self.at, list[str]()
        while self.at < len(self.text) and not re.match(r"[\s;|]", self.text[self.at]):
            parts.append(self._piece())
            if self.at == start:
                raise InvalidSyntax(f"{self.text[self.at]!r} can't be read in a command of PowerShell.")
        word = "".join(parts)
        return word if _is_json(word) else word.replace('\\"', '"')

    def _piece(self) -> str:
        text, at = self.text, self.at
        if here := re.compile(r"@(['\"])[ \t]*\n(.*?)\n\1@", re.DOTALL).match(text, at):
            self.at = here.end()
            return here[2] if here[1] == "'" else self._expanded(here[2])
        if text[at] == "'":
            return self._quoted(r"'((?:[^']|'')*)'").replace("''", "'")
        if text[at] == '"':
            return self._expanded(self._quoted(r'"((?:[^"`]|`.|"")*)"').replace('""', '"'))
        if text[at] in "({" or text.startswith(("$(", "@(", "@{"), at):
            return self.references.output(self._bracketed())
        if match := _NAMED.match(text, at):
            self.at = match.end()
            return self._named(match, self._skip(r"\.(\w+)"))
        self.at += 2 if text[at] == "`" else 1
        return _TICKS.get(text[at + 1 : at + 2], text[at + 1 : at + 2]) if text[at] == "`" else text[at]

    def _expanded(self, text: str) -> str:
        """Return a text in double quotes: `$name`, `$(…)` and backticks mean what they mean."""

        def value(match: re.Match[str]) -> str:
            if match["tick"]:
                return _TICKS.get(match["tick"], match["tick"])
            inner = _ATTRIBUTE.fullmatch(match["run"] or "")
            if match["run"] and not inner:
                return self.references.output(match["run"])
            return self._named(inner or match, inner["attribute"] or "" if inner else "")

        return _IN_QUOTES.sub(value, text)

    def _named(self, match: re.Match[str], attribute: str) -> str:
        name = match["braced"] or match["name"]
        if name.lower() in self.responses and attribute:
            return self.references.token(Reference(f"${name}.{attribute}", f'{name}["{attribute}"]'))
        name_match = self.variables.get(name.lower())
        value = self.references.variable(name) if name_match is None else name_match
        return f"{value}.{attribute}" if attribute else value

    def _bracketed(self) -> str:
        """Return what stands in brackets, with them."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            depth += (self.text[self.at] in "({") - (self.text[self.at] in ")}")
            self.at += 1
            if depth == 0 and self.text[self.at - 1] in ")}":
                return self.text[start : self.at]
        raise InvalidSyntax("a bracket does not close in this command of PowerShell.")

    def _quoted(self, pattern: str) -> str:
        match = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        if match is None:
            raise InvalidSyntax("a quote does not close in this command of PowerShell.")
        self.at = match.end()
        return match[1]

    def _skip(self, pattern: str) -> str:
        """Skip a pattern where it matches, and return its group."""
        match = re.compile(pattern, re.IGNORECASE).match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[1] if match.re.groups else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
