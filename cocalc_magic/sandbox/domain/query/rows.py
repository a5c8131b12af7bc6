"""Access to rows: which of a table a caller may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

HASH_LENGTH = 40  # characters of a SHA-1 in hexadecimal, the id of published paths and synced files


@dataclass(frozen=True)
class Rows:
    """A selection of rows: conditions of the store, or a group of projects or people in it."""

    where: tuple[tuple[str, str, Any], ...] = ()
    among: tuple[str, str] | None = None


class NoReadAccess(Failed):
    """Raised where the caller is not in the project whose rows it asks for.

    Attributes:
        as_today: What servers of today add to it, who forget to fill in the project.
    """

    def __init__(self, caller: Caller) -> None:
        super().__init__("FATAL: you do not have read access to this project")
        self.as_today = f"{self.text} -- account_id={caller.account_id}, project_id_=undefined"


def allowed(world: World, caller: Caller, rule: str, record: dict[str, Any]) -> Rows:
    """Return the rows that a rule of the schema allows the caller to read. Raises `Failed`."""
    if rule.startswith("own "):
        return Rows(((rule.removeprefix("own "), "=", caller.account_id),))
    if rule.startswith("in "):
        return Rows(((rule.removeprefix("in "), "HAS", caller.account_id),))
    return _RULES[rule](world, caller, record)


def check(world: World, caller: Caller, rule: str, record: dict[str, Any]) -> None:
    """Make the checks that precede all others, even whether the caller is an administrator."""
    if rule in _CHECKS:
        _CHECKS[rule](world, caller, record)


def require_admin(caller: Caller) -> None:
    """Raise `Failed` where the caller is not an administrator."""
    if not caller.admin:
        raise Failed("FATAL: user must be an admin")


def require_projects(world: World, caller: Caller, project_id: Any, *groups: str) -> str:
    """Return the id of an existing project that the caller is in (in one of the groups), or an admin."""
    project = world.store.get("projects", as_uuid(project_id))
    if project is None:
        raise Failed(f"FATAL: unknown project_id '{project_id}'")
    if access.group_of(project, caller.account_id) not in (groups or access.GROUPS):
        require_admin(caller)
    return str(project["project_id"])


def as_uuid(value: Any) -> str:
    """Return an id as the database casts it. Raises `Failed`."""
    if not access.is_uuid(value):
        raise Failed(f'postgresql error: invalid input syntax for type uuid: "{as_text(value)}"')
    return str(value).lower()


def _all(_world: World, _caller: Caller, _record: dict[str, Any]) -> Rows:
    return Rows()


def _mine(world: World, caller: Caller, record: dict[str, Any]) -> Rows:
    if not record.get("project_id"):
        return Rows(among=("projects of", caller.account_id))
    _named_project(world, caller, record)
    return Rows()


def _of_project(world: World, caller: Caller, record: dict[str, Any]) -> Rows:
    return Rows((("project_id", "=", _named_project(world, caller, record)),))


def _named_project(world: World, caller: Caller, record: dict[str, Any]) -> str:
    project_id = record.get("project_id")
    if not project_id:
        raise Failed("FATAL: must specify project_id")
    access.check_ids(project_id=project_id)
    if not access.is_member_or_admin(world, caller, project_id):
        raise NoReadAccess(caller)
    return str(project_id).lower()


def _of_published(world: World, _caller: Caller, record: dict[str, Any]) -> Rows:
    project_id = record.get("project_id")
    if project_id is None:
        raise Failed("FATAL: must specify project_id")
    project_id = as_uuid(project_id)
    published = world.store.select(
        "public_paths", [("project_id", "=", project_id), ("path", "IS NOT", None)]
    )
    if not any(not row["disabled"] for row in published):
        raise Failed("project does not have any public paths")
    return Rows((("project_id", "=", project_id),))


def _of_any_project(_world: World, _caller: Caller, record: dict[str, Any]) -> Rows:
    """Return the rows of a named project, which the caller need not be in."""
    if not record.get("project_id"):
        raise Failed("FATAL: must specify project_id")
    return Rows((("project_id", "=", as_uuid(record["project_id"])),))


def _people(world: World, caller: Caller, record: dict[str, Any]) -> Rows:
    return Rows(among=("people of", _named_project(world, caller, record)))


def _colleagues(_world: World, caller: Caller, _record: dict[str, Any]) -> Rows:
    return Rows(among=("colleagues of", caller.account_id))


def _administrators(_world: World, _caller: Caller, _record: dict[str, Any]) -> Rows:
    return Rows((("groups", "HAS", "admin"),))


def _of_my_courses(_world: World, _caller: Caller, _record: dict[str, Any]) -> Rows:
    return Rows((("course_project_id", "IS NOT", None),))  # none: no query writes this column


def _mail(_world: World, caller: Caller, _record: dict[str, Any]) -> Rows:
    return Rows((("to_ids", "HAS", caller.account_id), ("sent", "IS NOT", None)))


def _unfilled(_world: World, _caller: Caller, _record: dict[str, Any]) -> Rows:
    """Fail as the database does: the server compares the key with the key's own name."""
    return Rows((("organization_id", "=", as_uuid("organization_id")),))


_RULES: dict[str, Callable[[Any, Any, dict[str, Any]], Rows]] = {
    "all": _all,
    "computed": _all,
    "of my projects": _mine,
    "of the project": _of_project,
    "of the open project": _of_any_project,
    "of the public project": _of_published,
    "my collaborators": _colleagues,
    "people of the project": _people,
    "administrators": _administrators,
    "site settings": _all,
    "one syncdoc": _all,
    "syncdocs of the project": _of_project,
    "one id": _all,
    "unfilled": _unfilled,
    "of my courses": _of_my_courses,
    "my mail": _mail,
}


def _check_syncdoc(world: World, caller: Caller, record: dict[str, Any]) -> None:
    string_id = record.get("string_id")
    if not isinstance(string_id, str) or len(string_id) != HASH_LENGTH:
        shown = as_text(string_id) if "string_id" in record else "undefined"
        raise Failed(f"FATAL: string_id (='{shown}') must be a string of length 40")
    row = world.store.get("syncstrings", string_id)
    if row is None:
        raise Failed("FATAL: no such syncstring")
    require_projects(world, caller, row["project_id"])


def _check_project(world: World, caller: Caller, record: dict[str, Any]) -> None:
    project_id = record.get("project_id")
    if not access.is_uuid(project_id):
        shown = as_text(project_id) if "project_id" in record else "undefined"
        raise Failed(f"FATAL: project_id (='{shown}') must be a valid uuid")
    require_projects(world, caller, project_id)


def _check_id(_world: World, _caller: Caller, record: dict[str, Any]) -> None:
    if not isinstance(record.get("id"), str) or len(record["id"]) != HASH_LENGTH:
        raise Failed("id must be a sha1 hash")


_CHECKS: dict[str, Callable[[Any, Any, dict[str, Any]], None]] = {
    "one syncdoc": _check_syncdoc,
    "syncdocs of the project": _check_project,
    "one id": _check_id,
}
