"""The methods of the hub that a key may call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.accounts import names_by_id
from cocalc_magic.sandbox.api.ai.exec import exec as exec_in_project
from cocalc_magic.sandbox.domain import access, projects
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import is_true
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

_NO_MEMBER = "user must be a collaborator on project"
_NOT_KNOWN = "project not found"


def ping(_world: World, _caller: Caller, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the time, in milliseconds since 1970."""
    return {"now": now()}


def get_names(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return names by account id."""
    return names_by_id(world, options.get("account_ids"))


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Create a project of the caller; only an administrator chooses its id."""
    project_id = options.get("project_id")
    if project_id is not None and not caller.admin:
        raise Thrown("only admins can specify the project_id")
    if project_id is not None and not access.is_uuid(project_id):
        raise Thrown(f'invalid input syntax for type uuid: "{project_id}"', kind="error")
    chosen = {name: options.get(name) for name in ("title", "description", "start")}
    return projects.create_untyped(world, caller.account_id, chosen, project_id and project_id.lower())


def exec(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command in a project."""
    project_id, command = _project_id(world, caller, options), options.get("execOpts")
    chosen = command if isinstance(command, dict) else {}
    return exec_in_project(world, caller, {**chosen, "project_id": project_id})


def get_project_state(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a project runs, and since when; nothing of one that was never started."""
    row = _row(world, caller, options)
    return (row["state"] or {}) if row["run_quota"] else {}


def get_project_address(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a project would listen; in a sandbox nothing does, and the secret opens nothing."""
    project_id = _row(world, caller, options)["project_id"]
    return {"host": "127.0.0.1", "port": 0, "secret_token": f"of-no-use-{project_id[:8]}"}


def get_project_created(world: World, caller: Caller, options: Mapping[str, Any]) -> str | None:
    """Return when a project was made."""
    created = _row(world, caller, options)["created"]
    return iso(created) if created is not None else None


def get_project_run_quota(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """Return what a project runs with; nothing of one that was never started."""
    return _row(world, caller, options)["run_quota"]


def _project_id(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    return str(_row(world, caller, options)["project_id"])


def _row(world: World, caller: Caller, options: Mapping[str, Any]) -> Row:
    """Return the project that the options name, with blanks around it or not. Raises `Failed`."""
    project_id = str(options.get("project_id", "")).strip()
    if not (access.is_uuid(project_id) and access.is_collaborator(world, caller, project_id)):
        raise Thrown(_NO_MEMBER)
    row = world.store.get("projects", project_id.lower())
    if row is None or is_true(row["deleted"]):
        raise Thrown(_NOT_KNOWN)
    return row
