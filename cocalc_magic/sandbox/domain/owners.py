"""Who owns a project: collaborators become owners, and owners collaborators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

_NAME = "OwnershipError: "  # of the error, which the conat bridge shows and API v2 does not


def change_group(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Puts ``target_account_id`` into ``new_group`` of a project. Raises :class:`Failed`; one owner stays."""
    project_id = as_text(options.get("project_id")).lower()
    target, new = as_text(options.get("target_account_id")).lower(), options.get("new_group")
    if not access.is_uuid(project_id):
        raise Failed("Error: invalid account_id or project_id -- all must be valid uuid's")
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {}).get("users") or {}
        if problem := _problem(users, caller.account_id, target, new):
            raise Failed(_NAME + problem)
        changed = {**users, target: {**users[target], "group": new}}
        world.store.update("projects", project_id, {"users": changed})


def _problem(users: Mapping[str, Any], caller: str, target: str, new: Any) -> str | None:
    """Why the change is refused, in the recorded words."""
    groups = {account_id: (entry or {}).get("group") for account_id, entry in users.items()}
    if groups.get(caller) not in access.GROUPS:
        return "Not a project member"
    if groups[caller] != "owner":
        return "Only project owners can change user types"
    if groups.get(target) not in access.GROUPS:
        return "Target user is not a member of this project"
    if new not in access.GROUPS:
        return "New group must be either 'owner' or 'collaborator'"
    owners = [account_id for account_id, group in groups.items() if group == "owner"]
    if new == "collaborator" and owners == [target]:
        return "Cannot change the last owner to collaborator. At least one owner is required."
    return None
