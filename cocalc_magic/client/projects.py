"""Find projects by title or id, or by a unique beginning of either.

Matching is done by pure functions; `Projects` holds the list of one server that they search.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import Option, is_uuid
from cocalc_magic.errors import (
    CoCalcError,
    InvalidValue,
    NotPermitted,
    NotSent,
    PermissionRefused,
    did_you_mean,
)
from cocalc_magic.sanitize import visible_line
from cocalc_magic.syntax.convert import from_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

Ask = Callable[..., "Response"]
"""Sends an event with its options, like `Client.send`."""

MAX_LISTED = 20  # projects in an error
_PREFIX = re.compile(r"[0-9a-f]{4}[0-9a-f-]*")  # of an id: shorter ones would be hit by chance
_FIELDS = ("project_id", "title", "last_edited", "state", "users", "deleted")
_QUERY = {"projects_all": [dict.fromkeys(_FIELDS)]}
_SHORT_QUERY = {"projects_all": [dict.fromkeys(_FIELDS[:2])]}  # all that keys with capabilities may ask
_MEANT = Option("project", "project", "Which project.")
_PEOPLE = {"collaborators": [{"account_id": None, "first_name": None, "last_name": None}]}
_CHANGES = frozenset({"projects", "collaborators"})
"""Subjects of the catalog whose messages may make, rename or delete a project."""


@dataclass(frozen=True)
class Project:
    """One project as its server lists it; `users` are groups (`owner`, `collaborator`) by account."""

    project_id: str
    title: str = ""
    last_edited: str = ""
    state: str = ""
    users: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False


def from_record(record: Mapping[str, Any]) -> Project:
    """Return a record of the table `projects_all` as a project; missing or malformed fields are empty."""
    state, users = record.get("state"), record.get("users")
    return Project(
        str(record.get("project_id") or ""),
        str(record.get("title") or ""),
        str(record.get("last_edited") or ""),
        str(state.get("state") or "") if isinstance(state, Mapping) else "",
        {
            account: str(entry.get("group") or "") if isinstance(entry, Mapping) else ""
            for account, entry in (users.items() if isinstance(users, Mapping) else ())
        },
        record.get("deleted") is True,
    )


def matching(name: str, projects: Iterable[Project]) -> list[Project]:
    """Return the projects that a name may mean, by the first of these rules that matches any.

    The id; the title; the title in any case (`STATISTICS`); its beginning; the beginning of the id.
    """
    known, folded = list(projects), _folded(name)
    rules: list[Callable[[Project], bool]] = [
        lambda project: project.project_id == folded,
        lambda project: not project.deleted and project.title.strip() == name.strip(),
        lambda project: not project.deleted and _folded(project.title) == folded,
        lambda project: not project.deleted and _folded(project.title).startswith(folded),
    ]
    if _PREFIX.fullmatch(folded):
        rules.append(lambda project: project.project_id.startswith(folded))
    matches = ([project for project in known if rule(project)] for rule in rules if folded)
    return next(filter(None, matches), [])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()


class Projects:
    """The projects of one account on one server, listed when a name has to be found, and cached.

    `titles` are those of all projects seen in any response, by id.
    """

    def __init__(self, ask: Ask) -> None:
        self.titles: dict[str, str] = {}
        self._ask = ask
        self._listed: list[Project] | None = None

    def all(self, *, fresh: bool = False) -> list[Project]:
        """Return all projects that are not deleted, the last edited first; `fresh` ignores the cache."""
        listed = self._all(fresh=fresh)
        return [project for project in listed if not project.deleted]

    def find(self, meant: Any) -> Project:
        """Return the project of a title, an id or the beginning of either, or of a value that holds an id.

        An id is accepted as it is, without asking the server.

        Raises:
            InvalidValue: No project, or several, match.
            CoCalcError: Listing the projects failed.
        """
        name = str(from_python(_MEANT, meant))
        if is_uuid(name):
            project_id = name.lower()
            return Project(project_id, self.titles.get(project_id, ""))
        matches = matching(name, self._listed or ()) or matching(name, self._all(fresh=True))
        if len(matches) == 1:
            return matches[0]
        raise self._several(name, matches) if matches else self._none(name)

    def listed(self, project_id: str) -> Project:
        """Return the project of an id as the server lists it. Raises as `find` does."""
        matches = [project for project in self._all(fresh=False) if project.project_id == project_id]
        matches = matches or [
            project for project in self._all(fresh=True) if project.project_id == project_id
        ]
        if not matches:
            raise self._none(project_id)
        return matches[0]

    def resolved(self, message: Message, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options with an id for every project. Raises as `find` does."""
        resolved = dict(options)
        for name in options:
            if message.option(name).names_project:
                resolved[name] = self._ids(resolved[name])
        return resolved

    def people(self) -> dict[str, str]:
        """Return the names of collaborators by account; empty where the key may not list them."""
        try:
            records = self._ask("query", query=_PEOPLE).records() or ()
        except CoCalcError:  # as with the key of a project
            return {}
        names = ("first_name", "last_name")
        return {
            str(record.get("account_id")): " ".join(str(record.get(name) or "") for name in names).strip()
            for record in records
        }

    def learn(self, message: Message, response: Response) -> None:
        """Keep the titles in a response; drop the list where the message may have changed it."""
        options = response.request.options
        rows = list(_rows(options.get("query")))
        if (message.subject in _CHANGES and not message.read_only) or any(not many for _, many in rows):
            self.forget()
        if not response.ok:
            return
        if message.subject in _CHANGES:
            project_id = response.get("project_id") or response.get("value")  # conat answers with the bare id
            self._know(
                [{"project_id": project_id or options.get("project_id"), "title": options.get("title")}]
            )
        self._know([row for row, many in rows if not many])
        self._know(response.records() or () if rows else ())

    def forget(self, *, titles: bool = False) -> None:
        """Drop the cached list, and with `titles` the titles too."""
        self._listed = None
        if titles:
            self.titles = {}

    # ----------------------------------------------------------------------------------------------

    def _all(self, *, fresh: bool) -> list[Project]:
        if self._listed is None or fresh:
            self._listed = self._fetched()
        return self._listed

    def _fetched(self) -> list[Project]:
        """Return the projects as the server lists them, the last edited first."""
        try:
            records = self._ask("query", query=_QUERY).records()
        except NotSent:
            return self._fetched_by_key()
        listed = [from_record(record) for record in records or ()]
        return sorted(listed, key=lambda project: (project.last_edited, project.project_id), reverse=True)

    def _fetched_by_key(self) -> list[Project]:
        """Return what a key with capabilities may list, which comes in this order."""
        try:
            records = self._ask("query", query=_SHORT_QUERY).records()
        except (NotPermitted, PermissionRefused) as problem:
            problem.problem = f"for the list of projects, {problem.problem}"
            problem.hints = (
                "Titles are found in the list of projects: without it, use an id.",
                *problem.hints,
            )
            raise
        return [from_record(record) for record in records or ()]

    def _know(self, records: Iterable[Mapping[str, Any]]) -> None:
        titles = {
            record["project_id"]: record["title"]
            for record in records
            if isinstance(record.get("project_id"), str) and isinstance(record.get("title"), str)
        }
        if titles:  # replaced as a whole: others read it in their threads
            self.titles = {**self.titles, **titles}

    def _ids(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._ids(item) for item in value]
        return value if is_uuid(value) else self.find(value).project_id

    def _several(self, name: str, projects: list[Project]) -> InvalidValue:
        people = self.people()
        lines = [_line(project, people) for project in projects[:MAX_LISTED]]
        more = [f"and {len(projects) - MAX_LISTED} more"] if len(projects) > MAX_LISTED else []
        return InvalidValue(
            f"{len(projects)} projects are called {name!r}, or begin so.",
            "Use the id of one of them, or its first characters:",
            "\n".join([*lines, *more]),
        )

    def _none(self, name: str) -> InvalidValue:
        titles = [short(project.title) for project in self._listed or () if not project.deleted]
        return InvalidValue(
            f"no project of yours is called {name!r}, or begins so.",
            did_you_mean(name, titles),
            "%cocalc projects lists them.",
        )


