"""What the server has of a class, read in parallel by messages that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic import executors
from cocalc_magic.catalog import is_uuid
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from cocalc_magic.response import Response

Send = Callable[..., "Response"]
"""Sends an event with its options, as `Client.send`."""

OWNER = "owner"
NOT_KNOWN = "not known"
"""What is said of a state, an account, a time that a server does not tell."""
AT_ONCE = 8  # messages
_ADDRESSES = 50  # in one search: what servers answer at most
_FIELDS = (
    "project_id",
    "title",
    "users",
    "invite",
    "state",
    "status",
    "last_edited",
    "last_active",
    "deleted",
)
_PROJECTS = {"projects_all": [dict.fromkeys(_FIELDS)]}


@dataclass(frozen=True)
class CourseProject:
    """One project as its server lists it.

    Args:
        project_id: Its id.
        title: Its title.
        users: Groups by account.
        invited: Addresses in lower case that an invitation went to.
        state: `running`, `opened`, …, or `not known`.
        last_edited: When it was last edited, in ISO form.
        active: When each account was last active in it, in ISO form.
        disk: Megabytes, where the server tells.
        usable: Whether the key may do anything in it.
    """

    project_id: str
    title: str = ""
    users: Mapping[str, str] = field(default_factory=dict)
    invited: frozenset[str] = frozenset()
    state: str = ""
    last_edited: str = ""
    active: Mapping[str, str] = field(default_factory=dict)
    disk: float | None = None
    usable: bool = True

    @property
    def stopped(self) -> bool:
        """Whether it is known not to run, so that a command starts it."""
        return self.state not in ("running", "starting", NOT_KNOWN)


@dataclass(frozen=True)
class ServerState:
    """What a server has of a class.

    Args:
        projects: The projects, by id.
        accounts: Accounts by address in lower case.
        account_id: The account of the key.
        scoped: Whether keys are for some projects only, and people are added by people.
        invites: Whether a key may have people written to who have no account.
        listed: The ids of all projects, deleted ones too.
    """

    projects: Mapping[str, CourseProject]
    accounts: Mapping[str, str]
    account_id: str
    scoped: bool = False
    invites: bool = True
    listed: frozenset[str] = frozenset()


def read(send: Send, whose: Callable[[], str], addresses: Iterable[str]) -> ServerState:
    """Return what the server has; nothing that writes or starts a project is sent.

    Args:
        send: Sends a message.
        whose: Returns the account of the key.
        addresses: E-mail addresses, in lower case, to find the accounts of.

    Raises:
        CoCalcError: What goes wrong on the way, and for a key that may not list projects.
    """
    groups = list(_grouped(sorted(set(addresses))))
    with executors.executor(AT_ONCE, "course") as pool:
        me = pool.submit(whose)
        listed = pool.submit(send, "query", query=_PROJECTS)
        searches = [
            pool.submit(send, "user_search", query=",".join(group), limit=_ADDRESSES) for group in groups
        ]
        accounts = [account for search in searches for account in accounts_of(search.result())]
        records = listed.result().records() or ()
        ids = frozenset(_text(record.get("project_id")) for record in records)
        owner = _require_account(me.result())
        return ServerState(projects_of(records), dict(accounts), owner, listed=ids)


def _grouped(addresses: Sequence[str]) -> Iterable[Sequence[str]]:
    return (addresses[start : start + _ADDRESSES] for start in range(0, len(addresses), _ADDRESSES))


def _require_account(account_id: str) -> str:
    if not is_uuid(account_id):
        raise CoCalcError("a class needs the key of an account.", "%cocalc status says whose key it is")
    return account_id


def accounts_of(response: Response) -> list[tuple[str, str]]:
    """Return the accounts that a search has found, each with its address in lower case."""
    results = response.get("results")
    return [
        (entry["email_address"].lower(), entry["account_id"])
        for entry in (results if isinstance(results, list) else ())
        if isinstance(entry, Mapping)
        and isinstance(entry.get("email_address"), str)
        and isinstance(entry.get("account_id"), str)
    ]


def projects_of(records: Iterable[Mapping[str, Any]]) -> dict[str, CourseProject]:
    """Return the projects of a listing by their ids, without those that are deleted."""
    projects = (_project(record) for record in records if record.get("deleted") is not True)
    return {project.project_id: project for project in projects if project.project_id}


def _project(record: Mapping[str, Any]) -> CourseProject:
    """Return a record as a project; missing and malformed fields are empty."""
    users = {account: _text(_map(entry).get("group")) for account, entry in _map(record.get("users")).items()}
    invited = frozenset(
        str(address).lower()
        for address, entry in _map(record.get("invite")).items()
        if isinstance(entry, Mapping) and "time" in entry and "error" not in entry
    )
    disk = _map(record.get("status")).get("disk_MB")
    return CourseProject(
        _text(record.get("project_id")),
        _text(record.get("title")),
        users,
        invited,
        _text(_map(record.get("state")).get("state")),
        _text(record.get("last_edited")),
        {account: _text(moment) for account, moment in _map(record.get("last_active")).items()},
        float(disk) if isinstance(disk, int | float) else None,
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
