"""How one signs in: addresses and passwords, and making an account."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import accounts as v1
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.http.messages import Reply, json_reply
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password
from cocalc_magic.sandbox.storage.settings import REGISTRATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

SUCCESS = {"status": "success"}
SHORTEST, LONGEST = 8, 64  # characters of a new password
STRONG = 3  # of 4; a weaker password is not taken
_COMMON = ("password", "12345678", "qwertyui", "letmein", "iloveyou", "abcdefgh")


def has_password(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, bool]:
    """Whether the caller signs in with a password."""
    del options
    row = world.store.get("accounts", auth.signed_in(caller).account_id)
    if row is None:
        raise Failed("no such account")
    return {"hasPassword": bool(row["password"])}


def requires_token(world: World, caller: Caller | None, options: Mapping[str, Any]) -> bool:
    """Whether a new account needs a registration token."""
    del caller, options
    return world.settings.get(REGISTRATION) is not None


def set_email_address(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Another address for the caller, whose password it needs; an account without one gets it so."""
    caller, address, password = auth.signed_in(caller), options.get("email_address"), options.get("password")
    if not v1.is_address(address):
        raise Failed("email address is not valid")
    row = world.store.get("accounts", caller.account_id)
    if row is None:
        raise Failed("no such account")
    if row["password"] and not is_password(password, row["password"]):
        raise Failed("password is incorrect")
    with world.store.transaction():
        other = v1.account_with(world, as_text(address))
        if other and other["account_id"] != caller.account_id:
            raise Failed(f'email address "{address}" is already in use by another account')
        world.store.update("accounts", caller.account_id, {"email_address": as_text(address).lower()})
    return SUCCESS


def set_password(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Another password for the caller; signs the account out everywhere."""
    row = world.store.get("accounts", auth.signed_in(caller).account_id)
    if row is None:
        raise Failed("no such account")
    if row["password"] and not is_password(options.get("currentPassword"), row["password"]):
        raise Failed("Current password is incorrect.")
    if problem := problem_of(options.get("newPassword")):
        raise Failed(problem)
    kept = hash_password(options["newPassword"])
    with world.store.transaction():
        world.store.update("accounts", row["account_id"], {"password": kept})
        world.sessions.end_all(row["account_id"])
    return SUCCESS


def password_strength(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """How hard a password is to guess, from 0 to 4; the failures of this one have HTTP status 400."""
    del world, caller
    password = options.get("password")
    if not password or not isinstance(password, str):
        return _refused("Password is required")
    if wrong := _length_problem(password):
        return _refused(wrong)
    score = strength(password)
    return {"score": score, **({"help": problem_of(password)} if score < STRONG else {})}


def _refused(words: str) -> Reply:
    return json_reply(400, {"error": words})


def problem_of(password: Any) -> str | None:
    """Why a password is not taken; ``None`` for a good one."""
    if not isinstance(password, str):
        return "Password is required"
    if wrong := _length_problem(password):
        return wrong
    if strength(password) >= STRONG:
        return None
    why = "This is a commonly used password." if _is_common(password) else "It is easy to guess."
    return f"Password is too weak. {why}\n Add more words that are less common."


def _length_problem(password: Any) -> str | None:
    if len(as_text(password)) < SHORTEST:
        return f"Password must be at least {SHORTEST} characters long"
    return f"Password must be at most {LONGEST} characters long" if len(as_text(password)) > LONGEST else None


def strength(password: str) -> int:
    """0 to 4 by length and how many different characters there are; a rough guess, no dictionary."""
    if _is_common(password):
        return 0
    bits = len(set(password)) * math.log2(max(2, len(set(password)))) * min(len(password), 20) / 20
    return min(4, int(bits / 8))


def _is_common(password: str) -> bool:
    return password.lower().startswith(_COMMON)


def sign_up(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """A new account; what hinders it comes in ``issues``, by name.

    Who sends a key with it must be an administrator.
    """
    if not options.get("terms"):
        return {"issues": {"terms": "You must agree to the terms of usage."}}
    address, password = options.get("email"), options.get("password")
    if not address:
        return {"issues": {"email": "Anonymous account creation is disabled."}}
    if not v1.is_address(address):
        return {
            "issues": {
                "email": f"You must provide a valid email address -- '{as_text(address)}' is not valid."
            }
        }
    if problem := problem_of(password):
        return {"issues": {"password": problem}}
    if v1.account_with(world, address):
        return {"issues": {"email": f'Email address "{as_text(address)}" already in use.'}}
    if caller is not None and not caller.admin:
        words = "Error: Only users in the group 'admin' are allowed to create new users."
        return {"issues": {"api": words}}
    return _new_account(world, caller, options)


def _new_account(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "first_name": as_text(options.get("firstName") or ""),
        "last_name": as_text(options.get("lastName") or ""),
        "email_address": options["email"],
        "password": options["password"],
        "token": world.settings.get(REGISTRATION) if caller else options.get("registrationToken"),
        "get_api_key": False,
    }
    made = v1.create_account(world, caller, given)  # type: ignore[arg-type]  # it does not look at the caller
    reason = made.get("reason")
    if reason is None:
        return {"account_id": made["account_id"]}
    return {
        "issues": {"registrationToken" if name == "token" else name: words for name, words in reason.items()}
    }
