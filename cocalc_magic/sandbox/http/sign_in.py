"""Signing in with address and password, and the cookies of a browser that is signed in."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.accounts import as_caller, find_by_address
from cocalc_magic.sandbox.errors import Failed, Refused
from cocalc_magic.sandbox.http import pages
from cocalc_magic.sandbox.http.auth import find_caller, parse_authorization
from cocalc_magic.sandbox.http.messages import Response, json_response, text_response
from cocalc_magic.sandbox.js_compat import is_true
from cocalc_magic.sandbox.storage.passwords import is_password
from cocalc_magic.sandbox.storage.sessions import MAX_TIME, TOKEN_TIME, is_cookie

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

COOKIE = "remember_me"
MAX_PASSWORD = 64
_MAX_NAME = 254  # characters of an address that failures are counted by


class NotSignedIn(Exception):
    """Raised where address and password do not sign in; the text says why."""


class TooManyFailures(NotSignedIn):
    """Raised where there were too many failures; the password was not checked."""


def check_password(world: World, address: str, password: Any) -> str:
    """Return the id of the account that an address and a password sign in to. Raises `NotSignedIn`."""
    name = address.strip().lower()[:_MAX_NAME]
    if words := world.failed_sign_ins.refusal(name):
        raise TooManyFailures(words)
    try:
        return _account_of(world, name, password)
    except NotSignedIn:
        world.failed_sign_ins.add(name)
        raise


def _account_of(world: World, name: str, password: Any) -> str:
    _check_length(password)
    account = find_by_address(world, name)
    if account and account["banned"]:
        help_text = "if you think this is a mistake, please email help@cocalc.com and explain."
        raise NotSignedIn(f"'{name}' is banned -- {help_text}")
    if is_password(password, account["password"] if account else None) and account:
        return str(account["account_id"])
    unknown, wrong = f"no account with email address '{name}'", f"password for '{name}' is incorrect"
    raise NotSignedIn(wrong if account else unknown)


# -- names of API v2 -------------------------------------------------------------------------------


def sign_in(world: World, request: Request, options: Mapping[str, Any]) -> Response:
    """Answer `auth/sign-in`: return the account's id, and set a cookie that signs in to API v2."""
    address, password = options.get("email"), options.get("password")
    if not (request.is_cross_origin or isinstance(address, str)):
        return text_response(500, "Internal Server Error")  # as recorded
    try:
        if request.is_cross_origin:
            raise NotSignedIn("it is requested by a page of another origin")
        account_id = check_password(world, str(address), password)
    except TooManyFailures as problem:
        return json_response(200, {"error": str(problem)})
    except NotSignedIn as problem:
        return json_response(200, {"error": f"Problem signing into account -- {problem}."})
    cookies = cookies_of(account_id, world.sessions.begin(account_id))
    return json_response(200, {"account_id": account_id}, cookies)


def _check_length(password: Any) -> None:
    if password is None:
        raise NotSignedIn("Cannot read properties of undefined (reading 'length')")
    if isinstance(password, str) and len(password) > MAX_PASSWORD:
        raise NotSignedIn("The password must be shorter than 64 characters.")


def sign_out(world: World, request: Request, options: Mapping[str, Any]) -> Response:
    """Answer `accounts/sign-out`: end the cookie's session, or all of the account's."""
    cookie, caller = request.cookies.get(COOKIE), find_visitor(world, request)
    everywhere = is_true(options.get("all"))
    if caller and everywhere:
        world.sessions.end_all(caller.account_id)
    elif cookie and caller:
        world.sessions.end(cookie)
    removed = cookies_of("", "") if caller and (cookie or everywhere) else ()
    return json_response(200, {"status": "success"}, removed)


def delete_account(world: World, request: Request, _options: Mapping[str, Any]) -> Response:
    """Answer `accounts/delete`: fail, since `reset` restores the initial world of a sandbox."""
    if request.method != "POST":
        return json_response(404, {"message": "must use a POST request"})
    if find_visitor(world, request) is None:
        raise Failed("must be signed in")
    raise Failed("not answered by the sandbox: 'accounts/delete'")


# -- browsers --------------------------------------------------------------------------------------


def by_token(world: World, request: Request) -> Response:
    """Answer `/auth/impersonate?auth_token=`: sign a browser in with a token, which works once."""
    caller = as_caller(world, world.sessions.redeem(request.query.get("auth_token", "")))
    if caller is None:
        return pages.page("This link does not sign in", "<p>It works once, within twelve hours.</p>", 403)
    cookie = world.sessions.begin(caller.account_id, TOKEN_TIME)
    page = pages.page("You are signed in", "<p>API v2 knows this browser now, for twelve hours.</p>")
    return replace(page, headers=(*page.headers, *cookies_of(caller.account_id, cookie, TOKEN_TIME)))


def find_visitor(world: World, request: Request) -> Caller | None:
    """Return the sender of a request, by its cookie or else its key; `None` where it is unknown.

    The cookie of a page of another origin is ignored, since its owner did not mean to send it. Raises
    `Failed` for a malformed one.
    """
    cookie = request.cookies.get(COOKIE)
    if cookie and not request.is_cross_origin:
        if not is_cookie(cookie):
            raise Failed("badly formatted remember_me cookie")
        return as_caller(world, world.sessions.account_of(cookie))
    try:
        return find_caller(world, parse_authorization(request.headers.get("authorization")))
    except Refused:
        return None


def is_authenticated(world: World, request: Request) -> bool:
    """Tell whether a request carries a valid key or cookie."""
    try:
        return find_visitor(world, request) is not None
    except Failed:
        return False


def cookies_of(account_id: str, cookie: str, lifetime: int = MAX_TIME) -> tuple[tuple[str, str], ...]:
    """Return the headers that set the cookies for so many milliseconds, or remove them where it is empty."""
    end = time.time() + lifetime / 1000 if cookie else 0
    attributes = f"path=/; expires={formatdate(end, usegmt=True)}; samesite=strict"
    return (
        ("Set-Cookie", f"account_id={account_id}; {attributes}"),
        ("Set-Cookie", f"{COOKIE}={cookie}; {attributes}; httponly"),
    )
