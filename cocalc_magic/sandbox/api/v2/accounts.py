"""`accounts/*` and `auth/*`: profiles and names, addresses and passwords, and making an account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import acting_as, require_admin, require_caller
from cocalc_magic.sandbox.domain import account_search, accounts, casts, registration
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.domain.query import query_today
from cocalc_magic.sandbox.domain.sign_up import MIN_PASSWORD, obvious_issues, password_problem
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, described, is_true
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

SUCCESS = {"status": "success"}


# -- profiles --------------------------------------------------------------------------------------


def profile(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's profile, or the public one of the account that is named."""
    named = options.get("account_id")
    if named is not None:
        return {"profile": _public(_account(world, named)) | {"account_id": named}}
    if caller is None:
        return {"profile": {}}
    row = _account(world, caller.account_id)
    is_anonymous = not (row["email_address"] or row["passports"])
    flags = {"is_admin": caller.admin, "is_partner": False, "is_anonymous": is_anonymous}
    return {"profile": {**_public(row), **flags, "email_address": row["email_address"]}}


def _public(row: Row) -> dict[str, Any]:
    first, last = (row["first_name"], row["last_name"])
    names = {
        "account_id": row["account_id"],
        "first_name": "Anonymous" if first is None else first,
        "last_name": "User" if last is None else last,
    }
    picture = {name: value for name, value in (row["profile"] or {}).items() if name in ("image", "color")}
    return {**names, **picture, "name": row["name"]}


def _account(world: World, account_id: Any) -> Row:
    row = world.store.get("accounts", casts.uuid(account_id))
    if row is None:
        raise Thrown(f"no account with id {account_id}")
    return row


def get_names(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return names by account id."""
    require_caller(caller, "accounts/get-names")
    return {"names": account_search.names(world, options.get("account_ids"))}


def search(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Search accounts by name or address; it needs no key, as recorded."""
    return account_search.search(world, options.get("query"), account_search.FEW_HITS)


def set_name(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Change first, last or user name; empty ones stay as they are."""
    account_id = acting_as(require_caller(caller, "accounts/set-name"), options, "accounts/set-name")
    option_of = {"name": "username", "first_name": "first_name", "last_name": "last_name"}
    record = {column: options[name] for column, name in option_of.items() if is_true(options.get(name))}
    if record:
        query_today(world, Caller(account_id), {"accounts": record})
    return SUCCESS


def get_email_address(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of an account, for administrators; nothing where there is none."""
    account_id = options.get("account_id")
    if account_id is None:
        return {}
    require_admin(caller, "accounts/get-email-address")
    row = world.store.get("accounts", casts.uuid(account_id))
    return {"email_address": row["email_address"]} if row else {}


def ban(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Ban an account: it cannot sign in, its keys are unknown, and its sessions end."""
    require_admin(caller, "accounts/ban")
    return _set_banned(world, options.get("account_id"), True)


def remove_ban(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Lift the ban of an account."""
    require_admin(caller, "accounts/remove-ban")
    return _set_banned(world, options.get("account_id"), False)


def _set_banned(world: World, account_id: Any, banned: bool) -> dict[str, str]:
    """Ban an account or lift its ban; one that there is not is no failure."""
    if account_id is not None:
        accounts.set_banned(world, casts.uuid(account_id), banned)
    return SUCCESS


# -- addresses and passwords -----------------------------------------------------------------------


def _own(world: World, account_id: str, missing: str = "no such account") -> Row:
    row = world.store.get("accounts", account_id)
    if row is None:
        raise Thrown(missing)
    return row


def has_password(world: World, caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, bool]:
    """Tell whether the caller signs in with a password."""
    account_id = require_caller(caller, "auth/has-password").account_id
    return {"hasPassword": bool(_own(world, account_id)["password"])}


def requires_token(world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> bool:
    """Tell whether a new account needs a registration token."""
    return registration.is_required(world)


def ephemeral(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: no registration token of a sandbox is for accounts that end by themselves."""
    token = as_text(options.get("registrationToken") or "").strip()
    if not token:
        raise Thrown("Registration token required.")
    if problem := registration.redeem(world, token):
        raise Thrown(f"Issue with registration token -- {problem}")
    raise Thrown("This registration token is not configured for ephemeral accounts.")


def set_email_address(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Change the caller's address, for which its password is needed; without one, it gets the one given."""
    account_id = require_caller(caller, "accounts/set-email-address").account_id
    address, password = options.get("email_address"), options.get("password")
    if not is_address(address):
        raise Thrown("email address is not valid")
    address = as_text(address).lower()
    if not password or (isinstance(password, str) and len(password) < MIN_PASSWORD):
        raise Thrown(f"password must be at least {MIN_PASSWORD} characters")
    row, changes = _own(world, account_id), {"email_address": address}
    _check_hashable(password)
    if not row["password"]:
        changes["password"] = hash_password(password)
    elif not is_password(password, row["password"]):
        raise Thrown("password is incorrect")
    with world.store.transaction():
        if accounts.find_by_address(world, address):
            raise Thrown(f'email address "{address}" is already in use by another account')
        world.store.update("accounts", account_id, changes)
    return SUCCESS


def set_password(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Change the caller's password, which signs the account out everywhere."""
    account_id = require_caller(caller, "accounts/set-password").account_id
    row = _own(world, account_id, "No such account")
    current, new = options.get("currentPassword"), options.get("newPassword")
    if row["password"] and current:
        _check_hashable(current)
    if row["password"] and not is_password(current, row["password"]):
        raise Thrown("Current password is incorrect.")
    if problem := password_problem(new):
        raise Thrown(problem)
    accounts.set_password(world, row["account_id"], options["newPassword"])
    return SUCCESS


def _check_hashable(password: Any) -> None:
    """Raise `Failed` for a password that is not a text, in the words of Node's hash."""
    if not isinstance(password, str):
        types = "string or an instance of Buffer, TypedArray, or DataView"
        raise Thrown(f'The "data" argument must be of type {types}. Received {described(password)}')


# -- signing up ------------------------------------------------------------------------------------


def sign_up(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Create an account; problems come in `issues`. A caller with a key must be an administrator.

    Safety: a real server signs in to an account that has this address and password, and counts no failure.
    """
    address = as_text(options.get("email") or "").lower().strip()
    password = as_text(options.get("password") or "").strip()
    if issues := _issues(world, caller, options, address, password):
        return {"issues": issues}
    token = as_text(options.get("registrationToken") or "").strip()
    if (problem := registration.redeem(world, token)) is not None:
        reason = problem or "no registration token provided"
        return {"issues": {"registrationToken": f"Issue with registration token -- {reason}"}}
    first = as_text(options.get("firstName") or "Anonymous").strip()
    last = as_text(options.get("lastName") or f"User-{round(time.time())}").strip()
    try:
        return {"account_id": accounts.create(world, first, last, address, hash_password(password))}
    except accounts.NotCreated as taken:  # another request was faster
        return {"issues": taken.error}


def _issues(
    world: World, caller: Caller | None, options: Mapping[str, Any], address: str, password: str
) -> dict[str, str]:
    if address and (issues := obvious_issues(options, address, password)):
        return issues
    if caller is not None and not address:
        return {"api": "Creation of anonymous accounts via the API is not allowed."}
    if caller is not None and not caller.admin:
        return {"api": "Error: Only users in the group 'admin' are allowed to create new users."}
    if not address:
        return {"email": "Anonymous account creation is disabled."}
    if accounts.find_by_address(world, address):
        return {"email": f'Email address "{address}" already in use.'}
    return {}
