"""The stage: gives pages the live widget for a piece of static HTML, when they ask for it.

A notebook never holds a widget of ours, only HTML with a token. That reads well in a saved notebook, in
an exported one and without a kernel, where an output with a widget in it shows an error or nothing.
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
from cocalc_magic.render.clean import visible
from cocalc_magic.widgets.assets import script

KEPT = 200  # makers of live views; the static half of older ones stays what it is
TOKEN_BYTES = 8

Maker = Callable[[], Widget]


class Stage(anywidget.AnyWidget):
    """One per kernel, and never displayed: its script runs in every page that knows the kernel."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("view_host")).tag(sync=True)

    name = Unicode().tag(sync=True)  # by which the page's half knows the progress of this kernel

    def __init__(self) -> None:
        super().__init__(name=secrets.token_hex(TOKEN_BYTES))
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
            close_tree(view)

    def _wanted(self, _: Widget, content: Any, __: Any) -> None:
        """A page asks for the widget of a token; whatever else it sends is not for us.

        What a maker raises is told to the page in short, which keeps the static half, and passes through:
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
        """The widget of the token, made on first use, and again after somebody closed it."""
        view = self._views.get(token)
        if view is None or view.comm is None:
            view = self._views[token] = make()
        return view


def _short(problem: BaseException) -> str:
    """What may stand in a page: our own words; of other errors the kind, for their text may hold anything."""
    return visible(problem.problem) if isinstance(problem, CoCalcError) else type(problem).__name__


_stages: list[Stage] = []
_making = threading.Lock()


def the_stage() -> Stage:
    """The stage of this kernel: made when first something is shown, and anew after ``close_all()``.

    What is shown while a message takes its time is shown from another thread.
    """
    with _making:
        if not _stages or _stages[0].comm is None:
            _stages[:] = [Stage()]
        return _stages[0]


def close_tree(widget: Widget) -> None:
    """Closes the widget and all that it is made of."""
    for part in _parts(widget):
        close_tree(part)
    widget.close()


def _parts(widget: Widget) -> Iterator[Widget]:
    """The widgets that this one is made of: children, and models of layout and style too."""
    for name in widget.keys:
        value = getattr(widget, name)
        yield from (
            part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Widget)
        )
