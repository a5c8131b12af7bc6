"""Values of a server made harmless and short: nothing hidden, nothing secret, no more than fits."""

from __future__ import annotations

from cocalc_magic.clean import cut, visible, visible_line
from cocalc_magic.secret_forms import mask_named as masked

__all__ = ["cut", "masked", "visible", "visible_line"]
