"""Members of projects: collaborators and owners, and what a query may write about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.access import GROUPS, group_of, is_uuid
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

NOT_IN_PROJECT = "user must be a collaborator"


# -- adding and removing ---------------------------------------------------------------------------


def add(world: World, project_id: str, account_id: str) -> bool:
    """Make an account a collaborator of a project; return False where it is a member already."""
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {}).get("users") or {}
        if (users.get(account_id) or {}).get("group") in GROUPS:
            return False
        entry = {**(users.get(account_id) or {}), "group": "collaborator"}
        world.store.update("projects", project_id, {"users": {**users, account_id: entry}})
    return True


def add_pairs(
    world: World, caller: Caller, accounts: Any, projects: Any, tokens: Any, *, today: bool = False
) -> Any:
    """Add accounts to projects, pair by pair, without a notice to anyone.

    Args:
        accounts: One id, or a list.
        projects: One id, or a list as long as that of the accounts; not needed with tokens.
        tokens: Invite tokens, each of which names its project and needs no other right; one or a list.
        today: Do as today's servers: check that others than owners may, and log who was added.

    Returns:
        The projects: a list where `accounts` is one, else a single id.
    """
    single = not isinstance(accounts, list)
    if single:
        accounts, projects = [accounts], [projects]
    if tokens is not None and not isinstance(tokens, list):
        tokens = [tokens]
    if tokens:
        projects = [_project_of_token(world, token) for token in tokens]
    else:
        _check_rights(world, caller, accounts, projects)
    _check_pairs(accounts, projects)
    if today and not tokens:
        require_manager_of_all(world, caller, projects)
    for index, (account_id, project_id) in enumerate(zip(accounts, projects, strict=True)):
        added = add(world, project_id.lower(), account_id.lower())
        if tokens and added:
            _count_use(world, tokens[index])
        if today and added:
            log(world, project_id, caller, {"event": "invite_user", "invitee_account_id": account_id})
    return projects[0] if single else projects


def remove(world: World, project_id: str, account_id: Any) -> None:
    """Remove an account from a project; owners stay."""
    account_id = account_id_of(account_id)
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {})["users"] or {}
        if (users.get(account_id) or {}).get("group") not in (None, "owner"):
            rest = {name: users[name] for name in users if name != account_id}
            world.store.update("projects", project_id, {"users": rest})


def remove_collaborator(world: World, caller: Caller, project_id: Any, account_id: Any) -> None:
    """Remove an account from a project as today's servers do: an owner is an error."""
    _check_removable(world, project_id, account_id)
    if account_id != caller.account_id:
        require_manager(world, caller, project_id)
    _remove_and_log(world, caller, project_id, account_id)


def remove_pair(world: World, caller: Caller, account_id: Any, project_id: Any) -> None:
    """Remove an account from a project as API v2 does: its checks are those of adding, and an owner stays."""
    _check_rights(world, caller, [account_id], [project_id])
    _check_pairs([account_id], [project_id])
    if account_id != caller.account_id:
        require_manager(world, caller, project_id)
    _check_removable(world, project_id, account_id)
    _remove_and_log(world, caller, project_id, account_id)


def _check_removable(world: World, project_id: Any, account_id: Any) -> None:
    _require_ids(project_id, account_id)
    project = world.store.get("projects", project_id.lower())
    if project is None:
        raise Thrown(f"Project not found: {project_id}")
    if group_of(project, account_id.lower()) == "owner":
        raise Thrown("Cannot remove an owner. Demote to collaborator first.", kind="OwnershipError")


def _require_ids(project_id: Any, account_id: Any) -> None:
    for name, value in (("project_id", project_id), ("account_id", account_id)):
        if not is_uuid(value):
            raise Thrown(f"Invalid {name}: {'undefined' if value is None else as_text(value)}")


