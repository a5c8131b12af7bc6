"""The query builder: choose a table and what to read or write; it makes the message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.errors import InvalidMessage, InvalidValue, did_you_mean
from cocalc_magic.render.blocks import Facts, Note
from cocalc_magic.render.table_access import reader, required_field, writer
from cocalc_magic.syntax.format import format_frame
from cocalc_magic.syntax.query_builder import needed, query_options, settable, write_options
from cocalc_magic.widgets.code_actions import CodeActions
from cocalc_magic.widgets.conditions import ConditionRows
from cocalc_magic.widgets.picker import FieldPicker
from cocalc_magic.widgets.preview import Preview
from cocalc_magic.widgets.result import Result
from cocalc_magic.widgets.sending import Sending, Submission
from cocalc_magic.widgets.view import view_maker

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Table
    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session

_STYLE = {"description_width": "72px"}
_LAYOUT = {"width": "auto"}
_WRAP = {"flex_flow": "row wrap"}
READ, WRITE = "Read", "Write"


class QueryBuilder(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Reads a table or writes one of its records, with a preview as code; *Send* sends the query."""

    def __init__(self, session: Session, sent: Callable[[Response], None] | None = None) -> None:
        self._session = session
        self._message = catalog.find("query")
        self._make_choices()
        self._make_order()
        self.preview, self.actions = Preview(), CodeActions()
        self.frame = W.Checkbox(
            description="with a DataFrame", indent=False, layout={"width": "auto"},
            tooltip="The cell also makes a pandas DataFrame of the records",
        )  # fmt: skip
        view = view_maker(session.frontend.keep)
        self.sending = Sending(self._submission, view, meaning="Send the query", sent=sent)
        self.button, self.answer = self.sending.button, self.sending.answer
        self.result = Result(self.sending)
        self._watch()
        self._chosen(None)
        super().__init__(self._parts())
        self.add_class("ccm-builder")

    def _make_choices(self) -> None:
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
        self.conditions = ConditionRows(
            "Add a condition", "A field that is compared", self._changed, compares=True
        )
        self.values = ConditionRows("Add a value", "A field that is written", self._changed, compares=False)
        titles = {f"{title} · {key}": key for key, title in self._session.project_titles().items()}
        self.conditions.titles = self.values.titles = titles

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
        self.reading = W.VBox([self.fields, self.conditions, self.ordering])

    def _parts(self) -> list[W.Widget]:
        choices = W.VBox([self.mode, self.table, self.about, self.reading, self.values])
        code = W.VBox([self.preview, W.HBox([self.actions, self.frame], layout=_WRAP)])
        columns = W.Box([choices, code])
        panel = W.VBox([columns, self.sending])
        named = {"fieldset": choices, "code-side": code, "columns": columns, "compose": panel}
        for name, part in named.items():
            part.add_class(f"ccm-{name}")
        return [panel, self.result]

    def _watch(self) -> None:
        self.mode.observe(self._chosen, names="value")
        self.table.observe(self._chosen, names="value")
        for part in (self.many, self.limit, self.order, self.descending, self.frame):
            part.observe(self._changed, names="value")

    @property
    def writes(self) -> bool:
        """True if a record is to be written."""
        return bool(self.mode.value == WRITE)

    def options(self) -> dict[str, Any]:
        """Return the options of `query`.

        Raises:
            InvalidMessage: Something that is filled in cannot be read.
        """
        table = catalog.tables().get(self.table.value)
        if table is None or self.table.value not in self.table.options:
            raise InvalidValue(
                f"there is no table {self.table.value!r} to {self.mode.value.lower()}.",
                did_you_mean(self.table.value, self.table.options),
            )
        if self.writes:
            return write_options(table, {row.column: row.text for row in self.values.conditions})
        order = [f"{'-' if self.descending.value else ''}{self.order.value}"] if self.order.value else []
        return query_options(
            table, self.fields.value, self.conditions.conditions, many=self.many.value,
            limit=self.limit.value, order=order,
        )  # fmt: skip

    def _chosen(self, _: Any) -> None:
        """Show another table, or reading in place of writing."""
        self.table.options = sorted(
            name
            for name, table in catalog.tables().items()
            if (settable(table) if self.writes else table.read)
        )
        self.reading.layout.display = "none" if self.writes else ""
        self.values.layout.display = "" if self.writes else "none"
        table = catalog.tables().get(self.table.value)
        if table is not None and table.name in self.table.options:
            self._offer(table)
        self._changed(None)

    def _offer(self, table: Table) -> None:
        access = (("You read", reader(table)), ("Who writes", writer(table)), ("Key", ", ".join(table.key)))
        about = Facts(tuple(pair for pair in access if pair[1]))
        self.about.value = render.format_html([Note(table.about), about])
        readable = [column for column in table.columns if column.readable and column.stored]
        names = [column.name for column in readable]
        if self.writes:
            self.values.offer(table, settable(table), {name: self._known(name) for name in needed(table)})
            return
        self.fields.offer(readable, {*table.key, "title" if "title" in names else "name"})
        required = required_field(table)
        self.conditions.offer(table, names, {required: self._known(required)} if required else {})
        self.order.options = ["", *names]

    def _known(self, name: str) -> str:
        """Return the first value of a required field: the title of the current project."""
        project = self._session.project_id if name == "project_id" else ""
        return next((label for label, key in self.values.titles.items() if key == project), project)

    def _changed(self, _: Any) -> None:
        self.limit.layout.display = "" if self.many.value else "none"
        self.frame.layout.display = "" if self.many.value and not self.writes else "none"
        self.sending.withdraw()
        try:
            options = self.options()
        except InvalidMessage as problem:
            self.actions.code = ""
            self.preview.say(str(problem))
            return
        framed = self.frame.value and self.many.value and not self.writes
        cell = format_frame(options) if framed else ""
        url = self._session.keyless().server.url
        self.actions.code = self.preview.show(self._message, options, url, cell)

    def _confirmation(self, options: dict[str, Any]) -> str:
        """Return why a write has to be confirmed; empty for a read, and on the sandbox."""
        if not self.writes:
            return ""
        record = options["query"][self.table.value]
        reason = f"It writes {', '.join(record)} of one record of {self.table.value}."
        return self._session.confirmation(replace(self._message, confirm=reason))

    def _submission(self) -> Submission:
        """Return what *Send* sends.

        Raises:
            InvalidMessage: Something that is filled in cannot be read.
        """
        message, options, session = self._message, self.options(), self._session
        return Submission(
            message.event,
            session.keyless().server.name,
            lambda on_job: session.submit(message, options, on_job),
            self._confirmation(options),
        )
