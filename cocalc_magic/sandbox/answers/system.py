"""Messages to the server as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.answers.columns import cast
from cocalc_magic.sandbox.store import new_id, now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping


def ping(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The time."""
    del world, caller, options
    return {"now": iso(now())}


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps the report of an error; its row has an id of its own, not the request's."""
    error = cast(tables()["client_error_log"].column("error"), options["error"])
    row = {"id": new_id(), "event": "error", "error": error, "account_id": caller.account_id, "time": now()}
    world.store.insert("client_error_log", row)
    return {}
