"""Who may do what with a project: the one place that decides it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import Caller, World

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
GROUPS = ("owner", "collaborator")


def is_uuid(value: Any) -> bool:
    """Whether a value is a uuid as text."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))


def is_member(world: World, caller: Caller, project_id: str) -> bool:
    """Whether the caller is owner or collaborator of the project, or an admin and the project exists."""
    project = world.store.get("projects", project_id.lower())
    if project is None:
        return False
    group = ((project["users"] or {}).get(caller.account_id) or {}).get("group")
    return caller.admin or group in GROUPS


def is_collaborator(world: World, caller: Caller, project_id: str) -> bool:
    """Whether the caller is owner or collaborator of the project, or speaks with a key of the project."""
    if project_id.lower() == caller.project_id:
        return True
    project = world.store.get("projects", project_id.lower()) or {}
    return ((project.get("users") or {}).get(caller.account_id) or {}).get("group") in GROUPS


def require_collaborator(world: World, caller: Caller, project_id: Any, words: str) -> str:
    """The id of a project that the caller is in; administrators are in none by that alone, as recorded.

    Raises :class:`Failed`: with ``words`` where the caller is not in it.
    """
    if not is_uuid(project_id):
        raise Failed("invalid account_id or project_id -- all must be valid uuid's")
    if not is_collaborator(world, caller, project_id):
        raise Failed(words)
    return str(project_id).lower()


def may_use(world: World, caller: Caller, project_id: Any) -> bool:
    """Whether the caller may use the project; one may also speak with a key of the project itself."""
    if not is_uuid(project_id):
        return False
    return project_id.lower() == caller.project_id or is_member(world, caller, project_id)


def usable_project(world: World, caller: Caller, project_id: Any, words: str) -> str:
    """The id of a project that the caller may use; raises :class:`Failed` with ``words`` and the reason."""
    if not is_uuid(project_id):
        raise Failed(f"{words} {as_text(project_id)} -- project_id must be specified and valid")
    if not may_use(world, caller, project_id):
        raise Failed(f"{words} {as_text(project_id)} -- must have write access")
    return str(project_id).lower()


def writable_project(world: World, caller: Caller, project_id: Any) -> str:
    """The id of a project that the caller may change; raises :class:`Failed` in the recorded words."""
    return _project(world, caller, project_id, "write")


def readable_project(world: World, caller: Caller, project_id: Any) -> str:
    """The id of a project whose files the caller may read; raises :class:`Failed`."""
    return _project(world, caller, project_id, "read")


def _project(world: World, caller: Caller, project_id: Any, right: str) -> str:
    if not is_uuid(project_id):
        raise Failed(f"{right.capitalize()} access denied -- invalid project_id -- {as_text(project_id)}")
    if not may_use(world, caller, project_id):
        raise Failed(f"User {caller.account_id} does not have {right} access to project {project_id}")
    return str(project_id).lower()
