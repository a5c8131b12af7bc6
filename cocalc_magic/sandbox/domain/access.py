"""Access control of projects: who may do what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, stringify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
GROUPS = ("owner", "collaborator")


@dataclass(frozen=True)
class Caller:
    """The sender of a message.

    With a key of a project, the project is the sender: `account_id` is then the project's id as well, which
    is not the id of any account, as recorded.
    """

    account_id: str
    admin: bool = False
    project_id: str | None = None


def is_uuid(value: Any) -> bool:
    """Tell whether a value is the text of a uuid."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))


def check_ids(**options: Any) -> None:
    """Check the ids in the options of a function of the database, which come before all rights.

    Raises `Failed` for a value that is not a uuid of an option whose name ends in `id`, or for one in a list
    whose name ends in `ids`; a `None` counts as not given.
    """
    for name, value in options.items():
        if name.endswith("id") and value is not None and not is_uuid(value):
            raise Failed(f"invalid {name} -- {as_text(value)}")
        for item in value if name.endswith("ids") and isinstance(value, list | str) else ():
            if not is_uuid(item):
                raise Failed(f"invalid uuid {as_text(item)} in {name} -- {stringify(value)}")


def group_of(project: Mapping[str, Any] | None, account_id: Any) -> str | None:
    """Return the group of an account in a project; `None` where it is not a member."""
    group: str | None = (((project or {}).get("users") or {}).get(account_id) or {}).get("group")
    return group


def is_member(world: World, caller: Caller, project_id: str) -> bool:
    """Tell whether the caller is owner or collaborator of the project, or an admin and the project exists."""
    project = world.store.get("projects", project_id.lower())
    return project is not None and (caller.admin or group_of(project, caller.account_id) in GROUPS)


def is_member_or_admin(world: World, caller: Caller, project_id: str) -> bool:
    """Tell whether the database takes the caller for a member: admins are, even of what does not exist."""
    return (
        caller.admin or group_of(world.store.get("projects", project_id.lower()), caller.account_id) in GROUPS
    )


def is_collaborator(world: World, caller: Caller, project_id: str) -> bool:
    """Tell whether the caller is owner or collaborator of the project, or uses a key of the project."""
    if project_id.lower() == caller.project_id:
        return True
    return group_of(world.store.get("projects", project_id.lower()), caller.account_id) in GROUPS


def may_use(world: World, caller: Caller, project_id: Any) -> bool:
    """Tell whether the caller may use the project, as a member, as an admin or with a key of the project."""
    if not is_uuid(project_id):
        return False
    return project_id.lower() == caller.project_id or is_member(world, caller, project_id)


def require_collaborator(world: World, caller: Caller, project_id: Any, refusal: str) -> str:
    """Return the id of a project that the caller is in; being an admin is not enough, as recorded.

    Raises `Failed`, with `refusal` where the caller is not in the project.
    """
    if not is_uuid(project_id):
        raise Thrown("invalid account_id or project_id -- all must be valid uuid's")
    if not is_collaborator(world, caller, project_id):
        raise Thrown(refusal)
    return str(project_id).lower()
