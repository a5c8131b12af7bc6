"""Messages about the licenses of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World


def add_license_to_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Notes a license at the project, whether or not there is such a license."""
    project_id = access.usable_project(world, caller, options["project_id"], "must have write access to")
    license_id = options["license_id"]
    if not access.is_uuid(license_id):
        raise Failed("Error: license_id must be a valid uuid")
    with world.store.transaction():
        held = (world.store.get("projects", project_id) or {})["site_license"] or {}
        world.store.update("projects", project_id, {"site_license": {**held, license_id.lower(): {}}})
    return {}


def remove_license_from_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Takes a license from the project, if it has it."""
    project_id = access.usable_project(world, caller, options["project_id"], "must have write access to")
    license_id = as_text(options["license_id"]).lower()
    with world.store.transaction():
        held = (world.store.get("projects", project_id) or {})["site_license"] or {}
        if license_id in held:
            left = {name: value for name, value in held.items() if name != license_id}
            world.store.update("projects", project_id, {"site_license": left})
    return {}
