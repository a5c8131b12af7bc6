"""Licenses of projects, which keep the ids of those that they were made with; nothing has a price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World


def named_in(value: Any) -> list[str]:
    """Return the ids in an option that names one license, or several with commas; others are ignored."""
    if not value:
        return []
    if not isinstance(value, str):
        raise Thrown("opts.license.split is not a function", kind="TypeError")
    return [part.strip() for part in value.split(",") if is_uuid(part.strip())]


def add_of_path(world: World, project_id: str, path_id: str) -> None:
    """Give a project the license of a published path that is not in the list of all, if it has one."""
    path = world.store.get("public_paths", path_id) or {}
    license_id = path.get("site_license_id")
    project = world.store.get("projects", project_id)
    if license_id and path["unlisted"] and not path["disabled"] and project:
        licenses = {**(project["site_license"] or {}), license_id: {}}
        world.store.update("projects", project_id, {"site_license": licenses})


def projects_of(world: World, account_id: str) -> list[dict[str, Any]]:
    """Return the projects of an account that have a license, those edited last first."""
    rows = world.store.select("projects", among=("projects of", account_id), order=["-last_edited"])
    return [_shown(row, account_id) for row in rows if row["site_license"]]


def _shown(row: Row, account_id: str) -> dict[str, Any]:
    return {
        "project_id": row["project_id"],
        "title": row["title"],
        "site_license": row["site_license"],
        "hidden": (row["users"].get(account_id) or {}).get("hide"),
        "state": (row["state"] or {}).get("state"),
        "last_edited": row["last_edited"],
    }
