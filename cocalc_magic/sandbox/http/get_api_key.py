"""``/app?get_api_key=NAME``: a person signs in, and the program that opened the page gets a key.

The program watches for the browser to go to ``https://authenticated/?api_key=KEY``, an address that does
not exist, and takes the key from it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http import body, pages
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.messages import Reply, Request, error_page, not_there
from cocalc_magic.sandbox.http.sign_in import NotSignedIn, TooOften, account_for, by_token
from cocalc_magic.sandbox.storage.keys import TooMany

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

LONGEST_NAME = 64  # of an app; the rest is cut off
FORM_TIME = 3600  # seconds that a form is good


def app(world: World, request: Request) -> Reply:
    """The page, and what its form does; older links that sign in with a token lead here too."""
    if "auth_token" in request.query:
        return by_token(world, request)
    name = _printable(request.query.get("get_api_key", ""))
    if request.method == "POST" and name:
        return _hand_over(world, request, name)
    if request.method not in ("GET", "HEAD"):
        return not_there(request)
    return pages.key_access(name, _form_token(world)) if name else pages.about_app()


def _hand_over(world: World, request: Request, name: str) -> Reply:
    try:
        given = body.read(request.headers, request.body)
    except Unreadable as problem:
        return error_page(problem.status)
    address, password = str(given.get("email", "")), given.get("password")

    def again(error: str, status: int) -> Reply:
        return pages.key_access(name, _form_token(world), address, error, status)

    # A page of another origin can neither read a form's token nor hide where it comes from.
    if request.from_elsewhere or not _is_form_token(world, given.get("form_token")):
        return again("This form is not from here, or too old. Please try again.", 403)
    try:
        account_id = account_for(world, address, password)
        key = _key(world, account_id, name)
    except TooOften:
        return again("Too many failed attempts to sign in. Please wait a minute and try again.", 429)
    except NotSignedIn:
        return again("There is no account here with this e-mail address and password.", 403)
    except TooMany:
        return again("This account has as many keys as it may have. Delete some first.", 403)
    return Reply(
        302, "text/plain", b"", (("Location", f"https://authenticated/?api_key={key}"), *pages.HEADERS)
    )


def _key(world: World, account_id: str, name: str) -> str:
    """A new key: CoCalc hands an existing one over again, but here only hashes of those are kept.

    It is of the current format, so that it is among the account's keys and can be deleted there; the last
    one that was handed over to this app goes.
    """
    return world.keys.replace(account_id, f"{name} (signed in)")


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable()).strip()[:LONGEST_NAME]


def _form_token(world: World) -> str:
    until = str(int(time.time()) + FORM_TIME)
    return f"{until}.{_signature(world, until)}"


def _is_form_token(world: World, given: object) -> bool:
    until, _, signature = str(given).partition(".")
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(world, until).encode()):
        return False
    return int(until) >= time.time()


def _signature(world: World, until: str) -> str:
    return hmac.new(world.form_secret, until.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
