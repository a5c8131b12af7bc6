"""The explorer: all messages on one side; help, form, query builder and history of one on the other."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.help import is_about, message_page
from cocalc_magic.widgets.builder import QueryBuilder
from cocalc_magic.widgets.form import Counter, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.response import Response

FIRST = "ping"


Memory = MutableMapping[str, str]
"""What an explorer showed last, ``event`` and ``words``: the next one begins with it."""

Past = tuple[str, str, Mapping[str, Any]]
"""One message that was sent: in words, its event, and the options that a form is filled with."""


class Library(Counter, Protocol):
    """A counter that also remembers what was sent, the newest first."""

    def past(self) -> Sequence[Past]:
        """The messages of this kernel."""


class Explorer(W.HBox):  # type: ignore[misc]  # ipywidgets has no types
    """The explorer, open on the event that its memory holds."""

    def __init__(self, library: Library, memory: Memory) -> None:
        self._library, self._memory = library, memory
        self.search = W.Text(
            value=memory.get("words", ""),
            placeholder="search",
            tooltip="Words that a message is about",
            layout={"width": "auto"},
        )
        self.events = W.Select(rows=22, layout={"width": "auto"}, tooltip="The messages by subject")
        self.count = W.HTML()
        self.history = W.Select(rows=8, layout={"width": "auto"}, tooltip="What was sent, the newest first")
        self.refill = W.Button(description="Fill the form", tooltip="Fill the form with this message")
        self.tabs = W.Tab(layout={"flex": "1 1 480px", "min_width": "0"})
        self._find(None)
        self._show(memory.get("event", FIRST))
        self.search.observe(self._find, names="value")
        self.events.observe(self._picked, names="value")
        self.refill.on_click(self._refilled)
        left = W.VBox(
            [self.search, self.events, self.count], layout={"flex": "0 1 260px", "min_width": "200px"}
        )
        super().__init__([left, self.tabs], layout={"flex_flow": "row wrap"})
        self.add_class("ccm-explorer")

    @property
    def form(self) -> Form:
        """The form of the event that is open."""
        form: Form = self.tabs.children[1]
        return form

    @property
    def _opened(self) -> str:
        return self._memory.get("event", FIRST)

    def _find(self, _: Any) -> None:
        """The events about the words, by subject; the open one stays open."""
        self._memory["words"] = words = self.search.value.strip()
        found = [
            message
            for generation in catalog.GENERATIONS
            for message in catalog.messages(generation).values()
            if all(is_about(message, word) for word in words.split())
        ]
        self.events.options = [(f"{message.subject} · {message.event}", message.event) for message in found]
        known = {message.event for message in found}
        self.events.value = self._opened if self._opened in known else None
        self.count.value = render.format_html(
            [Note(f"{len(found):,} message{'' if len(found) == 1 else 's'}")]
        )

    def _picked(self, change: Any) -> None:
        if change["new"] and change["new"] != self._opened:
            self._show(change["new"])

    def _show(self, event: str, given: Mapping[str, Any] | None = None) -> None:
        message = catalog.find(event)
        self._memory["event"] = event
        shown = {
            "Help": W.HTML(render.format_html(message_page(message).blocks)),
            "Form": Form(message, self._library, given, self._sent),
        }
        if event == "query":
            shown["Builder"] = QueryBuilder(self._library, self._sent)
        shown["History"] = W.VBox([self.history, self.refill])
        opened = 1 if given is not None else min(self.tabs.selected_index or 0, 1)
        self.tabs.children, self.tabs.titles = list(shown.values()), list(shown)
        self.tabs.selected_index = opened
        self._remember()

    def _sent(self, _: Response) -> None:
        self._remember()

    def _remember(self) -> None:
        self.history.options = [(past[0], number) for number, past in enumerate(self._library.past())]
        self.history.value = None

    def _refilled(self, _: Any) -> None:
        number = self.history.value
        past = self._library.past()
        if number is not None and number < len(past):
            _, event, options = past[number]
            self._show(event, options)
            self._find(None)
