"""The field of an option in a form, by the option's type."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Bool, Unicode

from cocalc_magic import render
from cocalc_magic.client.projects import Project, matching
from cocalc_magic.config.secret import Secret
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.sanitize import visible_line
from cocalc_magic.syntax.form_values import field_text, takes_lines
from cocalc_magic.syntax.format import format_default
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message, Option

_WIDE = {"width": "auto"}
_SHORT = {"width": "auto", "max_width": "260px"}  # for what is never long
_SMALL = ("integer", "number", "boolean")


class SecretField(anywidget.AnyWidget):
    """A password field whose text travels once, in a message of its own, and is never in the state."""

    _esm = Unicode(script("secret")).tag(sync=True)
    _css = Unicode(sheet("form")).tag(sync=True)

    label = Unicode().tag(sync=True)
    meaning = Unicode().tag(sync=True)
    filled = Bool().tag(sync=True)

    def __init__(self, label: str, meaning: str) -> None:
        super().__init__(label=label, meaning=meaning)
        self.secret = Secret("")
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("typed"), str):
            self.secret = Secret(content.pop("typed"))
            self.filled = bool(self.secret)


class Field:
    """The widget of one option over its meaning, and a line for what is wrong with it.

    Args:
        message: The message of the option.
        option: The option.
        projects: Titles of projects by id.
    """

    def __init__(self, message: Message, option: Option, projects: Mapping[str, str]) -> None:
        self.option = option
        self._projects = [Project(project_id, title) for project_id, title in projects.items()]
        self._ids = _labelled(projects)
        self.input = self._make(message)
        self.about, self.status = W.HTML(render.format_html([Note(_about(option))])), StatusLine()
        self.about.add_class("ccm-about")
        self.box = W.VBox([self.input, self.about, self.status])
        self.box.add_class("ccm-field")

    @property
    def text(self) -> str:
        """What is filled in; empty if the option is left out."""
        if isinstance(self.input, SecretField):
            return self.input.secret.reveal()
        if isinstance(self.input, W.Checkbox):
            unset = self.input.value is (self.option.default is True) and not self.option.required
            return "" if unset else str(self.input.value).lower()
        value = str(self.input.value or "")
        return self._ids.get(value) or self._project_id(value) or value

    def _project_id(self, text: str) -> str:
        """Return the id of the one project with this title; empty if the field is not for a project."""
        projects = matching(text, self._projects) if self.option.names_project else []
        return projects[0].project_id if len(projects) == 1 else ""

    def fill(self, value: Any) -> None:
        """Put a value of the option's type into the field."""
        if isinstance(self.input, W.Checkbox):
            self.input.value = value is True
        elif not isinstance(self.input, SecretField):
            self.put(field_text(self.option, value))

    def put(self, text: str) -> None:
        """Put a text into the field, as `text` returns it; ignore what is not among its choices."""
        if isinstance(self.input, W.Checkbox):
            self.input.value = text == "true" if text else self.option.default is True
        elif isinstance(self.input, W.Dropdown):
            self.input.value = text if text in [value for _, value in self.input.options] else ""
        elif not isinstance(self.input, SecretField):
            label = next((label for label, key in self._ids.items() if key == text), text)
            self.input.value = label.encode("utf-8", "replace").decode()  # half a surrogate cannot be sent

    def watch(self, changed: Callable[[Any], None]) -> None:
        """Call `changed` after every change."""
        self.input.observe(changed, names="filled" if isinstance(self.input, SecretField) else "value")

    def say(self, problem: str) -> None:
        """Show what is wrong at the field, until it says something else; an empty text shows nothing."""
        self.status.say(*([Pre(problem, tone="error")] if problem else []))

    def _make(self, message: Message) -> W.Widget:
        option = self.option
        if option.name in message.secret:
            name = f"{option.name} required" if option.required else option.name
            return SecretField(name, _meaning(option))
        shared = {
            "description": _label(option), "description_allow_html": True, "tooltip": _meaning(option),
            "style": {"description_width": "auto"}, "layout": _WIDE,
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
    """Return a checkbox for yes or no; a list if it may be left open, or is one of several."""
    if option.type == "boolean" and (option.required or option.default is not None):
        return W.Checkbox(value=option.default is True, indent=False, **shared)
    return W.Dropdown(options=_choices(option), value="", **{**shared, "layout": _SHORT})


def _area(option: Option, rows: int, shared: dict[str, Any]) -> W.Textarea:
    area = W.Textarea(rows=rows, placeholder=_hint(option), continuous_update=True, **shared)
    area.add_class("ccm-code")
    return area


def _meaning(option: Option) -> str:
    meaning = f"{option.meaning} ({option.type}{', required' if option.required else ''})"
    return f'{meaning} Write "" for an empty text.' if _is_text(option) else meaning


def _about(option: Option) -> str:
    """Return what stands under the field: its meaning, and how an empty text is written."""
    empty = option.required and _is_text(option)
    return f'{option.meaning} Write "" for an empty one.' if empty else option.meaning


def _label(option: Option) -> str:
    """Return the name, with a word where it is required."""
    name = html.escape(option.name)
    return f'{name} <span class="ccm-mark">required</span>' if option.required else name


def _labelled(projects: Mapping[str, str]) -> dict[str, str]:
    """Return ids by titles; where projects share a title, by that and the beginning of the id."""
    count = Counter(visible_line(title) for title in projects.values())
    return {
        title if count[title] == 1 else f"{title} · {project_id[:8]}": project_id
        for project_id, title in ((key, visible_line(title)) for key, title in projects.items())
    }


def _choices(option: Option) -> list[tuple[str, str]]:
    """Return the choices; the first is none, with the server's default if it is known."""
    unset = "not set" if option.default in (None, "") else f"not set ({format_default(option.default)})"
    if option.required:
        unset = "choose one"
    if option.choices:
        return [(unset, ""), *((choice, choice) for choice in option.choices)]
    return [(unset, ""), ("yes", "true"), ("no", "false")]


def _nested(kind: str) -> bool:
    return kind.startswith(("array", "object"))


def _hint(option: Option) -> str:
    """Return what an empty field shows: the default, or what kind of value it takes."""
    if takes_lines(option):
        return f"{option.type}: one on each line, or JSON"
    if option.default not in (None, ""):
        return format_default(option.default)
    if any(_nested(kind) for kind in option.types):
        return f"{option.type} as JSON"
    return option.type


def _is_text(option: Option) -> bool:
    return "text" in option.types and not option.choices
