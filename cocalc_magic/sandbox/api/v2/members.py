"""`projects/collaborators/*`: the members of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller, without_texts
from cocalc_magic.sandbox.domain import access, members
from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

OK = {"status": "ok"}


def add(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Add an account, without a notice; one that is a member already is not a failure."""
    caller = require_caller(caller, "projects/collaborators/add")
    accounts, projects = [options.get("account_id")], [options.get("project_id")]
    with without_texts():
        members.add_pairs(world, caller, accounts, projects, None, today=True)
    return OK


def remove(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Remove an account; owners stay."""
    caller = require_caller(caller, "projects/collaborators/remove")
    with without_texts():
        members.remove_pair(world, caller, options.get("account_id"), options.get("project_id"))
    return OK


def change_user_type(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Make a collaborator an owner, or an owner a collaborator."""
    members.change_group(world, require_caller(caller, "projects/collaborators/change-user-type"), options)
    return OK


def list_members(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the accounts in a project by their ids; none to callers who are not in it."""
    caller = require_caller(caller, "projects/collaborators/list")
    project_id = options.get("project_id")
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a uuid")
    users = (world.store.get("projects", str(project_id).lower()) or {}).get("users") or {}
    if not (caller.admin or caller.account_id in users):
        return []
    project = ("people of", str(project_id).lower())
    rows = world.store.select("accounts", among=project, order=("account_id",))
    names = ("account_id", "first_name", "last_name")
    return [{name: row[name] for name in names} for row in rows if not row["unlisted"]]
