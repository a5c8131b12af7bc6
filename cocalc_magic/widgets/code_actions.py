"""*Insert cell* and *Copy* for a piece of code: what only the page can do."""

from __future__ import annotations

import anywidget
from traitlets import Unicode

from cocalc_magic.widgets.assets import script, sheet


class Actions(anywidget.AnyWidget):
    """The two buttons; ``code`` is the cell's source."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("code_actions")).tag(sync=True)
    _css = Unicode(sheet("form", "fields")).tag(sync=True)

    code = Unicode().tag(sync=True)
