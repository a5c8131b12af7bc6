"""Records as a table: sorted, filtered, cut to what is shown; quick for 100,000 rows."""

from __future__ import annotations

import csv
import io
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Column, Humanized
from cocalc_magic.render.humanize import MAX_WORD, age, field_text
from cocalc_magic.render.records import column_names, is_numeric
from cocalc_magic.sanitize import csv_cells, cut, visible_line
from cocalc_magic.sanitize.csv_cells import plain
from cocalc_magic.sanitize.secret_forms import mask_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_COLUMNS = 60
MAX_CELL = 200  # characters
_MAX_VALUES = 200  # that decide whether a column is numeric
_MAX_SEARCHED = 10_000  # rows in which they are searched
Order = tuple[int, bool]
"""The number of a column, and whether it is descending."""


class TableModel:
    """One list of records; the last order and filter are cached, since scrolling asks for them again."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._records = records
        self._names = column_names(records)
        self._words: list[str] | None = None
        self._last: tuple[tuple[Order | None, str], Sequence[int]] = ((None, ""), range(len(records)))

    @property
    def columns(self) -> list[Column]:
        """The columns that are shown, the first 60."""
        names = self._names[:MAX_COLUMNS]
        return [
            Column(visible_line(cut(str(name), MAX_WORD)), is_numeric(self._head(name), name))
            for name in names
        ]

    def _head(self, name: str) -> list[Mapping[str, Any]]:
        """Return the first records that have a value of this name."""
        present = (record for record in self._records[:_MAX_SEARCHED] if record.get(name) is not None)
        return list(islice(present, _MAX_VALUES))

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self._records)

    @property
    def total_columns(self) -> int:
        """The number of columns, including those that are not shown."""
        return len(self._names)

    def find(self, order: Order | None, words: str) -> Sequence[int]:
        """Return the numbers of the rows that contain all of the words, in order.

        Numbers sort before texts, and missing values come last in either direction.
        """
        query = (order, words.lower().strip())
        if self._last[0] != query:
            self._last = (query, self._ordered(self._filtered(query[1]), order))
        return self._last[1]

    def shown(self) -> Iterator[Mapping[str, Any]]:
        """Yield the whole records of the last result, in its order."""
        return (self._records[number] for number in self._last[1])

    def rows(self, numbers: Sequence[int]) -> list[list[list[str]]]:
        """Return rows by their numbers: of each cell its words, and the exact value if that is different.

        A time is how long ago it was. A third text is `null` for a null, and `id` for an id.
        """
        names, now = self._names[:MAX_COLUMNS], time.time()
        return [[_cell(self._records[number], name, now) for name in names] for number in numbers]

    def record(self, number: int) -> Mapping[str, Any]:
        """Return one record, by its number."""
        return self._records[number]

    def csv(self, numbers: Sequence[int], *, raw: bool = False) -> str:
        """Return rows by their numbers as CSV with a header: all columns, whole values, secrets masked.

        A text that a spreadsheet would take for a formula gets a `'` in front, unless `raw`.
        """
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(csv_cells.head(self._names, raw=raw))
        for number in numbers:
            writer.writerow(csv_cells.row(self._records[number], self._names, raw=raw))
        return text.getvalue()

    def _filtered(self, words: str) -> Sequence[int]:
        if not words:
            return range(len(self._records))
        if self._words is None:
            self._words = [_searched(record) for record in self._records]
        parts = words.split()
        return [number for number, text in enumerate(self._words) if all(word in text for word in parts)]

    def _ordered(self, numbers: Sequence[int], order: Order | None) -> Sequence[int]:
        if order is None or not 0 <= order[0] < len(self._names):
            return numbers
        name = self._names[order[0]]
        values = {number: mask_named(str(name), self._records[number].get(name)) for number in numbers}
        present = [number for number in numbers if values[number] is not None]
        present.sort(key=lambda number: _rank(values[number]), reverse=order[1])
        return present + [number for number in numbers if values[number] is None]


def _cell(record: Mapping[str, Any], name: str, now: float) -> list[str]:
    if name not in record:
        return [""]
    value = record[name]
    if value is None:
        return ["null", "", "null"]
    if isinstance(value, str) and is_uuid(value):
        return [value, "", "id"]
    words = field_text(str(name), mask_named(str(name), value), MAX_CELL)
    shown = visible_line(words)
    if not isinstance(words, Humanized):
        return [shown]
    ago = age(value, now) if words.endswith(" UTC") and isinstance(value, str | int | float) else ""
    return [ago, f"{shown}, {visible_line(words.exact)}"] if ago else [shown, visible_line(words.exact)]


def _searched(record: Mapping[str, Any]) -> str:
    """Return all texts of a row in lower case; a separator keeps words from matching across cells."""
    return "\0".join(plain(mask_named(str(name), value)) for name, value in record.items()).lower()


def _rank(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf") if value > 0 else float("-inf")
        return (0, number if number == number else float("-inf"), "")
    return (1, 0.0, plain(value).lower())