def require_manager(world: World, caller: Caller, project_id: Any) -> None:
    """Raise `Failed` where a project has it that its owners alone manage collaborators."""
    _require_ids(project_id, caller.account_id)
    project = world.store.get("projects", project_id.lower())
    if project is None:
        raise Thrown("Project not found", kind="OwnershipError")
    if project["manage_users_owner_only"] and group_of(project, caller.account_id) != "owner":
        words = "Only owners can manage collaborators when this setting is enabled"
        raise Thrown(words, kind="OwnershipError")


def require_manager_of_all(world: World, caller: Caller, projects: Any) -> None:
    """Check several projects, or a single one; what is empty is skipped. Raises `Failed`."""
    for project_id in projects if isinstance(projects, list) else [projects]:
        if is_true(project_id):
            require_manager(world, caller, project_id)


def _remove_and_log(world: World, caller: Caller, project_id: str, account_id: str) -> None:
    event = {"event": "remove_collaborator", "removed_account_id": account_id}
    event["removed_name"] = _name_of(world, account_id)
    remove(world, project_id.lower(), account_id)
    log(world, project_id, caller, event)


def _name_of(world: World, account_id: str) -> str:
    account = world.store.get("accounts", account_id.lower()) or {}
    names = [account.get("first_name") or "", account.get("last_name") or ""]
    return " ".join(names) if any(names) else "Unknown User"


def log(world: World, project_id: str, caller: Caller, event: Mapping[str, Any]) -> None:
    """Write to the log of a project, as today's servers do about its members."""
    row = {"id": new_id(), "project_id": project_id.lower(), "time": now(), "account_id": caller.account_id}
    world.store.insert("project_log", {**row, "event": dict(event)})


def account_id_of(value: Any) -> str:
    """Return the id of an account in lower case. Raises `Failed` for any other value."""
    access.check_ids(account_id=value)
    return str(value).lower()


def _check_rights(world: World, caller: Caller, accounts: list[Any], projects: Any) -> None:
    """Check that the caller may change the members of all projects; to add itself, the course is enough."""
    projects = projects if isinstance(projects, list) else [projects]
    try:
        for project_id in projects:
            access.check_ids(project_id=project_id)
            if project_id is not None and not access.is_member_or_admin(world, caller, project_id):
                raise Thrown(f"user {caller.account_id} does not have write access to project {project_id}")
    except Failed:
        if accounts != [caller.account_id]:
            raise
        _check_course(world, caller, projects[0])


def _check_course(world: World, caller: Caller, project_id: Any) -> None:
    """Check that it is a student's project in a course whose own project the caller is in."""
    if not is_uuid(project_id):
        raise Failed(f'postgresql error: invalid input syntax for type uuid: "{as_text(project_id)}"')
    project = world.store.get("projects", project_id.lower())
    if project is None:
        raise Thrown(f'no project with id "{project_id}"')
    course_id: Any = (project["course"] or {}).get("project_id")
    if not is_uuid(course_id):
        raise Thrown(f'cannot add self to "{project_id}" -- must be an admin')
    if group_of(world.store.get("projects", course_id.lower()), caller.account_id) not in GROUPS:
        raise Thrown(f'cannot add self to "{project_id}" -- must be owner or collaborator on course project')


def _check_pairs(accounts: list[Any], projects: Any) -> None:
    if not isinstance(projects, list) or len(accounts) != len(projects):
        count = len(projects) if isinstance(projects, list) else 1
        raise Thrown(
            f"accounts (of length {len(accounts)}) and projects (of length {count}) "
            "must be arrays of the same length"
        )
    _check_ids("account id's must be valid uuid's", accounts)
    _check_ids("project id's must be valid uuid's (or empty)", projects)


def _check_ids(rule: str, values: list[Any]) -> None:
    for value in values:
        if not is_uuid(value):
            shown = "undefined" if value is None else as_text(value)
            raise Thrown(f'all {rule}, but "{shown}" is not')


def _project_of_token(world: World, token: Any) -> str:
    if token is None:
        raise Thrown("If tokens are specified, they must all be non-null.")
    row = world.store.get("project_invite_tokens", as_text(token))
    problem = None
    if row is None:
        problem = "no such token"
    elif row["expires"] is not None and row["expires"] <= now():
        problem = "the token already expired"
    elif row["usage_limit"] is not None and (row["counter"] or 0) >= row["usage_limit"]:
        problem = f"the token can only be used {row['usage_limit']} times"
    if row is None or problem:
        raise Thrown(f"Project invite token is not valid - {problem}")
    return str(row["project_id"])


