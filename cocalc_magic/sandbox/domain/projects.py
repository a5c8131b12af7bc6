"""Messages about projects as such: making them, starting and stopping them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import StorageFailed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.storage.store import Row

RUN_QUOTA = {  # of a project that has been started
    "network": False,
    "cpu_limit": 1,
    "disk_quota": 3000,
    "privileged": False,
    "cpu_request": 0.02,
    "member_host": False,
    "dedicated_vm": False,
    "idle_timeout": 1800,
    "memory_limit": 1000,
    "always_running": False,
    "memory_request": 200,
    "dedicated_disks": [],
}


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """A project that the caller owns; whatever stands for its title becomes text, as recorded."""
    title, description, image = (
        cast(tables()["projects"].column(name), value)
        for name, value in (
            ("title", options["title"]),
            ("description", options["description"]),
            ("compute_image", options["image"] or None),
        )
    )
    with world.store.transaction():
        project_id = world.add_project(caller.account_id, title, description, compute_image=image)
        if options["start"]:
            start(world, project_id)
    world.folders.home(project_id)
    return {"project_id": project_id}


def touch_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The project counts as used now, and starts when it rests."""
    project_id = access.usable_project(world, caller, options["project_id"], "unable to touch project")
    mark_used(world, caller, project_id)
    return {}


def disconnect_from_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing but the check: a sandbox holds no connection to its projects."""
    access.usable_project(world, caller, options["project_id"], "unable to disconnect from project")
    return {}


def start(world: World, project_id: str) -> None:
    """The project runs: in a sandbox nothing more is needed than to say so."""
    world.store.update("projects", project_id, {"state": _state("running"), "run_quota": RUN_QUOTA})


def stop(world: World, project_id: str) -> None:
    """The project rests: its commands end."""
    world.processes.stop(project_id)
    world.store.update("projects", project_id, {"state": _state("opened")})


def restart(world: World, project_id: str) -> None:
    """The project runs anew, without the commands that it had."""
    stop(world, project_id)
    start(world, project_id)


def act(world: World, project: Row, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Carries out what an ``action_request`` asks for; returns what is to be stored of it.

    ``None`` when nothing is done, since it has the ``time`` of the last one, or neither has any. An
    action that there is not shows as an empty ``err``.
    """
    last = project["action_request"] or {}
    if asked.get("time") == last.get("time"):
        return None
    started = iso(now())
    action = _ACTIONS.get(as_text(asked.get("action")))
    if action:
        action(world, project["project_id"])
    # A null takes the last one's err away, when the map is merged.
    return {**asked, "started": started, "finished": iso(now()), "err": None if action else {}}


def _state(name: str) -> dict[str, str]:
    return {"ip": "localhost", "time": iso(now()), "state": name}


def _nothing(world: World, project_id: str) -> None:
    del world, project_id


_ACTIONS: dict[str, Callable[[World, str], None]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "test": _nothing,
}


def touch(world: World, caller: Caller, project_id: str) -> None:
    """Mark the project as used, if it can be written: on a full disk the work goes on without."""
    with suppress(StorageFailed):
        mark_used(world, caller, project_id)


def mark_used(world: World, caller: Caller, project_id: str) -> None:
    """Mark the project as running, and it and the caller as active now. Raises :class:`StorageFailed`."""
    moment = now()
    with world.store.transaction():
        project = world.store.get("projects", project_id) or {}
        active = {**(project.get("last_active") or {}), caller.account_id: iso(moment)}
        world.store.update("projects", project_id, {"last_active": active, "last_edited": moment})
        world.store.update("accounts", caller.account_id, {"last_active": moment})
        if (project.get("state") or {}).get("state") != "running":
            start(world, project_id)
