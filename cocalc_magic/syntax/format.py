"""Format a message as the magic that sends it; `parse.read` of the text returns the message."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./:+-]*")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
LONGEST_LINE = 200  # characters; what is longer reads better in a cell


def format_magic(event: str, options: Mapping[str, Any]) -> str:
    """Return `%cocalc EVENT name=value …` if that fits on a line, else `%%cocalc EVENT` with a JSON body."""
    items = [_item(name, value) for name, value in options.items()]
    line = " ".join(["%cocalc", event, *(item for item in items if item)])
    if None not in items and len(line) <= LONGEST_LINE:
        return line
    return f"%%cocalc {event}\n{format_json(options)}"


def format_frame(options: Mapping[str, Any]) -> str:
    """Return a cell that queries records and makes a pandas DataFrame of them.

    The frame has the fields as its columns, when no row has a value there and when there are no rows.
    """
    ((table, (record,)),) = options["query"].items()
    items = " ".join(filter(None, (_item(name, value) for name, value in options.items())))
    return (
        "import pandas as pd\n"
        f"rows = %cocalc query {items}\n"
        f'pd.DataFrame(rows["query"]["{table}"], columns={json.dumps(list(record))})'
    )


def format_json(options: Mapping[str, Any]) -> str:
    """Return the options as the JSON body of a cell: nothing in it is expanded."""
    return _doubled(json.dumps(dict(options), indent=2))


def format_value(value: Any) -> str:
    """Return a value as written after `=` (text) or `:=` (all else), quoted where needed."""
    if not isinstance(value, str):
        return _doubled(json.dumps(value))
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_doubled(escaped)}"'


def format_default(value: Any) -> str:
    """Return the default of an option in words: yes and no for a boolean."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)


def format_title(title: str, quote: str = "") -> str:
    """Return the title of a project as a word of a line, with every `$` doubled.

    A `quote` that was typed is used where it can hold the title.
    """
    if "$" not in title and quote != '"':
        return f"'{title}'" if quote and quote not in title else format_value(title)
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_doubled(escaped)}"'


def _item(name: str, value: Any) -> str | None:
    """Return one item; `None` for a name or text that no line can hold."""
    if not _NAME.fullmatch(name) or (isinstance(value, str) and not value.isprintable()):
        return None
    return f"{name}={format_value(value)}" if isinstance(value, str) else f"{name}:={format_value(value)}"


def _doubled(text: str) -> str:
    return text.replace("$", "$$")
