"""`tree_sitter` in the page, where its machine code does not run: the same grammar by web-tree-sitter.

It has what `from_curl` uses. Places are those of JavaScript, so that the text has to be ASCII.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pyodide_js
from pyodide.code import run_js
from pyodide.ffi import can_run_sync, run_sync

_loading: asyncio.Future[Any] | None = None


def _grammar() -> Any:
    """Return the module in JavaScript, which is loaded by the first call.

    Raises:
        ImportError: It is on its way, and this browser cannot wait for it.
    """
    global _loading
    if _loading is None:
        load = run_js("(place) => import(new URL('../tree-sitter/parse.mjs', place))")
        _loading = asyncio.ensure_future(load(pyodide_js._api.config.indexURL))
    if not _loading.done():
        if not can_run_sync():
            raise ImportError("it is being loaded; run the cell again")
        run_sync(_loading)
    return _loading.result()


class Node:
    """A node of a tree: its place in the list of all, so that no depth of nesting is one of objects."""

    def __init__(self, tree: Tree, place: int) -> None:
        self._tree, self._place = tree, place
        self.type, self.is_named, self.is_missing, self.has_error = tree.described[place][:4]
        self.start_byte, self.end_byte, point, self.field, _ = tree.described[place][4:]
        self.start_point = tuple(point)

    @property
    def children(self) -> list[Node]:
        """The nodes right inside it."""
        return [Node(self._tree, place) for place in self._tree.inside[self._place]]

    @property
    def named_children(self) -> list[Node]:
        """The children that have a name in the grammar."""
        return [child for child in self.children if child.is_named]

    def child_by_field_name(self, name: str) -> Node | None:
        """Return the first child in this role."""
        return next((child for child in self.children if child.field == name), None)


class Tree:
    """The tree of a text, from the list of its nodes: each comes before those inside it."""

    def __init__(self, described: list[list[Any]]) -> None:
        self.described = described
        self.inside: list[list[int]] = [[] for _ in described]
        incomplete = [0]
        for place in range(1, len(described)):
            while len(self.inside[incomplete[-1]]) == described[incomplete[-1]][-1]:
                incomplete.pop()
            self.inside[incomplete[-1]].append(place)
            incomplete.append(place)

    @property
    def root_node(self) -> Node:
        """The node of the whole text."""
        return Node(self, 0)


class Language:
    """The grammar of bash: the only one there is."""

    def __init__(self, _: object) -> None:
        """Take what `tree_sitter_bash.language` returns."""


class Parser:
    """A parser of bash.

    Raises:
        ImportError: The grammar is not here yet.
    """

    def __init__(self, _: Language) -> None:
        self._parse = _grammar().parse

    def parse(self, source: bytes) -> Tree:
        """Return the tree of a text in ASCII."""
        return Tree(json.loads(self._parse(source.decode("ascii"))))