def _count_use(world: World, token: Any) -> None:
    with world.store.transaction():
        row = world.store.get("project_invite_tokens", as_text(token)) or {}
        count = (row.get("counter") or 0) + 1
        world.store.update("project_invite_tokens", as_text(token), {"counter": count})


# -- owners ----------------------------------------------------------------------------------------


def change_group(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Put `target_account_id` into `new_group` of a project; the last owner stays."""
    project_id = as_text(options.get("project_id")).lower()
    target, group = as_text(options.get("target_account_id")).lower(), options.get("new_group")
    if not is_uuid(project_id):
        raise Thrown("invalid account_id or project_id -- all must be valid uuid's")
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {}).get("users") or {}
        if problem := _group_problem(users, caller.account_id, target, group):
            raise Thrown(f"{problem}", kind="OwnershipError")
        changed = {**users, target: {**users[target], "group": group}}
        world.store.update("projects", project_id, {"users": changed})
    event = {"event": "change_collaborator_type", "target_account_id": target}
    old = users[target].get("group") or group
    log(
        world,
        project_id,
        caller,
        {**event, "target_name": _name_of(world, target), "old_group": old, "new_group": group},
    )


def _group_problem(users: Mapping[str, Any], caller: str, target: str, group: Any) -> str | None:
    """Return why a change of group is refused, in the recorded words."""
    groups = {account_id: (entry or {}).get("group") for account_id, entry in users.items()}
    if groups.get(caller) not in GROUPS:
        return "Not a project member"
    if groups[caller] != "owner":
        return "Only project owners can change user types"
    if groups.get(target) not in GROUPS:
        return "Target user is not a member of this project"
    if group not in GROUPS:
        return "New group must be either 'owner' or 'collaborator'"
    owners = [account_id for account_id, name in groups.items() if name == "owner"]
    if group == "collaborator" and owners == [target]:
        return "Cannot change the last owner to collaborator. At least one owner is required."
    return None


# -- queries ---------------------------------------------------------------------------------------


def check_entries(caller: Caller, users: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries to merge into a stored `users` map, without names that are not account ids.

    Raises `Failed` in the server's words. These come from its reference, since no recording shows
    them.
    """
    entries = {name.lower(): entry for name, entry in users.items() if is_uuid(name)}
    for account_id, entry in entries.items():
        if entry is not None:
            _check_entry(entry)
            if account_id != caller.account_id and _upgrades(entry) != _upgrades(stored.get(account_id)):
                raise Failed(
                    f"FATAL: user '{caller.account_id}' tried to change user '{account_id}' "
                    "allocation toward a project"
                )
    return entries


def _check_entry(entry: Any) -> None:
    # JavaScript iterates over a text by its characters, the first of which is named 0.
    for name, value in entry.items() if isinstance(entry, dict) else [("0", entry)]:
        if name not in _CHECKS:
            raise _invalid(f"unknown field '{name}")  # the server's text lacks the last quote
        kind, is_valid = _CHECKS[name]
        if value is not None and not is_valid(value):
            raise _invalid(f"invalid {kind} for field '{name}'")
    settings = tables()["projects"].column("settings")
    for name in _upgrades(entry) or ():
        if name not in (settings.default if settings else ()):
            raise _invalid(f"invalid upgrades field '{name}'")


def _upgrades(entry: Any) -> Any:
    return entry.get("upgrades") if isinstance(entry, dict) else None


def _invalid(problem: str) -> Failed:
    return Failed(f"FATAL: error setting 'users' -- Error: {problem}")


_CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "group": ("value", lambda value: value in GROUPS),
    "hide": ("type", lambda value: isinstance(value, bool)),
    "upgrades": ("type", lambda value: isinstance(value, dict)),
    "ssh_keys": ("type", lambda value: isinstance(value, dict)),
}
