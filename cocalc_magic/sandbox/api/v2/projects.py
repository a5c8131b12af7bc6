"""`projects/*`: making projects, starting and stopping them, and their properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import acting_as, require_caller
from cocalc_magic.sandbox.domain import access, projects
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.query import query
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

OK = {"status": "ok"}
MAX_ROWS = 50  # of a list, where no limit is given
TITLE = "Untitled Project"
_SHOWN = ("project_id", "title", "description", "name")
_QUOTAS = ("memory_limit", "memory_request", "cpu_request", "cpu_limit", "disk_quota", "idle_timeout",
           "internet", "member_host", "always_running")  # fmt: skip


def create(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Create a project of the caller; it does not start by itself."""
    chosen = {name: options.get(name) for name in ("title", "description", "image")}
    return {"project_id": projects.create_untyped(world, require_caller(caller).account_id, chosen)}


def get(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the caller's projects that are not deleted or hidden, those edited last first."""
    account_id = acting_as(require_caller(caller, "Must be signed in."), options)
    limit = as_number(MAX_ROWS if options.get("limit") is None else options["limit"])
    if not limit.is_integer():
        raise Thrown(f'invalid input syntax for type bigint: "{as_text(options["limit"])}"')
    return [_shown(row) for row in projects.of_account(world, account_id)[: max(0, int(limit))]]


def get_one(world: World, caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's project that was edited last; create one where there is none."""
    account_id = require_caller(caller, "getOneProject -- user must be authenticated").account_id
    if rows := projects.of_account(world, account_id):
        return _shown(rows[0])
    return {"project_id": projects.create(world, account_id, TITLE, ""), "title": TITLE}


def _shown(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def update(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Change title, description or name; empty ones stay as they are."""
    caller = require_caller(caller)
    account_id = acting_as(caller, options)
    record = {name: options[name] for name in ("title", "description", "name") if is_true(options.get(name))}
    if options.get("project_id") is not None:
        record["project_id"] = options["project_id"]
    acting = caller if account_id == caller.account_id else Caller(account_id)
    if set(record) != {"project_id"}:
        query(world, acting, {"projects": record})
    return OK


# -- starting, stopping, deleting ------------------------------------------------------------------


def start(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Start a project; a deleted one starts as well, as recorded."""
    projects.start(world, _own(world, caller, options, "start"))
    return OK


def stop(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Stop a project and end its commands."""
    projects.stop(world, _own(world, caller, options, "stop"))
    return OK


def touch(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Mark a project as used; it starts where it is stopped."""
    project_id = _own(world, caller, options, "touch")
    projects.mark_used(world, require_caller(caller), project_id)
    return {}


def delete(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Stop a project and mark it as deleted; with a key of the project it only stops."""
    caller, project_id = require_caller(caller), options.get("project_id")
    if caller.project_id and as_text(project_id).lower() == caller.project_id:
        projects.stop(world, caller.project_id)
        return {}
    projects.delete(world, caller, project_id)
    return OK


def restore(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Undo the deletion of a project."""
    projects.restore(world, require_caller(caller), options.get("project_id"))
    return OK


def _own(world: World, caller: Caller | None, options: Mapping[str, Any], action: str) -> str:
    caller, project_id = require_caller(caller), options.get("project_id")
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a valid uuid")
    refusal = f"must be a collaborator to {action} project"
    return access.require_collaborator(world, caller, project_id, refusal)


# -- properties ------------------------------------------------------------------------------------


def set_admin_quotas(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Store quotas with a project."""
    if not require_caller(caller).admin:
        raise Thrown("only admins can set project quotas")
    projects.set_quotas(world, options.get("project_id"), _QUOTAS, options)
    return {"status": "success"}


def set_course_info(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store which course a student's project belongs to."""
    project_id = _own(world, caller, options, "change course info of")
    course = options.get("course")
    if not isinstance(course, dict):
        raise Thrown("course must be an object")
    world.store.update("projects", project_id, {"course": course})
    return {"course": course}
