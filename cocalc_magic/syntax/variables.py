"""Python values of the notebook inside text: `$name`, `$name.attr`, `$name["key"]`, `${expression}`.

A text is first split into pieces, where a variable is one piece whatever quotes, blanks
and brackets it holds; the rest of the language then never sees them. Values are put in afterwards,
once: what a value says is never read as `$name` again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import isroutine
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, InvalidValue, SourceSpan, UndefinedName, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType

Namespace = Mapping[str, Any]


class RowNamespace(dict[str, Any]):
    """Values for one of many messages; `None`, a value that its row lacks, cannot stand inside a text."""


# The chain behind a name: attributes, and keys that are quoted texts or integers. Within a quoted
# text the quotes of a key may be escaped, as JSON wants it.
_WORD = r"[^\W\d]\w*"
_KEY = r"""\"(?:\\.|[^"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\\\"[^"\\\n]*\\\"|-?[0-9]+"""
_CHAIN = rf"(?:\.{_WORD}|\[[ \t]*(?:{_KEY})[ \t]*\])*"
_REFERENCE = re.compile(rf"(?P<name>{_WORD})(?P<chain>{_CHAIN})")
_DOLLAR = re.compile(r"\$(?=[${]|[^\W\d])")
_LINK = re.compile(rf"\.(?P<attribute>{_WORD})|\[[ \t]*(?P<key>{_KEY})[ \t]*\]")
_INDEX = re.compile(r"\[[^\[\]{}\n]{1,60}\]")  # what looks like a key and is none

_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""'
    r"|'''(?:\\.|[^\\])*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_OPENING, _CLOSING = "([{", ")]}"
_LONGEST = 2_000  # characters of one ${expression}: whatever is longer was never meant as one


@dataclass(frozen=True)
class Variable:
    """One `$…` of a text: `source` is how it was written, `expression` the Python of it.

    `index` is a key behind a name that only `${…}` can have, such as `[i]`.
    """

    source: str
    expression: str
    start: int = 0
    whole: str = ""
    index: str = ""

    @property
    def span(self) -> SourceSpan | None:
        """Its place in what was typed."""
        return SourceSpan(self.whole, self.start, self.start + len(self.source)) if self.whole else None

    def value(self, namespace: Namespace) -> Any:
        """Return its value. Raises `UndefinedName` where it has none."""
        if self.source == "$$":
            return "$"
        if not self.expression:
            raise self._undefined(f"{self.source[:20]} does not close.", "A dollar sign is $$.")
        if self.index:
            raise self._undefined(
                f"{self.source}{self.index} has neither a quoted text nor a number as its key.",
                f"Write ${{{self.expression}{self.index}}}",
                f"If {self.index} is text, write ${{{self.expression}}}{self.index}",
            )
        value = self._evaluate(namespace) if self.source.startswith("${") else self._follow(namespace)
        if isroutine(value):
            raise self._undefined(f"{self.source} is a function.", f"Its value is ${{{self.expression}()}}")
        return value

    def _evaluate(self, namespace: Namespace) -> Any:
        try:
            return eval(_compiled(self.expression.strip()), dict(namespace))  # noqa: S307 - as a cell runs it
        except UndefinedName as problem:  # a row of bulk work says which columns there are
            problem.span = problem.span or self.span
            raise
        except Exception as problem:  # noqa: BLE001 - the author's expression may raise anything
            raise self._undefined(
                f"{self.source} has no value: {type(problem).__name__}: {problem}", "A dollar sign is $$."
            ) from None

    def _follow(self, namespace: Namespace) -> Any:
        match = _REFERENCE.fullmatch(self.expression)
        if match is None:  # pragma: no cover - only find() makes variables, and by this pattern
            raise ValueError(self.source)
        name = match["name"]
        if name not in namespace:
            raise self._undefined(
                f"the notebook has no variable {name!r}.",
                did_you_mean(name, [known for known in namespace if not known.startswith("_")]),
                f"A dollar sign is $$: $${name}",
            )
        value = namespace[name]
        for link in _LINK.finditer(match["chain"]):
            value = self._step(name, value, link)
        return value

    def _step(self, name: str, value: Any, link: re.Match[str]) -> Any:
        try:
            return getattr(value, link["attribute"]) if link["attribute"] else value[_key(link["key"])]
        except UndefinedName as problem:  # as above
            problem.span = problem.span or self.span
            raise
        except (AttributeError, LookupError, TypeError, ValueError):
            raise self._undefined(
                f"{self.source} has no value: a {type(value).__name__} has no {link[0]}.",
                f"If {link[0]} is text, write ${{{name}}}{link[0]}; a dollar sign is $$.",
            ) from None

    def _undefined(self, problem: str, *hints: str) -> UndefinedName:
        return UndefinedName(problem, *hints, span=self.span)


@lru_cache(maxsize=256)
def _compiled(expression: str) -> CodeType:
    """Return the code of an expression; bulk work evaluates the same one for every row."""
    return compile(expression, "<cocalc>", "eval", dont_inherit=True)


def _key(written: str) -> str | int:
    """Return the key that stands between brackets: a number, or a text in quotes, which may be escaped."""
    if written[0] in "-0123456789":
        return int(written)
    written = written.replace('\\"', '"') if written.startswith("\\") else written
    return written[1:-1] if "\\" not in written else str(ast.literal_eval(written))


