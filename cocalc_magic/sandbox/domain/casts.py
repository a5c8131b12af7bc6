"""What the database makes of a parameter of today's servers: any JSON value, cast to the type of its column.

Failures are Errors of the database; the tables of `query` have casts and words of their own, in `columns`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, stringify

LARGEST = 2**31 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DIGITS = re.compile(r"\d{6,}")
_SIGNED = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_UNIT = (
    r"(microseconds?|us|milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|"
    r"months?|mons?|years?|yrs?|y|decades?|decs?|centur(?:y|ies)|millenni(?:um|a))"
)
_INTERVAL = re.compile(
    rf"\s*@?\s*(([+-]?\d+(\.\d+)?\s*{_UNIT}?|[+-]?\d+:\d+(:\d+(\.\d+)?)?)\s*)+(ago)?\s*", re.IGNORECASE
)
_ISO_INTERVAL = re.compile(r"P(?=.)(\d+[YMWD])*(T(\d+(\.\d+)?[HMS])+)?", re.IGNORECASE)


def parameter(value: Any) -> str:
    """Return the text that the driver sends for a value."""
    return stringify(value) if isinstance(value, dict) else as_text(value)


def uuid(value: Any) -> str:
    """Cast to an id. Raises `Failed`."""
    if not is_uuid(value):
        raise malformed("uuid", value)
    return str(value).lower()


def integer(value: Any, kind: str = "integer", largest: int = LARGEST) -> int:
    """Cast to a whole number. Raises `Failed`."""
    text = parameter(value)
    if not _SIGNED.fullmatch(text):
        raise malformed(kind, value)
    if len(text) > len(str(largest)) + 1 or abs(int(text)) > largest:
        raise Thrown(f'value "{text}" is out of range for type {kind}', kind="error")
    return int(text)


def varchar(value: Any, width: int) -> str:
    """Cast to a text of a limited width. Raises `Failed`."""
    text = parameter(value)
    if len(text) > width:
        raise Thrown(f"value too long for type character varying({width})", kind="error")
    return text


def timestamp(value: Any) -> int:
    """Cast to a time, by default in UTC, in milliseconds since 1970; digits are those of a date.

    Raises `Failed`.
    """
    text = parameter(value).strip()
    if _DIGITS.fullmatch(text):
        text = f"{text[:-4]}-{text[-4:-2]}-{text[-2:]}"
    iso = text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text
    try:
        moment = datetime.fromisoformat(iso)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return (moment.astimezone(timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError:
        raise malformed("timestamp", value) from None
    except ValueError:
        if _DIGITS.fullmatch(parameter(value).strip()) or _is_date(text):
            raise Thrown(f'date/time field value out of range: "{parameter(value)}"', kind="error") from None
        raise malformed("timestamp", value) from None


def _is_date(text: str) -> bool:
    return bool(re.match(r"\d{4,}-\d{1,2}-\d{1,2}(?!\d)", text))


def interval(value: Any) -> None:
    """Check that a value is a span of time. Raises `Failed`."""
    text = parameter(value)
    if not (_INTERVAL.fullmatch(text) or _ISO_INTERVAL.fullmatch(text.strip())):
        raise malformed("interval", value)


def malformed(kind: str, value: Any) -> Thrown:
    """Return the failure of a value that a type does not have."""
    return Thrown(f'invalid input syntax for type {kind}: "{parameter(value)}"', kind="error")
