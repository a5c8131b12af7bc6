"""`projects/*`: a project's life, its properties and its members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.accounts import names_of
from cocalc_magic.sandbox.domain import access, casts, projects
from cocalc_magic.sandbox.domain.query import query_today
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

OK = {"status": "ok"}
MAX_ROWS = 50  # of a list, where no limit is given
TITLE = "Untitled Project"
COURSES = ("student", "shared", "nbgrader")
_SHOWN = ("project_id", "title", "description")
_NOT_IN_COURSE = (
    "you must be a collaborator on the the project the contains the course "
    "(i.e., only TA's and instructors can set the course field)"
)


def create(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Create a project of the caller; it does not start by itself."""
    chosen = {name: options.get(name) for name in ("title", "description")}
    return {"project_id": projects.create_untyped(world, caller.account_id, chosen)}


def get(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the caller's projects that are not deleted or hidden, those edited last first."""
    account_id = options.get("account_id", caller.account_id)
    if account_id != caller.account_id and not caller.admin:
        raise Thrown("The `account_id` field may only be specified by account administrators.")
    if not access.is_uuid(account_id):
        raise Thrown("account_id must be a UUIDv4")
    limit = options.get("limit", MAX_ROWS)
    if as_number(limit) <= 0:
        return []
    return [_shown(row) for row in projects.of_account(world, account_id)[: casts.integer(limit, "bigint")]]


def get_one(world: World, caller: Caller, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's project that was edited last; create one where there is none."""
    if rows := projects.of_account(world, caller.account_id):
        return _shown(rows[0])
    return {"project_id": projects.create(world, caller.account_id, TITLE, ""), "title": TITLE}


def _shown(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def update(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Change title and description; empty ones stay as they are."""
    record = {name: options[name] for name in ("title", "description") if is_true(options.get(name))}
    if record:
        query_today(world, caller, {"projects": {**record, "project_id": options.get("project_id")}})
    return OK


# -- starting and stopping -------------------------------------------------------------------------


def start(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Start a project."""
    projects.start(world, options["project_id"].lower())
    return OK


def stop(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Stop a project and end its commands."""
    projects.stop(world, options["project_id"].lower())
    return OK


def touch(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Mark a project as used; it starts where it is stopped."""
    projects.mark_used(world, caller, options["project_id"].lower())
    return {}


# -- members and courses ---------------------------------------------------------------------------


def list_members(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the accounts in a project by their ids; none to callers who are not in it."""
    project_id = options.get("project_id")
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a uuid")
    if not access.is_collaborator(world, caller, str(project_id)):
        return []
    members = ("people of", str(project_id).lower())
    rows = world.store.select("accounts", among=members, order=("account_id",))
    return [{"account_id": row["account_id"], **names_of(row)} for row in rows if not row["unlisted"]]


def set_course_info(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store which course a project belongs to; those alone who are in the course's own project change it."""
    project_id, course = options["project_id"].lower(), options.get("course")
    if not isinstance(course, dict):
        raise Thrown("course must be an object of type CourseInfo")
    if course.get("type") not in COURSES or not access.is_uuid(course.get("project_id")):
        raise Thrown("invalid course association")
    before = (world.store.get("projects", project_id) or {}).get("course") or {}
    for of_course in (before.get("project_id"), course["project_id"]):
        if of_course:
            access.require_collaborator(world, caller, of_course, _NOT_IN_COURSE)
    world.store.update("projects", project_id, {"course": course})
    return {"course": course}