def members(project: Project, people: Mapping[str, str]) -> str:
    """Return the names of the people on a project, its owner first and marked."""
    ordered = sorted(project.users.items(), key=lambda user: user[1] != "owner")
    named = ((people.get(account) or account[:8], group) for account, group in ordered)
    return ", ".join(f"{name} (owner)" if group == "owner" else name for name, group in named)


def moment(text: str) -> str:
    """Return a timestamp to the minute, in UTC; unchanged where its form is unknown."""
    return f"{text[:10]} {text[11:16]}" if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text) else text


def short(title: str, limit: int = 60) -> str:
    """Return a title shortened to one line of an error."""
    line = visible_line(" ".join(title.split()))
    return line if len(line) <= limit else f"{line[:limit]}…"


def _line(project: Project, people: Mapping[str, str]) -> str:
    owners = [account for account, group in project.users.items() if group == "owner"]
    whose = ", ".join(people.get(account) or account[:8] for account in owners)
    facts = [f"of {whose}" if whose else "", f"last used {moment(project.last_edited) or 'never'}"]
    parts = " · ".join(filter(None, [short(project.title), *facts]))
    return f"{project.project_id}  {parts}"


def _rows(query: Any) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the rows in a query that are about projects, and whether each is for many: those only read."""
    for part in query if isinstance(query, list) else [query]:
        for table, row in part.items() if isinstance(part, Mapping) else ():
            if str(table).startswith("projects"):
                yield (row, False) if isinstance(row, Mapping) else ({}, True)
