"""A form under the name and the logo of a product, in its accent colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anywidget
import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Unicode

from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from cocalc_magic.look import Look


class Brand(anywidget.AnyWidget):
    """Name and logo of a product, and the style sheet for what is in its colour."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("brand")).tag(sync=True)
    _css = Unicode().tag(sync=True)

    title = Unicode().tag(sync=True)
    logo = Unicode().tag(sync=True)

    def __init__(self, look: Look) -> None:
        super().__init__(_css=sheet("brand") + accent_sheet(look), title=look.title, logo=look.logo)


class Branded(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A widget below the brand of its product."""

    def __init__(self, look: Look, widget: W.Widget) -> None:
        self.brand, self.widget = Brand(look), widget
        super().__init__([self.brand, widget])
        if look.accent:
            self.add_class(_class_of(look))


def accent_sheet(look: Look) -> str:
    """Return the accent colour for what is in the class of the look, in light and in dark themes."""
    name = _class_of(look)
    light, dark = (
        "".join(f"--ccm-{token}: {color}; " for token, color in tokens.items()) for tokens in look.accents
    )
    if not light:
        return ""
    inside = f".{name}, .{name} [class*='ccm']"  # each element of a view declares the tokens for itself
    dark_theme = "body[data-jp-theme-light='false']"
    return f"{inside} {{ {light}}}\n{dark_theme} :is({inside}) {{ {dark}}}\n"


def _class_of(look: Look) -> str:
    """Return the class of what is in the colour, so that kernels of several products share a page."""
    return f"ccm-accent-{look.accent.removeprefix('#')}"
