"""`/app?get_api_key=NAME`: a person signs in, and the program that opened the page gets an API key.

The program watches for the browser to go to `https://authenticated/?api_key=KEY`, an address that does not
exist, and takes the key from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http import body, pages
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.form_token import is_form_token, new_form_token
from cocalc_magic.sandbox.http.messages import Request, Response, error_page, not_found
from cocalc_magic.sandbox.http.sign_in import NotSignedIn, TooManyFailures, by_token, check_password
from cocalc_magic.sandbox.storage.keys import TooManyKeys

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

MAX_NAME = 64  # characters of an app's name; the rest is cut off


def show_form(world: World, request: Request) -> Response:
    """Return the page with the form; older links that sign in with a token lead here too."""
    if "auth_token" in request.query:
        return by_token(world, request) if request.method == "GET" else not_found(request)
    name = _app_name(request)
    return pages.key_access(name, new_form_token(world), world.look) if name else pages.about_app()


def hand_over(world: World, request: Request) -> Response:
    """Sign in with the form, and redirect to the address that holds a new key.

    CoCalc hands an existing key over again, but here only their hashes are stored. The new one replaces the
    last one of this app, and is listed among the account's keys, where it can be deleted.
    """
    name = _app_name(request)
    if not name or "auth_token" in request.query:
        return not_found(request)
    try:
        form = body.read(request.headers, request.body)
    except Unreadable as problem:
        return error_page(problem.status)
    address, password = str(form.get("email", "")), form.get("password")

    def again(error: str, status: int) -> Response:
        return pages.key_access(name, new_form_token(world), world.look, address, error, status)

    # A page of another origin can neither read a form's token nor hide where it comes from.
    if request.is_cross_origin or not is_form_token(world, form.get("form_token")):
        return again("This form is not from here, or too old. Please try again.", 403)
    try:
        key = world.keys.replace(check_password(world, address, password), f"{name} (signed in)")
    except TooManyFailures:
        return again("Too many failed attempts to sign in. Please wait a minute and try again.", 429)
    except NotSignedIn:
        return again("There is no account here with this e-mail address and password.", 403)
    except TooManyKeys:
        return again("This account has as many keys as it may have. Delete some first.", 403)
    location = ("Location", f"https://authenticated/?api_key={key}")
    return Response(302, "text/plain", b"", (location, *pages.HEADERS))


def _app_name(request: Request) -> str:
    name = request.query.get("get_api_key", "")
    return "".join(character for character in name if character.isprintable()).strip()[:MAX_NAME]
