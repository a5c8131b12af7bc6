"""The initial state of a world: that of a world file, the default one, or a single account."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.generations import SCOPED
from cocalc_magic.sandbox.default_world import WORLD
from cocalc_magic.sandbox.domain import accounts, projects, registration, scopes
from cocalc_magic.sandbox.errors import CannotStart, Failed, StorageFailed
from cocalc_magic.sandbox.storage.folders.node_errors import FileError
from cocalc_magic.sandbox.storage.passwords import hash_password
from cocalc_magic.sandbox.storage.settings import INITIAL, WORLD_ID

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

DEFAULT = "default"
EMPTY = "empty"
CLASS = "class"
WORLD_COST = (
    16  # of hashing the passwords of a world file, which are not secret: a start should not wait for it
)
_SINGLE_ACCOUNT = {
    "accounts": [{"first_name": "Ada", "last_name": "Example", "email_address": "ada@example.com"}]
}


def begin(world: World, file: Path | None = None, *, empty: bool = False) -> str:
    """Fill the world, if its folder is fresh, and return a new start key.

    Args:
        file: A world file in place of the default world, or `class` for a class of 30 students.
        empty: Make one account alone.

    Raises:
        CannotStart: For a world file on a folder that has data, and for a folder that cannot be used.
    """
    try:
        if not world.store.count("accounts"):
            name = EMPTY if empty else _name(file) if file else DEFAULT
            description = _read(name)
            with world.store.transaction():  # all of it, or the folder stays empty
                _fill(world, name, description)
        elif file:
            raise CannotStart(f"{world.folder} has data already; --world is for an empty folder.")
        elif not world.settings.get(WORLD_ID):  # of an older version
            world.settings.set(WORLD_ID, str(uuid.uuid4()))
        return new_start_key(world)
    except StorageFailed as problem:
        raise world.unusable(problem) from None


def reset(world: World) -> str:
    """Restore the initial state, which revokes every key but those of a world file; return a new start key.

    Raises `CannotStart`, and changes nothing, where the world file is missing.
    """
    name = world.settings.get(INITIAL) or DEFAULT
    description = _read(name)
    for project in world.store.select("projects"):
        world.processes.stop(project["project_id"])
    with world.store.transaction():
        world.clear()
        _fill(world, name, description)
    return new_start_key(world)


def new_start_key(world: World) -> str:
    """Return a new key of the first account, in place of the one of the last start."""
    account_id: str = world.store.select("accounts", limit=1)[0]["account_id"]
    scope = scopes.everything(world, account_id) if world.generation in SCOPED else None
    return world.keys.new_start_key(account_id, scope)


# -- world files -----------------------------------------------------------------------------------


def _name(file: Path) -> str:
    """Return the name of a world: `class`, or the path of a file."""
    return CLASS if str(file) == CLASS else str(file.absolute())


def _read(name: str) -> dict[str, Any]:
    """Return the content of a world file; `name` is its path, `default`, `empty` or `class`."""
    if name in (DEFAULT, EMPTY):
        return WORLD if name == DEFAULT else _SINGLE_ACCOUNT
    if name == CLASS:
        from cocalc_magic.sandbox.class_world import class_world  # late: few worlds are this one

        return class_world()
    import yaml  # late: a start does not need it

    try:
        description = yaml.safe_load(Path(name).read_text(encoding="utf-8")) or {}
    except (OSError, ValueError) as problem:
        raise CannotStart(f"{name} is not a world file: {problem}") from None
    except yaml.YAMLError as problem:
        raise CannotStart(f"{name} is not a world file: {_yaml_problem(problem)}") from None
    if not isinstance(description, dict):
        raise CannotStart(f"{name} does not have the form of a world file: it is not a mapping.")
    return description


def _yaml_problem(problem: Any) -> str:
    """Return what is wrong with the YAML, and where; not the line itself, which may hold a password."""
    mark = getattr(problem, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(problem, 'problem', None) or 'it is not YAML'}"


def _fill(world: World, name: str, description: dict[str, Any]) -> None:
    """Make the accounts, projects and files of a world file. Raises `CannotStart`."""
    world.settings.set(INITIAL, name)
    world.settings.set(WORLD_ID, str(uuid.uuid4()))
    try:
        _add_all(world, description)
    except (OSError, ValueError, Failed) as problem:
        raise CannotStart(f"{name} is not a world file: {problem}") from None
    except KeyError as handle:
        raise CannotStart(f"{name} is not a world file: it has no account {handle}.") from None
    except (AttributeError, TypeError) as problem:
        raise CannotStart(f"{name} does not have the form of a world file: {problem}") from None
    except sqlite3.IntegrityError as problem:
        raise CannotStart(f"{name} gives an id or a key twice: {problem}") from None


def _add_all(world: World, description: dict[str, Any]) -> None:
    handles: dict[str, str] = {}
    for account in description.get("accounts") or ():
        if "key_of" in account:  # further keys of an account above, which may stand there in two forms
            _add_keys(world, handles[account["key_of"]], {**account, "keys": dict.fromkeys(account["keys"])})
            continue
        account_id = _add_account(world, account)
        handles |= {account_id: account_id, account.get("handle", account_id): account_id}
    if not handles:
        raise ValueError("it needs an account, which the start key belongs to.")
    if token := description.get("registration_token"):
        registration.add(world, str(token))
    for project in description.get("projects") or ():
        _add_project(world, project, handles)


def _add_account(world: World, account: dict[str, Any]) -> str:
    password = account.get("password")
    password_hash = hash_password(str(password), WORLD_COST) if password else None
    fields = {**account, "account_id": _uuid(account.get("account_id")), "password": password_hash}
    account_id = accounts.add(world, fields)
    _add_keys(world, account_id, account)
    return account_id


def _add_keys(world: World, account_id: str, account: dict[str, Any]) -> None:
    """Add the keys of an entry, with its scope where it has one."""
    keys, projects = account.get("keys", ()), account.get("allowed_project_ids") or ()
    scope = scopes.checked(account["capabilities"], projects) if "capabilities" in account else None
    expire = _milliseconds(account.get("expire"))
    for key in [keys] if isinstance(keys, str) else keys:
        world.keys.add(account_id, "from the world file", str(key), scope, expire)


def _milliseconds(moment: Any) -> int | None:
    """Return the milliseconds since 1970 of a time in ISO 8601, or as YAML reads it; `None` for none."""
    if moment is None:
        return None
    text = moment.isoformat() if isinstance(moment, datetime) else str(moment).replace("Z", "+00:00")
    when = datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=timezone.utc)).timestamp() * 1_000)


def _add_project(world: World, project: dict[str, Any], handles: dict[str, str]) -> None:
    owner = handles[project.get("owner", next(iter(handles)))]
    others = {handles[name]: {"group": "collaborator"} for name in project.get("collaborators", ())}
    project_id = projects.add(
        world,
        owner,
        project.get("title", ""),
        project.get("description", ""),
        project_id=_uuid(project.get("project_id")),
        users={owner: {"group": "owner"}, **others},
    )
    for name, content in (project.get("files") or {}).items():
        try:
            world.folders.write(project_id, name, content.encode("utf-8", "replace"))
        except FileError as problem:
            raise Failed(problem.words(name)) from None


def _uuid(value: Any) -> str | None:
    """Return an id of a world file, which becomes the name of a folder. Raises `ValueError`."""
    return str(uuid.UUID(str(value))) if value else None
