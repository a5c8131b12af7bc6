"""The query builder: a table, what to read or write of it, and the message that this makes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.errors import InvalidMessage, InvalidValue, did_you_mean
from cocalc_magic.render.blocks import Facts, Note
from cocalc_magic.render.table_access import must_name, reader, writer
from cocalc_magic.syntax.format import format_frame
from cocalc_magic.syntax.query_builder import needed, query_options, settable, write_options
from cocalc_magic.widgets.code_actions import Actions
from cocalc_magic.widgets.conditions import Rows
from cocalc_magic.widgets.picker import FieldPicker
from cocalc_magic.widgets.preview import Preview
from cocalc_magic.widgets.sending import Errand, Sending
from cocalc_magic.widgets.view import response_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Table
    from cocalc_magic.response import Response
    from cocalc_magic.widgets.form import Counter

_STYLE = {"description_width": "90px"}
_LAYOUT = {"width": "auto", "max_width": "720px"}
_WRAP = {"flex_flow": "row wrap"}
READ, WRITE = "Read", "Write"


class QueryBuilder(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Reads, or writes a record of, one table; shown as code while it is chosen, and run by *Send*."""

    def __init__(self, counter: Counter, sent: Callable[[Response], None] | None = None) -> None:
        self._counter = counter
        self._message = catalog.find("query")
        self.mode = W.ToggleButtons(
            options=[READ, WRITE], tooltips=["Get records", "Change or add one record"],
            style={"button_width": "auto"},
        )  # fmt: skip
        self.table = W.Combobox(
            value="projects", description="Table", placeholder="a name", style=_STYLE, layout=_LAYOUT,
            tooltip="The table: type a part of its name", continuous_update=False,
        )  # fmt: skip
        self.about = W.HTML()
        self.fields = FieldPicker(self._changed)
        self.conditions = Rows("Add a condition", "A field that is compared", self._changed, compares=True)
        self.values = Rows("Add a value", "A field that is written", self._changed, compares=False)
        titles = {f"{title} · {one}": one for one, title in counter.projects().items()}
        self.conditions.titles = self.values.titles = titles
        self._make_order()
        self.preview, self.actions = Preview(), Actions()
        self.frame = W.Checkbox(
            description="with a DataFrame", indent=False, layout={"width": "auto"},
            tooltip="The cell also makes a pandas DataFrame of the records",
        )  # fmt: skip
        beside = [self.actions, self.frame]
        view = partial(response_view, keep=counter.keep)
        self.sending = Sending(self._errand, meaning="Send the query", beside=beside, sent=sent, view=view)
        self.button, self.answer = self.sending.button, self.sending.answer
        self.reading = W.VBox([self.fields, self.conditions, self.ordering])
        self._watch()
        self._chosen(None)
        choices = [self.mode, self.table, self.about, self.reading, self.values]
        super().__init__([*choices, self.preview, self.sending])
        self.add_class("ccm-builder")

    def _make_order(self) -> None:
        self.many = W.Dropdown(
            options=[("all that match", True), ("the first that matches", False)], description="Get",
            style=_STYLE, tooltip="A list of records, or one record", layout={"width": "auto"},
        )  # fmt: skip
        self.limit = W.BoundedIntText(
            value=100, min=1, max=100_000, description="at most", style={"description_width": "initial"},
            tooltip="The greatest number of records", layout={"width": "160px"},
        )  # fmt: skip
        self.order = W.Dropdown(
            description="Order by", style=_STYLE, tooltip="The field that rows are sorted by",
            layout={"width": "auto"},
        )  # fmt: skip
        self.descending = W.Checkbox(
            description="greatest first", indent=False, layout={"width": "auto"}, tooltip="Sorts downwards"
        )
        counted = W.HBox([self.many, self.limit], layout=_WRAP)
        self.ordering = W.VBox([counted, W.HBox([self.order, self.descending], layout=_WRAP)])

    def _watch(self) -> None:
        self.mode.observe(self._chosen, names="value")
        self.table.observe(self._chosen, names="value")
        for part in (self.many, self.limit, self.order, self.descending, self.frame):
            part.observe(self._changed, names="value")

    @property
    def writes(self) -> bool:
        """Whether a record is to be written."""
        return bool(self.mode.value == WRITE)

    def options(self) -> dict[str, Any]:
        """The options of ``query``. Raises :class:`InvalidMessage` for what can't be read."""
        table = catalog.tables().get(self.table.value)
        if table is None or self.table.value not in self.table.options:
            raise InvalidValue(
                f"there is no table {self.table.value!r} to {self.mode.value.lower()}.",
                did_you_mean(self.table.value, self.table.options),
            )
        if self.writes:
            return write_options(table, {one.column: one.text for one in self.values.conditions})
        order = [f"{'-' if self.descending.value else ''}{self.order.value}"] if self.order.value else []
        return query_options(
            table, self.fields.value, self.conditions.conditions, many=self.many.value,
            limit=self.limit.value, order=order,
        )  # fmt: skip

    def _chosen(self, _: Any) -> None:
        """Another table, or the other thing to do with it."""
        self.table.options = sorted(
            name for name, one in catalog.tables().items() if (settable(one) if self.writes else one.read)
        )
        self.reading.layout.display = "none" if self.writes else ""
        self.values.layout.display = "" if self.writes else "none"
        table = catalog.tables().get(self.table.value)
        if table is not None and table.name in self.table.options:
            self._offer(table)
        self._changed(None)

    def _offer(self, table: Table) -> None:
        rights = (("You read", reader(table)), ("Who writes", writer(table)), ("Key", ", ".join(table.key)))
        about = Facts(tuple(pair for pair in rights if pair[1]))
        self.about.value = render.format_html([Note(table.about), about])
        readable = [column for column in table.columns if column.readable and column.stored]
        names = [column.name for column in readable]
        if self.writes:
            self.values.offer(table, settable(table), {name: self._known(name) for name in needed(table)})
            return
        self.fields.offer(readable, {*table.key, "title" if "title" in names else "name"})
        must = must_name(table)
        self.conditions.offer(table, names, {must: self._known(must)} if must else {})
        self.order.options = ["", *names]

    def _known(self, name: str) -> str:
        """What a field that must be given begins with: the current project, as its title stands there."""
        project = self._counter.current_project() if name == "project_id" else ""
        return next((shown for shown, one in self.values.titles.items() if one == project), project)

    def _changed(self, _: Any) -> None:
        self.limit.layout.display = "" if self.many.value else "none"
        self.frame.layout.display = "" if self.many.value and not self.writes else "none"
        self.sending.calm()
        try:
            options = self.options()
        except InvalidMessage as problem:
            self.actions.code = ""
            self.preview.say(str(problem))
            return
        framed = self.frame.value and self.many.value and not self.writes
        cell = format_frame(options) if framed else ""
        self.actions.code = self.preview.show(self._message, options, self._counter.address(), cell)

    def _asks(self, options: dict[str, Any]) -> str:
        """Why a write asks first; empty for a read, and where nothing asks."""
        if not self.writes:
            return ""
        record = options["query"][self.table.value]
        reason = f"It writes {', '.join(record)} of one record of {self.table.value}."
        return self._counter.asks(replace(self._message, confirm=reason))

    def _errand(self) -> Errand:
        """What *Send* sends. Raises :class:`InvalidMessage`."""
        message, options, counter = self._message, self.options(), self._counter
        return Errand(
            message.event,
            counter.server(),
            lambda on_job: counter.send(message, options, on_job),
            self._asks(options),
        )
