"""The explorer: all messages on one side; help, form, query builder, history and response on the other."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.clean import visible_line
from cocalc_magic.render.event_index import by_subject
from cocalc_magic.render.help import message_page
from cocalc_magic.widgets.builder import QueryBuilder
from cocalc_magic.widgets.eventlist import EventList
from cocalc_magic.widgets.form import Counter, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.response import Response

FIRST = "ping"
HELP, FORM, BUILDER, HISTORY = "Help", "Form", "Builder", "History"

Memory = MutableMapping[str, Any]
"""What explorers showed last, with which the next one begins: ``event``, ``words``, the name of the ``tab``,
and as ``filled`` what stands in the fields of each event, nothing secret."""

Past = tuple[str, str, Mapping[str, Any]]
"""One message that was sent: in words, its event, and the options that a form is filled with."""


class Library(Counter, Protocol):
    """A counter that also knows what was sent, and the server."""

    def past(self) -> Sequence[Past]:
        """The messages of this kernel, the newest first."""

    def speaks(self) -> frozenset[str]:
        """The generations that the server speaks; empty where that is not known."""


class Explorer(W.Box):  # type: ignore[misc]  # ipywidgets has no types
    """The explorer, open on the event that its memory holds."""

    def __init__(self, library: Library, memory: Memory) -> None:
        self._library, self._memory = library, memory
        self._pages: dict[str, _Pages] = {}
        self._shown, self._spoken = "", frozenset[str]()
        self.search = W.Text(
            value=memory.get("words", ""), placeholder="search",
            tooltip="Words that stand in the help of a message", layout={"width": "auto"},
        )  # fmt: skip
        self.events, self.count = EventList(), W.HTML()
        self.history = W.Select(rows=8, tooltip="What was sent, the newest first", layout={"width": "auto"})
        self.refill = W.Button(
            description="Fill the form", tooltip="Fill the form with this message", layout={"width": "auto"}
        )
        self._past = W.VBox([self.history, self.refill])
        self.tabs, self.answers = W.Tab(), W.VBox()
        self._find(None)
        self._show(memory.get("event", FIRST))
        self.search.observe(self._find, names="value")
        self.events.observe(self._picked, names="value")
        self.tabs.observe(self._turned, names="selected_index")
        self.refill.on_click(self._refilled)
        side, main = W.VBox([self.search, self.events, self.count]), W.VBox([self.tabs, self.answers])
        self._past.add_class("ccm-history")
        side.add_class("ccm-side")
        main.add_class("ccm-main")
        super().__init__([side, main])
        self.add_class("ccm-explorer")

    @property
    def form(self) -> Form:
        """The form of the event that is open."""
        return self._pages[self._shown].form

    @property
    def builder(self) -> QueryBuilder | None:
        """The query builder, where there is one for the event that is open."""
        return self._pages[self._shown].builder

    def _find(self, _: Any) -> None:
        """The messages about the words, by subject; the open one stays open."""
        self._memory["words"] = words = self.search.value.strip()
        spoken = self._spoken = self._library.speaks()
        self.events.offer(by_subject(words, spoken), self._memory.get("event", FIRST))
        number = len(self.events.events)
        told = f"{number:,} message{'' if number == 1 else 's'}"
        speaks = f"; {self._library.server()} speaks {', '.join(sorted(spoken))}" if spoken else ""
        self.count.value = render.format_html([Note(f"{told}{speaks}.")])

    def _picked(self, change: Any) -> None:
        if change["new"] and change["new"] != self._shown:
            self._show(change["new"])

    def _turned(self, change: Any) -> None:
        if change["new"] is not None:
            self._memory["tab"] = self.tabs.titles[change["new"]]

    def _show(self, event: str, given: Mapping[str, Any] | None = None) -> None:
        if given is not None or event not in self._pages:
            self._pages[event] = self._made(event, given)
        pages, self._shown, self._memory["event"] = self._pages[event], event, event
        wanted = self._memory.get("tab", HELP)
        with self.tabs.hold_trait_notifications():
            self.tabs.children, self.tabs.titles = [*pages.tabs.values(), self._past], [*pages.tabs, HISTORY]
            opened = FORM if given is not None or wanted not in pages.tabs else wanted
            self.tabs.selected_index = self.tabs.titles.index(opened)
        self.answers.children = pages.answers
        self._remember()

    def _made(self, event: str, given: Mapping[str, Any] | None) -> _Pages:
        kept = self._memory.setdefault("filled", {})
        pages = _Pages(event, self._library, given, self._sent)
        fieldset = pages.form.fieldset
        if given is None:
            fieldset.put({name: text for name, text in kept.get(event, {}).items() if text})
        secret = pages.form.message.secret

        def keep(_: Any = None) -> None:
            kept[event] = {name: text for name, text in fieldset.texts.items() if name not in secret}

        fieldset.watch(keep)
        if given is not None:
            keep()
        return pages

    def _sent(self, _: Response) -> None:
        if self._library.speaks() != self._spoken:  # it was found out on the way
            self._find(None)
        self._remember()

    def _remember(self) -> None:
        self.history.options = [
            (visible_line(past[0]), number) for number, past in enumerate(self._library.past())
        ]
        self.history.value = None

    def _refilled(self, _: Any) -> None:
        number = self.history.value
        past = self._library.past()
        if number is not None and number < len(past):
            _, event, options = past[number]
            self._show(event, options)
            self._find(None)


class _Pages:
    """What is shown of one event; its responses stand apart, so that they stay when the tab is changed."""

    def __init__(self, event: str, library: Library, given: Mapping[str, Any] | None, sent: Any) -> None:
        message = catalog.find(event)
        self.form = Form(message, library, given, sent)
        self.builder = QueryBuilder(library, sent) if event == "query" else None
        self.tabs: dict[str, W.Widget] = {HELP: W.HTML(render.format_html(message_page(message).blocks))}
        self.tabs[FORM] = self.form
        if self.builder:
            self.tabs[BUILDER] = self.builder
        sendings = [part.sending for part in (self.form, self.builder) if part]
        self.answers = [sending.answer for sending in sendings]
        for sending in sendings:
            sending.children = [part for part in sending.children if part is not sending.answer]
