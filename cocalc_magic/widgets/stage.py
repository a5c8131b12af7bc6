"""The stage: gives pages the live widget for a piece of static HTML, when they ask for it.

A notebook never holds a widget of ours, only HTML with a token. That reads well in a saved notebook, in
an exported one and without a kernel, where an output with a widget in it shows an error or nothing.
"""

from __future__ import annotations

import pathlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import anywidget
from ipywidgets import Widget
from traitlets import Unicode

KEPT = 200  # makers of live views; the static half of older ones stays what it is
TOKEN_BYTES = 8

Maker = Callable[[], Widget]

_SCRIPT = pathlib.Path(__file__).with_name("stage.js")


class Stage(anywidget.AnyWidget):
    """One per kernel, and never displayed: its script runs in every page that knows the kernel."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(_SCRIPT.read_text(encoding="utf-8")).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._makers: OrderedDict[str, Maker] = OrderedDict()
        self._views: dict[str, Widget] = {}
        self.on_msg(self._wanted)

    def twin(self, html: str, make: Maker) -> str:
        """The HTML with a token round it, under which a page may ask for the widget.

        ``make`` is called when the first page asks, or never.
        """
        token = secrets.token_hex(TOKEN_BYTES)
        self._makers[token] = make
        while len(self._makers) > KEPT:
            self._forget(next(iter(self._makers)))
        return f'<div data-ccm="{token}"><div>{html}</div></div>'

    def _forget(self, token: str) -> None:
        del self._makers[token]
        if view := self._views.pop(token, None):
            _close_tree(view)

    def _wanted(self, _: Widget, content: Any, __: Any) -> None:
        """A page asks for the widget of a token; whatever else it sends is not for us."""
        token = content.get("want") if isinstance(content, Mapping) else None
        if not isinstance(token, str) or token not in self._makers:
            return
        self.send({"key": token, "id": self._view(token).model_id})

    def _view(self, token: str) -> Widget:
        """The widget of the token, made on first use, and again after somebody closed it.

        What a maker raises passes through: ipywidgets shows it as this kernel's error (JupyterLab: in
        the log console), nothing is sent, and the page keeps the static half.
        """
        view = self._views.get(token)
        if view is None or view.comm is None:
            view = self._views[token] = self._makers[token]()
        return view


_stages: list[Stage] = []


def the_stage() -> Stage:
    """The stage of this kernel: made when the first response is shown, and anew after ``close_all()``."""
    if not _stages or _stages[0].comm is None:
        _stages[:] = [Stage()]
    return _stages[0]


def _close_tree(widget: Widget) -> None:
    for part in _parts(widget):
        _close_tree(part)
    widget.close()


def _parts(widget: Widget) -> Iterator[Widget]:
    """The widgets that this one is made of: children, and models of layout and style too."""
    for name in widget.keys:
        value = getattr(widget, name)
        yield from (
            part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Widget)
        )
