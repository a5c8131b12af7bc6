"""One field of a form for one option, by its type."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Bool, Unicode

from cocalc_magic import render
from cocalc_magic.render.blocks import Pre
from cocalc_magic.secrets import Secret
from cocalc_magic.values.draft import field_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message, Option

_WIDE = {"description_width": "150px"}
_LAYOUT = {"width": "auto", "max_width": "720px"}
_HERE = pathlib.Path(__file__)


class SecretField(anywidget.AnyWidget):
    """A password field whose text travels once, in a message of its own, and is in no state."""

    _esm = Unicode(_HERE.with_name("secret.js").read_text(encoding="utf-8")).tag(sync=True)
    _css = Unicode(_HERE.with_name("form.css").read_text(encoding="utf-8")).tag(sync=True)

    label = Unicode().tag(sync=True)
    meaning = Unicode().tag(sync=True)
    given = Bool().tag(sync=True)

    def __init__(self, label: str, meaning: str) -> None:
        super().__init__(label=label, meaning=meaning)
        self.secret = Secret("")
        self.on_msg(self._typed)

    def _typed(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("typed"), str):
            self.secret = Secret(content.pop("typed"))
            self.given = bool(self.secret)


class Field:
    """The widget of one option, its text as it would stand on a line, and room for what is wrong."""

    def __init__(self, message: Message, option: Option, projects: Mapping[str, str]) -> None:
        self.option = option
        self._ids = {f"{title} · {project_id}": project_id for project_id, title in projects.items()}
        self.input = self._made(message)
        self.said = W.HTML(layout={"display": "none"})
        self.box = W.VBox([self.input, self.said])

    @property
    def text(self) -> str:
        """What is filled in; empty where the option is to be left out."""
        if isinstance(self.input, SecretField):
            return self.input.secret.reveal()
        if isinstance(self.input, W.Checkbox):
            default = self.option.default is True
            return (
                ""
                if self.input.value is default and not self.option.required
                else str(self.input.value).lower()
            )
        value = str(self.input.value or "")
        return self._ids.get(value, value)

    def fill(self, value: Any) -> None:
        """Puts a value into the field, as the option's type has it."""
        if isinstance(self.input, W.Checkbox):
            self.input.value = value is True
        elif not isinstance(self.input, SecretField):
            text = field_text(value)
            self.input.value = next((shown for shown, known in self._ids.items() if known == text), text)

    def watch(self, changed: Callable[[Any], None]) -> None:
        """Calls back after every change."""
        self.input.observe(changed, names="given" if isinstance(self.input, SecretField) else "value")

    def say(self, problem: str) -> None:
        """Shows what is wrong at the field; an empty text shows nothing."""
        self.said.value = render.format_html([Pre(problem, tone="error")]) if problem else ""
        self.said.layout.display = "" if problem else "none"

    def _made(self, message: Message) -> W.Widget:
        option = self.option
        label = f"{option.name} *" if option.required else option.name
        meaning = f"{option.meaning} ({option.type}{', required' if option.required else ''})"
        if option.name in message.secret:
            return SecretField(label, meaning)
        shared = {"description": label, "tooltip": meaning, "style": _WIDE, "layout": _LAYOUT}
        if option.type == "boolean":
            return W.Checkbox(value=option.default is True, indent=True, **shared)
        if option.choices:
            return W.Dropdown(options=["", *option.choices], value="", **shared)
        if self._ids and "uuid" in option.types and option.name.endswith("project_id"):
            hint = "a title, or an id"
            return W.Combobox(options=list(self._ids), placeholder=hint, ensure_option=False, **shared)
        if option.name == message.text_option or any(_nested(kind) for kind in option.types):
            rows = 4 if option.name == message.text_option else 2
            return W.Textarea(rows=rows, placeholder=_hint(option), continuous_update=True, **shared)
        return W.Text(placeholder=_hint(option), continuous_update=True, **shared)


def _nested(kind: str) -> bool:
    return kind.startswith(("array", "object"))


def _hint(option: Option) -> str:
    """What an empty field says: the default, or what kind of value it takes."""
    if option.default not in (None, ""):
        return f"{option.default}"
    return f"{option.type} as JSON" if any(_nested(kind) for kind in option.types) else option.type
