"""The fields of a message as a form has them: what is needed first, what is rare behind a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic.syntax.form_values import Draft, missing_option, read_draft
from cocalc_magic.widgets.fields import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message, Option

AT_ONCE = 5  # optional fields that are shown from the first
_LETTER, _BESIDE = 7.5, 20  # pixels of a label


class FieldSet(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """All fields of one message; ``projects`` are titles by id."""

    def __init__(self, message: Message, projects: Mapping[str, str]) -> None:
        self.message = message
        longest = max((len(option.name) + 2 * option.required for option in message.options), default=0)
        labels = f"{_LETTER * longest + _BESIDE:.0f}px"
        shown, rare = arranged(message)
        made = {option.name: Field(message, option, projects, labels) for option in (*shown, *rare)}
        self.fields: Mapping[str, Field] = made
        self._rare = {option.name for option in rare}
        self.more = W.ToggleButton(
            description=f"More options ({len(rare)})", icon="caret-right",
            layout={"width": "auto", "align_self": "flex-start"},
            tooltip="Shows the options that are seldom needed",
        )  # fmt: skip
        self.folded = W.VBox([made[option.name].box for option in rare])
        self.more.observe(self._unfolded, names="value")
        self._unfolded(None)
        parts = [made[option.name].box for option in shown]
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

    def fill(self, given: Mapping[str, Any]) -> None:
        """Puts values into their fields; those of other names are left out."""
        for name, value in given.items():
            if name in self.fields:
                self.fields[name].fill(value)
        self._show_rare(given)

    def put(self, texts: Mapping[str, str]) -> None:
        """Puts texts into their fields, as ``texts`` gives them."""
        for name, text in texts.items():
            if name in self.fields:
                self.fields[name].put(text)
        self._show_rare({name for name, text in texts.items() if text})

    def watch(self, changed: Callable[[Any], None]) -> None:
        """Calls back after every change."""
        for field in self.fields.values():
            field.watch(changed)

    def say(self, draft: Draft, *, missing: bool = False) -> None:
        """Says at each field what is wrong with it, also that it is ``missing``."""
        for name, field in self.fields.items():
            problem = draft.problems.get(name)
            if missing and name in draft.missing:
                problem = missing_option(self.message, name)
            field.say(str(problem) if problem else "")
        self._show_rare(draft.problems)

    def _show_rare(self, names: Any) -> None:
        if not self._rare.isdisjoint(names):
            self.more.value = True

    def _unfolded(self, _: Any) -> None:
        self.folded.layout.display = "" if self.more.value else "none"
        self.more.icon = "caret-down" if self.more.value else "caret-right"


def arranged(message: Message) -> tuple[list[Option], list[Option]]:
    """The options as people fill them in, and those that are seldom needed.

    What is required comes first, then the text option, then what the example uses, the ``id`` of the
    message last. Two options or fewer are not worth a button.
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
    kept = sum(option.required for option in options) + AT_ONCE
    return (options, []) if len(options) - kept <= 2 else (options[:kept], options[kept:])
