"""The drawing of the layers: the folders of the package from the bottom up, with what each imports."""

from __future__ import annotations


def svg() -> str:
    """Return the drawing."""
    return "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"
