"""Values on their way into a column and out of it, as the recorded server's database casts them."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.answers.access import is_uuid
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.javascript import as_number, as_text, stringify
from cocalc_magic.sandbox.world import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.tables import Column

LONGEST_NAME = 254  # characters of a person's name


def cast(column: Column | None, value: Any) -> Any:
    """A value as the column stores it; raises :class:`Failed` in the database's words."""
    if column is None or value is None:
        return value
    if column.name in ("first_name", "last_name"):
        return _text(value)[:LONGEST_NAME]
    return _CASTS.get(column.kind, _as_it_is)(value)


def shown(column: Column, stored: Any) -> Any:
    """A stored value as a reader gets it: defaults filled in, moments as text."""
    if column.kind == "timestamp" and stored is not None:
        return iso(stored)
    if column.kind == "map" and column.default is not None:
        return {**deepcopy(column.default), **(stored or {})}
    return deepcopy(column.default) if stored is None else stored


def merged(old: Any, new: Any) -> Any:
    """A map with another one merged into it, level by level; ``None`` takes a key away."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    kept = {name: value for name, value in old.items() if name not in new}
    return kept | {name: merged(old.get(name), value) for name, value in new.items() if value is not None}


def milliseconds(value: Any) -> int:
    """A moment, as text or a number, in milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    try:
        moment = datetime.fromisoformat(as_text(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise Failed(
            f'postgresql error: invalid input syntax for type timestamp: "{as_text(value)}"'
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)


def _as_it_is(value: Any) -> Any:
    return value


def _uuid(value: Any) -> str:
    if not is_uuid(value):
        raise Failed(f'postgresql error: invalid input syntax for type uuid: "{_text(value)}"')
    return str(value).lower()


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else as_text(value).lower() in _TRUE


def _integer(value: Any) -> int:
    number = as_number(value)
    if not math.isfinite(number) or isinstance(value, bool | list | dict):
        raise Failed(f'postgresql error: invalid input syntax for type integer: "{as_text(value)}"')
    return round(number)


def _text(value: Any) -> str:
    """What the database's driver makes of a value for a text column: arrays in its own notation."""
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else json.dumps(_text(item)) for item in value) + "}"
    return stringify(value) if isinstance(value, dict) else as_text(value)


_TRUE = ("true", "yes", "on", "t", "y", "1")
_CASTS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "uuid": _uuid,
    "integer": _integer,
    "boolean": _boolean,
    "timestamp": milliseconds,
}
