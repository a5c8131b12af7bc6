"""The form of a message: a field for each option, the message as code while it is filled in, *Send*."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.errors import InvalidMessage
from cocalc_magic.render.blocks import Title
from cocalc_magic.widgets.code_actions import Actions
from cocalc_magic.widgets.fieldset import FieldSet
from cocalc_magic.widgets.preview import Preview
from cocalc_magic.widgets.sending import Errand, Sending
from cocalc_magic.widgets.view import response_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response
    from cocalc_magic.syntax.form_values import Draft
    from cocalc_magic.widgets.table import Keep


class Counter(Protocol):
    """Where a form hands its message in."""

    def send(
        self, message: Message, options: Mapping[str, Any], on_job: Callable[[], None] | None = None
    ) -> Response:
        """Sends it; raises :class:`CoCalcError`. ``on_job`` is called when it has become a job on the server.

        It is called in threads of its own, while the kernel does other things.
        """

    def asks(self, message: Message) -> str:
        """Why a person is to be asked first; empty where nothing asks."""

    def projects(self) -> Mapping[str, str]:
        """Titles by id, as far as they are known or can be had quickly."""

    def address(self) -> str:
        """The address of the server."""

    def server(self) -> str:
        """The name of the server."""

    def current_project(self) -> str:
        """The id of the current project; empty where there is none."""

    @property
    def keep(self) -> Keep | None:
        """What gives DataFrames of answers a name in the notebook; ``None`` where nothing does."""


class Form(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The form; ``given`` is filled in at first, and ``sent`` is called with every response."""

    def __init__(
        self,
        message: Message,
        counter: Counter,
        given: Mapping[str, Any] | None = None,
        sent: Callable[[Response], None] | None = None,
    ) -> None:
        self.message = message
        self._counter = counter
        projects = counter.projects() if _wants_project(message) else {}
        self.fieldset = FieldSet(message, projects)
        self.fields = self.fieldset.fields
        self.preview = Preview()
        self.actions = Actions()
        meaning = f"Send {message.event}"
        view = partial(response_view, keep=counter.keep)
        self.sending = Sending(self._errand, meaning=meaning, beside=[self.actions], sent=sent, view=view)
        self.button, self.answer = self.sending.button, self.sending.answer
        self._fill(given or {})
        self.fieldset.watch(self._changed)
        self._changed(None)
        super().__init__(self._parts())
        self.add_class("ccm-form")

    @property
    def draft(self) -> Draft:
        """What is filled in, read as a line would be."""
        return self.fieldset.draft

    def _parts(self) -> list[W.Widget]:
        head = W.HTML(render.format_html([Title(self.message.event, self.message.summary)]))
        return [head, self.fieldset, self.preview, self.sending]

    def _fill(self, given: Mapping[str, Any]) -> None:
        self.fieldset.fill(given)
        project = self._counter.current_project()
        name = self.message.current_project
        if project and name and name not in given:
            self.fields[name].fill(project)

    def _changed(self, _: Any) -> None:
        draft = self.draft
        self.fieldset.say(draft)
        self.actions.code = self.preview.show(self.message, draft.options, self._counter.address())
        self.sending.calm()

    def _errand(self) -> Errand:
        """What *Send* sends. Raises :class:`InvalidMessage`, and says at each field what is wrong with it."""
        message, draft = self.message, self.draft
        self.fieldset.say(draft, missing=True)
        if draft.missing or draft.problems:
            wrong = [*draft.missing, *draft.problems]
            raise InvalidMessage(
                f"Not sent: {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} to be put right."
            )
        counter = self._counter
        return Errand(
            message.event,
            counter.server(),
            lambda on_job: counter.send(message, draft.options, on_job),
            counter.asks(message),
        )


def _wants_project(message: Message) -> bool:
    return any(option.names_project for option in message.options)
