"""API keys of accounts and projects, as the settings dialog of CoCalc manages them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import GROUPS, Caller, group_of, is_uuid
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.keys import LARGEST_NUMBER, MAX_KEYS, TooManyKeys
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import World

MAX_NAME = 128
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Fields = dict[str, Any]


def api_keys(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Fields:
    """List, create, change or delete keys; an unknown `action` does nothing, as recorded.

    With `project_id` these are the keys of a project, for any collaborator, else the caller's own.
    """
    if caller is None:
        raise Thrown("must be signed in")
    if caller.project_id:
        raise Thrown("account_id is not a valid account")
    project_id = options.get("project_id") or None
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
    name, expire = _name(options.get("name")), _moment(options.get("expire"))
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
        changes["name"] = _name(options["name"])
    if "expire" in options:
        changes["expire"] = _moment(options["expire"])
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


# -- options as the database reads them ------------------------------------------------------------


def _number(value: Any) -> int | None:
    if value is None:
        return None
    text = as_text(value).strip()
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
        raise Thrown(f'invalid input syntax for type integer: "{text}"', kind="error")
    if len(text) > len(str(LARGEST_NUMBER)) + 1 or abs(int(text)) > LARGEST_NUMBER:
        raise Thrown(f'value "{text}" is out of range for type integer', kind="error")
    return int(text)


def _name(value: Any) -> str | None:
    text = None if value is None else as_text(value)
    if text is not None and len(text) > MAX_NAME:
        raise Thrown(f"value too long for type character varying({MAX_NAME})", kind="error")
    return text


def _moment(value: Any) -> int | None:
    """Convert a time in ISO 8601, by default in UTC, to milliseconds since 1970."""
    if value is None:
        return None
    text = as_text(value)
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return (moment.astimezone(timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise Thrown(f'invalid input syntax for type timestamp: "{text}"', kind="error") from None