Piece = str | Variable


def find(text: str, start: int, whole: str = "", offset: int = 0) -> Variable | None:
    """Return the variable that begins with the dollar sign at `start`, or `None` where that is just a sign.

    `whole` and `offset` say where the text stands in what was typed, for the caret of an error.
    """
    if text.startswith("$$", start):
        return Variable("$$", "'$'", offset + start, whole)
    if text.startswith("${", start):
        end = _closing(text, start + 2)
        source = text[start : end + 1] if end >= 0 else text[start:]
        return Variable(source, text[start + 2 : end] if end >= 0 else "", offset + start, whole)
    return reference(text, start, "$", whole, offset)


def reference(text: str, start: int, sign: str, whole: str = "", offset: int = 0) -> Variable | None:
    """Return the variable whose name follows the sign at `start`, with its attributes and keys."""
    match = _REFERENCE.match(text, start + len(sign))
    if match is None:
        return None
    index = _INDEX.match(text, match.end())
    return Variable(f"{sign}{match[0]}", match[0], offset + start, whole, index[0] if index else "")


def pieces(text: str, whole: str = "", offset: int = 0) -> list[Piece]:
    """Split a text into plain text and variables, in order."""
    parts: list[Piece] = []
    end = 0
    while dollar := _DOLLAR.search(text, end):
        variable = find(text, dollar.start(), whole, offset)
        if variable is None:  # pragma: no cover - the pattern finds nothing but variables
            break
        parts += [text[end : dollar.start()], variable]
        end = dollar.start() + len(variable.source)
    return merged([*parts, text[end:]])


def merged(parts: Iterable[Piece]) -> list[Piece]:
    """Join neighbouring texts and drop empty ones."""
    joined: list[Piece] = []
    for variable, group in groupby(parts, lambda part: isinstance(part, Variable)):
        if variable:
            joined += group
        elif text := "".join(str(part) for part in group):
            joined.append(text)
    return joined


def join(parts: list[Piece], namespace: Namespace) -> Any:
    """Return the value of the pieces: a variable alone keeps its type, all else becomes one text."""
    if len(parts) == 1 and isinstance(parts[0], Variable):
        return parts[0].value(namespace)
    return "".join(part if isinstance(part, str) else _in_text(part, namespace) for part in parts)


def _in_text(variable: Variable, namespace: Namespace) -> str:
    value = variable.value(namespace)
    if value is None and isinstance(namespace, RowNamespace):
        raise InvalidValue(
            f"{variable.source} is None.",
            f"If a text should stand for it: ${{{variable.expression} or 'none'}}",
            span=variable.span,
        )
    return str(value)


def alone(parts: list[Piece]) -> Variable | None:
    """Return the variable that is the only piece, so that its value keeps its type; `$$` is text."""
    only = parts[0] if len(parts) == 1 else None
    return only if isinstance(only, Variable) and only.source != "$$" else None


def _closing(text: str, start: int) -> int:
    """Return the index of the brace that closes the one before `start`; -1 without one."""
    depth, at, limit = 0, start, min(len(text), start + _LONGEST)
    while at < limit:
        character = text[at]
        if character in "\"'" and (string := _STRING.match(text, at, limit)):
            at = string.end()
            continue
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            if depth == 0:
                return at if character == "}" else -1
            depth -= 1
        at += 1
    return -1


class Placeholders:
    """Variables taken out of a text before another language (YAML, JSON, Python) reads it.

    Each is replaced by its number between two marks, a character of Unicode's private area to which
    no such language gives a meaning and which the text does not hold. `text` is what that language is
    to read.
    """

    def __init__(self, parts: list[Piece]) -> None:
        self.variables: list[Variable] = []
        self.mark = _unused("".join(part for part in parts if isinstance(part, str)))
        self.pattern = re.compile(f"{self.mark}([0-9]+){self.mark}")
        self.text = "".join(part if isinstance(part, str) else self._numbered(part) for part in parts)

    def _numbered(self, variable: Variable) -> str:
        self.variables.append(variable)
        return f"{self.mark}{len(self.variables) - 1}{self.mark}"

    def parts(self, text: str) -> list[Piece]:
        """Split a text from the other language into pieces again."""
        split = self.pattern.split(text)
        return merged(self.variables[int(part)] if at % 2 else part for at, part in enumerate(split))

    def restored(self, text: str) -> str:
        """Return the text with its variables as they were written."""
        return self.pattern.sub(lambda match: self.variables[int(match[1])].source, text)

    def span(self, index: int, length: int) -> SourceSpan:
        """Return the span in what was typed for a place in `text`."""
        start = len(self.restored(self.text[:index]))
        return SourceSpan(self.restored(self.text), start, start + length)


_MARKS = range(0xE0CC, 0xF900)


def _unused(text: str) -> str:
    """Return a private character that is not in the text, nor as an escape (`\\ue0cc`)."""
    text = text.lower()
    for code in _MARKS:
        if chr(code) not in text and f"u{code:x}" not in text and f"u0000{code:x}" not in text:
            return chr(code)
    raise InvalidSyntax("the text holds every character of Unicode's private area.")
