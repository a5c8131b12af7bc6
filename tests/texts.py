"""All texts of the package that people may read, as one list; `python -m tests.texts [WORD]`.

Read from the source: every text of two words or more that is no docstring, with `{…}` where a value is put in,
those of the catalog and of the JavaScript included.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.imports import ROOT, files, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = re.compile(r"[A-Za-z]['’A-Za-z]*,? (?:\{…\} )?[a-z]['’a-z]*")  # two words of a sentence, side by side
CODE = re.compile(
    r"^\s*<|</|\bSELECT\b|\bINSERT\b|\bUPDATE\b|\bDELETE FROM\b|\bCREATE TABLE\b|\(\?|\\[dws]|^import |^def |[;{]\n"
)
SCRIPT_TEXT = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\]|\\.)*)`")


@dataclass(frozen=True)
class Text:
    """One text and where it stands."""

    words: str
    place: str  # file and line, or file and name of the entry


@cache
def texts() -> list[Text]:
    """Return every text for people, in the order of the files."""
    everything = [text for path in files() for text in _of_python(path)]
    everything += [text for path in sorted(ROOT.rglob("*.js")) for text in _of_javascript(path)]
    everything += [text for path in sorted(ROOT.glob("catalog/*.json")) for text in _of_catalog(path)]
    return [text for text in everything if WORDS.search(text.words) and not CODE.search(text.words)]


def _of_python(path: Path) -> Iterator[Text]:
    tree = tree_of(path)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(inner) for inner in node.values}
    for node in ast.walk(tree):
        if id(node) not in skipped and (words := _words(node)):
            yield Text(words, f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    return ""


def _of_javascript(path: Path) -> Iterator[Text]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.lstrip().startswith(("//", "*", "/*")):
            for match in SCRIPT_TEXT.finditer(line):
                words = re.sub(r"\$\{[^}]*\}", "{…}", match[1] or match[2] or "")
                yield Text(words, f"{path.relative_to(ROOT)}:{number}")


def _of_catalog(path: Path) -> Iterator[Text]:
    def inside(value: Any, way: str) -> Iterator[Text]:
        if isinstance(value, str):
            yield Text(value, f"{path.relative_to(ROOT)} {way}")
        elif isinstance(value, dict | list):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for name, inner in pairs:
                yield from inside(inner, f"{way}/{name}")

    yield from inside(json.loads(path.read_text(encoding="utf-8")), "")


if __name__ == "__main__":
    wanted = " ".join(sys.argv[1:]).lower()
    for text in texts():
        if wanted in text.words.lower():
            print(f"{text.place}\n    {text.words}")  # noqa: T201
