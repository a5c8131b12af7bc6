"""The form of a message: a field for each option, the message as code while it is filled in, *Send*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.errors import CoCalcError, InvalidMessage
from cocalc_magic.render.blocks import Note, Pre, Title
from cocalc_magic.values.draft import Draft, missing_option, read_draft
from cocalc_magic.widgets.actions import Actions
from cocalc_magic.widgets.fields import Field
from cocalc_magic.widgets.preview import Preview
from cocalc_magic.widgets.view import FAILED, response_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response


class Counter(Protocol):
    """Where a form hands its message in."""

    def send(self, message: Message, options: Mapping[str, Any]) -> Response:
        """Sends it; raises :class:`CoCalcError`."""

    def asks(self, message: Message) -> str:
        """Why a person is to be asked first; empty where nothing asks."""

    def projects(self) -> Mapping[str, str]:
        """Titles by id, as far as they are known or can be had quickly."""

    def address(self) -> str:
        """The address of the server."""

    def current_project(self) -> str:
        """The id of the current project; empty where there is none."""


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
        self._sent = sent
        projects = counter.projects() if _wants_project(message) else {}
        self.fields = {option.name: Field(message, option, projects) for option in _ordered(message)}
        self.preview = Preview()
        self.actions = Actions()
        self.button = W.Button(description="Send", button_style="primary", tooltip=f"Send {message.event}")
        self.answer = W.VBox()
        self.button.on_click(self._clicked)
        self._fill(given or {})
        for field in self.fields.values():
            field.watch(self._changed)
        self._changed(None)
        super().__init__(self._parts())
        self.add_class("ccm-form")

    @property
    def draft(self) -> Draft:
        """What is filled in, read as a line would be."""
        return read_draft(self.message, {name: field.text for name, field in self.fields.items()})

    def _parts(self) -> list[W.Widget]:
        head = W.HTML(render.format_html([Title(self.message.event, self.message.summary)]))
        required = [field.box for field in self.fields.values() if field.option.required]
        others = [field.box for field in self.fields.values() if not field.option.required]
        buttons = W.HBox([self.button, self.actions], layout={"flex_flow": "row wrap"})
        return [head, *required, *others, self.preview, buttons, self.answer]

    def _fill(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name in self.fields:
                self.fields[name].fill(value)
        project = self._counter.current_project()
        if project and "project_id" in self.fields and "project_id" not in given:
            self.fields["project_id"].fill(project)

    def _changed(self, _: Any) -> None:
        draft = self.draft
        for name, field in self.fields.items():
            field.say(str(draft.problems[name]) if name in draft.problems else "")
        self.actions.code = self.preview.show(self.message, draft.options, self._counter.address())
        self._calm()

    def _calm(self) -> None:
        self.button.description, self.button.button_style = "Send", "primary"

    def _clicked(self, _: Any) -> None:
        try:
            self._hand_in()
        except CoCalcError as problem:
            self._show(_said(str(problem)))
        except BaseException:
            self._show(_said(FAILED))
            raise
        finally:
            self.button.disabled = False

    def _hand_in(self) -> None:
        draft = self.draft
        for name in draft.missing:
            self.fields[name].say(str(missing_option(self.message, name)))
        if draft.missing or draft.problems:
            wrong = [*draft.missing, *draft.problems]
            raise InvalidMessage(
                f"Not sent: {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} to be put right."
            )
        reason = self._counter.asks(self.message)
        if reason and self.button.button_style != "warning":
            self.button.description, self.button.button_style = "Send it?", "warning"
            self._show(W.HTML(render.format_html([Note(reason)])))
            return
        self._calm()
        self.button.disabled = True
        self._show(W.HTML(render.format_html([Note(f"Sending {self.message.event} …")])))
        response = self._counter.send(self.message, draft.options)
        self._show(response_view(response))
        if self._sent:
            self._sent(response)

    def _show(self, shown: W.Widget) -> None:
        self.answer.children = [shown]


def _said(problem: str) -> W.HTML:
    return W.HTML(render.format_html([Pre(problem, tone="error")]))


def _wants_project(message: Message) -> bool:
    return any(option.name.endswith("project_id") for option in message.options)


def _ordered(message: Message) -> list[Any]:
    """The options as people fill them in: what is required first, the id of the message last."""
    return sorted(message.options, key=lambda option: (not option.required, option.name == "id"))
