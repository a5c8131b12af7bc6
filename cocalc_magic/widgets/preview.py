"""Preview of a message as code: for the notebook, curl, HTTPie, Python, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.request import code_of
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize.secret_forms import HIDDEN
from cocalc_magic.syntax.format import format_magic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.render import Block


class Preview(W.Tab):  # type: ignore[misc]  # ipywidgets has no types
    """A tab for each language."""

    def __init__(self) -> None:
        names = ("Notebook", "curl", "HTTPie", "Python", "JSON")
        super().__init__(children=[W.HTML() for _ in names], titles=names)
        self.add_class("ccm-preview")
        self.add_class("ccm-tabs")

    @property
    def markup(self) -> tuple[str, ...]:
        """The HTML of each tab."""
        return tuple(part.value for part in self.children)

    def show(self, message: Message, options: Mapping[str, Any], address: str, cell: str = "") -> str:
        """Show the message without secret values, and return the source of a cell that sends it.

        `cell` is a source that does more than the magic, and stands in its place.
        """
        secret = message.secret
        shown = {name: HIDDEN if name in secret else value for name, value in options.items()}
        code = (*code_of(message.event, shown, address)[:4], _json(shown))
        for part, block in zip(self.children, code, strict=True):
            part.value = render.format_html([replace(block, label="") if isinstance(block, Pre) else block])
        if cell:
            self.children[0].value = render.format_html([Pre(cell, language="python")])
            return cell
        public = {name: value for name, value in options.items() if name not in secret}
        return format_magic(message.event, public)

    def say(self, problem: str) -> None:
        """Show in every tab why there is no message yet."""
        for part in self.children:
            part.value = render.format_html([Note(problem)])


def _json(options: Mapping[str, Any]) -> Block:
    try:
        text = json.dumps(options, indent=2, ensure_ascii=False, default=str)
    except RecursionError:
        return Note("The message is nested too deeply to be shown.")
    return text_block(text, language="json")
