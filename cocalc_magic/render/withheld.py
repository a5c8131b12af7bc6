"""What opens a door is not shown, since what is shown is saved; code finds it in the response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.raw import bare
from cocalc_magic.render.clean import rejoined
from cocalc_magic.sanitize.secret_forms import HIDDEN, mask_value

if TYPE_CHECKING:
    from cocalc_magic.response import Response

_NOTHING_ELSE = frozenset(
    {"compute/get-api-key", "system.generateUserAuthToken", "system.adminResetPasswordLink"}
)
"""Events whose answer is a key, or a text that signs somebody in."""


def shown_value(response: Response) -> Any:
    """The value of a response as it may be shown, with marks in place of secret texts."""
    value = response.value
    asked = {bare(response.request.event), response.request.options.get("name")}  # as the bridge has it
    if isinstance(value, str) and value and response.ok and not asked.isdisjoint(_NOTHING_ELSE):
        return HIDDEN
    return rejoined(mask_value(value))
