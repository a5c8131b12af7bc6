"""A table of any number of rows: the page asks for those that it shows."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
from traitlets import Dict, Int, List, Unicode

from cocalc_magic.render.pages import Order, Pages

MOST = 500  # rows that are sent at once
CSV = 30_000_000  # characters that are copied at once

_HERE = pathlib.Path(__file__)


class RecordsTable(anywidget.AnyWidget):
    """Rows by window, sorted and filtered by the kernel; nothing of the records is in the state."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(_HERE.with_suffix(".js").read_text(encoding="utf-8")).tag(sync=True)
    _css = Unicode(_HERE.with_suffix(".css").read_text(encoding="utf-8")).tag(sync=True)

    columns = List(trait=Dict()).tag(sync=True)
    total = Int().tag(sync=True)
    hidden = Int(help="Columns that are not shown.").tag(sync=True)

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._pages = Pages(records)
        columns = self._pages.columns
        super().__init__(
            columns=[{"name": column.name, "numeric": column.numeric} for column in columns],
            total=self._pages.total,
            hidden=self._pages.total_columns - len(columns),
        )
        self.on_msg(self._asked)

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """A page asks for rows or for CSV; what else it sends is not for us."""
        if not isinstance(content, Mapping) or content.get("do") not in ("rows", "csv"):
            return
        words = content.get("words")
        found = self._pages.found(_order(content.get("order")), words if isinstance(words, str) else "")
        answer = {"ticket": content.get("ticket"), "found": len(found)}
        if content["do"] == "rows":
            start = _count(content.get("start"))
            wanted = found[start : start + min(_count(content.get("count")), MOST)]
            self.send({**answer, "rows": self._pages.rows(wanted), "start": start})
            return
        text = self._pages.csv(found)
        whole = len(text) <= CSV
        self.send({**answer, "csv": text if whole else "", "problem": "" if whole else "too large to copy"})


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**12 else 0


def _order(value: Any) -> Order | None:
    match value:
        case [int(column), bool(descending)] if column >= 0:
            return (column, descending)
    return None
