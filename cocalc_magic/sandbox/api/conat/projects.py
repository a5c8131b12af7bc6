"""``projects.*`` of the hub: a project's life, who is in it, and copies between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat.project_api import VERSION
from cocalc_magic.sandbox.domain import access, collaborators, copies, owners
from cocalc_magic.sandbox.domain import projects as v1
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

TITLE = "No Title"
_NOT_IN = "user must be a collaborator"
_QUOTAS = ("memory", "memory_request", "cpu_shares", "cores", "disk_quota", "mintime", "network",
           "member_host", "always_running")  # fmt: skip


def create_project(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """A project that the caller owns; only an administrator chooses its id."""
    chosen = options.get("project_id")
    if chosen is not None:
        _check_chosen(world, caller, chosen)
    title, description = options.get("title"), options.get("description")
    project_id = world.add_project(
        caller.account_id,
        TITLE if title is None else as_text(title),
        "" if description is None else as_text(description),
        project_id=chosen.lower() if chosen else None,
        compute_image=as_text(options["image"]) if options.get("image") else None,
    )
    world.folders.home(project_id)
    if options.get("start"):
        v1.start(world, project_id)
    return project_id


def _check_chosen(world: World, caller: Caller, chosen: Any) -> None:
    if not caller.admin:
        raise Failed("only admins can specify the project_id")
    if not access.is_uuid(chosen):
        raise Failed(f'error: invalid input syntax for type uuid: "{as_text(chosen)}"')
    if world.store.get("projects", chosen.lower()):
        raise Failed('error: duplicate key value violates unique constraint "projects_pkey"')


# -- life ------------------------------------------------------------------------------------------


def start(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """The project runs; so does one that has been deleted, as recorded."""
    v1.start(world, _mine(world, caller, options, "start it"))


def stop(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """The project rests, and its commands end."""
    v1.stop(world, _mine(world, caller, options, "stop it"))


def touch(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """The project counts as used now, and starts when it rests."""
    v1.mark_used(world, caller, _mine(world, caller, options, "touch it"))


def state(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the project runs, and since when."""
    project_id = _mine(world, caller, options, "get state")
    known = (world.store.get("projects", project_id) or {}).get("state") or {}
    return {**known, "ip": "127.0.0.1"}


def status(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """When the project was started (milliseconds since 1970); nothing of one that rests."""
    project_id = _mine(world, caller, options, "get status")
    known = (world.store.get("projects", project_id) or {}).get("state") or {}
    if known.get("state") != "running":
        return {}
    return {"start_ts": milliseconds(known["time"]), "version": VERSION}


def delete_project(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """The project rests and counts as deleted; its files stay. For its owners, and administrators."""
    project_id = options.get("project_id")
    if not access.is_uuid(project_id):
        raise Failed("project_id must be a valid UUID")
    project = world.store.get("projects", str(project_id).lower())
    group = (((project or {}).get("users") or {}).get(caller.account_id) or {}).get("group")
    if project is None or (group != "owner" and not caller.admin):
        raise Failed("must be an owner to delete a project")
    v1.stop(world, project["project_id"])
    world.store.update("projects", project["project_id"], {"deleted": True})


def set_quotas(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Keeps quotas with the project; nothing in a sandbox goes by them."""
    if not caller.admin:
        raise Failed("Must be an admin to do admin search.")  # the words are another method's, as recorded
    project_id = as_text(options.get("project_id")).lower()
    project = world.store.get("projects", project_id)
    if project is not None:
        given = {name: options[name] for name in _QUOTAS if options.get(name) is not None}
        settings = {**(project["settings"] or {}), **given}
        world.store.update("projects", project["project_id"], {"settings": settings})


def _mine(world: World, caller: Caller, options: Mapping[str, Any], to: str) -> str:
    words = f"must be collaborator on project to {to}"
    return access.require_collaborator(world, caller, options.get("project_id"), words)


# -- people ----------------------------------------------------------------------------------------


def add_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Adds accounts to projects pair by pair, or by tokens; without tokens the ids come as a list."""
    names = ("project_id", "account_id", "token_id")
    given = {name: options.get(name) for name in names}
    added = collaborators.add_collaborator(world, caller, given)
    projects = added.get("project_id", given["project_id"])
    return {"project_id": projects if given["token_id"] or isinstance(projects, list) else [projects]}


def remove_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Takes an account out of a project that the caller is in; an owner stays."""
    project_id = access.require_collaborator(world, caller, options.get("project_id"), _NOT_IN)
    if _group(world, project_id, options.get("account_id")) == "owner":
        raise Failed("OwnershipError: Cannot remove an owner. Demote to collaborator first.")
    asked = {"project_id": project_id, "account_id": options.get("account_id")}
    collaborators.remove_collaborator(world, caller, asked)


def invite_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Adds an account; a letter goes into the outbox when it has a text."""
    project_id = access.require_collaborator(world, caller, options.get("project_id"), _NOT_IN)
    collaborators.invite_collaborator(world, caller, _letter(options, project_id, "account_id"))


def invite_collaborator_without_account(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Invites by address: who has an account is added at once."""
    project_id = access.require_collaborator(world, caller, options.get("project_id"), _NOT_IN)
    collaborators.invite_noncloud_collaborators(world, caller, _letter(options, project_id, "to"))


def change_user_type(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Makes a collaborator an owner, or an owner a collaborator."""
    owners.change_group(world, caller, options)


def _letter(options: Mapping[str, Any], project_id: str, to: str) -> dict[str, Any]:
    names = (to, "email", "subject", "title", "replyto", "replyto_name", "link2proj")
    return {"project_id": project_id, **{name: options.get(name) for name in names}}


def _group(world: World, project_id: str, account_id: Any) -> str | None:
    users = (world.store.get("projects", project_id) or {}).get("users") or {}
    group: str | None = (users.get(as_text(account_id).lower()) or {}).get("group")
    return group


# -- copies ----------------------------------------------------------------------------------------


def copy_path_between_projects(
    world: World, caller: Caller, options: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Copy a file or folder into another project, or the same one; done when it answers.

    Returns ``None``, as recorded, or ``skipped``: what was passed over because it can't be copied.
    """
    source = options.get("src_project_id")
    source = access.require_collaborator(world, caller, source, "user must be collaborator on source project")
    target = options.get("target_project_id") or source
    target = access.require_collaborator(world, caller, target, "user must be collaborator on target project")
    if not options.get("src_path"):
        raise Failed("path must be specified")
    names = ("target_path", "scheduled", "overwrite_newer", "delete_missing", "backup", "exclude")
    how = {name: options.get(name) for name in names}
    copied = copies.copy_path_between_projects(
        world,
        caller,
        {**how, "src_project_id": source, "target_project_id": target, "src_path": options["src_path"]},
    )
    return {"skipped": copied["skipped"]} if "skipped" in copied else None
