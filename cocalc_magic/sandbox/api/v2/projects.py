"""``projects/*``: making them, their life and what is known of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import projects as conat
from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain import projects as v1
from cocalc_magic.sandbox.domain.query import query
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text
from cocalc_magic.sandbox.world import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

OK = {"status": "ok"}
MOST = 50  # projects in a list, where no limit is given
TITLE = "Untitled Project"
_NAME = re.compile(r"[a-zA-Z0-9.][a-zA-Z0-9.-]{0,99}")
_QUOTAS = ("memory_limit", "memory_request", "cpu_request", "cpu_limit", "disk_quota", "idle_timeout",
           "internet", "member_host", "always_running")  # fmt: skip


def create(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """A project that the caller owns; it does not start by itself."""
    caller = auth.signed_in(caller)
    given = {name: options.get(name) for name in ("title", "description", "image")}
    return {"project_id": conat.create_project(world, caller, given)}


def get(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The caller's projects that are not deleted or hidden, those edited last first."""
    caller = auth.signed_in(caller, "Must be signed in.")
    account_id = auth.acting_as(caller, options)
    limit = as_number(MOST if options.get("limit") is None else options["limit"])
    if not limit.is_integer():
        raise Failed(f'invalid input syntax for type bigint: "{as_text(options["limit"])}"')
    return _projects_of(world, account_id)[: max(0, int(limit))]


def get_one(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's project that was edited last, made when there is none."""
    del options
    caller = auth.signed_in(caller, "getOneProject -- user must be authenticated")
    if found := _projects_of(world, caller.account_id):
        return found[0]
    project_id = conat.create_project(world, caller, {"title": TITLE})
    return {"project_id": project_id, "title": TITLE}


def _projects_of(world: World, account_id: str) -> list[dict[str, Any]]:
    rows = world.store.select("projects", among=("projects of", account_id), order=["-last_edited"])
    names = ("project_id", "title", "description", "name")
    return [{name: row[name] for name in names} for row in rows if _is_shown(row, account_id)]


def _is_shown(row: Row, account_id: str) -> bool:
    return not row["deleted"] and not ((row["users"] or {}).get(account_id) or {}).get("hide")


def update(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Another title, description or name; what is empty stays as it is."""
    caller = auth.signed_in(caller)
    account_id = auth.acting_as(caller, options)
    record = {name: options[name] for name in ("title", "description", "name") if options.get(name)}
    if "name" in record:
        _check_name(world, options.get("project_id"), record["name"])
    if options.get("project_id") is not None:
        record["project_id"] = options["project_id"]
    acting = caller if account_id == caller.account_id else Caller(account_id)
    if set(record) != {"project_id"}:
        names = ("options", "changes", "multi_response")
        query(world, acting, {"query": {"projects": record}, **dict.fromkeys(names)})
    return OK


def _check_name(world: World, project_id: Any, name: Any) -> None:
    """Raises :class:`Failed` for a name that is none, or another project of the same owner has."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Failed(
            "Error: name must contain only a-z,A-Z,0-9, . or -, and not start with hyphen or have spaces."
        )
    project = world.store.get("projects", as_text(project_id).lower()) or {}
    for owner in _owners(project):
        for other in world.store.select("projects", [("name", "IS NOT", None)], among=("projects of", owner)):
            same = str(other["name"]).lower() == name.lower() and owner in _owners(other)
            if same and other["project_id"] != project["project_id"]:
                raise Failed(
                    f"There is already a project with the same owner as this project and name='{name}'.   "
                    "Names are not case sensitive."
                )


def _owners(project: Mapping[str, Any]) -> list[str]:
    users = project.get("users") or {}
    return [account_id for account_id, entry in users.items() if (entry or {}).get("group") == "owner"]


# -- life ------------------------------------------------------------------------------------------


def start(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """The project runs; so does one that has been deleted, as recorded."""
    v1.start(world, _mine(world, caller, options, "start"))
    return OK


def stop(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """The project rests, and its commands end."""
    v1.stop(world, _mine(world, caller, options, "stop"))
    return OK


def touch(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """The project counts as used now, and starts when it rests."""
    project_id = _mine(world, caller, options, "touch")
    v1.mark_used(world, auth.signed_in(caller), project_id)
    return {}


def delete(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """The project rests and counts as deleted; its files stay. With a key of the project it rests alone."""
    caller = auth.signed_in(caller)
    if caller.project_id and as_text(options.get("project_id")).lower() == caller.project_id:
        v1.stop(world, caller.project_id)
        return {}
    conat.delete_project(world, caller, options)
    return OK


def restore(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """A deleted project is there again, for its owners and administrators."""
    caller, project_id = auth.signed_in(caller), options.get("project_id")
    if not access.is_uuid(project_id):
        raise Failed("project_id must be a valid UUID")
    project = world.store.get("projects", str(project_id).lower())
    if project is None or not (caller.admin or caller.account_id in _owners(project)):
        raise Failed("must be an owner to restore a project")
    world.store.update("projects", project["project_id"], {"deleted": None})
    return OK


def _mine(world: World, caller: Caller | None, options: Mapping[str, Any], to: str) -> str:
    caller = auth.signed_in(caller)
    if not access.is_uuid(options.get("project_id")):
        raise Failed("project_id must be a valid uuid")
    words = f"must be a collaborator to {to} project"
    return access.require_collaborator(world, caller, options["project_id"], words)


# -- what is known of them -------------------------------------------------------------------------


def set_admin_quotas(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Keeps quotas with the project; nothing in a sandbox goes by them."""
    if not auth.signed_in(caller).admin:
        raise Failed("only admins can set project quotas")
    project = world.store.get("projects", as_text(options.get("project_id")).lower())
    if project is not None:
        given = {name: options[name] for name in _QUOTAS if options.get(name) is not None}
        settings = {**(project["settings"] or {}), **given}
        world.store.update("projects", project["project_id"], {"settings": settings})
    return {"status": "success"}


def set_course_info(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Says which course a student's project belongs to."""
    project_id = _mine(world, caller, options, "change course info of")
    course = options.get("course")
    if not isinstance(course, dict):
        raise Failed("course must be an object")
    world.store.update("projects", project_id, {"course": course})
    return {"course": course}
