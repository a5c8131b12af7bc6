"""The explorer: a list of all messages; help, form, query builder, history and response of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.render.event_index import by_subject
from cocalc_magic.render.help import message_page
from cocalc_magic.sanitize import visible_line
from cocalc_magic.widgets.builder import QueryBuilder
from cocalc_magic.widgets.eventlist import EventList
from cocalc_magic.widgets.form import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session

FIRST = "ping"
HELP, FORM, BUILDER, HISTORY = "Help", "Form", "Builder", "History"

Past = tuple[str, str, Mapping[str, Any]]
"""One message that was sent: in words, its event, and the options that fill the form."""


class Explorer(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The explorer: open on the event that is asked for, or as it was left by the one before.

    What that showed is in `session.explored`: `event`, `words`, the name of the `tab`, and as `filled` what
    stands in the fields of each event, without secret values.
    """

    def __init__(self, session: Session, event: str = "") -> None:
        self._session = session
        self._memory = memory = session.explored
        if event:
            memory |= {"event": event, "words": ""} | ({"tab": BUILDER} if event == "query" else {})
        self._pages: dict[str, _Pages] = {}
        self._shown, self._spoken = "", frozenset[str]()
        self.events = EventList(words=memory.get("words", ""))
        self.history = W.Select(rows=8, tooltip="What was sent, the newest first", layout={"width": "auto"})
        self.refill = W.Button(
            description="Fill the form", tooltip="Fill the form with this message", layout={"width": "auto"}
        )
        self._past = W.VBox([self.history, self.refill])
        self.tabs, self.answers = W.Tab(), W.VBox()
        self.tabs.add_class("ccm-tabs")
        self._find(None)
        self._show(memory.get("event", FIRST))
        self.events.observe(self._find, names="words")
        self.events.observe(self._picked, names="value")
        self.tabs.observe(self._turned, names="selected_index")
        self.refill.on_click(self._refilled)
        side, main = W.VBox([self.events]), W.VBox([self.tabs, self.answers])
        split = W.Box([side, main])
        for name, part in {"history": self._past, "side": side, "main": main, "split": split}.items():
            part.add_class(f"ccm-{name}")
        super().__init__([split])
        self.add_class("ccm-explorer")

    @property
    def form(self) -> Form:
        """The form of the open event."""
        return self._pages[self._shown].form

    @property
    def builder(self) -> QueryBuilder | None:
        """The query builder of the open event, if it has one."""
        return self._pages[self._shown].builder

    def _find(self, _: Any) -> None:
        """List the messages about the words, by subject; the open one stays open."""
        self._memory["words"] = words = self.events.words.strip()
        server = self._session.keyless()
        spoken = self._spoken = server.router.generations(ask=False)
        speaks = f"{visible_line(server.server.name)} speaks {', '.join(sorted(spoken))}." if spoken else ""
        self.events.offer(by_subject(words, spoken), self._memory.get("event", FIRST), speaks)

    def _picked(self, change: Any) -> None:
        if change["new"] and change["new"] != self._shown:
            self._show(change["new"])

    def _turned(self, change: Any) -> None:
        if change["new"] is not None:
            self._memory["tab"] = self.tabs.titles[change["new"]]

    def _show(self, event: str, values: Mapping[str, Any] | None = None) -> None:
        if values is not None or event not in self._pages:
            self._pages[event] = self._make(event, values)
        pages, self._shown, self._memory["event"] = self._pages[event], event, event
        wanted = self._memory.get("tab", HELP)
        with self.tabs.hold_trait_notifications():
            self.tabs.children, self.tabs.titles = [*pages.tabs.values(), self._past], [*pages.tabs, HISTORY]
            opened = FORM if values is not None or wanted not in pages.tabs else wanted
            self.tabs.selected_index = self.tabs.titles.index(opened)
        self.answers.children = pages.answers
        self._remember()

    def _make(self, event: str, values: Mapping[str, Any] | None) -> _Pages:
        kept = self._memory.setdefault("filled", {})
        pages = _Pages(event, self._session, values, self._sent)
        fieldset = pages.form.fieldset
        if values is None:
            fieldset.put({name: text for name, text in kept.get(event, {}).items() if text})
        secret = pages.form.message.secret

        def keep(_: Any = None) -> None:
            kept[event] = {name: text for name, text in fieldset.texts.items() if name not in secret}

        fieldset.watch(keep)
        if values is not None:
            keep()
        return pages

    def _sent(self, _: Response) -> None:
        if self._session.keyless().router.generations(ask=False) != self._spoken:  # found out by sending
            self._find(None)
        self._remember()

    def _remember(self) -> None:
        self.history.options = [
            (visible_line(past[0]), number) for number, past in enumerate(self._history())
        ]
        self.history.value = None

    def _history(self) -> list[Past]:
        """Return the messages of this kernel, the newest first, without secret values."""
        return [
            (
                f"{datetime.fromtimestamp(sent.moment):%H:%M:%S} {sent.message.event} · {sent.outcome}",
                sent.message.event,
                {name: value for name, value in sent.options.items() if name not in sent.message.secret},
            )
            for sent in reversed(list(self._session.history))  # other threads add to it
        ]

    def _refilled(self, _: Any) -> None:
        number = self.history.value
        history = self._history()
        if number is not None and number < len(history):
            _, event, options = history[number]
            self._show(event, options)
            self._find(None)


class _Pages:
    """The tabs of one event; its responses are outside of them, so that they stay when the tab changes."""

    def __init__(
        self, event: str, session: Session, values: Mapping[str, Any] | None, sent: Callable[[Response], None]
    ) -> None:
        message = catalog.find(event)
        self.form = Form(message, session, values, sent)
        self.builder = QueryBuilder(session, sent) if event == "query" else None
        self.tabs: dict[str, W.Widget] = {HELP: W.HTML(render.format_html(message_page(message).blocks))}
        self.tabs[FORM] = self.form
        if self.builder:
            self.tabs[BUILDER] = self.builder
        results = [part.result for part in (self.form, self.builder) if part]
        self.answers = results
        for part in (self.form, self.builder):
            if part:
                part.children = [child for child in part.children if child is not part.result]
