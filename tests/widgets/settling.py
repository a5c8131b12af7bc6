"""Waiting for the threads of widgets, by what they show."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

WITHIN = 20.0  # seconds; machines of tests are busy


def until(widget: Widget, name: str, met: Callable[[Any], bool]) -> Any:
    """The value of a trait, once it is as it is to be."""
    changed = threading.Event()

    def look(_: Any) -> None:
        if met(getattr(widget, name)):
            changed.set()

    widget.observe(look, names=name)
    look(None)
    try:
        assert changed.wait(WITHIN), f"{name} is {getattr(widget, name)!r}"
    finally:
        widget.unobserve(look, names=name)
    return getattr(widget, name)


def click(button: Widget) -> None:
    """Clicks a button that sends, and waits until it can be clicked again."""
    button.click()
    until(button, "disabled", lambda disabled: not disabled)
