"""The state that a sandbox begins with: of a world file, of the default one, or one account alone."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.default_world import COURSE
from cocalc_magic.sandbox.errors import CannotStart, Failed
from cocalc_magic.sandbox.storage.folders.node_errors import FileError
from cocalc_magic.sandbox.storage.passwords import hash_password
from cocalc_magic.sandbox.storage.settings import REGISTRATION

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

DEFAULT = "default"
EMPTY = "empty"
WORLD_COST = 16  # of the passwords of a world file: they are no secrets, and starting should not wait
_ALONE = {"accounts": [{"first_name": "Ada", "last_name": "Example", "email_address": "ada@example.com"}]}


def described(name: str) -> dict[str, Any]:
    """What a world file says; ``name`` is its path, ``default`` or ``empty``. Raises :class:`CannotStart`."""
    if name in (DEFAULT, EMPTY):
        return COURSE if name == DEFAULT else _ALONE
    import yaml

    try:
        found = yaml.safe_load(Path(name).read_text(encoding="utf-8")) or {}
    except (OSError, ValueError) as problem:
        raise CannotStart(f"{name} is no world file: {problem}") from None
    except yaml.YAMLError as problem:
        raise CannotStart(f"{name} is no world file: {_place(problem)}") from None
    if not isinstance(found, dict):
        raise CannotStart(f"{name} has not the form of a world file: it is no mapping.")
    return found


def _place(problem: Any) -> str:
    """What is wrong with the YAML, and where; not the line itself, which may hold a password."""
    mark = getattr(problem, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(problem, 'problem', None) or 'it is no YAML'}"


def fill(world: World, name: str, description: dict[str, Any]) -> None:
    """Makes the accounts, projects and files of a world file. Raises :class:`CannotStart`."""
    try:
        _fill(world, description)
    except (OSError, ValueError, Failed) as problem:
        raise CannotStart(f"{name} is no world file: {problem}") from None
    except KeyError as handle:
        raise CannotStart(f"{name} is no world file: it has no account {handle}.") from None
    except (AttributeError, TypeError) as problem:
        raise CannotStart(f"{name} has not the form of a world file: {problem}") from None
    except sqlite3.IntegrityError as problem:
        raise CannotStart(f"{name} gives an id or a key twice: {problem}") from None


def _fill(world: World, description: dict[str, Any]) -> None:
    handles: dict[str, str] = {}
    for account in description.get("accounts") or ():
        account_id = _account(world, account)
        handles |= {account_id: account_id, account.get("handle", account_id): account_id}
    if not handles:
        raise ValueError("it needs an account, since the key must be somebody's.")
    if token := description.get("registration_token"):
        world.settings.keep(REGISTRATION, str(token))
    for project in description.get("projects") or ():
        _project(world, project, handles)


def _account(world: World, given: dict[str, Any]) -> str:
    password = given.get("password")
    kept = hash_password(str(password), WORLD_COST) if password else None
    account_id = world.add_account({**given, "account_id": _id(given.get("account_id")), "password": kept})
    keys = given.get("keys", ())
    for key in [keys] if isinstance(keys, str) else keys:
        world.keys.keep(account_id, "from the world file", str(key))
    return account_id


def _project(world: World, given: dict[str, Any], handles: dict[str, str]) -> None:
    owner = handles[given.get("owner", next(iter(handles)))]
    known = _id(given.get("project_id"))
    project_id = world.add_project(
        owner,
        given.get("title", ""),
        given.get("description", ""),
        **({"project_id": known} if known else {}),
    )
    others = {handles[name]: {"group": "collaborator"} for name in given.get("collaborators", ())}
    world.store.update("projects", project_id, {"users": {owner: {"group": "owner"}, **others}})
    for name, content in (given.get("files") or {}).items():
        try:
            world.folders.write(project_id, name, content.encode("utf-8", "replace"))
        except FileError as problem:
            raise Failed(problem.words(name)) from None


def _id(given: Any) -> str | None:
    """An id of a world file, which becomes the name of a folder. Raises ``ValueError``."""
    return str(uuid.UUID(str(given))) if given else None
