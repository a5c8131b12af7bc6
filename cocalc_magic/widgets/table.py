"""A table of any number of rows: the page asks for those that it shows."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Int, List, Unicode

from cocalc_magic.errors import PackageMissing
from cocalc_magic.render.table_model import Order, Pages
from cocalc_magic.response import frame_of
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import Rows, count, words

if TYPE_CHECKING:
    import pandas as pd

MOST = 500  # rows that are sent at once
CSV = 30_000_000  # characters that are copied at once

Keep = Callable[[Any, Any], str]
"""Gives a value a name in the notebook, that of an earlier value of ours where it has one, and says it."""


class RecordsTable(Rows):
    """Rows by window, sorted and filtered by the kernel; nothing of the records is in the state.

    With ``keep`` there is a button that makes a DataFrame of the rows as they are sorted and filtered.
    """

    DOES = ("rows", "csv", "frame")

    _esm = Unicode(script("table")).tag(sync=True)
    _css = Unicode(sheet("table")).tag(sync=True)

    columns = List(trait=Dict()).tag(sync=True)
    total = Int().tag(sync=True)
    hidden = Int(help="Columns that are not shown.").tag(sync=True)
    frames = Bool(help="Whether there is a button that makes a DataFrame.").tag(sync=True)

    def __init__(self, records: Sequence[Mapping[str, Any]], keep: Keep | None = None) -> None:
        self._pages, self._keep = Pages(records), keep
        self._kept: Callable[[], Any] = lambda: None
        columns = self._pages.columns
        super().__init__(
            columns=[{"name": column.name, "numeric": column.numeric} for column in columns],
            total=self._pages.total,
            hidden=self._pages.total_columns - len(columns),
            frames=keep is not None,
        )

    def to_frame(self) -> pd.DataFrame:
        """The rows as they were last sorted and filtered, all of their columns, values whole.

        Raises :class:`PackageMissing` without pandas.
        """
        return frame_of(self._pages.shown())

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """A window of the rows that were found, all of them as CSV, or where they are as a DataFrame."""
        found = self._pages.found(_order(content.get("order")), words(content.get("words")))
        if do == "frame":
            return {"frame": self._framed()}
        if do == "csv":
            text = self._pages.csv(found, raw=content.get("raw") is True)
            whole = len(text) <= CSV
            return {"csv": text if whole else "", "problem": "" if whole else "too large"}
        start = count(content.get("start"))
        wanted = found[start : start + min(count(content.get("count")), MOST)]
        return {"rows": self._pages.rows(wanted), "start": start, "found": len(found)}

    def _framed(self) -> str:
        """What was made of the rows, in words."""
        if self._keep is None:
            return ""
        try:
            frame = self.to_frame()
        except PackageMissing as problem:
            return problem.problem
        name = self._keep(frame, self._kept())
        self._kept = weakref.ref(frame)
        return f"{name}: {_counted(frame.shape[0], 'row')} × {_counted(frame.shape[1], 'column')}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _order(value: Any) -> Order | None:
    match value:
        case [int(column), bool(descending)] if column >= 0:
            return (column, descending)
    return None
