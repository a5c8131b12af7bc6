"""The words of a script -> arguments: variables, scripts, sums, braces and patterns in them."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Usage
from cocalc_magic.sandbox.runtime.small_shell.sums import value_of
from cocalc_magic.sandbox.runtime.small_shell.symbols import Part, text_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cocalc_magic.sandbox.runtime.small_shell.state import State
    from cocalc_magic.sandbox.runtime.small_shell.symbols import Word

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_MAX_WORDS = 100_000  # of a command
_MAX_LENGTH = 10_000_000  # characters of a value
_BRACES = re.compile(
    r"([^{}]*)\{([^{},]*(?:,[^{},]*)+|(-?\d+|[a-zA-Z])\.\.(-?\d+|[a-zA-Z]))\}(.*)", re.DOTALL
)


@dataclass
class Words:
    """The words of a shell.

    Args:
        printed: Returns what a script prints.
    """

    state: State
    printed: Callable[[str], str]

    def expanded(self, words: Iterable[Word]) -> list[str]:
        """Return the arguments that words stand for."""
        expanded: list[str] = []
        for each in (each for word in words for each in _braced(word)):
            expanded += self._fields(each)
            if len(expanded) > _MAX_WORDS:
                raise Usage("too many words")
        return expanded

    def assigned(self, words: list[Word]) -> tuple[list[str], dict[str, str]]:
        """Return the expanded words, and the variables that are set before them."""
        assigned: dict[str, str] = {}
        for place, word in enumerate(words):
            is_plain = bool(word) and not (word[0].quoted or word[0].kind)
            match = _ASSIGNMENT.match(word[0].text) if is_plain else None
            if match is None:
                return self.expanded(words[place:]), assigned
            rest = (Part(word[0].text[match.end() :]), *word[1:])
            assigned[match[1]] = self.text(rest)
        return [], assigned

    def text(self, word: Iterable[Part]) -> str:
        """Return what a word stands for as one text, as in quotes."""
        text = "".join(self._value(part) for part in word)
        if len(text) > _MAX_LENGTH:
            raise Usage("the value is too long for a variable")
        return text

    def _fields(self, word: Word) -> list[str]:
        """Return what a word stands for: several words by a pattern, and by blanks in a variable."""
        fields: list[list[tuple[str, bool]]] = [[]]
        for place, part in enumerate(word):
            if part.kind == "variable" and part.text == "@" and part.quoted:
                if len(self.state.args) < 2 and len(word) == 2:  # "$@" without arguments is no word
                    return []
                first, *rest = self.state.args[1:] or [""]
                fields[-1].append((first, True))
                fields += [[(text, True)] for text in rest]
                continue
            value = self._value(part)
            if place == 0 and not part.quoted and not part.kind and re.match(r"~(/|$)", value):
                value = self.state.files.home + value[1:]
            if part.kind and not part.quoted:
                pieces = re.split(r"[ \t\n]+", value)
                fields[-1].append((pieces[0], False))
                fields += [[(piece, False)] for piece in pieces[1:]]
            else:
                fields[-1].append((value, part.quoted))
        kept = [parts for parts in fields if any(text or quoted for text, quoted in parts)]
        return [text for parts in kept for text in self._globbed(parts)]

    def _globbed(self, parts: list[tuple[str, bool]]) -> list[str]:
        text = "".join(part for part, _ in parts)
        if not any(sign in part for part, quoted in parts if not quoted for sign in "*?["):
            return [text]
        pattern = "".join(re.sub(r"([*?\[])", r"[\1]", part) if quoted else part for part, quoted in parts)
        return self.state.files.matching(pattern) or [text]

    def _value(self, part: Part) -> str:
        if part.kind == "command":
            return self.printed(part.text)
        if part.kind == "sum":
            return str(value_of(part.text, self.state.variable))
        if not part.kind:
            return part.text
        value = self.state.variable(part.text)
        return self._changed(value, part) if part.change else value

    def _changed(self, value: str, part: Part) -> str:
        if part.change == "length":
            return str(len(value))
        if part.change.endswith("-"):
            is_set = value or (part.change == "-" and part.text in self.state.variables)
            return value if is_set else self.text(text_parts(part.with_))
        return _cut(value, self.text(text_parts(part.with_)), part.change)


def _cut(value: str, pattern: str, sign: str) -> str:
    """Return a text without what a pattern matches at its begin (`#`) or end (`%`)."""
    if len(value) > 10_000:
        raise Usage("the value is too long to be cut")
    matches = re.compile(fnmatch.translate(pattern)).match
    places = range(len(value) + 1)
    if sign[0] == "#":
        order: Iterable[int] = places if len(sign) == 1 else reversed(places)
        return next((value[place:] for place in order if matches(value[:place])), value)
    order = reversed(places) if len(sign) == 1 else places
    return next((value[:place] for place in order if matches(value[place:])), value)


def _braced(word: Word) -> Iterator[Word]:
    """Yield the words that braces in a plain word stand for: `{a,b}` and `{1..3}`."""
    match = _BRACES.fullmatch(word[0].text) if len(word) == 1 and not word[0].kind else None
    if not match or word[0].quoted:
        yield word
        return
    before, inner, first, last, after = match.groups()
    items = inner.split(",") if first is None else _between(first, last)
    for item in items:
        yield from _braced((Part(f"{before}{item}{after}"),))


def _between(first: str, last: str) -> Iterator[str]:
    """Yield the numbers or letters from one to another."""
    if first.isalpha() or last.isalpha():
        begin, end = ord(first[-1]), ord(last[-1])
    else:
        begin, end = int(first), int(last)
    step = 1 if end >= begin else -1
    return (chr(each) if first.isalpha() else str(each) for each in range(begin, end + step, step))
