"""Rows of a file of JSON: an object a line, or one array of objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidMessage, InvalidValue
from cocalc_magic.syntax import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_COLUMN = re.compile(r"line (?P<line>\d+) column (?P<column>\d+)")


def read(path: Path, encoding: str) -> Iterator[Mapping[str, Any]]:
    """Yield the object in each line; blank lines are left out.

    Raises:
        InvalidValue: A line is not an object in JSON; with its number, and the column.
    """
    number = 0
    try:
        with path.open(encoding=encoding or "utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _object(f"{path}, line {number}", _value(path, number, line))
    except UnicodeError:
        raise InvalidValue(
            f"{path}, after line {number}: this is not {encoding or 'UTF-8'} text.",
            f"Another encoding stands behind a colon: --each {path}:latin-1",
        ) from None
    except OSError as problem:
        raise InvalidValue(f"{path} can't be read: {problem.strerror}.") from None


def read_array(path: Path, encoding: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the array that the file is; where it begins with an object, those of its lines.

    Raises:
        InvalidValue: It is neither.
    """
    with path.open(encoding=encoding or "utf-8-sig", errors="replace") as file:
        begins = file.read(1_000).lstrip()
    if not begins.startswith("["):
        yield from read(path, encoding)
        return
    try:
        text = path.read_text(encoding=encoding or "utf-8-sig")
    except UnicodeError:
        raise InvalidValue(f"{path} is not {encoding or 'UTF-8'} text.") from None
    for number, row in enumerate(_value(path, 1, text), 1):
        yield _object(f"{path}, row {number}", row)


def _value(path: Path, first: int, text: str) -> Any:
    """Return the value of a text that begins in the line `first`."""
    try:
        return strict_json.load(text)
    except strict_json.NotJSON as problem:
        reason = str(problem).partition(": line ")[0]
        where = _COLUMN.search(str(problem))
        line = int(where["line"]) + first - 1 if where else first
        column = f", column {where['column']}" if where else ""
        raise InvalidValue(f"{path}, line {line}{column}: this is not JSON ({reason}).") from None
    except InvalidMessage as problem:
        raise InvalidValue(f"{path}, line {first}: {problem.problem}", *problem.hints) from None


def _object(place: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise InvalidValue(f'{place}: a row is an object of its columns, as in {{"name": "Ada"}}.')
