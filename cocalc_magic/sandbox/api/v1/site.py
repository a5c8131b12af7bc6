"""Messages to the site as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import site
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def ping(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the server's time."""
    del world, caller, options
    return {"now": iso(now())}


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store the report of an error."""
    site.log_client_error(world, caller.account_id, options["error"])
    return {}
