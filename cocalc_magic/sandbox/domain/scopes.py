"""Scopes of keys: what a key may do, and in which projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.sandbox.world import World

NO_PROJECT = (
    "API keys with project, file, Codex, or exec capabilities must include at least one allowed project id"
)


def checked(capabilities: Sequence[Any], projects: Sequence[Any]) -> Scope:
    """Return a scope. Raises `Failed`, in the server's words, for one that no key can have."""
    if not capabilities:
        raise Thrown("API keys must have at least one explicit capability")
    for name in capabilities:
        if name not in catalog.CAPABILITIES:
            raise Thrown(f"invalid API key capability '{as_text(name)}'")
    for project_id in projects:
        if not is_uuid(project_id):
            raise Thrown(f"invalid allowed project id '{as_text(project_id)}'")
    if not projects and any(catalog.CAPABILITIES[name].of_projects for name in capabilities):
        raise Thrown(NO_PROJECT)
    return Scope(tuple(capabilities), tuple(projects))


def everything(world: World, account_id: str) -> Scope:
    """Return the scope of a key that may do all that there is, in all projects that the account has now."""
    return Scope(tuple(catalog.CAPABILITIES), of_account(world, account_id))


def of_account(world: World, account_id: str) -> tuple[str, ...]:
    """Return the ids of the account's projects."""
    rows = world.store.select("projects", among=("projects of", account_id))
    return tuple(row["project_id"] for row in rows)
