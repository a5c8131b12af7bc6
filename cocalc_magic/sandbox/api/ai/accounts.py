"""`accounts/*`: profiles, names and addresses; and the shape that people have in all of this API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import casts, keys
from cocalc_magic.sandbox.domain.access import Caller, is_uuid
from cocalc_magic.sandbox.domain.query import query_today
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_NAMES = 250  # accounts in one request
SUCCESS = {"status": "success"}
DELETED = {"display_name": "Deleted User", "first_name": "Deleted", "last_name": "User"}


def display_name(row: Row) -> str:
    """Return the name that others see, of which first and last name are the parts."""
    return " ".join(filter(None, (row["first_name"], row["last_name"])))


def names_of(row: Row) -> dict[str, Any]:
    """Return the three names of an account."""
    return {
        "display_name": display_name(row),
        "first_name": row["first_name"] or "",
        "last_name": row["last_name"] or "",
    }


def profile(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's profile, or the public one of the account that is named."""
    if options.get("account_id") is not None:
        return {"profile": _public(_account(world, options["account_id"]))}
    if caller is None:
        return {"profile": {}}
    row = _account(world, caller.account_id)
    private = {"is_admin": caller.admin, "is_partner": False, "email_address": row["email_address"]}
    return {"profile": {**_public(row), **private}}


def _public(row: Row) -> dict[str, Any]:
    picture = {name: value for name, value in (row["profile"] or {}).items() if name in ("image", "color")}
    return {"account_id": row["account_id"], **names_of(row), **picture}


def _account(world: World, account_id: Any) -> Row:
    row = world.store.get("accounts", casts.uuid(account_id))
    if row is None:
        raise Thrown(f"no account with id {account_id}")
    return row


def get_names(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return names by account id."""
    return {"names": names_by_id(world, options.get("account_ids"))}


def names_by_id(world: World, ids: Any) -> dict[str, Any]:
    """Return the names of accounts; an unknown one is a deleted user. Raises `Failed`."""
    if not isinstance(ids, list):
        raise Thrown("account_ids must be an array")
    if len(ids) > MAX_NAMES:
        raise Thrown(f"at most {MAX_NAMES} account_ids may be requested")
    for index, account_id in enumerate(ids):
        if not is_uuid(account_id):
            raise Thrown(f"account_ids[{index}] must be a valid uuid")
    rows = {account_id: world.store.get("accounts", account_id.lower()) for account_id in ids}
    return {account_id: _with_picture(row) if row else DELETED for account_id, row in rows.items()}


def _with_picture(row: Row) -> dict[str, Any]:
    return {**names_of(row), **({"profile": row["profile"]} if row["profile"] else {})}


def get_email_address(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of an account, for administrators; nothing where there is none."""
    if options.get("account_id") is None:
        return {}
    row = world.store.get("accounts", casts.uuid(options["account_id"]))
    return {"email_address": row["email_address"]} if row else {}


def set_name(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, str]:
    """Change first or last name; empty ones stay as they are."""
    names = {name: options[name] for name in ("first_name", "last_name") if is_true(options.get(name))}
    if names:
        query_today(world, Caller(caller.account_id), {"accounts": names})
    return SUCCESS


def has_password(world: World, caller: Caller, _options: Mapping[str, Any]) -> dict[str, bool]:
    """Tell whether the caller signs in with a password."""
    return {"hasPassword": bool(_account(world, caller.account_id)["password"])}


def api_keys(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """List the caller's keys; they are made and deleted by no message."""
    if options.get("action") != "get":
        raise Thrown("legacy HTTP API key mutations are disabled")
    return keys.api_keys(world, caller, {"action": "get", "id": options.get("id")})


def user_query(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in the shape of the query."""
    return {"query": query_today(world, caller or Caller(""), options.get("query"))}
