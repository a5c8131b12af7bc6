"""The list that a command returns: a table to look at, and records for further code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import Column, Table
from cocalc_magic.render.page import LivePage
from cocalc_magic.response import frame_of

if TYPE_CHECKING:
    import pandas as pd

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.frontend import Keep

MAX_ROWS = 200  # in text and in a saved notebook; a page with a live kernel has all


@dataclass(frozen=True, repr=False)
class RecordsPage(LivePage, Sequence[Mapping[str, Any]]):
    """A page whose records are its items: `page[0]`, `len(page)`, `for record in page`."""

    records: tuple[Mapping[str, Any], ...] = ()
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        return self.records[index]

    def to_frame(self) -> pd.DataFrame:
        """Return the records as a pandas DataFrame, a row each.

        Raises:
            PackageMissing: pandas is not installed.
        """
        return frame_of(self.records, self.columns)


def records_page(
    columns: tuple[str, ...], records: Sequence[Mapping[str, Any]], blocks: Sequence[Block], keep: Keep | None
) -> RecordsPage:
    """Return the table of the records, and other blocks below it; live in a page."""
    numeric = {name for name in columns if records and isinstance(records[0].get(name), int)}
    rows = tuple(
        tuple(f"{record[name]:,}" if name in numeric else str(record[name]) for name in columns)
        for record in records[:MAX_ROWS]
    )
    heads = tuple(Column(name.replace("_", " "), name in numeric) for name in columns)
    shown = (Table(heads, rows, len(records), len(columns), records), *blocks)

    def live() -> object:
        from cocalc_magic import widgets  # late: with the page that shows them

        return widgets.shown_blocks(shown, keep)

    return RecordsPage(shown, live, tuple(records), columns)
