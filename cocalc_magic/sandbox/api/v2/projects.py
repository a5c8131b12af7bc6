"""`projects/*`: making projects, starting and stopping them, and their properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import (
    acting_as,
    require_admin,
    require_caller,
    require_collaborator,
    require_project_id,
    without_texts,
)
from cocalc_magic.sandbox.domain import access, casts, licenses, projects
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.query import query_today
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
_QUOTAS = {
    "memory_limit": "memory",
    "memory_request": "memory_request",
    "cpu_request": "cpu_shares",
    "cpu_limit": "cores",
    "disk_quota": "disk_quota",
    "idle_timeout": "mintime",
    "internet": "network",
    "member_host": "member_host",
    "always_running": "always_running",
}
"""Quota as this API calls it -> as it is stored."""
HASH_LENGTH = 40
_NOT_IN_COURSE = (
    "you must be a collaborator on the the project the contains the course "
    "(i.e., only TA's and instructors can set the course field)"
)


def create(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Create a project of the caller; it does not start by itself."""
    account_id = require_caller(caller, "projects/create").account_id
    chosen = {name: options.get(name) for name in ("title", "description", "image", "license")}
    return {"project_id": projects.create_untyped(world, account_id, chosen)}


def get(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the caller's projects that are not deleted or hidden, those edited last first."""
    account_id = acting_as(require_caller(caller, "projects/get"), options, "projects/get")
    if not access.is_uuid(account_id):
        raise Thrown("account_id must be a UUIDv4")
    limit = options.get("limit", MAX_ROWS)
    if as_number(limit) <= 0:
        return []
    return [_shown(row) for row in projects.of_account(world, account_id)[: casts.integer(limit, "bigint")]]


def get_one(world: World, caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's project that was edited last; create one where there is none."""
    account_id = require_caller(caller, "projects/get-one").account_id
    if rows := projects.of_account(world, account_id):
        return _shown(rows[0])
    return {"project_id": projects.create(world, account_id, TITLE, ""), "title": TITLE}


def _shown(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def update(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Change title, description or name; empty ones stay as they are."""
    caller = require_caller(caller, "projects/update")
    account_id = acting_as(caller, options, "projects/update")
    record = {name: options[name] for name in ("title", "description", "name") if is_true(options.get(name))}
    if options.get("project_id") is not None:
        record["project_id"] = options["project_id"]
    acting = caller if account_id == caller.account_id else Caller(account_id)
    if set(record) != {"project_id"}:
        query_today(world, acting, {"projects": record})
    return OK


# -- starting, stopping, deleting ------------------------------------------------------------------


def start(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Start a project; a deleted one starts as well, as recorded."""
    projects.start(world, _named(world, caller, options, "projects/start"))
    return OK


def stop(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Stop a project and end its commands."""
    projects.stop(world, _named(world, caller, options, "projects/stop"))
    return OK


def touch(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Mark a project as used; it starts where it is stopped."""
    project_id = _named(world, caller, options, "projects/touch")
    projects.mark_used(world, require_caller(caller, "projects/touch"), project_id)
    return {}


def _named(world: World, caller: Caller | None, options: Mapping[str, Any], name: str) -> str:
    """Return the id of a project that the caller is in; whether it is an id comes before everything."""
    project_id = require_project_id(options.get("project_id"))
    return require_collaborator(world, require_caller(caller, name), project_id, name)


def delete(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Stop a project and mark it as deleted; with a key of the project it only stops."""
    with without_texts():
        projects.delete(world, require_caller(caller, "projects/delete"), options.get("project_id"))
    return OK


def restore(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Undo the deletion of a project."""
    project_id = require_project_id(options.get("project_id"))
    caller = require_caller(caller, "projects/restore")
    if not caller.admin:
        require_collaborator(world, caller, project_id, "projects/restore")
    with without_texts():
        projects.set_deleted(world, caller, project_id, False)
    return OK


# -- properties ------------------------------------------------------------------------------------


def set_admin_quotas(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Store quotas with a project."""
    caller = require_admin(caller, "projects/set-admin-quotas")
    quotas = {to: options[name] for name, to in _QUOTAS.items() if options.get(name) is not None}
    for name in ("network", "member_host", "always_running"):
        if name in quotas:
            quotas[name] = int(bool(quotas[name]))
    if "cpu_shares" in quotas:
        quotas["cpu_shares"] = round(as_number(quotas["cpu_shares"]) * 1024)
    with without_texts("undefined"):
        projects.set_quotas(world, caller, options.get("project_id"), quotas)
    return {"status": "success"}


def set_course_info(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store which course a student's project belongs to; only those in the course's own project change it."""
    name = "projects/course/set-course-info"
    caller, course = require_caller(caller, name), options.get("course")
    project_id = require_collaborator(world, caller, options.get("project_id"), name)
    if "course" not in options or not isinstance(course, dict | list | None):
        raise Thrown("course must be an object of type CourseInfo")
    row = world.store.get("projects", project_id)
    if row is None:
        raise Thrown("no such project")
    if of_course := (row["course"] or {}).get("project_id"):
        access.require_collaborator(world, caller, of_course, _NOT_IN_COURSE)
    world.store.update("projects", project_id, {"course": course})
    return {"course": course}


def public_path_license(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Give a project the license of a published path, if it has one; anybody may, as recorded."""
    project_id = require_project_id(options.get("project_id"))
    path_id = options.get("public_path_id")
    if not isinstance(path_id, str | list) or len(path_id) != HASH_LENGTH:
        raise Thrown("public_path_id must be a sha1 hash")
    licenses.add_of_path(world, project_id.lower(), as_text(path_id))
    return {}
