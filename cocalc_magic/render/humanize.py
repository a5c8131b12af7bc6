"""Values as people read them: times, durations, sizes, short JSON, links."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Humanized, Link
from cocalc_magic.sanitize import cut, rejoined, visible_line
from cocalc_magic.sanitize.secret_forms import around_secret, mask_named, mask_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response

MAX_WORD = 80  # characters of a name, or of a value in a line of others
_MAX_PATH = 1_000  # characters of a path that is a link
_MAX_TAIL = 1_000  # characters behind a cut, by which a secret that is cut is still recognised
_MAX_LIST = 12  # values of a list that is given in words
_MAX_FIELDS = 6  # fields of an object that is given in words
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ("kB", "MB", "GB", "TB", "PB")

# Fields that are points in time. Numbers are milliseconds, or seconds if milliseconds would be in 1970.
_MOMENTS = frozenset((
    "created", "expire", "expires", "last_active", "last_edited", "last_accessed", "last_started",
    "time", "timestamp", "now", "started", "finished", "scheduled", "modified",
    "date", "mtime", "sent", "deleted_at", "updated", "start", "server_time", "until",
    "period_start", "period_end", "current_period_start", "current_period_end", "activates",
))  # fmt: skip
_MOMENT_ENDS = ("_ts", "_time", "_utc", "_at")
_LEAST_SECONDS, _LEAST_MILLISECONDS = 10**8, 10**11
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_AGES = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 0))
_OLD = 30 * 86_400  # seconds; of what is older the date is shown
_BYTES = frozenset({"size", "bytes"})
_MEGABYTES = frozenset({"memory", "memory_request", "disk_quota", "mem_rss"})  # of projects
_LEAST_QUOTA = 100  # smaller numbers of these names are prices, or nothing
_SECONDS = frozenset({"mintime", "idle_timeout", "ttl", "cpu_secs"})
_COUNT = re.compile(r"[\[{][\d,]+ (item|field)s?[\]}]")


# -- fields of a record ----------------------------------------------------------------------------


def label(name: object, limit: int = MAX_WORD) -> str:
    """Return the name of a field as words, cut to `limit` characters."""
    return cut(mask_secrets(str(name)).replace("_", " "), limit)


def field_text(name: str, value: Any, length: int) -> str:
    """Return a field of a record by its name and type: times to the minute, durations and sizes with a unit.

    A null is an empty text.
    """
    if value is None:
        return Humanized("", "null")
    if isinstance(value, str) or is_many(value):
        words = _time_of_text(name, value) if isinstance(value, str) else _object_text(value)
    elif isinstance(value, bool):
        words = None
    else:
        words = next((text for form in _NUMBERS if (text := form(name, value)) is not None), None)
    exact = words.exact if isinstance(words, Humanized) else brief(value, length)
    return exact if words is None or words == exact else Humanized(cut(words, length), exact)


def fact_text(name: str, value: Any, length: int) -> str:
    """Return a field outside of a table: as in one, but yes or no, and small lists and objects in words."""
    value = mask_named(name, value)
    if isinstance(value, bool):
        return Humanized("yes" if value else "no", "true" if value else "false")
    if isinstance(value, list | tuple) and _is_small(value, _MAX_LIST):
        return Humanized(cut(", ".join(brief(item, length) for item in value), length), brief(value, length))
    words = field_text(name, value, length)
    if isinstance(words, Humanized) or not (
        isinstance(value, Mapping) and _is_small(value.values(), _MAX_FIELDS)
    ):
        return words
    facts = {str(name): fact_text(str(name), inner, length) or "–" for name, inner in value.items()}
    joined = ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in facts.items())
    return Humanized(cut(joined, length), words)


def _is_small(values: Collection[Any], most: int) -> bool:
    """Return whether there are some values, none of which holds others."""
    return 0 < len(values) <= most and not any(map(is_many, values))


# -- times, durations, sizes -----------------------------------------------------------------------


def duration(seconds: float) -> str:
    """Return a time span as people say it: `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 20 min`."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    if seconds < 3599.5:
        return f"{round(seconds) // 60} min {round(seconds) % 60} s"
    return f"{round(seconds / 60) // 60:,} h {round(seconds / 60) % 60} min"


