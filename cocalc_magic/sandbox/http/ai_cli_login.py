"""The page `/auth/cli-login/<id>`, where a person signs a program in by typing the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http import body, pages
from cocalc_magic.sandbox.http.ai_routes import CLI_LOGIN_PATH
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.form_token import is_form_token, new_form_token
from cocalc_magic.sandbox.http.messages import error_page
from cocalc_magic.sandbox.http.sign_in import NotSignedIn, TooManyFailures, check_password

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.cli_logins import Challenge
    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World


def show(world: World, request: Request) -> Response:
    """Return the page with the form."""
    challenge = _find(world, request)
    return pages.cli_login(challenge, new_form_token(world)) if challenge else pages.no_cli_login()


def approve(world: World, request: Request) -> Response:
    """Sign the person in with the form, and the program with that."""
    challenge = _find(world, request)
    if challenge is None:
        return pages.no_cli_login()
    try:
        form = body.read(request.headers, request.body)
    except Unreadable as problem:
        return error_page(problem.status)
    address = str(form.get("email", ""))

    def again(error: str, status: int) -> Response:
        return pages.cli_login(challenge, new_form_token(world), address, error, status)

    # A page of another origin can neither read a form's token nor hide where it comes from.
    if request.is_cross_origin or not is_form_token(world, form.get("form_token")):
        return again("This form is not from here, or too old. Please try again.", 403)
    try:
        account_id = check_password(world, address, form.get("password"))
    except TooManyFailures:
        return again("Too many failed attempts to sign in. Please wait a minute and try again.", 429)
    except NotSignedIn:
        return again("There is no account here with this e-mail address and password.", 403)
    return pages.cli_login_approved() if challenge.approve(account_id) else pages.no_cli_login()


def _find(world: World, request: Request) -> Challenge | None:
    """Return the challenge of the path, unless it was decided before or is too old."""
    match = CLI_LOGIN_PATH.fullmatch(request.path)
    challenge = world.cli_logins.find(match[1].lower()) if match else None
    is_open = challenge is not None and challenge.state == "pending" and not challenge.is_expired()
    return challenge if is_open else None
