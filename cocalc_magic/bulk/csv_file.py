"""Rows of a CSV file: comma, semicolon, tab or bar, as its first line has them; with or without a BOM."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from cocalc_magic.bulk.text_file import opened
from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import IO

_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 100_000  # characters
_QUOTED = re.compile(r'"[^"]*"')
_SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # a line of Excel's


def read(path: Path, encoding: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows, by the names in the first line; lines without anything in them are left out.

    Args:
        path: The file.
        encoding: Its encoding; empty for that of its byte order mark, or else UTF-8.

    Raises:
        InvalidValue: It can't be read, is not text, or not CSV with one name for each column; with the line.
    """
    with opened(path, encoding, newline="") as file:
        yield from _rows(path, file)


def _rows(path: Path, file: IO[str]) -> Iterator[Mapping[str, str]]:
    delimiter, skipped = _delimiter(file)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    names: list[str] = []
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            line = reader.line_num + skipped
            if names:
                yield dict(zip(names, _fitting(path, line, fields, len(names)), strict=True))
            else:
                names = _header(path, line, fields)
    except csv.Error as problem:
        raise InvalidValue(
            f"{path}, line {reader.line_num + skipped}: {problem}.",
            "In CSV a quote inside quotes is written twice.",
        ) from None


def _delimiter(file: IO[str]) -> tuple[str, int]:
    """Return what parts the fields, and how many lines say nothing else; leave the file behind these."""
    first = file.readline(_LONGEST_HEADER)
    if match := _SEP.fullmatch(first):
        return match[1], 1
    file.seek(0)
    counts = {sign: _QUOTED.sub("", first).count(sign) for sign in _DELIMITERS}
    return max(counts, key=lambda sign: counts[sign]), 0


def _header(path: Path, line: int, fields: list[str]) -> list[str]:
    """Return the names of the columns."""
    names = [field.strip() for field in fields]
    while names and not names[-1]:
        names.pop()
    for place, name in enumerate(names):
        if not name:
            raise InvalidValue(f"{path}, line {line}: column {place + 1} has no name.")
        if name in names[:place]:
            both = f"columns {names.index(name) + 1} and {place + 1}"
            raise InvalidValue(f"{path}, line {line}: {both} are both called {name!r}.")
    return names


def _fitting(path: Path, line: int, fields: list[str], count: int) -> list[str]:
    """Return the fields of a row, one a column."""
    if len(fields) < count or any(field.strip() for field in fields[count:]):
        raise InvalidValue(
            f"{path}, line {line}: {len(fields)} fields, where the first line names {count} columns.",
            "A field with a comma in it stands in double quotes.",
        )
    return fields[:count]
