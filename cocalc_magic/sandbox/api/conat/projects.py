"""`projects.*` of the hub: a project's life, its members, and copies between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access, copies, invitations, members, projects
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.domain.members import NOT_IN_PROJECT
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_QUOTAS = ("memory", "memory_request", "cpu_shares", "cores", "disk_quota", "mintime", "network",
           "member_host", "always_running")  # fmt: skip


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Create a project of the caller; only an administrator chooses its id."""
    project_id = options.get("project_id")
    if project_id is not None:
        _check_new_id(world, caller, project_id)
        project_id = project_id.lower()
    return projects.create_untyped(world, caller.account_id, options, project_id)


def _check_new_id(world: World, caller: Caller, project_id: Any) -> None:
    if not caller.admin:
        raise Thrown("only admins can specify the project_id")
    if not access.is_uuid(project_id):
        raise Thrown(f'invalid input syntax for type uuid: "{as_text(project_id)}"', kind="error")
    if world.store.get("projects", project_id.lower()):
        raise Thrown('duplicate key value violates unique constraint "projects_pkey"', kind="error")


# -- life ------------------------------------------------------------------------------------------


def start(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Start a project; a deleted one starts as well, as recorded."""
    projects.start(world, _own(world, caller, options, "start it"))


def stop(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Stop a project and end its commands."""
    projects.stop(world, _own(world, caller, options, "stop it"))


def touch(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Mark a project as used; it starts where it is stopped."""
    projects.mark_used(world, caller, _own(world, caller, options, "touch it"))


def state(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a project runs, and since when."""
    project_id = _own(world, caller, options, "get state")
    stored = (world.store.get("projects", project_id) or {}).get("state") or {}
    return {**stored, "ip": "127.0.0.1"}


def status(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return when a project was started (milliseconds since 1970); nothing of one that is stopped."""
    project_id = _own(world, caller, options, "get status")
    stored = (world.store.get("projects", project_id) or {}).get("state") or {}
    if stored.get("state") != "running":
        return {}
    return {"start_ts": milliseconds(stored["time"]), "version": projects.VERSION}


def delete_project(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Stop a project and mark it as deleted; its files stay."""
    projects.delete(world, caller, options.get("project_id"))


def set_quotas(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Store quotas with a project."""
    if not caller.admin:
        raise Thrown("Must be an admin to do admin search.")  # the words of another method, as recorded
    quotas = {name: options[name] for name in _QUOTAS if options.get(name) is not None}
    projects.set_quotas(world, caller, options.get("project_id"), quotas)


def _own(world: World, caller: Caller, options: Mapping[str, Any], action: str) -> str:
    refusal = f"must be collaborator on project to {action}"
    return access.require_collaborator(world, caller, options.get("project_id"), refusal)


# -- members ---------------------------------------------------------------------------------------


def add_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Add accounts to projects pair by pair, or by tokens; without tokens the projects are a list."""
    accounts, projects, tokens = (options.get(name) for name in ("account_id", "project_id", "token_id"))
    if not is_true(tokens):
        members.require_manager_of_all(world, caller, projects)
    added = members.add_pairs(world, caller, accounts, projects, tokens, today=True)
    return {"project_id": added if is_true(tokens) or isinstance(added, list) else [added]}


def remove_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Remove an account from a project; an owner is an error."""
    project_id = _member_project(world, caller, options)
    members.remove_collaborator(world, caller, project_id, options.get("account_id"))


def invite_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Add an account to a project."""
    project_id = _member_project(world, caller, options)
    members.require_manager(world, caller, project_id)
    invitations.invite(world, project_id, options.get("account_id"), invitations.invitation(options))
    event = {"event": "invite_user", "invitee_account_id": options.get("account_id")}
    members.log(world, project_id, caller, event)


def invite_collaborator_without_account(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Invite people to a project by their addresses."""
    project_id = _member_project(world, caller, options)
    members.require_manager(world, caller, project_id)
    to = options.get("to")
    if to is None:
        raise Thrown("Cannot read properties of undefined (reading 'length')", kind="TypeError")
    if not isinstance(to, str):
        raise Thrown("opts.to.replace is not a function", kind="TypeError")
    invitations.invite_addresses(world, project_id, to, invitations.invitation(options))
    members.log(world, project_id, caller, {"event": "invite_nonuser", "invitee_email": to})


def _member_project(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    return access.require_collaborator(world, caller, options.get("project_id"), NOT_IN_PROJECT)


# -- copies ----------------------------------------------------------------------------------------


def copy_path_between_projects(
    world: World, caller: Caller, options: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Copy a file or folder into another project, or the same one.

    Returns `None`, as recorded, or `skipped`: what was skipped because it cannot be copied.
    """
    source = options.get("src_project_id")
    source = access.require_collaborator(world, caller, source, "user must be collaborator on source project")
    target = options.get("target_project_id") or source
    target = access.require_collaborator(world, caller, target, "user must be collaborator on target project")
    if options.get("src_path") is None:
        raise Thrown("path must be specified")
    names = ("target_path", "overwrite_newer", "delete_missing", "backup", "exclude")
    how = {"src_path": options["src_path"], **{name: options.get(name) for name in names}}
    skipped = copies.copy(world, caller, source, target, how)
    return {"skipped": skipped} if skipped else None
