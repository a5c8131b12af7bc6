"""``projects/collaborators/*``: who is in a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import projects as conat
from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import access, owners
from cocalc_magic.sandbox.domain import collaborators as v1
from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

OK = {"status": "ok"}


def add(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Adds an account, silently; to be in it already is no failure."""
    caller = auth.signed_in(caller)
    names = ("project_id", "account_id", "token_id")
    with auth.without_kind():
        v1.add_collaborator(world, caller, {name: options.get(name) for name in names})
    return OK


def remove(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Takes an account out of a project; an owner stays."""
    caller, project_id = auth.signed_in(caller), options.get("project_id")
    if access.is_uuid(project_id) and not access.may_use(world, caller, project_id):
        raise Failed(f"user {caller.account_id} does not have write access to project {project_id}")
    with auth.without_kind():
        conat.remove_collaborator(world, caller, options)
    return OK


def change_user_type(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Makes a collaborator an owner, or an owner a collaborator."""
    with auth.without_kind():
        owners.change_group(world, auth.signed_in(caller), options)
    return OK


def list_all(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The accounts in a project in the order of their ids; none for those who are not in it."""
    caller, project_id = auth.signed_in(caller), options.get("project_id")
    if not access.is_uuid(project_id):
        raise Failed("project_id must be a uuid")
    if not access.is_member(world, caller, str(project_id)):
        return []
    names = ("account_id", "first_name", "last_name")
    order = ("account_id",)
    found = world.store.select("accounts", among=("people of", str(project_id).lower()), order=order)
    return [{name: row[name] for name in names} for row in found]