def byte_size(count: float) -> str:
    """Return a number of bytes as people say it: `812 bytes`, `3.4 kB`; decimal, as for disks."""
    if count < 1000:
        return f"{count:.0f} byte{'' if count == 1 else 's'}"
    for unit in _UNITS:
        count /= 1000
        if count < 999.5 or unit == _UNITS[-1]:
            break
    return f"{count:.1f} {unit}" if count < 9.95 else f"{count:,.0f} {unit}"


def moment(value: Any) -> str:
    """Return a point in time in UTC, to the millisecond; any other value as the server wrote it."""
    time = _moment(value)
    if time is None:
        return brief(value, MAX_WORD)
    return f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03} UTC"


def age(value: Any, now: float) -> str:
    """Return how long ago a point in time was: `3 min ago`, `5 d ago`; empty where a date says more."""
    time = _moment(value)
    seconds = None if time is None else now - time.timestamp()
    if seconds is None or not 0 <= seconds < _OLD:
        return ""
    unit, length = next((unit, length) for unit, length in _AGES if seconds >= length)
    return f"{seconds // length:.0f} {unit} ago" if length else "just now"


def seconds_of(value: Any) -> float | None:
    """Return a point in time in seconds since 1970; `None` for any other value."""
    time = _moment(value)
    return None if time is None else time.timestamp()


def is_moment(name: str) -> bool:
    """Return whether a field of this name is a point in time."""
    return name in _MOMENTS or name.endswith(_MOMENT_ENDS)


def _time_of_text(name: str, value: str) -> str | None:
    if not (_ISO.fullmatch(value[:MAX_WORD]) or is_moment(name)):
        return None
    return _to_minute(value)


def _time_of_number(name: str, value: float) -> str | None:
    return _to_minute(value) if is_moment(name) and value >= _LEAST_SECONDS else None


def _to_minute(value: Any) -> str | None:
    time = _moment(value)
    return None if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def _size(name: str, value: float) -> str | None:
    if name not in _MEGABYTES and name not in _BYTES and not name.lower().endswith("_mb"):
        return None
    if name in _MEGABYTES and value < _LEAST_QUOTA:
        return None
    unit, count = ("bytes", value) if name in _BYTES else ("MB", value * 10**6)
    return Humanized(byte_size(count), f"{value:,} {unit}") if 0 <= count < 10**18 else None


def _span(name: str, value: float) -> str | None:
    unit = 1 if name in _SECONDS or name.endswith(("_s", "_secs")) else 1000 if name.endswith("_ms") else 0
    return duration(value / unit) if unit and 0 <= value < 10**9 else None


def _share(name: str, value: float) -> str | None:
    return f"{value:.0f} %" if name.endswith("_pct") and 0 <= value < 10**6 else None


_NUMBERS: tuple[Callable[[str, float], str | None], ...] = (_time_of_number, _size, _span, _share)


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, str):
            return _parsed(value) if len(value) < MAX_WORD else None
        unit = 1 if abs(value) < _LEAST_MILLISECONDS else 1000
        return _EPOCH + timedelta(seconds=value / unit)
    except (ValueError, TypeError, OverflowError):
        return None


def _parsed(text: str) -> datetime:
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise ValueError("a time without a zone is not a point in time")
    return time.astimezone(timezone.utc)


# -- objects that CoCalc's records hold ------------------------------------------------------------


def _object_text(value: Any) -> str | None:
    """Return what a project is doing, what a log entry says, or who is on a project."""
    if not isinstance(value, Mapping):
        return None
    return _state(value) or _log_entry(value) or _members(value)


def _state(value: Mapping[str, Any]) -> str | None:
    if not isinstance(state := value.get("state"), str) or len(value) >= 6:
        return None
    since = _to_minute(value.get("time"))
    return f"{state} since {since}" if since else state


def _log_entry(value: Mapping[str, Any]) -> str | None:
    if not isinstance(event := value.get("event"), str):
        return None
    others = {str(name): inner for name, inner in value.items() if name not in ("event", "id")}
    words = [str(mask_named(name, inner)) for name, inner in others.items() if isinstance(inner, str | int)]
    return " ".join([label(event, 200), *words[:4]])


def _members(value: Mapping[str, Any]) -> str | None:
    groups = [member.get("group") for member in value.values() if isinstance(member, Mapping)]
    if not groups or len(groups) < len(value) or not all(isinstance(group, str) for group in groups):
        return None
    return ", ".join(
        f"{count} {group}{'' if count == 1 else 's'}" for group, count in Counter(groups).items()
    )


