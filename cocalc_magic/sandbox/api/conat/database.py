"""`db.*`, `sync.*` and `purchases.*` of the hub: queries, activity, histories, balances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.query import query_today
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import is_true
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_NOT_IN = "user must be collaborator on project"


def user_query(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """Return the result in the shape of the query."""
    return query_today(world, caller, options.get("query"), options.get("options"))


def touch(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Mark the caller as active, and the project as edited; it does not start."""
    moment = now()
    if is_true(options.get("project_id")):
        project_id = access.require_collaborator(world, caller, options["project_id"], _NOT_IN)
        world.store.update("projects", project_id, {"last_edited": moment})
    world.store.update("accounts", caller.account_id, {"last_active": moment})


def file_use_times(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return when a person opened and changed a file: never, since a sandbox has no editor."""
    refusal = "user does not have read access to the given project"
    access.require_collaborator(world, caller, options.get("project_id"), refusal)
    wanted = {
        "access_times": options.get("access_times") in (None, True),
        "edit_times": is_true(options.get("edit_times")),
    }
    empty: dict[str, Any] = {name: [] for name, is_wanted in wanted.items() if is_wanted}
    return {"target_account_id": options.get("target_account_id") or caller.account_id, **empty}


def get_legacy_time_travel_info(
    _world: World, _caller: Caller, _options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return where an old history is stored: nowhere, for anybody and any file."""
    return {"uuid": ""}


def get_legacy_time_travel_patches(_world: World, _caller: Caller, options: Mapping[str, Any]) -> Any:
    """Fail as real servers do without such a history."""
    if not access.is_uuid(options.get("uuid")):
        raise Failed("uuid is invalid")
    raise Thrown("Cannot read properties of undefined (reading 'toString')", kind="TypeError")


def remove_blob_ttls(_world: World, _caller: Caller, options: Mapping[str, Any]) -> None:
    """Do nothing but look at the list: a sandbox keeps everything."""
    uuids = options.get("uuids")
    if uuids is None:
        raise Thrown("Cannot read properties of undefined (reading 'filter')", kind="TypeError")
    if not isinstance(uuids, list):
        raise Thrown("uuids.filter is not a function", kind="TypeError")


def history(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of a file that was edited together: none, since a sandbox has no editor."""
    refusal = "user must be collaborator on source project"
    access.require_collaborator(world, caller, options.get("project_id"), refusal)
    if not is_true(options.get("path")):
        raise Thrown("one of string_id or both project_id and path must be given")
    return {"patches": [], "info": {}}
