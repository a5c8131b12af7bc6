"""Messages about accounts: making one, signing in, and finding people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import account_search, accounts
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true, stringify
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


_NO_ACCOUNT = "no such account"  # where the caller is a project


def create_account(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Create an account; `agreed_to_terms` is ignored, as recorded. Failures come in `reason`."""
    address, password = options["email_address"], options["password"]
    first, last = (options[name] or "" for name in ("first_name", "last_name"))
    try:
        accounts.check_new(world, address, password, options["token"])
        accounts.check_names(first_name=first, last_name=last)
        accounts.check_address_fits(address)
        password_hash = hash_password(password) if password else None
        with world.store.transaction():
            account_id = accounts.create(world, first, last, address, password_hash)
            key = {"api_key": world.keys.create_legacy(account_id)} if is_true(options["get_api_key"]) else {}
    except accounts.NotCreated as problem:
        return {"event": "account_creation_failed", "reason": problem.error}
    return {"account_id": account_id, **key}


def change_password(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Change the caller's password, whatever account the options name."""
    account, password = world.store.get("accounts", caller.account_id), options["new_password"]
    if account is None:
        return {"error": {"other": _NO_ACCOUNT}}
    if account["password"] and not is_password(options["old_password"], account["password"]):
        return {"error": "invalid old password"}
    if problem := accounts.password_problem(password):
        return {"error": {"new_password": problem}}
    accounts.set_password(world, caller.account_id, password)
    return {}


def change_email_address(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Change the caller's address; `error` is false where it has been changed."""
    address = options["new_email_address"]
    if not is_address(address):
        return {"error": "email_invalid"}
    if options["account_id"] != caller.account_id:
        return {"error": "account_id in mesg is not what user is signed in as"}
    account, password = world.store.get("accounts", caller.account_id), options["password"]
    if account is None:
        return {"error": f"Error checking password -- please try again in a minute -- {_NO_ACCOUNT}."}
    if account["password"] and not is_password(password, account["password"]):
        return {"error": "invalid_password"}
    if not account["password"] and password and isinstance(password, str):
        world.store.update("accounts", caller.account_id, {"password": hash_password(password)})
    with world.store.transaction():
        if accounts.find_by_address(world, address):
            return {"error": "email_already_taken"}
        if len(address) > accounts.MAX_TEXT:
            return {"error": accounts.TOO_LONG}
        world.store.update("accounts", caller.account_id, {"email_address": address.lower()})
    return {"error": False}


def user_auth(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a token that signs a browser in."""
    token = accounts.new_auth_token(world, caller, options["account_id"], options["password"])
    return {"auth_token": token}


# -- people ----------------------------------------------------------------------------------------


def user_search(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Search accounts by name or address."""
    if is_true(options["admin"]) and not caller.admin:
        raise Failed("must be logged in and a member of the admin group")
    account_search.note_activity(world, caller)
    limit, as_admin = options["limit"], is_true(options["admin"])
    if not as_admin and (limit is None or as_number(limit) > account_search.MAX_HITS):
        limit = account_search.MAX_HITS
    return {"results": account_search.search(world, options["query"], limit, as_admin=as_admin)}


def get_usernames(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return first and last names by account id; the names of an unknown id are an empty object."""
    account_ids = options["account_ids"]
    ids = list(account_ids) if isinstance(account_ids, list | str) else []
    for account_id in ids:
        if not is_uuid(account_id):
            raise Failed(f"invalid uuid {as_text(account_id)} in account_ids -- {stringify(account_ids)}")
    names: dict[str, Any] = {account_id: {} for account_id in ids}
    for account_id in ids:
        if row := world.store.get("accounts", account_id.lower()):
            names[row["account_id"]] = {"first_name": row["first_name"], "last_name": row["last_name"]}
    return {"usernames": names}
