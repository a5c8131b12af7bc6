"""``db.*``, ``sync.*`` and ``purchases.*`` of the hub: queries, traces of use, histories, balances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.query import query
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

_NOT_IN = "user must be collaborator on project"


def user_query(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """The result of a query in its shape."""
    if options.get("query") is None:
        raise Failed("TypeError: Cannot read properties of undefined (reading 'undefined')")
    names = ("query", "options", "changes", "multi_response")
    return query(world, caller, {name: options.get(name) for name in names})["query"]


def touch(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """The caller counts as active now, and so does the project; it does not start."""
    moment = now()
    if options.get("project_id"):
        project_id = access.require_collaborator(world, caller, options["project_id"], _NOT_IN)
        world.store.update("projects", project_id, {"last_edited": moment})
    world.store.update("accounts", caller.account_id, {"last_active": moment})


def file_use_times(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """When somebody opened and changed a file: never, since a sandbox has no editor."""
    access.require_collaborator(world, caller, options.get("project_id"), _NOT_IN)
    wanted = {
        "access_times": options.get("access_times") in (None, True),
        "edit_times": bool(options.get("edit_times")),
    }
    empty: dict[str, Any] = {name: [] for name, asked in wanted.items() if asked}
    return {"target_account_id": options.get("target_account_id") or caller.account_id, **empty}


def get_legacy_time_travel_info(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Where an old history is kept: nowhere."""
    access.require_collaborator(world, caller, options.get("project_id"), _NOT_IN)
    return {"uuid": ""}


def remove_blob_ttls(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing: blobs of a sandbox stay."""
    del world, caller, options


def history(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a file that was edited together: none, since a sandbox has no editor."""
    words = "user must be collaborator on source project"
    access.require_collaborator(world, caller, options.get("project_id"), words)
    if not options.get("path"):
        raise Failed("one of string_id or both project_id and path must be given")
    return {"patches": [], "info": {}}


def get_balance(world: World, caller: Caller, options: Mapping[str, Any]) -> int:
    """Nothing is billed."""
    del world, caller, options
    return 0


def get_min_balance(world: World, caller: Caller, options: Mapping[str, Any]) -> int:
    """Nothing is billed."""
    del world, caller, options
    return 0
