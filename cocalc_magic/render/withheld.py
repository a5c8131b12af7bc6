"""What opens a door is not shown, since what is shown is saved; code finds it in the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.raw import bare
from cocalc_magic.render.clean import masked
from cocalc_magic.response import HIDDEN

if TYPE_CHECKING:
    from cocalc_magic.response import Response

_NOTHING_ELSE = frozenset(
    {"compute/get-api-key", "system.generateUserAuthToken", "system.adminResetPasswordLink"}
)
"""Events whose answer is a key, or a text that signs somebody in."""


def shown_value(response: Response) -> Any:
    """The value of a response as it may be shown, with marks in place of secret texts."""
    value = response.value
    if isinstance(value, str) and value and response.ok and bare(response.request.event) in _NOTHING_ELSE:
        return HIDDEN
    return _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: masked(str(name), _masked(field)) for name, field in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value
