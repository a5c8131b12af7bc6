"""`auth/cli/login/*`: a program is signed in by a person who approves it on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.accounts import display_name, names_of
from cocalc_magic.sandbox.api.ai.site import bay
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.cli_logins import SESSION_TIME
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.domain.cli_logins import Challenge
    from cocalc_magic.sandbox.world import World

_UNKNOWN = "unknown cli auth challenge"
_EXPIRED = "cli auth challenge expired"


def start(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to sign a program in. Raises `Failed` where that was begun too often."""
    challenge = world.cli_logins.start(options)
    if challenge is None:
        raise Thrown("too many cli login attempts recently; try again later")
    return {
        "challenge_id": challenge.challenge_id,
        "poll_token": challenge.poll_token,
        "approval_url": f"{world.address}/auth/cli-login/{challenge.challenge_id}",
        "expires_at": iso(challenge.expires),
        **bay(world),
    }


def status(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Tell whether a sign-in was approved, with the token that redeems it."""
    challenge = _find(world, options)
    if not challenge.is_poll_token(options.get("poll_token")):
        raise Thrown("invalid cli auth poll token")
    if challenge.is_expired():
        raise Thrown(_EXPIRED)
    shown: dict[str, Any] = {
        "challenge_id": challenge.challenge_id,
        "kind": "login",
        "state": challenge.state,
        "expires_at": iso(challenge.expires),
    }
    if challenge.state == "approved":
        shown["redeem_token"] = challenge.redeem_token
    return {**shown, **({"fresh_auth_until": None, "factor_level": None} if challenge.elevated else {})}


def redeem(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Make the session of an approved sign-in, once."""
    challenge = _find(world, options)
    if challenge.state != "approved":
        raise Thrown("cli auth challenge has not been approved")
    if challenge.is_expired():
        raise Thrown(_EXPIRED)
    if not challenge.is_redeem_token(options.get("redeem_token")) or not challenge.redeem():
        raise Thrown("invalid cli auth redeem token")
    row = world.store.get("accounts", challenge.account_id)
    if row is None:
        raise Thrown(_UNKNOWN)
    return {
        "account_id": row["account_id"],
        "remember_me": world.sessions.begin(row["account_id"], SESSION_TIME),
        "expire": iso(now() + SESSION_TIME),
        **bay(world),
        "email_address": row["email_address"],
        **names_of(row),
        "factor_level": "none",
        "fresh_auth_until": None,
    }


def approve(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: no token of a sandbox stands in for the page, where a person types the password."""
    raise Thrown("invalid token format")


def challenge_info(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the page what it is about, and who is signed in there."""
    challenge = _find(world, options)
    row = world.store.get("accounts", caller.account_id) if caller else None
    return {
        "challenge_id": challenge.challenge_id,
        "kind": "login",
        **dict.fromkeys(("account_id", "email_address", "display_name")),
        "email_hint": challenge.email,
        "requested_duration": challenge.duration,
        "elevated_login": challenge.elevated,
        "auth_client": challenge.client_kind,
        "state": challenge.state,
        "expires_at": iso(challenge.expires),
        "current_account_id": row["account_id"] if row else None,
        "current_email_address": row["email_address"] if row else None,
        "current_display_name": display_name(row) if row else None,
        "current_matches_account": row is not None and challenge.email in (None, row["email_address"]),
    }


def session_status(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what a session may do: never what needs the password typed just now."""
    return {"signed_in": True, "fresh_auth_until": None, "factor_level": "none"}


def _find(world: World, options: Mapping[str, Any]) -> Challenge:
    challenge_id = options.get("challenge_id")
    name = as_text(challenge_id).strip().lower() if is_true(challenge_id) else ""
    if not is_uuid(name):
        raise Thrown("invalid challenge id")
    challenge = world.cli_logins.find(name)
    if challenge is None:
        raise Thrown(_UNKNOWN)
    return challenge
