"""The form of a message: a field for each option, a preview of the message as code, and *Send*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.errors import InvalidMessage
from cocalc_magic.render.blocks import Title
from cocalc_magic.render.help import availability
from cocalc_magic.widgets.code_actions import CodeActions
from cocalc_magic.widgets.fieldset import FieldSet
from cocalc_magic.widgets.preview import Preview
from cocalc_magic.widgets.result import Result
from cocalc_magic.widgets.sending import Sending, Submission
from cocalc_magic.widgets.view import view_maker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.form_values import Draft


class Form(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The form of one message.

    Args:
        message: The message.
        session: Sends it.
        values: Values that are filled in at first, by option.
        sent: Called with every response.
    """

    def __init__(
        self,
        message: Message,
        session: Session,
        values: Mapping[str, Any] | None = None,
        sent: Callable[[Response], None] | None = None,
    ) -> None:
        self.message = message
        self._session = session
        projects = session.project_titles() if _takes_project(message) else {}
        self.fieldset = FieldSet(message, projects)
        self.fields = self.fieldset.fields
        self.preview = Preview()
        self.actions = CodeActions()
        meaning, view = f"Send {message.event}", view_maker(session.frontend.keep)
        self.sending = Sending(self._submission, view, meaning=meaning, sent=sent)
        self.button, self.answer = self.sending.button, self.sending.answer
        self.result = Result(self.sending)
        self._refused = False  # the last click sent nothing, since something was missing or wrong
        self._fill(values or {})
        self.fieldset.watch(self._changed)
        self._changed(None)
        super().__init__(self._parts())
        self.add_class("ccm-form")

    @property
    def draft(self) -> Draft:
        """What is filled in, read as a line would be."""
        return self.fieldset.draft

    def _parts(self) -> list[W.Widget]:
        title = Title(self.message.event, self.message.summary)
        head = W.HTML(render.format_html([title, *availability(self.message)]))
        code = W.VBox([self.preview, self.actions])
        columns = W.Box([self.fieldset, code])
        panel = W.VBox([head, columns, self.sending])
        named = {"topic": head, "code-side": code, "columns": columns, "compose": panel}
        for name, part in named.items():
            part.add_class(f"ccm-{name}")
        return [panel, self.result]

    def _fill(self, values: Mapping[str, Any]) -> None:
        self.fieldset.fill(values)
        project, name = self._session.project_id, self.message.current_project
        if project and name and name not in values:
            self.fields[name].fill(project)

    def _changed(self, _: Any) -> None:
        draft = self.draft
        self.fieldset.say(draft, missing=self._refused)
        if self._refused and not (draft.missing or draft.problems):
            self._refused = False
            self.sending.dismiss()
        url = self._session.keyless().server.url
        self.actions.code = self.preview.show(self.message, draft.options, url)
        self.sending.withdraw()

    def _submission(self) -> Submission:
        """Return what *Send* sends.

        Raises:
            InvalidMessage: Something is missing or wrong; each field shows what.
        """
        message, draft = self.message, self.draft
        self.fieldset.say(draft, missing=True)
        self._refused = bool(draft.missing or draft.problems)
        if self._refused:
            wrong = [name for name in self.fields if name in draft.missing or name in draft.problems]
            self.fieldset.focus(wrong[0])
            raise InvalidMessage(
                f"Not sent: {', '.join(wrong)} {'needs' if len(wrong) == 1 else 'need'} to be corrected."
            )
        session = self._session
        return Submission(
            message.event,
            session.keyless().server.name,
            lambda on_job: session.submit(message, draft.options, on_job),
            session.confirmation(message),
        )


def _takes_project(message: Message) -> bool:
    return any(option.names_project for option in message.options)
