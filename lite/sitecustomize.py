"""Python's start in the page: what is otherwise there than elsewhere.

Modules are looked for among the installed ones first: each look into the notebook's folder is a request to
the page, and Python would look there for every module. JSON that is nested too deeply is refused, as it is
elsewhere: the page's Python would end, since the browser's stack is smaller than it thinks.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class InstalledFirst:
    """Finds modules in all places but the working folder."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _: object = None) -> ModuleSpec | None:
        """Find a module at the top of a package's tree; what is inside a package is found by its path."""
        return PathFinder.find_spec(name, [place for place in sys.path if place]) if path is None else None


sys.meta_path.insert(sys.meta_path.index(PathFinder), InstalledFirst)


MAX_DEPTH = 1_000  # of arrays and objects; at 3,000 it would end
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)
_decode = json.JSONDecoder.decode


def decode(self: json.JSONDecoder, text: str, *how: Any) -> Any:
    """Return the value of a JSON text. Raises `RecursionError` too."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(text):
        raise RecursionError("maximum recursion depth exceeded while decoding a JSON text")
    return _decode(self, text, *how)


def _is_deep(text: str) -> bool:
    depth = 0
    for match in _TEXT_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            return True
    return False


json.JSONDecoder.decode = decode  # type: ignore[assignment, method-assign]
