"""JSON as its standard has it, which Python's reader takes loosely: no NaN, no infinity, no name twice."""

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
    """The pairs as a dict. Raises :class:`InvalidSyntax` for a name that stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise twice(next(name for name in names if names.count(name) > 1))
    return found


def twice(name: str, span: SourceSpan | None = None) -> InvalidSyntax:
    """The refusal of a name that stands twice in one object."""
    return InvalidSyntax(f"{name} stands twice.", "Each option is given once.", span=span)


def load(text: str, build: Callable[[Pairs], Any] = once) -> Any:
    """The value of a JSON text; ``build`` makes its objects from their names and values.

    Raises :class:`NotJSON`; :class:`~cocalc_magic.errors.InvalidMessage` for what is JSON and yet cannot
    be sent: a name twice, a number out of bounds, a nesting without end.
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
