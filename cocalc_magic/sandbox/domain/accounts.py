"""Messages that make accounts and change how one signs in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import collaborators
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text, well_formed
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password
from cocalc_magic.sandbox.storage.settings import REGISTRATION
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import Caller, World

SHORTEST, LONGEST = 6, 64  # of a password, in UTF-16 units
BAD_LENGTH = "Password must be between 6 and 64 characters in length."
_LONGEST_ADDRESS = 254
_ADDRESS = re.compile(
    r"[^\s@<>()\[\]\\,;:\"]+@([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE | re.ASCII
)


def create_account(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """A new account, which signs in with its address; agreeing to terms is not asked for, as recorded.

    What hinders it comes in ``reason``, by the name of the option.
    """
    del caller
    address, password = options["email_address"], options["password"]
    if reason := _hindrance(world, options):
        return _no_account(reason)
    if any(options[name] and not isinstance(options[name], str) for name in ("first_name", "last_name")):
        return _no_account({"other": "TypeError: str.toLowerCase is not a function"})
    given = {
        "first_name": well_formed(options["first_name"] or ""),
        "last_name": well_formed(options["last_name"] or ""),
        "email_address": address,
        "password": hash_password(password) if password else None,
    }
    with world.store.transaction():
        if account_with(world, address):  # asked again, since another may have taken it meanwhile
            return _no_account({"email_address": "This e-mail address is already taken."})
        account_id = world.add_account(given)
        _log_creation(world, account_id, given)
        collaborators.let_in(world, account_id, str(address).lower())
        key = {"api_key": world.keys.create_legacy(account_id)} if options["get_api_key"] else {}
    return {"account_id": account_id, **key}


def _log_creation(world: World, account_id: str, given: Mapping[str, Any]) -> None:
    """Notes the new account in the log that administrators read."""
    value = {name: given[name] for name in ("first_name", "last_name", "email_address")}
    value |= {"account_id": account_id, "created_by": "127.0.0.1"}
    row = {"id": new_id(), "event": "create_account", "value": value, "time": now()}
    world.store.insert("central_log", row)


def _hindrance(world: World, options: Mapping[str, Any]) -> dict[str, str]:
    """Why there will be no account, by option; empty when nothing hinders it."""
    address, password = options["email_address"], options["password"]
    reasons = {}
    if address and not is_address(address):
        reasons["email_address"] = "Email address does not appear to be valid."
    if password and not _is_long_enough(password):
        reasons["password"] = BAD_LENGTH
    if reasons:
        return reasons
    if not address:
        return {"other": "Anonymous sign up is disabled."}
    if account := account_with(world, address):
        state = "banned" if account["banned"] else "already taken"
        return {"email_address": f"This e-mail address is {state}."}
    return _token_hindrance(world.settings.get(REGISTRATION), options["token"])


def _token_hindrance(needed: str | None, given: Any) -> dict[str, str]:
    if needed is None or given == needed:
        return {}
    return {"token": "Registration token is wrong." if given else "No registration token provided"}


def _no_account(reason: dict[str, str]) -> dict[str, Any]:
    return {"event": "account_creation_failed", "reason": reason}


def change_password(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """A new password for the caller, whatever account was named; signs the account out everywhere."""
    account, new = _own(world, caller), options["new_password"]
    if account["password"] and not is_password(options["old_password"], account["password"]):
        return {"error": "invalid old password"}
    if not _is_long_enough(new):
        return {"error": {"new_password": BAD_LENGTH}}
    kept = hash_password(new)
    with world.store.transaction():
        world.store.update("accounts", caller.account_id, {"password": kept})
        world.sessions.end_all(caller.account_id)
    return {}


def change_email_address(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Another address for the caller; ``error`` is false when it has been changed."""
    new = options["new_email_address"]
    if not is_address(new):
        return {"error": "email_invalid"}
    if as_text(options["account_id"]).lower() != caller.account_id:
        return {"error": "account_id in mesg is not what user is signed in as"}
    account = _own(world, caller)
    if account["password"] and not is_password(options["password"], account["password"]):
        return {"error": "invalid_password"}
    with world.store.transaction():
        if account_with(world, new):
            return {"error": "email_already_taken"}
        world.store.update("accounts", caller.account_id, {"email_address": new.lower()})
    return {"error": False}


def user_auth(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """A token that signs a browser in; it needs the password of that account, of an admin none."""
    account_id, password = options["account_id"], options["password"]
    if not is_uuid(account_id):
        raise Failed(f"invalid account_id -- {as_text(account_id)}")
    attempt = f"{caller.account_id} {account_id.lower()}"
    if world.token_requests.refused(attempt):
        raise Failed("banned -- please wait at least 60s before trying again")
    account = world.store.get("accounts", account_id.lower())
    as_admin = password == "" and caller.admin
    if not account or not (as_admin or is_password(password, account["password"])):
        world.token_requests.failed(attempt)
        raise Failed("incorrect password")
    return {"auth_token": world.sessions.new_token(account["account_id"])}


def account_with(world: World, address: str) -> Row | None:
    """The account that has this address, upper or lower case."""
    found = world.store.select("accounts", [("email_address", "=", well_formed(address).lower())], limit=1)
    return found[0] if found else None


def is_address(value: Any) -> bool:
    """Whether a value looks like an e-mail address."""
    return isinstance(value, str) and len(value) <= _LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(value))


def _is_long_enough(password: Any) -> bool:
    if not isinstance(password, str):
        return False
    return SHORTEST <= len(password.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST


def _own(world: World, caller: Caller) -> Row:
    """The caller's account. Raises :class:`Failed` for a project."""
    account = world.store.get("accounts", caller.account_id)
    if account is None:
        raise Failed("account_id is not a valid account")
    return account
