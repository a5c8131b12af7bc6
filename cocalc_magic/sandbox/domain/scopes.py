"""Scopes of keys: what a key may do, and in which projects."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.keys import Scope
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def create_key(world: World, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Make a key, as the page of the settings does where keys have scopes; return its text and its scope.

    Args:
        fields: `capabilities`, a list; `projects`, ids, by default all that the account has where a
            capability is one of projects; `account`, an address or an id, by default the first; `name`; and
            `seconds` after which it expires.

    Raises:
        Failed: The scope is none that a key can have, or there is no such account.
    """
    account_id = _account_id(world, fields.get("account"))
    capabilities, projects = _list(fields, "capabilities"), fields.get("projects")
    if projects is None:
        known = [catalog.CAPABILITIES[name] for name in capabilities if name in catalog.CAPABILITIES]
        projects = (
            of_account(world, account_id) if any(capability.of_projects for capability in known) else ()
        )
    scope = checked(capabilities, projects if isinstance(projects, tuple) else _list(fields, "projects"))
    seconds = as_number(fields["seconds"]) if fields.get("seconds") is not None else nan
    expire = None if isnan(seconds) else now() + int(1_000 * seconds)
    name = as_text(fields.get("name") or "made by the sandbox")
    text = world.keys.create_scoped(account_id, name, scope, expire)
    return {"key": text, "capabilities": list(scope.capabilities), "projects": list(scope.projects)}


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise Thrown(f"{name} must be a list")
    return value or []


def _account_id(world: World, account: Any) -> str:
    """Return the id of the account that an address or an id names; that of the first, where none is named."""
    if account is None:
        return str(world.store.select("accounts", limit=1)[0]["account_id"])
    text = as_text(account)
    row = world.store.get("accounts", text.lower()) if is_uuid(text) else find_by_address(world, text)
    if row is None:
        raise Thrown(f"no account {text}")
    return str(row["account_id"])


def everything(world: World, account_id: str) -> Scope:
    """Return the scope of a key that may do all that there is, in all projects that the account has now."""
    return Scope(tuple(catalog.CAPABILITIES), of_account(world, account_id))


def of_account(world: World, account_id: str) -> tuple[str, ...]:
    """Return the ids of the account's projects."""
    rows = world.store.select("projects", among=("projects of", account_id))
    return tuple(row["project_id"] for row in rows)
