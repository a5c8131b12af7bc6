"""Messages about who is in a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_TO = 1_024  # characters of all addresses that one message may invite
LONGEST_ADDRESS = 127
DAY = 86_400_000  # milliseconds
SEND_AGAIN = 7 * DAY  # an address gets no second invitation into the same project before
VALID = 14 * DAY  # of an invitation, for somebody who has no account yet
_ADDRESS = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]+")
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)


def invite_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """An account becomes collaborator at once; a letter goes into the outbox only when it has a text."""
    project_id = access.writable_project(world, caller, options["project_id"])
    account_id = _account_id(options["account_id"])
    account = world.store.get("accounts", account_id)
    if account is None:  # the recorded server reports success, and adds nobody
        return {}
    add(world, project_id, account_id)
    if options["email"] is not None and account["email_address"]:
        _invite_by_letter(world, project_id, account["email_address"], options)
    return {}


def invite_noncloud_collaborators(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Invites by address: who has an account is added, others are let in when they make one."""
    project_id = access.writable_project(world, caller, options["project_id"])
    addresses = as_text(options["to"])
    if len(addresses) > MOST_TO:
        raise Failed("Specify less recipients when adding collaborators to project.")
    for address in filter(None, re.split(r"[\s,;]", addresses)):
        _invite(world, project_id, address, options)
    return {"mesg": f"Invited {addresses} to collaborate on a project."}


def add_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Adds accounts to projects, silently, pair by pair; a token says by itself into which project."""
    tokens = options["token_id"]
    accounts, projects = options["account_id"], options["project_id"]
    single = not isinstance(accounts, list)
    if single:
        accounts, projects = [accounts], [projects]
    if tokens is not None and not isinstance(tokens, list):
        tokens = [tokens]
    if tokens:
        projects = [_project_of(world, token) for token in tokens]
    else:
        _check_rights(world, caller, accounts, projects)
    _check_pairs(accounts, projects)
    for index, (account_id, project_id) in enumerate(zip(accounts, projects, strict=True)):
        added = add(world, project_id.lower(), account_id.lower())
        if tokens and added:
            _count_use(world, tokens[index])
    if not tokens:
        return {}
    return {"project_id": projects[0] if single else projects}


def remove_collaborator(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Takes an account out of a project; of an owner, or of somebody who is not in it, nothing is taken."""
    project_id = access.writable_project(world, caller, options["project_id"])
    account_id = _account_id(options["account_id"])
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {})["users"] or {}
        if (users.get(account_id) or {}).get("group") not in (None, "owner"):
            world.store.update(
                "projects", project_id, {"users": {name: users[name] for name in users if name != account_id}}
            )
    return {}


def add(world: World, project_id: str, account_id: str) -> bool:
    """Makes an account collaborator of a project; false when it is in it already."""
    with world.store.transaction():
        users = (world.store.get("projects", project_id) or {}).get("users") or {}
        if (users.get(account_id) or {}).get("group") in access.GROUPS:
            return False
        entry = {**(users.get(account_id) or {}), "group": "collaborator"}
        world.store.update("projects", project_id, {"users": {**users, account_id: entry}})
    return True


def let_in(world: World, account_id: str, address: str) -> None:
    """A new account joins the projects that its address was invited into."""
    where = [("email_address", "=", address), ("time", ">=", now() - VALID)]
    for invitation in world.store.select("invitations", where):
        add(world, invitation["project_id"], account_id)
        world.store.delete("invitations", address, invitation["project_id"])


def _account_id(value: Any) -> str:
    if not access.is_uuid(value):
        raise Failed(f"invalid account_id -- {as_text(value)}")
    return str(value).lower()


def _check_rights(world: World, caller: Caller, accounts: list[Any], projects: Any) -> None:
    for project_id in dict.fromkeys(map(as_text, projects if isinstance(projects, list) else [projects])):
        if not access.is_uuid(project_id) or access.may_use(world, caller, project_id):
            continue  # what is no id is told of later
        if accounts != [caller.account_id]:
            raise Failed(
                f"Error: user {caller.account_id} does not have write access to project {project_id}"
            )
        if not _is_in_course_of(world, caller, project_id):
            raise Failed(f'Error: cannot add self to "{project_id}" -- must be an admin')


