"""Signing in with address and password, and what a browser that has done so carries."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.accounts import account_with
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http import pages
from cocalc_magic.sandbox.http.auth import Refused, account_caller, key_of, known_caller
from cocalc_magic.sandbox.http.messages import Reply, json_reply, not_there, text_reply
from cocalc_magic.sandbox.storage.passwords import is_password
from cocalc_magic.sandbox.storage.sessions import LONGEST, TOKEN_TIME, is_cookie

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import Caller, World

COOKIE = "remember_me"
LONGEST_PASSWORD = 64
_LONGEST_NAME = 254  # of an address in the throttle's memory


class NotSignedIn(Exception):
    """The address and the password do not sign in; the text says why."""


class TooOften(NotSignedIn):
    """There were too many failures; the password was not looked at."""


def account_for(world: World, address: str, password: Any) -> str:
    """The id of the account that these sign in to. Raises :class:`NotSignedIn`."""
    name = address.strip().lower()[:_LONGEST_NAME]
    if world.sign_ins.refused(name):
        raise TooOften("too many failed attempts to sign in, please wait a minute and try again")
    account = account_with(world, name)
    if account and account["banned"]:
        words = "if you think this is a mistake, please email help@cocalc.com and explain."
        raise NotSignedIn(f"'{name}' is banned -- {words}")
    if is_password(password, account["password"] if account else None) and account:
        return str(account["account_id"])
    world.sign_ins.failed(name)
    unknown, wrong = f"no account with email address '{name}'", f"password for '{name}' is incorrect"
    raise NotSignedIn(wrong if account else unknown)


def sign_in(world: World, request: Request, options: Mapping[str, Any]) -> Reply:
    """``auth/sign-in``: the account's id, and a cookie that signs in to API v2."""
    address, password = options.get("email"), options.get("password")
    if request.from_elsewhere:
        return json_reply(
            200, {"error": "Problem signing into account -- it is asked for by a foreign page."}
        )
    if not isinstance(address, str):
        return text_reply(500, "Internal Server Error")  # as recorded
    try:
        account_id = account_for(world, address, _looked_at(password))
    except NotSignedIn as problem:
        return json_reply(200, {"error": f"Problem signing into account -- {problem}."})
    return json_reply(200, {"account_id": account_id}, _cookies(account_id, world.sessions.begin(account_id)))


def _looked_at(password: Any) -> Any:
    if password is None:
        raise NotSignedIn("Cannot read properties of undefined (reading 'length')")
    if isinstance(password, str) and len(password) > LONGEST_PASSWORD:
        raise NotSignedIn("The password must be shorter than 64 characters.")
    return password


def by_token(world: World, request: Request) -> Reply:
    """``/auth/impersonate?auth_token=``: a token of ``user_auth`` signs a browser in, once."""
    if request.method != "GET":  # a HEAD would use the token up
        return not_there(request)
    account_id = world.sessions.redeem(request.query.get("auth_token", ""))
    caller = account_caller(world, account_id) if account_id else None
    if caller is None:
        return pages.page("This link does not sign in", "<p>It works once, within twelve hours.</p>", 403)
    cookie = world.sessions.begin(caller.account_id, TOKEN_TIME)
    page = pages.page("You are signed in", "<p>API v2 knows this browser now, for twelve hours.</p>")
    return replace(page, headers=(*page.headers, *_cookies(caller.account_id, cookie, TOKEN_TIME)))


def sign_out(world: World, request: Request, options: Mapping[str, Any]) -> Reply:
    """``accounts/sign-out``: ends the cookie's session at once, or all of the account's."""
    cookie, caller = request.cookies.get(COOKIE), visitor(world, request)
    everywhere = bool(options.get("all"))
    if caller and everywhere:
        world.sessions.end_all(caller.account_id)
    elif cookie and caller:
        world.sessions.end(cookie)
    gone = _cookies("", "") if caller and (cookie or everywhere) else ()
    return json_reply(200, {"status": "success"}, gone)


def visitor(world: World, request: Request) -> Caller | None:
    """Who sends a request of API v2; ``None`` for nobody who is known.

    A cookie counts alone, the key beside it is not looked at. That a page of another origin sends one is
    not what its owner wants: it is not looked at either. Raises :class:`Failed` for a malformed one.
    """
    cookie = request.cookies.get(COOKIE)
    if cookie and not request.from_elsewhere:
        if not is_cookie(cookie):
            raise Failed("badly formatted remember_me cookie")
        account_id = world.sessions.account_of(cookie)
        return account_caller(world, account_id) if account_id else None
    try:
        key = key_of(request.headers.get("authorization"))
    except Refused:
        return None
    return known_caller(world, key) if key else None


def _cookies(account_id: str, cookie: str, lasting: int = LONGEST) -> tuple[tuple[str, str], ...]:
    """The headers that set the cookies for so many milliseconds, or take them away when there is none."""
    ends = time.time() + lasting / 1000 if cookie else 0
    until = f"path=/; expires={formatdate(ends, usegmt=True)}; samesite=strict"
    return (
        ("Set-Cookie", f"account_id={account_id}; {until}"),
        ("Set-Cookie", f"{COOKIE}={cookie}; {until}; httponly"),
    )
