"""Cast values into columns and out of them, as the recorded server's database does."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_number, as_text, stringify
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Column

LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
_LARGEST_INTEGER = 2**31 - 1
MAX_NAME = 254  # characters of a person's name


def cast(column: Column | None, value: Any) -> Any:
    """Return a value as the column stores it. Raises `Failed` in the database's words."""
    if column is None or value is None:
        return value
    if column.name in ("first_name", "last_name"):
        return _text(value)[:MAX_NAME]
    as_kind = _CASTS.get(column.kind)
    return as_kind(value) if as_kind else value


def shown(column: Column, stored: Any) -> Any:
    """Return a stored value as a reader gets it: defaults filled in, times as text."""
    if column.kind == "timestamp" and stored is not None:
        return iso(stored)
    if column.kind == "map" and column.default is not None and isinstance(stored, dict | None):
        return {**deepcopy(column.default), **(stored or {})}
    return deepcopy(column.default) if stored is None else stored


def merged(old: Any, new: Any) -> Any:
    """Merge a map into another, level by level, a list like a map of its positions; `None` removes a key."""
    if isinstance(new, list):
        new = {str(position): value for position, value in enumerate(new)}
    if not isinstance(new, dict):
        return new
    rest = {name: value for name, value in old.items() if name not in new} if isinstance(old, dict) else {}
    inner = old if isinstance(old, dict) else {}
    return rest | {name: merged(inner.get(name), value) for name, value in new.items() if value is not None}


def milliseconds(value: Any) -> int:
    """Convert a time, as text or a number, to milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LATEST:
        return int(value)
    try:
        moment = datetime.fromisoformat(as_text(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise _malformed("timestamp", value) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)


def _uuid(value: Any) -> str:
    if not is_uuid(value):
        raise _malformed("uuid", value)
    return str(value).lower()


def _boolean(value: Any) -> bool:
    text = as_text(value).strip().lower()
    if text not in _TRUE and text not in _FALSE:
        raise _malformed("boolean", value)
    return text in _TRUE


def _integer(value: Any) -> int:
    number = as_number(value)
    if isinstance(value, bool | list | dict) or as_text(value).strip() == "" or not number.is_integer():
        raise _malformed("integer", value)
    if abs(number) > _LARGEST_INTEGER:
        raise Failed(f'postgresql error: value "{as_text(value)}" is out of range for type integer')
    return int(number)


def _number(value: Any) -> float:
    number = as_number(value)
    if isinstance(value, bool | list | dict) or as_text(value).strip() == "" or math.isnan(number):
        raise _malformed("double precision", value)
    return int(number) if number.is_integer() else number


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failed("postgresql error: invalid input syntax for type json")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Failed(f'postgresql error: malformed array literal: "{_text(value)}"')
    return value


def _malformed(kind: str, value: Any) -> Failed:
    return Failed(f'postgresql error: invalid input syntax for type {kind}: "{_text(value)}"')


def _text(value: Any) -> str:
    """Convert a value for a text column as the database's driver does: arrays in its own notation."""
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else json.dumps(_text(item)) for item in value) + "}"
    return stringify(value) if isinstance(value, dict) else as_text(value)


# The database takes every beginning of these words that is not a beginning of the others.
_TRUE = ("true", "tru", "tr", "t", "yes", "ye", "y", "on", "1")
_FALSE = ("false", "fals", "fal", "fa", "f", "no", "n", "off", "of", "0")
_CASTS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "uuid": _uuid,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "timestamp": milliseconds,
    "map": _map,
    "array": _array,
}
