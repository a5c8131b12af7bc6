"""What a server has of a class where keys are scoped: read with the little that such a key may ask.

The list of projects has titles alone. Who is in a project is asked of each one, as far as the key is for it,
and named: addresses of others are not shown there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic import executors
from cocalc_magic.course.server_state import AT_ONCE, NOT_KNOWN, OWNER, CourseProject, ServerState
from cocalc_magic.errors import MessageRefused, NotSent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.course.server_state import Send

_ALL = 100_000  # projects
_MEMBER = "collaborator"


def read(send: Send, names: Mapping[str, str], project_ids: Iterable[str]) -> ServerState:
    """Return what the server has; nothing that writes or starts a project is sent.

    Args:
        send: Sends a message.
        names: Names of people by their addresses in lower case.
        project_ids: The projects that are known to be of the class.

    Raises:
        CoCalcError: What goes wrong on the way, and for a key that may not list projects.
    """
    records = send("projects/get", limit=_ALL).value
    titles = {
        str(record["project_id"]): str(record.get("title") or "")
        for record in (records if isinstance(records, list) else ())
        if isinstance(record, dict) and record.get("project_id")
    }
    me = _account_id(send)
    wanted = [project_id for project_id in dict.fromkeys(project_ids) if project_id in titles]
    with executors.executor(AT_ONCE, "course") as pool:
        members = dict(zip(wanted, pool.map(lambda each: _members(send, each), wanted), strict=True))
    projects = {key: _project(key, title, members.get(key), me) for key, title in titles.items()}
    return ServerState(projects, _accounts(names, members.values()), me, scoped=True)


def _account_id(send: Send) -> str:
    """Return the account of the key; empty where it may not be read."""
    try:
        profile = send("accounts/profile").get("profile")
    except (MessageRefused, NotSent):
        return ""
    return str(profile.get("account_id") or "") if isinstance(profile, dict) else ""


def _members(send: Send, project_id: str) -> dict[str, str] | None:
    """Return the names of a project's people by account; `None` where the key is not for the project."""
    try:
        records = send("projects/collaborators/list", project_id=project_id).value
    except (MessageRefused, NotSent):
        return None
    return {str(record.get("account_id")): _name(record) for record in records if isinstance(record, dict)}


def _name(record: Mapping[str, Any]) -> str:
    parts = (record.get("first_name"), record.get("last_name"))
    return " ".join(str(part) for part in parts if part) or str(record.get("display_name") or "")


def _project(project_id: str, title: str, members: dict[str, str] | None, me: str) -> CourseProject:
    users = {account: OWNER if account == me else _MEMBER for account in members or ()}
    return CourseProject(project_id, title, users, state=NOT_KNOWN, usable=members is not None)


def _accounts(names: Mapping[str, str], members: Iterable[dict[str, str] | None]) -> dict[str, str]:
    """Return accounts by address: those of the members of the same name, where only one person has it."""
    counts = Counter(name.casefold() for name in names.values())
    known = {name.casefold(): account for people in members for account, name in (people or {}).items()}
    return {
        address: known[name.casefold()]
        for address, name in names.items()
        if name.casefold() in known and counts[name.casefold()] == 1
    }
