"""API keys of accounts and projects, as the settings dialog of CoCalc manages them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import casts
from cocalc_magic.sandbox.domain.access import GROUPS, Caller, group_of, is_uuid
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.keys import MAX_KEYS, TooManyKeys
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import World

MAX_NAME = 128
Fields = dict[str, Any]


def api_keys(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Fields:
    """List, create, change or delete keys; an unknown `action` does nothing, as recorded.

    With `project_id` these are the keys of a project, for any collaborator, else the caller's own.
    """
    if caller is None:
        raise Thrown("must be signed in")
    if caller.project_id:
        raise Thrown("account_id is not a valid account")
    project_id = options.get("project_id")
    if project_id is not None:
        _check_project(world, caller, project_id)
        project_id = project_id.lower()
    action = options.get("action")
    act = _ACTIONS.get(action) if isinstance(action, str) else None
    return act(world, caller, project_id, options) if act else {}


def _check_project(world: World, caller: Caller, project_id: Any) -> None:
    if not is_uuid(project_id):
        raise Thrown("invalid account_id or project_id -- all must be valid uuid's")
    if group_of(world.store.get("projects", project_id.lower()), caller.account_id) not in GROUPS:
        raise Thrown("user must be collaborator on project to manage project_id api keys")


def _get(world: World, caller: Caller, project_id: str | None, options: Mapping[str, Any]) -> Fields:
    number = _number(options.get("id"))
    entries = _entries(world, caller, project_id, number)
    if number is not None and not entries:
        return {"response": [None]}
    return {"response": [_shown(entry) for entry in entries]}


def _create(world: World, caller: Caller, project_id: str | None, options: Mapping[str, Any]) -> Fields:
    name, expire = _name(options), _expire(options)
    try:
        entry, text = world.keys.create(caller.account_id, name, project_id=project_id, expire=expire)
    except TooManyKeys:
        raise Thrown(f"There is a limit of {MAX_KEYS} per account; please delete some api keys.") from None
    return {"response": [{**_shown(entry), "secret": text}]}


def _edit(world: World, caller: Caller, project_id: str | None, options: Mapping[str, Any]) -> Fields:
    key_id = options.get("id")
    number = _number(key_id)
    if number is None or not _entries(world, caller, project_id, number):
        raise Thrown(f"no api key with id {'undefined' if key_id is None else as_text(key_id)}")
    changes: dict[str, Any] = {}
    if options.get("name") is not None:
        changes["name"] = _name(options)
    if "expire" in options:
        changes["expire"] = _expire(options)
    world.keys.change(number, changes)
    return {}


def _delete(world: World, caller: Caller, project_id: str | None, options: Mapping[str, Any]) -> Fields:
    number = _number(options.get("id"))
    if number is not None and _entries(world, caller, project_id, number):
        world.keys.delete(number)
    return {}


_ACTIONS: dict[str, Callable[[World, Caller, str | None, Mapping[str, Any]], Fields]] = {
    "get": _get,
    "create": _create,
    "edit": _edit,
    "delete": _delete,
}


def _entries(
    world: World, caller: Caller, project_id: str | None, number: int | None
) -> list[dict[str, Any]]:
    if project_id:
        return world.keys.of_project(project_id, number)
    return world.keys.of_account(caller.account_id, number)


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    times = ("expire", "created", "last_active")
    return {
        name: iso(value) if name in times and value is not None else value for name, value in entry.items()
    }


def _name(options: Mapping[str, Any]) -> str | None:
    value = options.get("name")
    return None if value is None else casts.varchar(value, MAX_NAME)


def _expire(options: Mapping[str, Any]) -> int | None:
    value = options.get("expire")
    return None if value is None else casts.timestamp(value)


def _number(value: Any) -> int | None:
    return None if value is None else casts.integer(value)
