"""Values of a server made harmless and short: nothing hidden, nothing secret, no more than fits."""

from __future__ import annotations

from cocalc_magic.sanitize import cut, rejoined, visible, visible_line
from cocalc_magic.sanitize.secret_forms import mask_named as masked
from cocalc_magic.sanitize.secret_forms import mask_secrets

__all__ = ["cut", "label", "masked", "rejoined", "visible", "visible_line"]


def label(name: object, limit: int) -> str:
    """The name of a field as words, cut to ``limit`` characters."""
    return cut(mask_secrets(str(name)).replace("_", " "), limit)
