"""JSON values as short words, and as trees that stay small whatever they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from cocalc_magic.render.blocks import Node, Tree
from cocalc_magic.render.clean import cut, masked, rejoined
from cocalc_magic.sanitize.secret_forms import around_secret


class _Measure(NamedTuple):
    """How much of a tree is shown: values a level, characters a text, levels."""

    width: int
    length: int
    depth: int


# The first measure that keeps the whole tree within the room is taken; the last always does
# (5 + 25 + 125 + 625 values).
_MEASURES = (_Measure(200, 500, 10), _Measure(50, 200, 8), _Measure(12, 100, 5), _Measure(5, 60, 4))
_ROOM = 60_000
_NAME = 80
_MORE = 1_000  # characters behind a cut, by which a secret that is cut is still known
# What a node costs besides its text: its markup, roughly.
_NODE = 40


def tree(value: Any) -> Tree:
    """The value as a tree; what is left out is counted where it is missing."""
    measure = next((measure for measure in _MEASURES[:-1] if _fits(value, measure)), _MEASURES[-1])
    if not is_many(value):
        return Tree((_node("value", value, measure),))
    return Tree(tuple(_nodes(value, measure)), max(0, len(value) - measure.width))


def is_many(value: Any) -> bool:
    """Whether the value holds others: an object or a list."""
    return isinstance(value, Mapping | list | tuple)


def literal(value: Any, length: int) -> str:
    """A value that holds no others, as JSON writes it; a long text is cut, and says by how much."""
    if isinstance(value, str):
        shown = rejoined(value[: 2 * length + _MORE])
        if len(value) <= length:
            return json.dumps(shown, ensure_ascii=False)
        shown = shown[: around_secret(shown, length)[0]]
        return f"{json.dumps(shown, ensure_ascii=False)} … {len(value) - len(shown):,} more characters"
    if value is None or isinstance(value, bool | int | float):
        return cut(json.dumps(value), length)
    return cut(str(value), length)


def brief(value: Any, length: int, depth: int = 3) -> str:
    """Any value on one short line; what does not fit is given by its size."""
    if not is_many(value):
        return cut(value, length) if isinstance(value, str) else literal(value, length)
    if not value or not depth or len(value) > 12:
        return size(value)
    inner = ", ".join(_brief_items(value, length, depth - 1))
    written = f"{{{inner}}}" if isinstance(value, Mapping) else f"[{inner}]"
    return written if len(written) <= length else size(value)


def size(value: Any) -> str:
    """How much an object or a list holds: ``{3 fields}``, ``[1,200 items]``."""
    one = len(value) == 1
    if isinstance(value, Mapping):
        return f"{{{len(value):,} field{'' if one else 's'}}}" if value else "{}"
    return f"[{len(value):,} item{'' if one else 's'}]" if value else "[]"


_SIZE = re.compile(r"[\[{][\d,]+ (item|field)s?[\]}]")


def is_cut(words: str) -> bool:
    """Whether short words give something by its size alone."""
    return bool(_SIZE.search(words))


def _brief_items(value: Any, length: int, depth: int) -> Iterator[str]:
    for name, item in _items(value):
        written = brief(item, length, depth) if is_many(item) else literal(item, length)
        yield f"{name}: {written}" if isinstance(value, Mapping) else written


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    """The names and values inside an object or a list, secrets masked."""
    if isinstance(value, Mapping):
        return ((str(name), masked(str(name), item)) for name, item in value.items())
    return ((str(number), item) for number, item in enumerate(value))


def _nodes(value: Any, measure: _Measure) -> Iterator[Node]:
    for name, item in islice(_items(value), measure.width):
        yield _node(cut(name, _NAME), item, measure)


def _node(name: str, value: Any, measure: _Measure) -> Node:
    if not is_many(value):
        return Node(name, literal(value, measure.length), _kind(value))
    if measure.depth <= 1:
        return Node(name, size(value), "many", hidden=len(value))
    inner = measure._replace(depth=measure.depth - 1)
    hidden = max(0, len(value) - measure.width)
    return Node(name, size(value), "many", tuple(_nodes(value, inner)), hidden)


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "word"
    return "number" if isinstance(value, int | float) else "text"


def _fits(value: Any, measure: _Measure) -> bool:
    room = _ROOM
    for cost in _costs(value, measure):
        room -= cost
        if room < 0:
            return False
    return True


def _costs(value: Any, measure: _Measure) -> Iterator[int]:
    """What each value of the tree would cost, so that counting can stop before the tree is built."""
    if not is_many(value):
        yield min(len(value), measure.length) if isinstance(value, str) else 0
        return
    inner = measure._replace(depth=measure.depth - 1)
    for name, item in islice(_items(value), measure.width):
        yield _NODE + min(len(name), _NAME)
        if inner.depth or not is_many(item):
            yield from _costs(item, inner)
