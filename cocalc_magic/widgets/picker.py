"""Choose fields of a table: a checkbox for each, with a search, *All* and *None*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cocalc_magic.catalog import Column


class FieldPicker(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The checkboxes; `on_change` is called after every choice."""

    def __init__(self, on_change: Callable[[object], None]) -> None:
        self._on_change = on_change
        self._boxes: dict[str, W.Checkbox] = {}
        self._quiet = False
        self.search = W.Text(
            placeholder="find a field", tooltip="Shows the fields with this in their names",
            layout={"flex": "1 1 100px", "width": "auto", "max_width": "240px"},
        )  # fmt: skip
        self.all = W.Button(description="All", tooltip="Get all fields that are shown")
        self.none = W.Button(description="None", tooltip="Get none of the fields that are shown")
        self.grid = W.GridBox()
        self.grid.add_class("ccm-fields")
        for button, wanted in ((self.all, True), (self.none, False)):
            button.layout.width = "auto"
            button.on_click(lambda _, wanted=wanted: self._set_shown(wanted))
        self.search.observe(self._find, names="value")
        label = W.Label("Fields", layout={"width": "72px"})
        head = W.HBox([label, self.search, self.all, self.none], layout={"flex_flow": "row wrap"})
        super().__init__([head, self.grid])

    @property
    def value(self) -> tuple[str, ...]:
        """The ticked fields, in the order of the table."""
        return tuple(name for name, box in self._boxes.items() if box.value)

    @value.setter
    def value(self, names: Iterable[str]) -> None:
        wanted = set(names)
        self._set({name: name in wanted for name in self._boxes})

    def offer(self, columns: Iterable[Column], ticked: Iterable[str]) -> None:
        """Offer other fields, some of them ticked; `on_change` is not called."""
        for box in self._boxes.values():
            box.close()
        wanted, layout, style = set(ticked), W.Layout(width="auto"), {"description_width": "0"}
        self._boxes = {
            column.name: W.Checkbox(
                value=column.name in wanted, description=column.name, indent=False,
                tooltip=f"{column.name} ({column.kind})", layout=layout, style=style,
            )
            for column in columns
        }  # fmt: skip
        for box in self._boxes.values():
            box.observe(self._changed, names="value")
        self.search.value = ""
        self._find(None)

    def _find(self, _: object) -> None:
        word = self.search.value.strip().lower()
        self.grid.children = [box for name, box in self._boxes.items() if word in name.lower()]

    def _set_shown(self, wanted: bool) -> None:
        self._set({box.description: wanted for box in self.grid.children})

    def _set(self, ticks: dict[str, bool]) -> None:
        """Tick many, and call `on_change` once."""
        self._quiet = True
        for name, wanted in ticks.items():
            self._boxes[name].value = wanted
        self._quiet = False
        self._on_change(None)

    def _changed(self, _: object) -> None:
        if not self._quiet:
            self._on_change(None)
