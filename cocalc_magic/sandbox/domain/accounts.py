"""Accounts: how they are made and found, and how people sign in to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import registration
from cocalc_magic.sandbox.domain.access import Caller, check_ids, is_uuid
from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, well_formed
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MIN_PASSWORD, MAX_PASSWORD = 6, 64  # in UTF-16 units
MAX_TEXT = 254  # characters of a name, and of an address, in the database
TOO_LONG = f"postgresql error: value too long for type character varying({MAX_TEXT})"
MAX_CHECKED = 1_000  # characters of a name that are searched for addresses of the web
_URL = re.compile(
    r"(?:https?://(?:www\.)?)?[a-z0-9]+(?:[-.][a-z0-9]+)*\.[a-z]{2,5}(?::[0-9]{1,5})?(?:/.*)?", re.IGNORECASE
)


class NotCreated(Failed):
    """Raised where an account cannot be created; `error` has the reasons by field."""


# -- creating --------------------------------------------------------------------------------------


def add(world: World, fields: Mapping[str, Any]) -> str:
    """Insert an account and return its id.

    Args:
        fields: `first_name`, `last_name` and `email_address`; optionally `account_id`, `admin`,
            `banned` and `password`, which is the hash.
    """
    account_id: str = fields.get("account_id") or new_id()
    first, last = str(fields.get("first_name", "")), str(fields.get("last_name", ""))
    address = fields.get("email_address")
    row = {
        "account_id": account_id,
        "first_name": first,
        "last_name": last,
        "found_by": search_text(first, last, None),
        "email_address": str(address).lower() if address else None,
        "password": fields.get("password"),
        "groups": ["admin"] if fields.get("admin") else None,
        "banned": True if fields.get("banned") else None,
        "created": now(),
    }
    world.store.insert("accounts", row)
    return account_id


def search_text(first: str, last: str, name: str | None) -> str:
    """Return the text that a search for an account by name looks through."""
    return f"{first}\n{last}\n{'@' + name if name else ''}".lower()


def check_new(world: World, address: Any, password: Any, token: Any) -> None:
    """Raise `NotCreated` where an account may not be created; `token` is for the registration."""
    if not address:
        raise NotCreated({"other": "Anonymous sign up is disabled."})
    reasons = {}
    if not is_address(address):
        reasons["email_address"] = "Email address does not appear to be valid."
    if password and (problem := password_problem(password)):
        reasons["password"] = problem
    if reasons:
        raise NotCreated(reasons)
    if find_by_address(world, address):
        raise NotCreated({"email_address": "This e-mail address is already taken."})
    if (problem := registration.redeem(world, token)) is not None:
        raise NotCreated({"token": problem or "No registration token provided"})


def create(world: World, first_name: str, last_name: str, address: str, password_hash: str | None) -> str:
    """Create an account that signs in with its address; return its id. Raises `NotCreated`."""
    from cocalc_magic.sandbox.domain import invitations  # late: a start does not need it

    names = {"first_name": well_formed(first_name), "last_name": well_formed(last_name)}
    fields = {**names, "email_address": address}
    with world.store.transaction():
        if find_by_address(world, address):  # checked again: another request may have taken it meanwhile
            raise NotCreated({"email_address": "This e-mail address is already taken."})
        account_id = add(world, {**fields, "password": password_hash})
        value = {**fields, "account_id": account_id, "created_by": "127.0.0.1"}
        event = {"id": new_id(), "event": "create_account", "value": value, "time": now()}
        world.store.insert("central_log", event)  # which administrators read
        invitations.accept_invitations(world, account_id, address.lower())
    return account_id


# -- signing in ------------------------------------------------------------------------------------


def set_password(world: World, account_id: str, password: str) -> None:
    """Change the password of an account, and sign the account out everywhere."""
    password_hash = hash_password(password)
    with world.store.transaction():
        world.store.update("accounts", account_id, {"password": password_hash})
        world.sessions.end_all(account_id)


def set_banned(world: World, account_id: str, banned: bool) -> None:
    """Ban an account, which ends its sessions, or lift its ban."""
    world.store.update("accounts", account_id, {"banned": banned or None})
    if banned:
        world.sessions.end_all(account_id)


def new_auth_token(world: World, caller: Caller, account_id: Any, password: Any) -> str:
    """Return a token that signs a browser in; it needs the account's password, which admins leave empty.

    Only a wrong password counts as a failed attempt, not an account that does not exist.
    """
    attempt = f"{caller.account_id} {as_text(account_id)}"
    if world.failed_token_requests.exceeded(attempt):
        raise Failed("banned -- please wait at least 60s before trying again")
    check_ids(account_id=account_id)
    if not (password == "" and caller.admin):
        account = world.store.get("accounts", str(account_id).lower())
        if account is None:
            raise Failed("no such account")
        if not is_password(password, account["password"]):
            world.failed_token_requests.add(attempt)
            raise Failed("incorrect password")
    return world.sessions.new_token(str(account_id).lower())


def new_auth_token_today(world: World, caller: Caller, account_id: Any, password: Any) -> str:
    """Return a token as servers of today do: administrators need no password, and nobody is told of an id."""
    attempt = f"today {caller.account_id} {as_text(account_id)}"
    if world.failed_tokens_today.exceeded(attempt):
        # The server's own text, which never fills in the number.
        raise Thrown("banned -- please wait at least #{BAN_TIME_MS/1000}s before trying again")
    if not is_uuid(account_id):
        raise Thrown(f'invalid input syntax for type uuid: "{as_text(account_id)}"', kind="error")
    account = world.store.get("accounts", str(account_id).lower())
    if not caller.admin and not is_password(password, account["password"] if account else None):
        world.failed_tokens_today.add(attempt)
        raise Thrown("incorrect password")
    return world.sessions.new_token(str(account_id).lower())


# -- finding ---------------------------------------------------------------------------------------


def find_by_address(world: World, address: str) -> Row | None:
    """Return the account with this address, in upper or lower case."""
    rows = world.store.select("accounts", [("email_address", "=", well_formed(address).lower())], limit=1)
    return rows[0] if rows else None


def as_caller(world: World, account_id: str | None) -> Caller | None:
    """Return the caller that an account is; `None` where there is none, or it is banned."""
    account = world.store.get("accounts", account_id) if account_id else None
    if account is None or account["banned"]:
        return None
    return Caller(account["account_id"], admin="admin" in (account["groups"] or []))


def check_address_fits(address: str) -> None:
    """Raise `NotCreated` for an address that the database has no room for."""
    if len(address) > MAX_TEXT:
        raise NotCreated({"other": TOO_LONG})


def check_names(**names: Any) -> None:
    """Raise `NotCreated` for a name of a new account that advertises something, or is too long."""
    for name, value in names.items():
        if value and (problem := _advertised(value)):
            raise NotCreated({"other": f"{name} not valid: {problem}"})
    if any(len(as_text(value)) > MAX_TEXT for value in names.values()):
        raise NotCreated({"other": TOO_LONG})


def _advertised(name: Any) -> str | None:
    if not isinstance(name, str):
        raise NotCreated({"other": "TypeError: str.toLowerCase is not a function"})
    text = name.lower()[:MAX_CHECKED]
    if addresses := [match[0] for match in _URL.finditer(text)]:
        listed = f"{', '.join(addresses[:-1])} and {addresses[-1]}" if len(addresses) > 1 else addresses[0]
        return f"URLs are not allowed. Found {listed}"
    return "email addresses are not allowed" if "mailto:" in text and "@" in text else None


def password_problem(password: Any) -> str | None:
    """Return why a value cannot be a password; `None` for a text of the right length."""
    if not isinstance(password, str):
        return "Password must be specified."
    if MIN_PASSWORD <= len(password.encode("utf-16-le", "surrogatepass")) // 2 <= MAX_PASSWORD:
        return None
    return f"Password must be between {MIN_PASSWORD} and {MAX_PASSWORD} characters in length."
