"""One field of a form for one option, by its type."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Bool, Unicode

from cocalc_magic.client.projects import Project, matching
from cocalc_magic.config.secret import Secret
from cocalc_magic.render.blocks import Pre
from cocalc_magic.render.clean import visible_line
from cocalc_magic.syntax.form_values import field_text, takes_lines
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.status_line import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message, Option

_WIDE = {"width": "auto", "max_width": "720px"}
_SHORT = {"width": "auto", "max_width": "360px"}  # for what is never long
_SMALL = ("integer", "number", "boolean")


class SecretField(anywidget.AnyWidget):
    """A password field whose text travels once, in a message of its own, and is in no state."""

    _esm = Unicode(script("secret")).tag(sync=True)
    _css = Unicode(sheet("form")).tag(sync=True)

    label = Unicode().tag(sync=True)
    meaning = Unicode().tag(sync=True)
    width = Unicode(help="Of the label, as CSS has it.").tag(sync=True)
    given = Bool().tag(sync=True)

    def __init__(self, label: str, meaning: str, width: str = "150px") -> None:
        super().__init__(label=label, meaning=meaning, width=width)
        self.secret = Secret("")
        self.on_msg(self._typed)

    def _typed(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("typed"), str):
            self.secret = Secret(content.pop("typed"))
            self.given = bool(self.secret)


class Field:
    """The widget of one option, its text as it would stand on a line, and room for what is wrong.

    ``labels`` is the width of the form's labels as CSS has it.
    """

    def __init__(
        self, message: Message, option: Option, projects: Mapping[str, str], labels: str = "150px"
    ) -> None:
        self.option = option
        self._labels = labels
        self._projects = [Project(project_id, title) for project_id, title in projects.items()]
        self._ids = {
            f"{visible_line(title)} · {project_id}": project_id for project_id, title in projects.items()
        }
        self.input = self._made(message)
        self.said = Said()
        self.box = W.VBox([self.input, self.said])
        self.box.add_class("ccm-field")

    @property
    def text(self) -> str:
        """What is filled in; empty where the option is to be left out."""
        if isinstance(self.input, SecretField):
            return self.input.secret.reveal()
        if isinstance(self.input, W.Checkbox):
            unset = self.input.value is (self.option.default is True) and not self.option.required
            return "" if unset else str(self.input.value).lower()
        value = str(self.input.value or "")
        return self._ids.get(value) or self._named(value) or value

    def _named(self, text: str) -> str:
        """The id of the one project that is called so; empty where this is no field of a project."""
        found = matching(text, self._projects) if self.option.names_project else []
        return found[0].project_id if len(found) == 1 else ""

    def fill(self, value: Any) -> None:
        """Puts a value into the field, as the option's type has it."""
        if isinstance(self.input, W.Checkbox):
            self.input.value = value is True
        elif not isinstance(self.input, SecretField):
            self.put(field_text(self.option, value))

    def put(self, text: str) -> None:
        """Puts a text into the field, as ``text`` gives it; what its choices lack is left out."""
        if isinstance(self.input, W.Checkbox):
            self.input.value = text == "true" if text else self.option.default is True
        elif isinstance(self.input, W.Dropdown):
            self.input.value = text if text in [value for _, value in self.input.options] else ""
        elif not isinstance(self.input, SecretField):
            shown = next((shown for shown, known in self._ids.items() if known == text), text)
            self.input.value = shown.encode("utf-8", "replace").decode()  # half a surrogate can't be sent

    def watch(self, changed: Callable[[Any], None]) -> None:
        """Calls back after every change."""
        self.input.observe(changed, names="given" if isinstance(self.input, SecretField) else "value")

    def say(self, problem: str) -> None:
        """Shows what is wrong at the field; an empty text shows nothing."""
        self.said.say(*([Pre(problem, tone="error")] if problem else []))

    def _made(self, message: Message) -> W.Widget:
        option = self.option
        if option.name in message.secret:
            name = f"{option.name} *" if option.required else option.name
            return SecretField(name, _meaning(option), self._labels)
        shared = {
            "description": _label(option), "description_allow_html": True, "tooltip": _meaning(option),
            "style": {"description_width": self._labels}, "layout": _WIDE,
        }  # fmt: skip
        if option.choices or option.type == "boolean":
            return _choice(option, shared)
        if self._ids and option.names_project:
            hint = "a title, or an id"
            return W.Combobox(options=list(self._ids), placeholder=hint, ensure_option=False, **shared)
        if option.name == message.text_option or any(map(_nested, option.types)):
            return _area(option, 4 if option.name == message.text_option else 2, shared)
        shared["layout"] = _SHORT if set(option.types) <= set(_SMALL) else _WIDE
        return W.Text(placeholder=_hint(option), continuous_update=True, **shared)


def _choice(option: Option, shared: dict[str, Any]) -> W.Widget:
    """A box to tick where it is yes or no; a list where it may be left open, or is one of several."""
    if option.type == "boolean" and (option.required or option.default is not None):
        return W.Checkbox(value=option.default is True, indent=True, **shared)
    return W.Dropdown(options=_choices(option), value="", **{**shared, "layout": _SHORT})


def _area(option: Option, rows: int, shared: dict[str, Any]) -> W.Textarea:
    made = W.Textarea(rows=rows, placeholder=_hint(option), continuous_update=True, **shared)
    made.add_class("ccm-code")
    return made


def _meaning(option: Option) -> str:
    meaning = f"{option.meaning} ({option.type}{', required' if option.required else ''})"
    return f'{meaning} Write "" for an empty text.' if _is_text(option) else meaning


def _label(option: Option) -> str:
    """The name, its mark for the eye and its word for those who listen; names are the catalog's."""
    name = html.escape(option.name)
    if not option.required:
        return name
    return f'{name} <span class="ccm-mark">*</span><span class="ccm-unseen"> required</span>'


def _choices(option: Option) -> list[tuple[str, str]]:
    """What can be chosen, first of all nothing: the server's own choice, named where it is known."""
    unset = "not set" if option.default in (None, "") else f"not set ({option.default})"
    if option.required:
        unset = "choose one"
    if option.choices:
        return [(unset, ""), *((choice, choice) for choice in option.choices)]
    return [(unset, ""), ("yes", "true"), ("no", "false")]


def _nested(kind: str) -> bool:
    return kind.startswith(("array", "object"))


def _hint(option: Option) -> str:
    """What an empty field says: the default, or what kind of value it takes."""
    if takes_lines(option):
        return f"{option.type}: one on each line, or JSON"
    if option.default not in (None, ""):
        return f"{option.default}"
    if any(_nested(kind) for kind in option.types):
        return f"{option.type} as JSON"
    return f'{option.type} ("" for an empty one)' if option.required and _is_text(option) else option.type


def _is_text(option: Option) -> bool:
    return "text" in option.types and not option.choices
