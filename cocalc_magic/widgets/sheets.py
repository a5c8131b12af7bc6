"""The texts that the page's half of a widget is made of."""

from __future__ import annotations

import pathlib

_HERE = pathlib.Path(__file__)


def script(*names: str) -> str:
    """These scripts of this folder as one text: anywidget takes one, and would watch a path."""
    return "\n".join(_HERE.with_name(f"{name}.js").read_text(encoding="utf-8") for name in names)


def sheet(*names: str) -> str:
    """What all widgets share, and these sheets of this folder after it."""
    return "\n".join(_HERE.with_name(f"{name}.css").read_text(encoding="utf-8") for name in ("theme", *names))
