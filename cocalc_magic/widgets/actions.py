"""*Insert cell* and *Copy* for a piece of code: what only the page can do."""

from __future__ import annotations

import pathlib

import anywidget
from traitlets import Unicode

_HERE = pathlib.Path(__file__)


class Actions(anywidget.AnyWidget):
    """The two buttons; ``code`` is the cell's source."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(_HERE.with_suffix(".js").read_text(encoding="utf-8")).tag(sync=True)
    _css = Unicode(
        "\n".join(_HERE.with_name(f"{name}.css").read_text(encoding="utf-8") for name in ("form", "fields"))
    ).tag(sync=True)

    code = Unicode().tag(sync=True)
