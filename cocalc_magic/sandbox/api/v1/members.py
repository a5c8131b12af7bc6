"""Messages about the collaborators of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v1.access import writable_project
from cocalc_magic.sandbox.domain import invitations, members
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def invite_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Add an account to a project."""
    project_id = writable_project(world, caller, options["project_id"])
    invitations.invite(world, project_id, options["account_id"], invitations.invitation(options))
    return {}


def invite_noncloud_collaborators(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Invite people to a project by their addresses."""
    project_id = writable_project(world, caller, options["project_id"])
    addresses = as_text(options["to"])
    invitations.invite_addresses(world, project_id, addresses, invitations.invitation(options), Failed)
    return {"mesg": f"Invited {addresses} to collaborate on a project."}


def add_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Add accounts to projects; with tokens, the projects are in the response."""
    tokens = options["token_id"]
    projects = members.add_pairs(world, caller, options["account_id"], options["project_id"], tokens)
    return {"project_id": projects} if tokens else {}


def remove_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Remove an account from a project; owners stay, and others are ignored."""
    project_id = writable_project(world, caller, options["project_id"])
    members.remove(world, project_id, options["account_id"])
    return {}
