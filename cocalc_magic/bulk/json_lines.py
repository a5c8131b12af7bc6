"""Rows of a file of JSON: an object a line, or one array of objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.text_file import opened
from cocalc_magic.errors import InvalidMessage, InvalidValue
from cocalc_magic.syntax import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_COLUMN = re.compile(r"line (?P<line>\d+) column (?P<column>\d+)")


def read(path: Path, encoding: str) -> Iterator[Mapping[str, Any]]:
    """Yield the object in each line; blank lines are left out.

    Raises:
        InvalidValue: It can't be read, or a line is not an object in JSON; with its number, and the column.
    """
    with opened(path, encoding) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(f"{path}, line {number}", _value(path, number, line))


def read_array(path: Path, encoding: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the array that the file is; where it begins with an object, those of its lines.

    Raises:
        InvalidValue: It is neither.
    """
    with opened(path, encoding) as file:
        begins = file.read(1_000)
        text = begins + file.read() if begins.lstrip().startswith("[") else ""
    if not text:
        yield from read(path, encoding)
        return
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
