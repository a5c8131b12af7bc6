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
    """Merge a value into a map, level by level as the database does; `None` removes a key.

    A list, or a text, is merged by the numbers of its items, and what has no names changes nothing. Raises
    `Failed` where what is stored holds no names.
    """
    result = deepcopy({} if old is None else old)
    for name, value in _by_name(new).items():
        if not isinstance(result, dict | list):
            verb = "delete from" if value is None else "set path in"
            raise Failed(f"postgresql error: cannot {verb} scalar")
        if value is None:
            result = _without(result, name)
        else:
            nested = isinstance(value, dict | list)
            result = _with(result, name, merged(_at(result, name), value) if nested else value)
    return result


def _by_name(value: Any) -> dict[str, Any]:
    """Return the entries of a value by JavaScript's names."""
    if isinstance(value, dict):
        return value
    return {str(number): item for number, item in enumerate(value)} if isinstance(value, list | str) else {}


def _at(held: Any, name: str) -> Any:
    if isinstance(held, dict):
        return held.get(name)
    return held[int(name)] if name.isdecimal() and int(name) < len(held) else None


def _with(held: Any, name: str, value: Any) -> Any:
    if isinstance(held, dict):
        return {**held, name: value}
    if not name.isdecimal():
        raise Failed(f'postgresql error: path element at position 1 is not an integer: "{name}"')
    number = int(name)
    return [*held[:number], value, *held[number + 1 :]]


def _without(held: Any, name: str) -> Any:
    names = (key for key in held if key != name)
    return {key: held[key] for key in names} if isinstance(held, dict) else [*names]


def milliseconds(value: Any) -> int:
    """Convert a time, as text or a number, to milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LATEST:
        return int(value)
    try:
        moment = datetime.fromisoformat(as_text(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise _malformed("timestamp", value) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)


def moment(value: Any) -> int:
    """Convert a time as the database reads it, which takes a number for the digits of a date."""
    text = as_text(value).strip()
    if not text.lstrip("-").isdecimal():
        return milliseconds(value)
    year, month, day = text[:-4], text[-4:-2], text[-2:]
    if len(text) < 6 or text.startswith("-"):
        raise _malformed("timestamp", value)
    try:
        date = datetime(
            int(year) + (2000 if len(year) == 2 else 0), int(month), int(day), tzinfo=timezone.utc
        )
    except (ValueError, OverflowError):
        raise Failed(f'postgresql error: date/time field value out of range: "{text}"') from None
    return int(date.timestamp() * 1000)


def sql_type(column: Column) -> str:
    """Return the database's name of a column's type."""
    return _SQL_TYPES.get(column.kind, column.kind)


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


def json_operand(value: Any) -> Any:
    """Return a value that a map is compared with, which has to be JSON: a text is read as such."""
    if isinstance(value, list):
        value = _text(value)  # the driver sends it in the database's notation of arrays
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise Failed("postgresql error: invalid input syntax for type json") from None


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
_SQL_TYPES = {"timestamp": "timestamp without time zone", "map": "jsonb", "array": "text[]",
              "number": "double precision"}  # fmt: skip
_CASTS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "uuid": _uuid,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "timestamp": milliseconds,
    "array": _array,
}
