"""The fields of a message in a form: what is needed first, rare options behind a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic.syntax.form_values import Draft, missing_option, read_draft
from cocalc_magic.widgets.fields import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message, Option

MAX_OPTIONAL = 5  # optional fields that are shown at once


class FieldSet(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """All fields of one message; `projects` are titles by id."""

    def __init__(self, message: Message, projects: Mapping[str, str]) -> None:
        self.message = message
        shown, rare = arrange(message)
        fields = {option.name: Field(message, option, projects) for option in (*shown, *rare)}
        self.fields: Mapping[str, Field] = fields
        self._rare = {option.name for option in rare}
        self.more = W.ToggleButton(
            description=f"More options ({len(rare)})", icon="caret-right", layout={"width": "auto"},
            tooltip="Shows the options that are seldom needed",
        )  # fmt: skip
        self.more.add_class("ccm-more")
        self.folded = W.VBox([fields[option.name].box for option in rare])
        self.more.observe(self._unfolded, names="value")
        self._unfolded(None)
        parts = [fields[option.name].box for option in shown]
        super().__init__([*parts, *([self.more, self.folded] if rare else [])])
        self.add_class("ccm-fieldset")

    @property
    def draft(self) -> Draft:
        """What is filled in, read as a line would be."""
        return read_draft(self.message, self.texts)

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: field.text for name, field in self.fields.items()}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Put values into their fields; ignore other names."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].fill(value)
        self._show_rare(values)

    def put(self, texts: Mapping[str, str]) -> None:
        """Put texts into their fields, as `texts` returns them."""
        for name, text in texts.items():
            if name in self.fields:
                self.fields[name].put(text)
        self._show_rare({name for name, text in texts.items() if text})

    def watch(self, changed: Callable[[Any], None]) -> None:
        """Call `changed` after every change."""
        for field in self.fields.values():
            field.watch(changed)

    def say(self, draft: Draft, *, missing: bool = False) -> None:
        """Show at each field what is wrong with it; with `missing`, also that it has to be filled in."""
        for name, field in self.fields.items():
            problem = draft.problems.get(name)
            if missing and name in draft.missing:
                problem = missing_option(self.message, name)
            field.say(str(problem) if problem else "")
        self._show_rare(draft.problems)

    def focus(self, name: str) -> None:
        """Bring the cursor into a field."""
        self.fields[name].input.focus()

    def _show_rare(self, names: Any) -> None:
        if not self._rare.isdisjoint(names):
            self.more.value = True

    def _unfolded(self, _: Any) -> None:
        self.folded.layout.display = "" if self.more.value else "none"
        self.more.icon = "caret-down" if self.more.value else "caret-right"


def arrange(message: Message) -> tuple[list[Option], list[Option]]:
    """Return the options in the order in which people fill them in, and those that are seldom needed.

    Required options come first, then the text option, then what the example uses, the message's `id` last.
    Two options or fewer are not worth a button.
    """
    used = message.example.options
    options = sorted(
        message.options,
        key=lambda option: (
            not option.required,
            option.name != message.text_option and not option.required,
            message.takes_id and option.name == "id",
            option.name not in used and not option.required,
        ),
    )
    count = sum(option.required for option in options) + MAX_OPTIONAL
    return (options, []) if len(options) - count <= 2 else (options[:count], options[count:])
