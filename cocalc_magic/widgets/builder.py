"""The query builder: a table of the catalog, fields, conditions, order, and the message that they make."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.errors import CoCalcError, InvalidMessage, InvalidValue
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.values.asking import CONDITIONS, Condition, query_options
from cocalc_magic.values.formatting import format_magic
from cocalc_magic.widgets.actions import Actions
from cocalc_magic.widgets.view import FAILED, response_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response
    from cocalc_magic.widgets.form import Counter

_STYLE = {"description_width": "90px"}
_LAYOUT = {"width": "auto", "max_width": "720px"}
ROWS = 4  # conditions


class QueryBuilder(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Reads of one table; what is chosen is shown as the magic, and run by *Send*."""

    def __init__(self, counter: Counter, sent: Callable[[Response], None] | None = None) -> None:
        self._counter, self._sent = counter, sent
        readable = sorted(name for name, table in catalog.tables().items() if table.read)
        self.table = W.Combobox(
            options=readable, value="projects", description="Table", placeholder="a name", style=_STYLE,
            layout=_LAYOUT, tooltip="The table to read", continuous_update=False,
        )  # fmt: skip
        self.about = W.HTML()
        self.fields = W.SelectMultiple(
            description="Fields", rows=8, style=_STYLE, layout=_LAYOUT, tooltip="What to get of each row"
        )
        self.conditions = [self._condition() for _ in range(ROWS)]
        self.limit = W.BoundedIntText(value=100, min=1, max=100_000, description="At most", style=_STYLE)
        self.order = W.Dropdown(
            description="Order by", style=_STYLE, tooltip="The field that rows are sorted by"
        )
        self.descending = W.Checkbox(description="greatest first", indent=False)
        self.preview = W.HTML()
        self.button = W.Button(description="Send", button_style="primary", tooltip="Send the query")
        self.actions, self.answer = Actions(), W.VBox()
        self.table.observe(self._chosen, names="value")
        self.button.on_click(self._clicked)
        for part in (
            self.fields,
            self.limit,
            self.order,
            self.descending,
            *chain(*self.conditions),
        ):
            part.observe(self._changed, names="value")
        self._chosen(None)
        rows = [W.HBox(list(row), layout={"flex_flow": "row wrap"}) for row in self.conditions]
        ordering = W.HBox([self.limit, self.order, self.descending], layout={"flex_flow": "row wrap"})
        buttons = W.HBox([self.button, self.actions], layout={"flex_flow": "row wrap"})
        head = [self.table, self.about, self.fields, *rows, ordering]
        super().__init__([*head, self.preview, buttons, self.answer])
        self.add_class("ccm-builder")

    def _condition(self) -> tuple[W.Dropdown, W.Dropdown, W.Text]:
        return (
            W.Dropdown(description="Where", style=_STYLE, tooltip="A field that is compared"),
            W.Dropdown(options=list(CONDITIONS), layout={"width": "90px"}, tooltip="How it is compared"),
            W.Text(placeholder="value", layout={"width": "220px"}, tooltip="What it is compared with"),
        )

    def options(self) -> dict[str, Any]:
        """The options of ``query``. Raises :class:`InvalidMessage` for what can't be read."""
        table = catalog.tables().get(self.table.value)
        if table is None:
            raise InvalidValue(f"there is no table {self.table.value!r}.")
        conditions = [
            Condition(column.value, sign.value, text.value)
            for column, sign, text in self.conditions
            if column.value and text.value
        ]
        order = f"{'-' if self.descending.value else ''}{self.order.value}" if self.order.value else ""
        return query_options(table, self.fields.value, conditions, self.limit.value, order)

    def _chosen(self, _: Any) -> None:
        """Another table: its fields, those of its key chosen at first."""
        table = catalog.tables().get(self.table.value)
        if table is None:
            self._changed(None)
            return
        names = [column.name for column in table.columns if column.readable]
        self.about.value = render.format_html([Note(table.about)])
        self.fields.options = names
        self.fields.value = [name for name in names if name in (*table.key, "title", "name")]
        for column, _sign, text in self.conditions:
            column.options, text.value = ["", *names], ""
        self.order.options = ["", *names]
        self._changed(None)

    def _changed(self, _: Any) -> None:
        try:
            self.actions.code = format_magic("query", self.options())
            self.preview.value = render.format_html([Pre(self.actions.code)])
        except InvalidMessage as problem:
            self.actions.code = ""
            self.preview.value = render.format_html([Pre(str(problem), tone="error")])

    def _clicked(self, _: Any) -> None:
        self.button.disabled = True
        try:
            response = self._counter.send(catalog.find("query"), self.options())
            self.answer.children = [response_view(response)]
            if self._sent:
                self._sent(response)
        except CoCalcError as problem:
            self.answer.children = [W.HTML(render.format_html([Pre(str(problem), tone="error")]))]
        except BaseException:
            self.answer.children = [W.HTML(render.format_html([Pre(FAILED, tone="error")]))]
            raise
        finally:
            self.button.disabled = False