# -- JSON on one line ------------------------------------------------------------------------------


def is_many(value: Any) -> bool:
    """Return whether the value holds others: an object or a list."""
    return isinstance(value, Mapping | list | tuple)


def brief(value: Any, length: int, depth: int = 3) -> str:
    """Return any value on one short line; what does not fit is given by its number of items."""
    if not is_many(value):
        return cut(value, length) if isinstance(value, str) else literal(value, length)
    if not value or not depth or len(value) > 12:
        return item_count(value)
    inner = ", ".join(_brief_items(value, length, depth - 1))
    text = f"{{{inner}}}" if isinstance(value, Mapping) else f"[{inner}]"
    return text if len(text) <= length else item_count(value)


def literal(value: Any, length: int) -> str:
    """Return a value that does not hold others as JSON; a long text is cut, and says by how much."""
    if isinstance(value, str):
        text = rejoined(value[: 2 * length + _MAX_TAIL])
        if len(value) <= length:
            return json.dumps(text, ensure_ascii=False)
        text = text[: around_secret(text, length)[0]]
        return f"{json.dumps(text, ensure_ascii=False)} … {len(value) - len(text):,} more characters"
    if value is None or isinstance(value, bool | int | float):
        return cut(json.dumps(value), length)
    return cut(str(value), length)


def item_count(value: Any) -> str:
    """Return how much an object or a list holds: `{3 fields}`, `[1,200 items]`."""
    plural = "" if len(value) == 1 else "s"
    if isinstance(value, Mapping):
        return f"{{{len(value):,} field{plural}}}" if value else "{}"
    return f"[{len(value):,} item{plural}]" if value else "[]"


def is_cut(words: str) -> bool:
    """Return whether short words give something only by its number of items."""
    return bool(_COUNT.search(words))


def items(value: Any) -> Iterable[tuple[str, Any]]:
    """Return the names and values inside an object or a list, with secrets masked."""
    if isinstance(value, Mapping):
        return ((str(name), mask_named(str(name), item)) for name, item in value.items())
    return ((str(number), item) for number, item in enumerate(value))


def _brief_items(value: Any, length: int, depth: int) -> Iterator[str]:
    for name, item in items(value):
        text = brief(item, length, depth) if is_many(item) else literal(item, length)
        yield f"{name}: {text}" if isinstance(value, Mapping) else text


# -- links to the pages of CoCalc ------------------------------------------------------------------


def site_url(response: Response) -> str:
    """Return the URL of the server's pages; empty for a sandbox, which has none of projects."""
    url = response.address.rstrip("/")
    return url if not response.sandbox and url.startswith(("http://", "https://")) else ""


def project_url(site: str, project_id: Any) -> str:
    """Return the URL of a project's page; empty if it has none."""
    if not site or not isinstance(project_id, str) or not is_uuid(project_id):
        return ""
    return f"{site}/projects/{project_id.lower()}"


def file_url(site: str, project_id: Any, path: Any) -> str:
    """Return the URL on which a file is edited, or a folder (its path ends with a slash) is listed.

    Empty for a path that is not shown unchanged, such as one with a key in it.
    """
    project = project_url(site, project_id)
    if not project or not isinstance(path, str) or not 0 < len(path) <= _MAX_PATH or path.startswith("/"):
        return ""
    return f"{project}/files/{quote(path.removeprefix('./'))}" if visible_line(path) == path else ""


def linked(words: str, url: str, exact: str = "") -> str:
    """Return the words, as a link if there is a URL, with the exact value that they stand for."""
    return Link(words, url, exact) if url else Humanized(words, exact) if exact else words


def project_words(project: Any, titles: Mapping[str, str], site: str) -> str:
    """Return a project by its title, if that is known, as a link to its page."""
    title = titles.get(project, "") if isinstance(project, str) else ""
    if not title.strip():
        return linked(brief(project, MAX_WORD), project_url(site, project))
    return linked(cut(title, MAX_WORD), project_url(site, project), project)


def exact_value(words: str) -> str:
    """Return the value that the words stand for, if it says more than they do."""
    exact = words.exact if isinstance(words, Humanized | Link) else ""
    return "" if exact == words else exact
