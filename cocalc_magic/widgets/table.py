"""A table of any number of rows, of which the page requests those that it shows."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Int, List, Unicode

from cocalc_magic.errors import PackageMissing
from cocalc_magic.render import format_html
from cocalc_magic.render.fields import value_blocks
from cocalc_magic.render.table_model import Order, TableModel
from cocalc_magic.response import frame_of
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import RowSource, count, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from cocalc_magic.session.frontend import Keep

MAX_ROWS = 500  # sent at once
MAX_CSV = 30_000_000  # characters that are copied at once


class RecordsTable(RowSource):
    """Rows by window, sorted and filtered by the kernel; nothing of the records is in the widget's state.

    With `keep` there is a button that makes a DataFrame of the rows as they are sorted and filtered.
    """

    ACTIONS = ("rows", "row", "csv", "frame")

    _esm = Unicode(script("table")).tag(sync=True)
    _css = Unicode(sheet("table", "parts")).tag(sync=True)

    columns = List(trait=Dict()).tag(sync=True)
    total = Int().tag(sync=True)
    hidden = Int(help="Columns that are not shown.").tag(sync=True)
    frames = Bool(help="Whether there is a button that makes a DataFrame.").tag(sync=True)

    def __init__(self, records: Sequence[Mapping[str, Any]], keep: Keep | None = None) -> None:
        self._model, self._keep = TableModel(records), keep
        self._last_frame: Callable[[], Any] = lambda: None  # a weak reference
        columns = self._model.columns
        super().__init__(
            columns=[{"name": column.name, "numeric": column.numeric} for column in columns],
            total=self._model.total,
            hidden=self._model.total_columns - len(columns),
            frames=keep is not None,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as they were last sorted and filtered, with all columns and whole values.

        Raises:
            PackageMissing: pandas is not installed.
        """
        return frame_of(self._model.shown())

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a window of the matching rows, all of them as CSV, or the name of their DataFrame."""
        numbers = self._model.find(_order(content.get("order")), text(content.get("words")))
        if do == "frame":
            return {"frame": self._keep_frame()}
        if do == "row":
            place = count(content.get("place"))
            return {"place": place, "html": self._detail(numbers[place]) if place < len(numbers) else ""}
        if do == "csv":
            csv = self._model.csv(numbers, raw=content.get("raw") is True)
            fits = len(csv) <= MAX_CSV
            return {"csv": csv if fits else "", "problem": "" if fits else "too large"}
        start = count(content.get("start"))
        window = numbers[start : start + min(count(content.get("count")), MAX_ROWS)]
        return {"rows": self._model.rows(window), "start": start, "found": len(numbers)}

    def _detail(self, number: int) -> str:
        """Return all fields of one record, as HTML."""
        return format_html(value_blocks(self._model.record(number)))

    def _keep_frame(self) -> str:
        """Store a DataFrame of the rows in the notebook; return its name and size."""
        if self._keep is None:
            return ""
        try:
            frame = self.to_frame()
        except PackageMissing as problem:
            return problem.problem
        name = self._keep(frame, self._last_frame())
        self._last_frame = weakref.ref(frame)
        return f"{name}: {_counted(frame.shape[0], 'row')} × {_counted(frame.shape[1], 'column')}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _order(value: Any) -> Order | None:
    match value:
        case [int(column), bool(descending)] if column >= 0:
            return (column, descending)
    return None
