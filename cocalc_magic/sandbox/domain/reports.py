"""Messages that tell the server of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps the report of an error; its row has an id of its own, not the request's."""
    error = cast(tables()["client_error_log"].column("error"), options["error"])
    row = {"id": new_id(), "event": "error", "error": error, "account_id": caller.account_id, "time": now()}
    world.store.insert("client_error_log", row)
    return {}
