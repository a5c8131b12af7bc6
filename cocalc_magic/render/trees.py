"""JSON values as trees that stay small whatever they hold."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic.render.blocks import Node, Tree
from cocalc_magic.render.humanize import MAX_WORD, is_many, item_count, items, literal
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Limits(NamedTuple):
    """How much of a tree is shown: values per level, characters of a text, levels."""

    width: int
    length: int
    depth: int


# The first limits that keep the whole tree within its budget apply; the last always do
# (5 + 25 + 125 + 625 values).
_LIMITS = (_Limits(200, 500, 10), _Limits(50, 200, 8), _Limits(12, 100, 5), _Limits(5, 60, 4))
_MAX_COST = 60_000
_NODE_COST = 40  # roughly the markup of a node, besides its text


def tree(value: Any) -> Tree:
    """Return the value as a tree; what is left out is counted in its place."""
    limits = next((limits for limits in _LIMITS[:-1] if _fits(value, limits)), _LIMITS[-1])
    if not is_many(value):
        return Tree((_node("value", value, limits),))
    return Tree(tuple(_nodes(value, limits)), max(0, len(value) - limits.width))


def _nodes(value: Any, limits: _Limits) -> Iterator[Node]:
    for name, item in islice(items(value), limits.width):
        yield _node(cut(name, MAX_WORD), item, limits)


def _node(name: str, value: Any, limits: _Limits) -> Node:
    if not is_many(value):
        return Node(name, literal(value, limits.length), _kind(value))
    if limits.depth <= 1:
        return Node(name, item_count(value), "many", hidden=len(value))
    inner = limits._replace(depth=limits.depth - 1)
    hidden = max(0, len(value) - limits.width)
    return Node(name, item_count(value), "many", tuple(_nodes(value, inner)), hidden)


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "word"
    return "number" if isinstance(value, int | float) else "text"


def _fits(value: Any, limits: _Limits) -> bool:
    left = _MAX_COST
    for cost in _costs(value, limits):
        left -= cost
        if left < 0:
            return False
    return True


def _costs(value: Any, limits: _Limits) -> Iterator[int]:
    """Yield what each value of the tree would cost, so that counting can stop before the tree is built."""
    if not is_many(value):
        yield min(len(value), limits.length) if isinstance(value, str) else 0
        return
    inner = limits._replace(depth=limits.depth - 1)
    for name, item in islice(items(value), limits.width):
        yield _NODE_COST + min(len(name), MAX_WORD)
        if inner.depth or not is_many(item):
            yield from _costs(item, inner)
