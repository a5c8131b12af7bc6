"""Messages about projects: making and touching them, and their licenses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.api.v1.access import usable_project
from cocalc_magic.sandbox.domain import projects
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Create a project of the caller; the title may be any value and becomes text, as recorded."""
    image = options["image"] or None
    columns = {"title": options["title"], "description": options["description"], "compute_image": image}
    values = [cast(tables()["projects"].column(name), value) for name, value in columns.items()]
    title, description, image = values
    start_it = is_true(options["start"])
    owner = caller.account_id
    project_id = projects.create(world, owner, title, description, image=image, start_it=start_it)
    return {"project_id": project_id}


def touch_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Mark a project as used; it starts where it is stopped."""
    project_id = usable_project(world, caller, options["project_id"], "unable to touch project")
    projects.mark_used(world, caller, project_id)
    return {}


def disconnect_from_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Check access and do nothing: a sandbox has no connection to its projects."""
    usable_project(world, caller, options["project_id"], "unable to disconnect from project")
    return {}


def add_license_to_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store a license with a project, whether or not there is such a license."""
    project_id = usable_project(world, caller, options["project_id"], "must have write access to")
    license_id = options["license_id"]
    if not is_uuid(license_id):
        raise Thrown("license_id must be a valid uuid")
    with world.store.transaction():
        licenses = (world.store.get("projects", project_id) or {})["site_license"] or {}
        world.store.update("projects", project_id, {"site_license": {**licenses, license_id.lower(): {}}})
    return {}


def remove_license_from_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a license from a project, if the project has it."""
    project_id = usable_project(world, caller, options["project_id"], "must have write access to")
    license_id = as_text(options["license_id"]).lower()
    with world.store.transaction():
        licenses = (world.store.get("projects", project_id) or {})["site_license"] or {}
        if license_id in licenses:
            rest = {name: value for name, value in licenses.items() if name != license_id}
            world.store.update("projects", project_id, {"site_license": rest})
    return {}
