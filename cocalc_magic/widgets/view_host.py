"""Give pages the live widget for a piece of static HTML, when they ask for it.

A notebook never holds a widget of ours, only HTML with a token. That reads well in a saved notebook, in
an exported one and without a kernel, where an output with a widget shows an error or nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import anywidget
from ipywidgets import Widget
from traitlets import Unicode

from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize import visible
from cocalc_magic.widgets.assets import script

MAX_PLACEHOLDERS = 200  # older ones stay static HTML
TOKEN_BYTES = 8

Maker = Callable[[], Widget]


class ViewHost(anywidget.AnyWidget):
    """One per kernel, and never displayed: its script runs in every page that knows the kernel."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("view_host")).tag(sync=True)

    name = Unicode().tag(sync=True)  # tells the script which progress lines are this kernel's

    def __init__(self) -> None:
        super().__init__(name=secrets.token_hex(TOKEN_BYTES))
        self._makers: OrderedDict[str, Maker] = OrderedDict()
        self._views: dict[str, Widget] = {}
        self.on_msg(self._send_view)

    def placeholder(self, html: str, make: Maker) -> str:
        """Return the HTML with a token around it, by which a page may ask for the widget.

        `make` is called when the first page asks, or never.
        """
        token = secrets.token_hex(TOKEN_BYTES)
        self._makers[token] = make
        while len(self._makers) > MAX_PLACEHOLDERS:
            self._forget(next(iter(self._makers)))
        return f'<div data-ccm="{token}"><div>{html}</div></div>'

    def offer(self, html: str, make: Maker) -> str:
        """Return the same for a widget that is made at once, since a kernel that is busy answers no page."""
        placeholder = self.placeholder(html, make)
        token = next(reversed(self._makers))
        self.send({"key": token, "id": self._view(token, make).model_id})
        return placeholder

    def _forget(self, token: str) -> None:
        del self._makers[token]
        if view := self._views.pop(token, None):
            close_tree(view)

    def _send_view(self, _: Widget, content: Any, __: Any) -> None:
        """Answer a page that asks for the widget of a token; ignore other messages.

        An error of a maker is reported to the page in short, which keeps the static HTML, and raised:
        ipywidgets shows it as this kernel's error (JupyterLab: in the log console).
        """
        token = content.get("want") if isinstance(content, Mapping) else None
        make = self._makers.get(token) if isinstance(token, str) else None
        if make is None or not isinstance(token, str):
            return
        try:
            view = self._view(token, make)
        except BaseException as problem:
            self.send({"key": token, "problem": _short(problem)})
            raise
        self.send({"key": token, "id": view.model_id})

    def _view(self, token: str, make: Maker) -> Widget:
        """Return the widget of the token, made on first use, and anew after somebody closed it."""
        view = self._views.get(token)
        if view is None or view.comm is None:
            view = self._views[token] = make()
        return view


def _short(problem: BaseException) -> str:
    """Return what a page may show: the text of our own errors, and only the type of others."""
    return visible(problem.problem) if isinstance(problem, CoCalcError) else type(problem).__name__


_hosts: list[ViewHost] = []
_lock = threading.Lock()  # progress is shown from another thread


def get_view_host() -> ViewHost:
    """Return the view host of this kernel, made on first use, and anew after `close_all()`."""
    with _lock:
        if not _hosts or _hosts[0].comm is None:
            _hosts[:] = [ViewHost()]
        return _hosts[0]


def close_tree(widget: Widget) -> None:
    """Close the widget and all that it is made of."""
    for part in _parts(widget):
        close_tree(part)
    widget.close()


def _parts(widget: Widget) -> Iterator[Widget]:
    """Yield the widgets that this one is made of: children, and models of layout and style too."""
    for name in widget.keys:
        value = getattr(widget, name)
        yield from (
            part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Widget)
        )
