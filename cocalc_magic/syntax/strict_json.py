"""Strict JSON, where Python's reader is lax: no NaN, no infinity, no name twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.syntax.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.errors import SourceSpan

Pairs = list[tuple[str, Any]]


class NotJSON(ValueError):
    """The text is not JSON."""


def once(pairs: Pairs) -> dict[str, Any]:
    """Return the pairs as a dict. Raises `InvalidSyntax` for a name that stands twice."""
    by_name = dict(pairs)
    if len(by_name) < len(pairs):
        names = [name for name, _ in pairs]
        raise twice(next(name for name in names if names.count(name) > 1))
    return by_name


def twice(name: str, span: SourceSpan | None = None) -> InvalidSyntax:
    """Return the error for a name that is in one object twice."""
    return InvalidSyntax(f"{name} stands twice.", "Each option is given once.", span=span)


def load(text: str, build: Callable[[Pairs], Any] = once) -> Any:
    """Return the value of a JSON text; `build` makes its objects from their names and values.

    Raises:
        NotJSON: The text is not JSON.
        InvalidMessage: It can't be sent: a name twice, a number out of bounds, too deep a nesting.
    """
    try:
        return json.loads(
            text, object_pairs_hook=build, parse_constant=_refuse, parse_float=number, parse_int=number
        )
    except RecursionError:
        raise InvalidSyntax("the JSON is nested too deep.") from None
    except json.JSONDecodeError as problem:
        raise NotJSON(str(problem)) from None


def _refuse(word: str) -> Any:
    raise NotJSON(f"JSON has no {word}")
