"""Messages to the server as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping


def ping(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The time."""
    del world, caller, options
    return {"now": iso(now())}
