"""Organizations: their members and administrators. An account is in one at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import casts, messages, projects
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import add, find_by_address
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, well_formed
from cocalc_magic.sandbox.storage.passwords import hash_password
from cocalc_magic.sandbox.storage.store import iso, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

PROJECT = "My First Project"  # of an account that an organization creates
MAX_NAME, MAX_TEXT = 39, 254  # characters
_SHOWN = ("name", "title", "description", "link", "email_address", "admin_account_ids")
_CHANGED = ("title", "description", "link", "email_address")
_PEOPLE = ("first_name", "last_name", "account_id", "email_address", "last_active")


def get_all(world: World, caller: Caller, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every organization; those changed last come last, as recorded."""
    _require_admin(caller, "must be a site admin")
    names = ("name", "title", "admin_account_ids")
    return [{name: row[name] for name in names} for row in world.store.select("orgs")]


def create(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Create an organization, with any name that is not taken, as recorded; return its id."""
    _require_admin(caller, "only admins may create organizations")
    name = _name(options)
    if name is not None and _is_taken(world, name):
        raise Thrown(f"name {name} is already used by some account or organization")
    organization_id = new_id()
    stored = None if name is None else casts.varchar(name, MAX_NAME)
    world.store.insert("orgs", {"organization_id": organization_id, "name": stored})
    return organization_id


def get(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of an organization."""
    name = _name(options)
    _require_org_admin(world, caller, name)
    row = _row(world, name)
    if row is None:
        raise Thrown(f"no org named '{'undefined' if name is None else name}'")
    return {name: row[name] for name in _SHOWN}


def set(world: World, caller: Caller, options: Mapping[str, Any]) -> None:  # noqa: A001 - the method's name
    """Change properties of an organization; with nothing to change it fails in SQL, as recorded."""
    name = _name(options)
    _require_org_admin(world, caller, name)
    changes = {column: options[column] for column in _CHANGED if options.get(column) is not None}
    if not changes:
        raise Thrown('syntax error at or near "WHERE"', kind="error")
    if row := _row(world, name):  # none of that name is no failure
        _change(world, row, {column: casts.varchar(value, MAX_TEXT) for column, value in changes.items()})


def add_admin(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Make an account an administrator of the organization; a member of another one is an error."""
    account = _find(world, options.get("user"))
    if account is None:
        user = options.get("user")
        raise Thrown(f"no such account '{'undefined' if user is None else as_text(user)}'")
    if account["org"] not in (None, _name(options)):
        raise Thrown(f"User '{as_text(options.get('user'))}' is already member of another organization")
    _require_admin(caller, "only site admins can make a user an organization admin right now")
    if row := _row(world, _name(options)):
        others = {*(row["admin_account_ids"] or ()), account["account_id"]}
        _change(world, row, {"admin_account_ids": sorted(others)})
    world.store.update("accounts", account["account_id"], {"org": _name(options)})


def add_user(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Make an account a member; a member of another organization moves."""
    _require_admin(caller, "only site admins can add/move a user to an org right now")
    account = _require_account(world, options.get("user"))
    world.store.update("accounts", account["account_id"], {"org": _name(options)})


def create_user(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Create an account in the organization, with a first project; it may be without an address."""
    _require_org_admin(world, caller, _name(options))
    address = options.get("email")
    if address is not None and find_by_address(world, as_text(address)):
        raise Thrown(
            'duplicate key value violates unique constraint "accounts_email_address_key"', kind="error"
        )
    names = {"first_name": options.get("firstName"), "last_name": options.get("lastName")}
    known = {name: as_text(value) for name, value in names.items() if value is not None}
    password = options.get("password")
    password_hash = hash_password(as_text(password)) if password else None
    fields = {"email_address": None if address is None else as_text(address), "password": password_hash}
    with world.store.transaction():
        account_id = add(world, {**known, **fields})
        missing = {name: None for name in names if name not in known}
        world.store.update("accounts", account_id, {**missing, "org": _name(options)})
        projects.add(world, account_id, PROJECT, "")
    return account_id


def remove_user(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Remove a member, or a member of another organization; an administrator is an error."""
    name = _name(options)
    _require_org_admin(world, caller, name)
    account = _require_account(world, options.get("user"))
    if account["account_id"] in ((_row(world, name) or {}).get("admin_account_ids") or ()):
        raise Thrown("admin cannot be removed from org; first remove them from being an admin")
    world.store.update("accounts", account["account_id"], {"org": None})


def remove_admin(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Make an administrator of the organization an ordinary member."""
    _require_org_admin(world, caller, _name(options))
    _remove_admin(world, _name(options), _require_account(world, options.get("user"))["account_id"])


def get_users(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the members."""
    _require_org_admin(world, caller, _name(options))
    return [
        {**{name: row[name] for name in _PEOPLE}, "last_active": iso(moment) if moment else None}
        for row in _members(world, _name(options))
        for moment in [row["last_active"]]
    ]


def message(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Send a message to every member."""
    _require_org_admin(world, caller, _name(options))
    to = [row["account_id"] for row in _members(world, _name(options))]
    messages.deliver(world, caller.account_id, to, options)


def create_token(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a token that signs a browser in as a member, and the address to open with it."""
    account = _find(world, options.get("user"))
    if account is None or account["org"] is None:
        raise Thrown("user is not in an org")
    _require_org_admin(world, caller, account["org"])
    token = world.sessions.new_token(account["account_id"])
    return {"token": token, "url": f"{world.address}/auth/impersonate?auth_token={token}"}


def expire_token(world: World, _caller: Caller, options: Mapping[str, Any]) -> None:
    """Revoke a token; whoever knows it may do so."""
    world.sessions.revoke(as_text(options.get("token")))


# -- rights and rows -------------------------------------------------------------------------------


def _require_admin(caller: Caller, words: str) -> None:
    if not caller.admin:
        raise Thrown(words)


def _require_org_admin(world: World, caller: Caller, name: str | None) -> None:
    """Raise `Failed` unless the caller is an administrator of the organization or of the site."""
    row = _row(world, name)
    if not caller.admin and caller.account_id not in ((row or {}).get("admin_account_ids") or ()):
        raise Thrown("user must be an admin of the organization or site-admin")


def _name(options: Mapping[str, Any]) -> str | None:
    return None if options.get("name") is None else well_formed(as_text(options["name"]))


def _row(world: World, name: str | None) -> Row | None:
    """Return the organization of this name; one without a name is never found."""
    rows = world.store.select("orgs", [("name", "=", name)], limit=1) if name is not None else []
    return rows[0] if rows else None


def _is_taken(world: World, name: str) -> bool:
    return bool(_row(world, name) or world.store.select("accounts", [("name", "=", name)], limit=1))


def _change(world: World, row: Row, changes: Mapping[str, Any]) -> None:
    """Write the row again, so that it becomes the last one."""
    changed = {name: value for name, value in {**row, **changes}.items() if name != "position"}
    with world.store.transaction():
        world.store.delete("orgs", row["organization_id"])
        world.store.insert("orgs", changed)


def _remove_admin(world: World, name: str | None, account_id: str) -> None:
    row = _row(world, name)
    if row and account_id in (row["admin_account_ids"] or ()):
        rest = [admin for admin in row["admin_account_ids"] if admin != account_id]
        _change(world, row, {"admin_account_ids": rest})


def _members(world: World, name: str | None) -> list[Row]:
    return world.store.select("accounts", [("org", "=", name)]) if name is not None else []


def _find(world: World, user: Any) -> Row | None:
    """Return an account by its id or address, in exactly this spelling."""
    if user is None:
        return None
    text = as_text(user)
    row = world.store.get("accounts", text) if is_uuid(text) else find_by_address(world, text)
    return row if row and text in (row["account_id"], row["email_address"]) else None


def _require_account(world: World, user: Any) -> Row:
    account = _find(world, user)
    if account is None:
        raise Thrown(f"cannot find user '{'undefined' if user is None else as_text(user)}'")
    return account
