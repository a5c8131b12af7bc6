"""Exercise files: YAML as a teacher writes it, or sealed as students get it.

A sealed file is the same in base64, compressed: nobody reads a solution by accident. It is not encryption.
"""

from __future__ import annotations

import base64
import binascii
import json
import textwrap
import zlib
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, did_you_mean
from cocalc_magic.lessons.exercise import Check, Exercise, Hint, cells_of
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SEAL = "cocalc-magic exercises, sealed"
MAX_BYTES = 1_000_000  # of a file, and of what a sealed one holds
_MAX_PROBLEM = 300  # characters
_QUOTES = "A text with a colon in it, or with a quote or % at its beginning, needs single quotes around it."
_FILE = ("lesson", "exercises")
_EXERCISE = ("task", "checks", "hints", "right", "setup")


def read_exercises(path: Path) -> tuple[Exercise, ...]:
    """Read an exercise file, sealed or not.

    Raises:
        InvalidSyntax: It cannot be read, or does not have the form of one.
    """
    return exercises_of(read_document(path), str(path))


def exercises_of(document: Any, place: str) -> tuple[Exercise, ...]:
    """Return the exercises of what an exercise file holds; `place` names it in errors.

    Raises:
        InvalidSyntax: It does not have the form of one.
    """
    return tuple(_Reader(place).exercises(document))


def read_document(path: Path) -> Any:
    """Return what an exercise file holds, sealed or not, as it stands there.

    Raises:
        InvalidSyntax: It cannot be read.
    """
    try:
        text = _content(path).decode()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise InvalidSyntax(f"{path} cannot be read: {reason}.") from None
    return _unsealed(path, text) if text.startswith(SEAL) else _parsed(path, text)


def sealed(path: Path) -> str:
    """Return an exercise file as students get it.

    Raises:
        InvalidSyntax: It does not have the form of one.
    """
    document = read_document(path)
    exercises_of(document, str(path))
    packed = base64.b64encode(zlib.compress(json.dumps(document, ensure_ascii=False).encode(), 9)).decode()
    return "\n".join((SEAL, *textwrap.wrap(packed, 100), ""))


def is_sealed(path: Path) -> bool:
    """Return whether a file is there that students get, which may be written anew."""
    try:
        return path.is_file() and _content(path).startswith(SEAL.encode())
    except (OSError, InvalidSyntax):
        return False


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)  # not all: a device has no end
    if len(content) > MAX_BYTES:
        raise InvalidSyntax(f"{path} is too long for an exercise file.")
    return content


def _unsealed(path: Path, text: str) -> Any:
    try:
        packed = base64.b64decode("".join(text.splitlines()[1:]), validate=True)
        return json.loads(zlib.decompressobj().decompress(packed, MAX_BYTES))
    except (ValueError, binascii.Error, zlib.error):
        raise InvalidSyntax(f"{path} is damaged.", "Ask for the file again.") from None


def _parsed(path: Path, text: str) -> Any:
    import yaml  # late: what comes with the package is sealed

    try:
        if twice := _twice(yaml.compose(text, yaml.SafeLoader)):
            raise InvalidSyntax(f"{path}: {twice}.", "Give each a name of its own.")
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as problem:
        raise InvalidSyntax(f"{path} is not YAML: {problem}", _QUOTES) from None


def _twice(whole: Any) -> str:
    """Return which name stands twice in a mapping of YAML, and where; empty if none does."""
    nodes, seen = [whole], set[int]()  # by aliases a part may be reached often, or be in itself
    while nodes:
        node = nodes.pop()
        if getattr(node, "id", "") != "mapping" or id(node) in seen:
            continue
        seen.add(id(node))
        names: set[str] = set()
        for name, value in node.value:
            if str(name.value) in names:
                return f"{cut(name.value, 80)} stands there twice, in line {name.start_mark.line + 1} again"
            names.add(str(name.value))
            nodes.append(value)
    return ""


class _Reader:
    """Reads the content of one file; `place` names it in errors."""

    def __init__(self, place: str) -> None:
        self.place = place

    def exercises(self, document: Any) -> Iterable[Exercise]:
        """Yield the exercises."""
        whole = self._mapping(document, "the file", _FILE, _FILE)
        named = self._mapping(whole["exercises"], "exercises", (), ())
        if not named:
            raise self._problem("there is no exercise in it")
        for name, content in named.items():
            yield self._exercise(str(name), self._text(whole["lesson"], "lesson"), content)

    def _exercise(self, name: str, lesson: str, content: Any) -> Exercise:
        if not name or " " in name or name.startswith("-"):
            raise self._problem(f"the name {name!r} cannot be typed", "Write it-like-this")
        parts = self._mapping(content, name, _EXERCISE, ("task", "checks", "right"))
        if parts["checks"] == []:
            raise self._problem(f"{name}: checks are missing", "Without one it would be done from the start")
        return Exercise(
            name,
            lesson,
            self._text(parts["task"], f"{name}: task"),
            tuple(self._check(f"{name}: checks", item) for item in self._list(parts["checks"], name)),
            tuple(self._hint(f"{name}: hints", item) for item in self._list(parts.get("hints") or [], name)),
            cells_of(self._text(parts["right"], f"{name}: right")),
            cells_of(self._text(parts.get("setup", ""), f"{name}: setup")),
        )

    def _check(self, place: str, content: Any) -> Check:
        parts = self._mapping(content, place, ("what", "when"), ("what", "when"))
        what = self._text(parts["what"], f"{place}: what")
        return Check(what, self._expression(parts["when"], f"{place}: when"))

    def _hint(self, place: str, content: Any) -> Hint:
        parts = self._mapping(content, place, ("say", "when", "wrong"), ("say", "when", "wrong"))
        say, wrong = (self._text(parts[name], f"{place}: {name}") for name in ("say", "wrong"))
        return Hint(say, self._expression(parts["when"], f"{place}: when"), cells_of(wrong))

    # -- forms -------------------------------------------------------------------------------------

    def _mapping(
        self, value: Any, place: str, known: Iterable[str], needed: Iterable[str]
    ) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._problem(f"{place} is not a mapping", "Write name: value, a line each")
        for name in value:
            if known and name not in known:
                raise self._problem(
                    f"{place} has no {name!r}", did_you_mean(str(name), known), f"It has {', '.join(known)}."
                )
        for name in needed:
            if name not in value:
                raise self._problem(f"{place} lacks {name!r}")
        return value

    def _list(self, value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise self._problem(f"{place}: checks and hints are lists", "Begin each item with a dash")
        return value

    def _text(self, value: Any, place: str) -> str:
        if not isinstance(value, str):
            raise self._problem(f"{place} is not a text")
        return value.strip()

    def _expression(self, value: Any, place: str) -> str:
        source = self._text(value, place)
        try:
            compile(source, "<when>", "eval")
        except (SyntaxError, ValueError):
            raise self._problem(f"{place}: {source!r} is not a Python expression") from None
        return source

    def _problem(self, what: str, *hints: str) -> InvalidSyntax:
        return InvalidSyntax(f"{self.place}: {cut(what, _MAX_PROBLEM)}.", *hints)
