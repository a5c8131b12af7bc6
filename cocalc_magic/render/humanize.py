"""Times, spans, sizes and small objects as people say them; the exact value stays with the words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import Said
from cocalc_magic.render.clean import cut, label, masked
from cocalc_magic.render.trees import brief, is_many

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ("kB", "MB", "GB", "TB", "PB")

# Fields that are points in time. Numbers are milliseconds, but seconds where those would be in 1970.
_MOMENTS = frozenset((
    "created", "expire", "expires", "last_active", "last_edited", "last_accessed", "last_started",
    "time", "timestamp", "now", "started", "finished", "scheduled", "modified",
    "date", "mtime", "sent", "deleted_at", "updated", "start", "server_time", "until",
    "period_start", "period_end", "current_period_start", "current_period_end", "activates",
))  # fmt: skip
_MOMENT_ENDS = ("_ts", "_time", "_utc", "_at")
_LEAST_SECONDS, _LEAST_MILLISECONDS = 10**8, 10**11
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_BYTES = frozenset({"size", "bytes"})
_MEGABYTES = frozenset({"memory", "memory_request", "disk_quota", "mem_rss"})  # of projects
_LEAST_QUOTA = 100  # smaller numbers of these names are prices, or nothing
_LISTED = 12  # values of a list that is told in words
_FEW = 6  # fields of an object that is told in words
_SECONDS = frozenset({"mintime", "idle_timeout", "ttl", "cpu_secs"})


def milliseconds(seconds: float) -> str:
    """A time span as people say it: ``12 ms``, ``3.4 s``, ``2 min 5 s``, ``3 h 20 min``."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    if seconds < 3599.5:
        return f"{round(seconds) // 60} min {round(seconds) % 60} s"
    return f"{round(seconds / 60) // 60:,} h {round(seconds / 60) % 60} min"


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
    found = _moment(value)
    if found is None:
        return brief(value, _WORD)
    return f"{found:%Y-%m-%d %H:%M:%S}.{found.microsecond // 1000:03} UTC"


def told(name: str, value: Any, length: int) -> str:
    """A field of a record, by its name and its shape: times to the minute, spans and sizes with their unit.

    What is unset is empty words.
    """
    if value is None:
        return Said("", "null")
    if isinstance(value, str) or is_many(value):
        words = _time_of_text(name, value) if isinstance(value, str) else _of_object(value)
    elif isinstance(value, bool):
        words = None
    else:
        words = next((said for way in _NUMBERS if (said := way(name, value)) is not None), None)
    exact = words.exact if isinstance(words, Said) else brief(value, length)
    return exact if words is None or words == exact else Said(cut(words, length), exact)


def fact(name: str, value: Any, length: int) -> str:
    """A field that stands alone: as in a record, but truth is yes or no, and a list or a
    small object its words."""
    value = masked(name, value)
    if isinstance(value, bool):
        return Said("yes" if value else "no", "true" if value else "false")
    if isinstance(value, list | tuple) and _are_few(value, _LISTED):
        return Said(cut(", ".join(brief(one, length) for one in value), length), brief(value, length))
    words = told(name, value, length)
    if isinstance(words, Said) or not (isinstance(value, Mapping) and _are_few(value.values(), _FEW)):
        return words
    return Said(cut(_object_words(value, length), length), words)


def _object_words(value: Mapping[str, Any], length: int) -> str:
    facts = {str(name): fact(str(name), one, length) or "–" for name, one in value.items()}
    return ", ".join(f"{name.replace('_', ' ')} {words}" for name, words in facts.items())


def _are_few(values: Collection[Any], most: int) -> bool:
    """Whether there are some values, none of them with others in it."""
    return 0 < len(values) <= most and not any(map(is_many, values))


def is_moment(name: str) -> bool:
    """Whether a field of this name is a point in time."""
    return name in _MOMENTS or name.endswith(_MOMENT_ENDS)


def _time_of_text(name: str, value: str) -> str | None:
    if not (_ISO.fullmatch(value[:_WORD]) or is_moment(name)):
        return None
    return _to_the_minute(value)


def _time_of_number(name: str, value: float) -> str | None:
    return _to_the_minute(value) if is_moment(name) and value >= _LEAST_SECONDS else None


def _to_the_minute(value: Any) -> str | None:
    found = _moment(value)
    return None if found is None else f"{found:%Y-%m-%d %H:%M} UTC"


def _size(name: str, value: float) -> str | None:
    if name not in _MEGABYTES and name not in _BYTES and not name.lower().endswith("_mb"):
        return None
    if name in _MEGABYTES and value < _LEAST_QUOTA:
        return None
    unit, count = ("bytes", value) if name in _BYTES else ("MB", value * 10**6)
    return Said(size(count), f"{value:,} {unit}") if 0 <= count < 10**18 else None


def _span(name: str, value: float) -> str | None:
    unit = 1 if name in _SECONDS or name.endswith(("_s", "_secs")) else 1000 if name.endswith("_ms") else 0
    return milliseconds(value / unit) if unit and 0 <= value < 10**9 else None


def _share(name: str, value: float) -> str | None:
    return f"{value:.0f} %" if name.endswith("_pct") and 0 <= value < 10**6 else None


_NUMBERS: tuple[Callable[[str, float], str | None], ...] = (_time_of_number, _size, _span, _share)


def _of_object(value: Any) -> str | None:
    """What a project is doing, what a log entry tells, who is on a project."""
    if not isinstance(value, Mapping):
        return None
    return _state(value) or _entry(value) or _members(value)


def _state(value: Mapping[str, Any]) -> str | None:
    if not isinstance(state := value.get("state"), str) or len(value) >= 6:
        return None
    since = _to_the_minute(value.get("time"))
    return f"{state} since {since}" if since else state


def _entry(value: Mapping[str, Any]) -> str | None:
    if not isinstance(event := value.get("event"), str):
        return None
    others = {str(name): one for name, one in value.items() if name not in ("event", "id")}
    words = [str(masked(name, one)) for name, one in others.items() if isinstance(one, str | int)]
    return " ".join([label(event, 200), *words[:4]])


def _members(value: Mapping[str, Any]) -> str | None:
    groups = [one.get("group") for one in value.values() if isinstance(one, Mapping)]
    if not groups or len(groups) < len(value) or not all(isinstance(group, str) for group in groups):
        return None
    return ", ".join(f"{many} {group}{'' if many == 1 else 's'}" for group, many in Counter(groups).items())


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, str):
            return _parsed(value) if len(value) < _WORD else None
        unit = 1 if abs(value) < _LEAST_MILLISECONDS else 1000
        found = _EPOCH + timedelta(seconds=value / unit)
    except (ValueError, TypeError, OverflowError):
        return None
    return found


def _parsed(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("a time of no zone is no point in time")
    return found.astimezone(timezone.utc)
