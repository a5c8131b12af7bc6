"""Projects: how they are made, started, stopped, marked as used and deleted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access, licenses
from cocalc_magic.sandbox.errors import Failed, StorageFailed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import iso, new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

VERSION = 1783081032  # of the software in projects of the recorded server: seconds since 1970
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


# -- making ----------------------------------------------------------------------------------------


def add(world: World, owner: str, title: str, description: str, **columns: Any) -> str:
    """Insert a project with this owner and return its id; `columns` are further ones of its row."""
    moment = now()
    project_id: str = columns.pop("project_id", None) or new_id()
    row = {
        "project_id": project_id,
        "title": title,
        "description": description,
        "users": {owner: {"group": "owner"}},
        "created": moment,
        "last_edited": moment,
        "state": {"ip": "localhost", "time": iso(moment), "state": "opened"},
        **columns,
    }
    world.store.insert("projects", row)
    return project_id


def create(
    world: World,
    owner: str,
    title: str,
    description: str,
    *,
    image: str | None = None,
    start_it: bool = False,
    project_id: str | None = None,
    site_license: Mapping[str, Any] | None = None,
) -> str:
    """Create a project with its folder, and start it if asked to; return its id."""
    with world.store.transaction():
        columns = {"compute_image": image, "site_license": site_license}
        project_id = add(world, owner, title, description, project_id=project_id, **columns)
        if start_it:
            start(world, project_id)
    world.folders.home(project_id)
    return project_id


def create_untyped(
    world: World, owner: str, options: Mapping[str, Any], project_id: str | None = None
) -> str:
    """Create a project as today's servers do from options of any type; return its id."""
    title, description, image = (options.get(name) for name in ("title", "description", "image"))
    ids = licenses.named_in(options.get("license"))
    return create(
        world,
        owner,
        "No Title" if title is None else as_text(title),
        "" if description is None else as_text(description),
        image=as_text(image) if image else None,
        start_it=is_true(options.get("start")),
        project_id=project_id,
        site_license={license_id: {} for license_id in ids} or None,
    )


# -- starting and stopping -------------------------------------------------------------------------


def start(world: World, project_id: str) -> None:
    """Start a project: in a sandbox, only its state changes."""
    world.store.update("projects", project_id, {"state": _state("running"), "run_quota": RUN_QUOTA})


def stop(world: World, project_id: str) -> None:
    """Stop a project and end its commands and kernels."""
    world.processes.stop(project_id)
    world.store.update("projects", project_id, {"state": _state("opened")})


def restart(world: World, project_id: str) -> None:
    """Stop a project and start it again."""
    stop(world, project_id)
    start(world, project_id)


def request_action(world: World, project: Row, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Carry out an `action_request`; return what to store of it, with an `err` for an unknown action.

    Returns `None` where nothing is done, since its `time` is that of the last request, or neither has
    one.
    """
    last = project["action_request"] or {}
    if request.get("time") == last.get("time"):
        return None
    started = iso(now())
    action = _ACTIONS.get(as_text(request.get("action")))
    if action:
        action(world, project["project_id"])
    # A null removes the last request's err when the map is merged.
    return {**request, "started": started, "finished": iso(now()), "err": None if action else {}}


def _state(name: str) -> dict[str, str]:
    return {"ip": "localhost", "time": iso(now()), "state": name}


_ACTIONS: dict[str, Callable[[World, str], None]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "test": lambda *_: None,
}


def touch(world: World, caller: Caller, project_id: str) -> None:
    """Mark the project as used, if that can be stored: on a full disk the work continues without."""
    with suppress(StorageFailed):
        mark_used(world, caller, project_id)


def mark_used(world: World, caller: Caller, project_id: str) -> None:
    """Mark the project as running, and it and the caller as active now. Raises `StorageFailed`."""
    moment = now()
    with world.store.transaction():
        project = world.store.get("projects", project_id) or {}
        active = {**(project.get("last_active") or {}), caller.account_id: iso(moment)}
        world.store.update("projects", project_id, {"last_active": active, "last_edited": moment})
        world.store.update("accounts", caller.account_id, {"last_active": moment})
        if (project.get("state") or {}).get("state") != "running":
            start(world, project_id)


# -- deleting --------------------------------------------------------------------------------------


def delete(world: World, caller: Caller, project_id: Any) -> None:
    """Stop a project and mark it as deleted; its files stay. Any collaborator may do it, as recorded."""
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a valid UUID")
    if not (caller.admin or access.is_collaborator(world, caller, project_id)):
        raise Thrown("must be an owner to delete a project")
    if world.store.get("projects", project_id.lower()):
        stop(world, project_id.lower())
    set_deleted(world, caller, project_id, True)


def set_deleted(world: World, caller: Caller, project_id: str, deleted: bool) -> None:
    """Mark a project as deleted or not, with the rights and the words of a query, as the servers do."""
    project = world.store.get("projects", project_id.lower())
    if project is None:
        raise Failed(f"FATAL: unknown project_id '{project_id}'")
    if access.group_of(project, caller.account_id) not in access.GROUPS and not caller.admin:
        raise Failed("FATAL: user must be an admin")
    world.store.update("projects", project["project_id"], {"deleted": deleted, "last_edited": now()})


# -- properties ------------------------------------------------------------------------------------


def of_account(world: World, account_id: str) -> list[Row]:
    """Return the projects of an account that are neither deleted nor hidden, those edited last first."""
    rows = world.store.select("projects", among=("projects of", account_id), order=["-last_edited"])
    return [row for row in rows if not (row["deleted"] or (row["users"].get(account_id) or {}).get("hide"))]


def has_namesake(world: World, owner: str, project_id: str, name: str) -> bool:
    """Tell whether an account owns another project of this name; case does not matter."""
    named = world.store.select("projects", [("name", "IS NOT", None)], among=("projects of", owner))
    others = [
        row for row in named if row["project_id"] != project_id and access.group_of(row, owner) == "owner"
    ]
    return any(str(row["name"]).lower() == name.lower() for row in others)


def set_quotas(world: World, caller: Caller, project_id: Any, quotas: Mapping[str, Any]) -> None:
    """Store quotas in the project's settings, with the ids, as recorded; nothing else depends on them."""
    access.check_ids(project_id=project_id)
    project = world.store.get("projects", as_text(project_id).lower())
    if project is not None:
        ids = {"account_id": caller.account_id, "project_id": project_id}
        settings = {**(project["settings"] or {}), **ids, **quotas}
        world.store.update("projects", project["project_id"], {"settings": settings})
