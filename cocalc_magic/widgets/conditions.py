"""Rows of a field and a value: the conditions of a read, or the values of a write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic.errors import InvalidMessage
from cocalc_magic.render.blocks import Pre
from cocalc_magic.syntax.query_builder import Condition, read_value, signs
from cocalc_magic.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.catalog import Table

_KINDS = {
    "uuid": "a uuid",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "timestamp": "a time: 2026-01-31T14:30Z",
    "map": 'an object as JSON: {"a": 1}',
    "array": "an array as JSON: [1, 2]",
    "text": 'a text; "" for an empty one',
}


class ConditionRow(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A field, how it is compared, its value, and what is wrong with it."""

    def __init__(self, rows: ConditionRows, name: str, text: str, *, fixed: bool) -> None:
        self._rows = rows
        offered = [name] if fixed else ["", *rows.names]
        self.column = W.Dropdown(
            options=offered, value=name, tooltip=rows.meaning, disabled=fixed,
            layout={"flex": "1 1 150px", "width": "auto", "min_width": "0"},
        )  # fmt: skip
        self.sign = W.Dropdown(options=["="], tooltip="How it is compared", layout={"width": "92px"})
        self.value = W.Combobox(
            value=text, tooltip="Its value", ensure_option=False,
            layout={"flex": "2 1 180px", "width": "auto", "min_width": "0"},
        )  # fmt: skip
        self.remove = W.Button(description="Remove", tooltip="Remove this line", layout={"width": "auto"})
        self.status = StatusLine()
        self._renamed(None)
        self.column.observe(self._renamed, names="value")
        for part in (self.column, self.sign, self.value):
            part.observe(rows.changed, names="value")
        self.remove.on_click(lambda _: rows.drop(self))
        parts = [self.column, *([self.sign] if rows.compares else []), self.value]
        line = W.HBox([*parts, *([] if fixed else [self.remove])], layout={"flex_flow": "row wrap"})
        super().__init__([line, self.status])
        self.add_class("ccm-row")

    @property
    def condition(self) -> Condition | None:
        """The condition, or `None` while the row is not filled in."""
        if not self.column.value or not self.value.value:
            return None
        text = self.value.value
        known = self._rows.titles if self._kind == "uuid" else {}
        return Condition(self.column.value, self.sign.value, known.get(text, text))

    @property
    def _kind(self) -> str:
        column = self._rows.table.column(self.column.value) if self.column.value else None
        return column.kind if column else "text"

    def check(self) -> None:
        """Show at the row what is wrong with its value."""
        problem = ""
        if condition := self.condition:
            try:
                read_value(self._rows.table, condition.column, condition.text)
            except InvalidMessage as wrong:
                problem = str(wrong)
        self.status.say(*([Pre(problem, tone="error")] if problem else []))

    def _renamed(self, _: object) -> None:
        """Offer what fits another field."""
        name, kind = self.column.value, self._kind
        if self._rows.compares:
            self.sign.options = signs(kind)
            self.sign.value = ">=" if kind == "timestamp" else "="
        self.value.placeholder = _KINDS.get(kind, kind) if name else "choose a field first"
        choices = ["true", "false"] if kind == "boolean" else []
        self.value.options = list(self._rows.titles) if name.endswith("project_id") else choices


class ConditionRows(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The rows of one table; `compares` gives them signs, and `on_change` is called after every change."""

    def __init__(
        self, adding: str, meaning: str, on_change: Callable[[object], None], *, compares: bool
    ) -> None:
        self.meaning, self.compares, self._on_change = meaning, compares, on_change
        self.table: Table
        self.names: tuple[str, ...] = ()
        self.titles: Mapping[str, str] = {}
        self.lines = W.VBox()
        self.add = W.Button(
            description=adding, tooltip=meaning, layout={"width": "auto", "align_self": "flex-start"}
        )
        self.add.on_click(lambda _: self.append())
        super().__init__([self.lines, self.add])

    @property
    def conditions(self) -> list[Condition]:
        """The conditions of the rows that are filled in."""
        return [condition for row in self.lines.children if (condition := row.condition)]

    def offer(self, table: Table, names: Iterable[str], fixed: Mapping[str, str]) -> None:
        """Offer another table, with a row for each required name and its text; `on_change` is not called."""
        self.table, self.names = table, tuple(names)
        self.lines.children = [ConditionRow(self, name, text, fixed=True) for name, text in fixed.items()]

    def append(self, name: str = "", text: str = "") -> ConditionRow:
        """Add a row."""
        row = ConditionRow(self, name, text, fixed=False)
        self.lines.children = (*self.lines.children, row)
        self.changed(None)
        return row

    def drop(self, row: ConditionRow) -> None:
        """Remove a row."""
        self.lines.children = [other for other in self.lines.children if other is not row]
        row.close()
        self.changed(None)

    def changed(self, _: object) -> None:
        """Check the rows, and call `on_change`."""
        for row in self.lines.children:
            row.check()
        self._on_change(None)
