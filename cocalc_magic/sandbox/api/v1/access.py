"""Access checks of v1 messages, in the texts of the recorded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid, may_use
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def usable_project(world: World, caller: Caller, project_id: Any, refusal: str) -> str:
    """Return the id of a project that the caller may use. Raises `Failed` with `refusal`."""
    if not is_uuid(project_id):
        raise Failed(f"{refusal} {as_text(project_id)} -- project_id must be specified and valid")
    if not may_use(world, caller, project_id):
        raise Failed(f"{refusal} {as_text(project_id)} -- must have write access")
    return str(project_id).lower()


def writable_project(world: World, caller: Caller, project_id: Any) -> str:
    """Return the id of a project that the caller may change. Raises `Failed`."""
    return _project(world, caller, project_id, "write")


def readable_project(world: World, caller: Caller, project_id: Any) -> str:
    """Return the id of a project whose files the caller may read. Raises `Failed`."""
    return _project(world, caller, project_id, "read")


def _project(world: World, caller: Caller, project_id: Any, right: str) -> str:
    if not is_uuid(project_id):
        raise Failed(f"{right.capitalize()} access denied -- invalid project_id -- {as_text(project_id)}")
    if not may_use(world, caller, project_id):
        raise Failed(f"User {caller.account_id} does not have {right} access to project {project_id}")
    return str(project_id).lower()
