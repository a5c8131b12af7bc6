"""Words that must not come back: in names of the package, and in texts for people.

`python -m tests.texts` prints all the texts, `python -m tests.texts is no` those with these words in them.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.imports import ROOT, files, tree_of
from tests.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULES = _words(
    """
    about actions answers asking beginning board bodies boxes calling cells channels clean colors comparing
    completer connection counter desk doors draft envelope exchanges folder following groups handover hangup
    inside janitor javascript keybook keydesk kinds memory naming newkey onekey outcomes overview own_tables
    owner pace past pasting people probing program reading recent remembered replies rights running said secrets
    serve servers sheets showing signatures signin signing spares stage stopping subjects surroundings texts
    throttle usage utils values waiting who withheld
    """
)
"""Names of modules that say less than the field's own term."""

PARTS = _words("befall desk door doors fate janitor keybook keydesk newkey onekey said told")
"""Words that no name has as a part."""

WHOLE = _words(
    """
    not_there standing together typed DOORS MOST WAITS
    Asked Counter Found Given Letter Made Nobody Reply Seen Spoken Spot Supply Unsigned
    """
)
"""Names that have another one by now."""

VARIABLES = _words("asked found given made one")
"""Names of variables, attributes and parameters that do not say what they hold."""

PHRASES = {
    "is not a …": r"(?<!there )\b(?:is|are|was|be) no (?!longer\b|more\b|such\b)",
    "does not have": r"\bhas it not\b|\bknows? no\b|\bknows? not\b",
    "says, or the text itself": r"\bit has said\b|\btold\b",
    "can be read, reached, shown": r"\bcome by\b|\bbe had\b",
    "there is none": r"(?<!there )\bis none\b",
}
"""What a text should say -> what it must not say."""


def names(path: Path) -> Iterator[tuple[str, int]]:
    """Find the names that a file gives to something: classes, functions, and variables of every kind."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
    yield from variables(path)


def variables(path: Path) -> Iterator[tuple[str, int]]:
    """Find the names of variables, attributes and parameters."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node.lineno


def parts(name: str) -> set[str]:
    """Split a name into its words: `_KeyDesk` and `MOST_TOLD` are key, desk, most and told."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_modules_are_called_as_the_field_calls_them() -> None:
    assert [
        path.relative_to(ROOT).as_posix() for path in files() if {path.stem, path.parent.name} & MODULES
    ] == []


def test_names_say_what_they_hold() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in files()
        for name, line in names(path)
        if name.strip("_") in WHOLE or parts(name) & PARTS
    ] == []


def test_variables_say_what_they_hold() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in files()
        for name, line in variables(path)
        if name.strip("_") in VARIABLES
    ] == []


@pytest.mark.parametrize("better", PHRASES)
def test_a_text_is_written_as_a_colleague_would_say_it(better: str) -> None:
    phrase = re.compile(PHRASES[better], re.IGNORECASE)

    assert [f"{text.place} {text.words}" for text in texts() if phrase.search(text.words)] == []


def test_what_is_looked_for_is_found() -> None:
    """Names of every kind, texts of every file: a list that is empty would be clean as well."""
    everywhere = {name for path in files() for name, _ in names(path)}
    places = {text.place.partition(":")[0].partition(" ")[0].rpartition(".")[2] for text in texts()}

    assert {"Client", "load_ipython_extension", "shell", "__version__"} <= everywhere
    assert {"py", "js", "json"} <= places
    assert parts("_KeyDesk.MOST_TOLD") == {"key", "desk", "most", "told"}
    assert any(text.words.startswith("there is no event {…}") for text in texts())
