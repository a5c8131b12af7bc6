"""``accounts/*``: who people are and what they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import system as conat
from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import people as v1
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.query import query
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.world import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

SUCCESS = {"status": "success"}
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,38}")


def profile(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Who the caller is, or what everybody may know of the account that is named."""
    named = options.get("account_id")
    if named is not None:
        return {"profile": _public(_account(world, named))}
    if caller is None:
        return {"profile": {}}
    row = _account(world, caller.account_id)
    flags = {"is_admin": caller.admin, "is_partner": False, "is_anonymous": not row["email_address"]}
    return {"profile": {**_public(row), **flags, "email_address": row["email_address"]}}


def _public(row: Row) -> dict[str, Any]:
    shown = {name: row[name] for name in ("account_id", "first_name", "last_name")}
    picture = row["profile"] or {}
    return {
        **shown,
        **{name: picture[name] for name in ("image", "color") if name in picture},
        "name": row["name"],
    }


def _account(world: World, account_id: Any) -> Row:
    if not is_uuid(account_id):
        raise Failed(f'invalid input syntax for type uuid: "{as_text(account_id)}"')
    row = world.store.get("accounts", account_id.lower())
    if row is None:
        raise Failed(f"no account with id {account_id}")
    return row


def get_names(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Names by account id; an account that there is not has the name of a deleted one."""
    auth.signed_in(caller)
    with auth.without_kind():
        return {"names": conat.names_of(world, options.get("account_ids"))}


def search(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accounts by name or address; one needs no key for it, as recorded."""
    query_text = options.get("query")
    asked = {"query": "" if query_text is None else query_text, "limit": v1.MOST, "admin": False}
    found: list[dict[str, Any]] = v1.user_search(world, caller or Caller(""), asked)["results"]
    return found


def set_name(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Another first, last or user name; what is empty stays as it is."""
    caller = auth.signed_in(caller)
    account_id = auth.acting_as(caller, options)
    record = {name: options[name] for name in ("first_name", "last_name") if options.get(name)}
    if name := options.get("username"):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Failed("Error: name must contain only a-z,A-Z,0-9, or -, and not start with hyphen.")
        record["name"] = name
    if record:
        names = ("options", "changes", "multi_response")
        query(world, Caller(account_id), {"query": {"accounts": record}, **dict.fromkeys(names)})
    return SUCCESS


def get_email_address(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """The address of an account, for administrators; nothing where there is none."""
    if not auth.signed_in(caller).admin:
        raise Failed("you must be an admin or partner to get the email address of any account_id")
    row = world.store.get("accounts", as_text(options.get("account_id")).lower())
    return {"email_address": row["email_address"]} if row and row["email_address"] else {}


def ban(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """An account can't sign in any more, its keys are not known, and its sessions have ended."""
    return _ban(world, caller, options, banned=True)


def remove_ban(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """An account can sign in again, and its keys are known."""
    return _ban(world, caller, options, banned=False)


def _ban(world: World, caller: Caller | None, options: Mapping[str, Any], *, banned: bool) -> dict[str, str]:
    if not auth.signed_in(caller).admin:
        raise Failed("only admins can ban users" if banned else "only admins can remove a ban on users")
    row = _account(world, options.get("account_id"))
    world.store.update("accounts", row["account_id"], {"banned": banned or None})
    if banned:
        world.sessions.end_all(row["account_id"])
    return SUCCESS