def _is_in_course_of(world: World, caller: Caller, project_id: str) -> bool:
    """Whether it is a student's project of a course whose own project the caller is in."""
    course = (world.store.get("projects", project_id) or {}).get("course") or {}
    return access.is_uuid(course.get("project_id")) and access.is_member(world, caller, course["project_id"])


def _check_pairs(accounts: list[Any], projects: Any) -> None:
    if not isinstance(projects, list) or len(accounts) != len(projects):
        count = len(projects) if isinstance(projects, list) else 1
        raise Failed(
            f"Error: accounts (of length {len(accounts)}) and projects (of length {count}) "
            "must be arrays of the same length"
        )
    _check_ids("account id's must be valid uuid's", accounts)
    _check_ids("project id's must be valid uuid's (or empty)", projects)


def _check_ids(what: str, values: list[Any]) -> None:
    for value in values:
        if not access.is_uuid(value):
            shown = "undefined" if value is None else as_text(value)
            raise Failed(f'Error: all {what}, but "{shown}" is not')


def _project_of(world: World, token: Any) -> str:
    row = world.store.get("project_invite_tokens", as_text(token))
    problem = None
    if row is None:
        problem = "no such token"
    elif row["expires"] is not None and row["expires"] <= now():
        problem = "the token already expired"
    elif row["usage_limit"] is not None and (row["counter"] or 0) >= row["usage_limit"]:
        problem = f"the token can only be used {row['usage_limit']} times"
    if row is None or problem:
        raise Failed(f"Error: Project invite token is not valid - {problem}")
    return str(row["project_id"])


def _count_use(world: World, token: Any) -> None:
    with world.store.transaction():
        row = world.store.get("project_invite_tokens", as_text(token)) or {}
        world.store.update(
            "project_invite_tokens", as_text(token), {"counter": (row.get("counter") or 0) + 1}
        )


def _invite(world: World, project_id: str, address: str, options: Mapping[str, Any]) -> None:
    if not _ADDRESS.fullmatch(address):
        raise Failed(f"invalid email address '{address}'")
    address = address.lower()
    if len(address) > LONGEST_ADDRESS:
        raise Failed(f"email address must be at most 128 characters: '{address}'")
    found = world.store.select("accounts", [("email_address", "=", address)], limit=1)
    if found:
        add(world, project_id, found[0]["account_id"])
        return
    world.store.delete("invitations", address, project_id)
    world.store.insert("invitations", {"email_address": address, "project_id": project_id, "time": now()})
    _invite_by_letter(world, project_id, address, options)


def _invite_by_letter(world: World, project_id: str, address: str, options: Mapping[str, Any]) -> None:
    """Puts an invitation into the outbox, and remembers in the project that it went out or failed."""
    invited = (world.store.get("projects", project_id) or {}).get("invite") or {}
    before = invited.get(address) or {}
    if "time" in before and "error" not in before and milliseconds(before["time"]) >= now() - SEND_AGAIN:
        return
    body = as_text(options["email"])
    entry: dict[str, Any] = {"time": iso(now())}
    refused = bool(_LINK.search(body))
    if refused:
        entry["error"] = {}  # an error object of the server, which becomes an empty one in its database
    world.store.update("projects", project_id, {"invite": {**invited, address: entry}})
    if refused:
        raise Failed("Error: Sorry, links to specific websites are not allowed!")
    world.post(address, _subject(options), body)


def _subject(options: Mapping[str, Any]) -> str:
    if options["subject"] is not None:
        return as_text(options["subject"])
    title = as_text(options["title"] or "")
    if options["replyto_name"] is not None:
        return f"{as_text(options['replyto_name'])} invites you to the project {title!r}"
    return f"Invitation to the project {title!r}"
