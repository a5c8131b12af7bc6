"""Signing in and out of cocalc.ai by address and password, which sets and removes a browser's cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.site import bay, check_address_is_free
from cocalc_magic.sandbox.domain import accounts, registration
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.http.ai_auth import session_of
from cocalc_magic.sandbox.http.messages import Response, json_response
from cocalc_magic.sandbox.http.sign_in import (
    COOKIE,
    MAX_PASSWORD,
    NotSignedIn,
    TooManyFailures,
    check_password,
    cookies_of,
)
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.passwords import hash_password, is_password

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

_PROBLEM = "Problem signing into account"
_CLOSED = "Invalid email address or password."  # where a new account needs a token, nothing more is told
_OTHER_ORIGIN = "it is requested by a page of another origin"


def sign_in(world: World, request: Request, options: Mapping[str, Any]) -> Response:
    """Answer `auth/sign-in`: return the account's id, and set a cookie that signs in."""
    if request.is_cross_origin:
        raise Thrown(f"{_PROBLEM} -- {_OTHER_ORIGIN}.")
    is_closed = registration.is_required(world)
    address, password = options.get("email"), options.get("password")
    if not (is_true(address) and is_true(password)):
        raise Thrown(_CLOSED if is_closed else f"{_PROBLEM}.")
    if not is_closed and len(as_text(password)) > MAX_PASSWORD:
        raise Thrown("The password must be shorter than 64 characters.")
    name = as_text(address).strip().lower()
    try:
        account_id = check_password(world, name, password)
    except TooManyFailures as problem:
        raise Thrown(str(problem)) from None
    except NotSignedIn as problem:
        raise Thrown(_CLOSED if is_closed else _worded(world, name, password, str(problem))) from None
    return _signed_in(world, account_id)


def _worded(world: World, name: str, password: Any, reason: str) -> str:
    row = accounts.find_by_address(world, name)
    if row and row["banned"] and is_password(password, row["password"]):
        return "This account is not allowed to sign in."
    return f"{_PROBLEM} -- {reason}."


def _signed_in(world: World, account_id: str) -> Response:
    cookies = cookies_of(account_id, world.sessions.begin(account_id))
    return json_response(200, {"account_id": account_id, **bay(world)}, cookies, indent=2)


def sign_up(world: World, request: Request, options: Mapping[str, Any]) -> Response:
    """Answer `auth/sign-up`: make an account, and sign the browser in to it."""
    if request.is_cross_origin:
        raise Thrown(_OTHER_ORIGIN)
    address = as_text(options.get("email") or "").lower().strip()
    check_address_is_free(world, address)
    token = as_text(options.get("registrationToken") or "").strip()
    if (problem := registration.redeem(world, token)) is not None:
        reason = problem or "no registration token provided"
        issues = {"registrationToken": f"Issue with registration token -- {reason}"}
        return json_response(200, {"issues": issues}, indent=2)
    first, _, last = as_text(options.get("displayName") or "Anonymous User").strip().rpartition(" ")
    password = as_text(options.get("password") or "").strip()
    try:
        account_id = accounts.create(
            world, first or last, last if first else "", address, hash_password(password)
        )
    except accounts.NotCreated as taken:  # another request was faster
        return json_response(200, {"issues": taken.error}, indent=2)
    return _signed_in(world, account_id)


def sign_out(world: World, request: Request, options: Mapping[str, Any]) -> Response:
    """Answer `accounts/sign-out`: end the cookie's session, or all of the account's."""
    caller = session_of(world, request)
    if caller and is_true(options.get("all")):
        world.sessions.end_all(caller.account_id)
    elif caller:
        world.sessions.end(request.cookies[COOKIE])
    return json_response(200, {"status": "success"}, cookies_of("", ""), indent=2)


HANDLERS: dict[str, Callable[[World, Request, Mapping[str, Any]], Response]] = {
    "auth/sign-in": sign_in,
    "auth/sign-up": sign_up,
    "accounts/sign-out": sign_out,
}
"""Names of API v2 that deal with cookies."""
