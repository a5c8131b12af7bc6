"""Times, spans and sizes as people say them; the exact value stays with the words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from cocalc_magic.render.blocks import Said
from cocalc_magic.render.trees import brief

_WORD = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ("kB", "MB", "GB", "TB", "PB")

# Fields of records that are points in time. Numbers are milliseconds, but ``mtime`` of a file.
_MOMENTS = frozenset((
    "created", "expire", "expires", "last_active", "last_edited", "last_accessed", "last_started",
    "time", "timestamp", "now", "started", "finished", "scheduled", "modified",
    "date", "mtime", "sent", "deleted_at", "updated",
))  # fmt: skip
_SECONDS = frozenset({"mtime"})
_SIZES = frozenset({"size", "bytes"})


def milliseconds(seconds: float) -> str:
    """A time span as people say it: ``12 ms``, ``3.4 s``, ``2 min 5 s``."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60} min {round(seconds) % 60} s"


def size(count: float) -> str:
    """A number of bytes as people say it: ``812 bytes``, ``3.4 kB``; thousands, as disks count."""
    if count < 1000:
        return f"{count:.0f} byte{'' if count == 1 else 's'}"
    for unit in _UNITS:
        count /= 1000
        if count < 999.5 or unit == _UNITS[-1]:
            break
    return f"{count:.1f} {unit}" if count < 9.95 else f"{count:,.0f} {unit}"


def moment(value: Any) -> str:
    """A point in time in UTC, to the millisecond; as the server wrote it where that is none."""
    found = _moment(value, 1000)
    if found is None:
        return brief(value, _WORD)
    return f"{found:%Y-%m-%d %H:%M:%S}.{found.microsecond // 1000:03} UTC"


def told(name: str, value: Any, length: int) -> str:
    """A field of a record: times to the minute and sizes in words where its name says that it is one."""
    if name in _MOMENTS and not isinstance(value, bool):
        found = _moment(value, 1 if name in _SECONDS else 1000)
        if found is not None:
            return Said(f"{found:%Y-%m-%d %H:%M} UTC", brief(value, length))
    if name in _SIZES and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
        return Said(size(value), f"{value:,} bytes")
    return brief(value, length)


def _moment(value: Any, unit: int) -> datetime | None:
    try:
        if isinstance(value, str):
            return _parsed(value) if len(value) < _WORD else None
        found = _EPOCH + timedelta(seconds=value / unit)
    except (ValueError, TypeError, OverflowError):
        return None
    return found


def _parsed(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("a time of no zone is no point in time")
    return found.astimezone(timezone.utc)
