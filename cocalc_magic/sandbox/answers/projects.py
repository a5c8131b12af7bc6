"""Messages that make projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.answers.columns import cast
from cocalc_magic.sandbox.store import now
from cocalc_magic.sandbox.tables import PROJECTS
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """A project that the caller owns; whatever stands for its title becomes text, as recorded."""
    title, description, image = (
        cast(PROJECTS.column(name), value)
        for name, value in (
            ("title", options["title"]),
            ("description", options["description"]),
            ("compute_image", options["image"] or None),
        )
    )
    project_id = world.add_project(
        caller.account_id,
        title,
        description,
        compute_image=image,
    )
    world.folders.home(project_id)
    if options["start"]:
        start(world, project_id)
    return {"project_id": project_id}


def start(world: World, project_id: str) -> None:
    """The project runs: in a sandbox nothing more is needed than to say so."""
    state = {"ip": "localhost", "time": iso(now()), "state": "running"}
    world.store.update("projects", project_id, {"state": state})


def touch(world: World, caller: Caller, project_id: str) -> None:
    """The caller has worked in the project: it runs, and both count as active now."""
    moment = now()
    project = world.store.get("projects", project_id) or {}
    active = {**(project.get("last_active") or {}), caller.account_id: iso(moment)}
    world.store.update("projects", project_id, {"last_active": active, "last_edited": moment})
    world.store.update("accounts", caller.account_id, {"last_active": moment})
    if (project.get("state") or {}).get("state") != "running":
        start(world, project_id)
