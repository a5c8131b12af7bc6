"""`projects/collaborators/*`: the members of a project."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller
from cocalc_magic.sandbox.domain import access, members
from cocalc_magic.sandbox.errors import Failed, Thrown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

OK = {"status": "ok"}


def add(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Add an account, without a notice; one that is a member already is not a failure."""
    ids = (options.get(name) for name in ("account_id", "project_id", "token_id"))
    with _errors_alone():
        members.add_pairs(world, require_caller(caller), *ids, must_exist=True)
    return OK


def remove(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Remove an account; owners stay."""
    with _errors_alone():
        members.remove_pair(
            world, require_caller(caller), options.get("account_id"), options.get("project_id")
        )
    return OK


@contextmanager
def _errors_alone() -> Iterator[None]:
    """Fail without a text where no Error is thrown: real servers show a property that a text lacks."""
    try:
        yield
    except Thrown:
        raise
    except Failed:
        raise Failed(None) from None


def change_user_type(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Make a collaborator an owner, or an owner a collaborator."""
    members.change_group(world, require_caller(caller), options)
    return OK


def list_members(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the accounts in a project by their ids; none to callers who are not in it."""
    caller, project_id = require_caller(caller), options.get("project_id")
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a uuid")
    if not access.is_member(world, caller, str(project_id)):
        return []
    project = ("people of", str(project_id).lower())
    rows = world.store.select("accounts", among=project, order=("account_id",))
    return [{name: row[name] for name in ("account_id", "first_name", "last_name")} for row in rows]
