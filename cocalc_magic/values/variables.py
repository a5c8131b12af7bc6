"""Python values of the notebook inside text: ``$name``, ``$name.attr``, ``$name["key"]``, ``${expression}``.

A text is first taken apart into pieces, where a variable stands for itself whatever quotes, blanks
and brackets it holds; the rest of the language then never sees them. Values are put in afterwards,
once: what a value says is never read as ``$name`` again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cocalc_magic.errors import Spot, UndefinedName, did_you_mean

Namespace = Mapping[str, Any]

# The chain behind a name: attributes, and keys that are quoted texts or integers.
_CHAIN = r"""(?:\.[A-Za-z_]\w*|\[(?:"[^"\\\n]*"|'[^'\\\n]*'|-?\d+)\])*"""
_NAME = re.compile(rf"\$(?P<name>[A-Za-z_]\w*)(?P<chain>{_CHAIN})")
_LINK = re.compile(r"""\.(?P<attribute>\w+)|\[(?P<key>"[^"]*"|'[^']*'|-?\d+)\]""")

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
    """One ``$…`` of a text: ``source`` is how it was written, ``expression`` the Python of it."""

    source: str
    expression: str
    start: int = 0
    whole: str = ""

    @property
    def in_name(self) -> str:
        """What it is in a name, where nothing is expanded."""
        return "$" if self.source == "$$" else self.source

    @property
    def spot(self) -> Spot | None:
        """Where it stands in what was typed."""
        return Spot(self.whole, self.start, self.start + len(self.source)) if self.whole else None

    def value(self, namespace: Namespace) -> Any:
        """What it stands for; raises :class:`UndefinedName` when that cannot be had."""
        if self.source == "$$":
            return "$"
        if not self.expression:
            raise UndefinedName(f"{self.source[:20]} does not close.", "A dollar sign is $$.", spot=self.spot)
        if self.source.startswith("${"):
            return self._evaluate(namespace)
        return self._follow(namespace)

    def _evaluate(self, namespace: Namespace) -> Any:
        try:
            return eval(self.expression.strip(), dict(namespace))  # noqa: S307 - the author's own Python, as in a cell
        except Exception as problem:  # noqa: BLE001 - the author's expression may raise anything
            raise UndefinedName(
                f"{self.source} has no value: {type(problem).__name__}: {problem}",
                "A dollar sign is $$.",
                spot=self.spot,
            ) from None

    def _follow(self, namespace: Namespace) -> Any:
        match = _NAME.fullmatch(self.source)
        if match is None:  # pragma: no cover - only find() makes variables, and by this pattern
            raise ValueError(self.source)
        name = match["name"]
        if name not in namespace:
            raise UndefinedName(
                f"the notebook has no variable {name!r}.",
                did_you_mean(name, [known for known in namespace if not known.startswith("_")]),
                f"A dollar sign is $$: $${name}",
                spot=self.spot,
            )
        value = namespace[name]
        for link in _LINK.finditer(match["chain"]):
            value = self._step(name, value, link)
        return value

    def _step(self, name: str, value: Any, link: re.Match[str]) -> Any:
        try:
            if link["attribute"]:
                return getattr(value, link["attribute"])
            key = link["key"]
            return value[key[1:-1] if key[0] in "\"'" else int(key)]
        except (AttributeError, LookupError, TypeError):
            raise UndefinedName(
                f"{self.source} has no value: a {type(value).__name__} has no {link[0]}.",
                f"If {link[0]} is text, write ${{{name}}}{link[0]}",
                spot=self.spot,
            ) from None


Piece = str | Variable


def find(text: str, start: int, whole: str = "", offset: int = 0) -> Variable | None:
    """The variable that begins with the dollar sign at ``start``, or ``None`` where that is just a sign.

    ``whole`` and ``offset`` say where the text stands in what was typed, for the caret of an error.
    """
    if text.startswith("$$", start):
        return Variable("$$", "'$'", offset + start, whole)
    if text.startswith("${", start):
        end = _closing(text, start + 2)
        source = text[start : end + 1] if end >= 0 else text[start:]
        return Variable(source, text[start + 2 : end] if end >= 0 else "", offset + start, whole)
    if match := _NAME.match(text, start):
        return Variable(match[0], match[0][1:], offset + start, whole)
    return None


def pieces(text: str, whole: str = "", offset: int = 0) -> list[Piece]:
    """The text taken apart into plain text and variables, in order."""
    found: list[Piece] = []
    done = 0
    while (dollar := text.find("$", done)) >= 0:
        variable = find(text, dollar, whole, offset)
        end = dollar + (len(variable.source) if variable else 1)
        _add(found, text[done:dollar])
        _add(found, variable or "$")
        done = end
    _add(found, text[done:])
    return found


def join(parts: list[Piece], namespace: Namespace) -> Any:
    """The value of the pieces: a variable alone keeps its type, all else becomes one text."""
    if len(parts) == 1 and isinstance(parts[0], Variable):
        return parts[0].value(namespace)
    return "".join(part if isinstance(part, str) else str(part.value(namespace)) for part in parts)


def alone(parts: list[Piece]) -> Variable | None:
    """The variable that is all there is, so that its value keeps its type; ``$$`` is text."""
    only = parts[0] if len(parts) == 1 else None
    return only if isinstance(only, Variable) and only.source != "$$" else None


def _add(parts: list[Piece], part: Piece) -> None:
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    elif part:
        parts.append(part)


def _closing(text: str, start: int) -> int:
    """Where the brace closes that was opened before ``start``; -1 when it does not."""
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
    """Variables taken out of a text before another language (YAML, JSON) reads it.

    Each is replaced by its number between two marks, characters of Unicode's private area to which
    no such language gives a meaning. ``text`` is what that language is to read.
    """

    MARK = "\ue0cc"
    _PATTERN = re.compile(f"{MARK}(\\d+){MARK}")

    def __init__(self, parts: list[Piece]) -> None:
        self.variables: list[Variable] = []
        self.text = "".join(self._without(part) for part in parts)

    def _without(self, part: Piece) -> str:
        if isinstance(part, Variable):
            return self._numbered(part)
        # A mark that was typed is data: it is taken out like a variable, and stays itself.
        typed_mark = Variable(self.MARK, repr(self.MARK))
        return part if self.MARK not in part else self._numbered(typed_mark).join(part.split(self.MARK))

    def _numbered(self, variable: Variable) -> str:
        self.variables.append(variable)
        return f"{self.MARK}{len(self.variables) - 1}{self.MARK}"

    def parts(self, text: str) -> list[Piece]:
        """A text that came out of the other language, taken apart again."""
        found: list[Piece] = []
        for index, part in enumerate(self._PATTERN.split(text)):
            _add(found, self._variable(int(part)) if index % 2 else part)
        return found

    def _variable(self, number: int) -> Piece:
        variable = self.variables[number]
        return self.MARK if variable.source == self.MARK else variable

    def restored(self, text: str) -> str:
        """The text with its variables as they were written."""
        return self._PATTERN.sub(lambda match: self.variables[int(match[1])].source, text)

    def name(self, text: str) -> str:
        """A name as it is meant: ``$$`` is a dollar sign, and nothing else in names is expanded."""
        return self._PATTERN.sub(lambda match: self.variables[int(match[1])].in_name, text)

    def spot(self, index: int, length: int) -> Spot:
        """Where a place of ``text`` is in what was typed."""
        start = len(self.restored(self.text[:index]))
        return Spot(self.restored(self.text), start, start + length)
