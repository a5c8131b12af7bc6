"""Requests to the sandbox itself, not to the CoCalc in it: `/sandbox` and below.

`POST /sandbox/status`, `/reset`, `/fault`, `/keys`, `/look` and `/ticket` need the key that the sandbox
printed at its start, or an administrator's; `/world` any key. A ticket opens the dashboard at `/sandbox`
once, in one browser.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from cocalc_magic.catalog.generations import SCOPED
from cocalc_magic.sandbox import seed
from cocalc_magic.sandbox.admin import dashboard, dashboard_page
from cocalc_magic.sandbox.admin.tickets import VISIT_TIME
from cocalc_magic.sandbox.domain import scopes
from cocalc_magic.sandbox.errors import CannotStart, Failed, Refused
from cocalc_magic.sandbox.http import body
from cocalc_magic.sandbox.http.auth import parse_authorization, require_caller
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.faults import InvalidFault, parse
from cocalc_magic.sandbox.http.messages import Request, Response, error_page, json_response
from cocalc_magic.sandbox.storage.settings import WORLD_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.world import World

    Handler = Callable[[World, Request], Response]

PAGE = "/sandbox"
COOKIE = "sandbox_visit"


def _require_start_key(handler: Handler) -> Handler:
    """Wrap a handler for holders of the start key, or an administrator's."""

    @wraps(handler)
    def handle(world: World, request: Request) -> Response:
        try:
            key = parse_authorization(request.headers.get("authorization"))
            caller = require_caller(world, key)
        except Refused as problem:
            return json_response(401, {"error": str(problem)})
        if not (caller.admin or world.keys.is_start_key(key or "")):
            return json_response(403, {"error": "this needs the key that the sandbox printed at its start"})
        return handler(world, request)

    return handle


@_require_start_key
def status(world: World, _request: Request) -> Response:
    """Return all that the dashboard shows, as JSON."""
    return json_response(200, dashboard.overview(world))


@_require_start_key
def reset(world: World, _request: Request) -> Response:
    """Restore the initial world; `key` is the new key of the first account."""
    try:
        return json_response(200, {"key": seed.reset(world)})
    except CannotStart as problem:
        return json_response(409, {"error": str(problem)})


@_require_start_key
def fault(world: World, request: Request) -> Response:
    """Schedule a fault, or with `clear` remove all; `faults` are those that are scheduled."""
    try:
        fields = body.read(request.headers, request.body)
        if fields.pop("clear", False):
            world.faults.clear()
        if fields:
            world.faults.schedule(parse(fields))
    except Unreadable as problem:
        return error_page(problem.status)
    except InvalidFault as problem:
        return json_response(422, {"error": str(problem)})
    return json_response(200, {"faults": world.faults.list()})


def world_id(world: World, request: Request) -> Response:
    """Return the id of the world, which is new for each data folder and after each reset."""
    try:
        require_caller(world, parse_authorization(request.headers.get("authorization")))
    except Refused as problem:
        return json_response(401, {"error": str(problem)})
    return json_response(200, {"id": world.settings.get(WORLD_ID)})


@_require_start_key
def keys(world: World, request: Request) -> Response:
    """Make a scoped key, which no message of the API does; `key` is its text, which is not stored."""
    if world.generation not in SCOPED:
        names = " or ".join(SCOPED)
        return json_response(422, {"error": f"keys have scopes on a sandbox of --generation {names} alone"})
    try:
        fields = body.read(request.headers, request.body)
        return json_response(200, scopes.create_key(world, fields))
    except Unreadable as problem:
        return error_page(problem.status)
    except Failed as problem:
        return json_response(422, {"error": problem.text})


@_require_start_key
def look(world: World, request: Request) -> Response:
    """Draw the sign-in page and the pages of projects in the look of a product; in none without fields."""
    from cocalc_magic.errors import InvalidValue  # late, as the look: few sandboxes are given one
    from cocalc_magic.look import Look, of_fields

    try:
        chosen = of_fields(body.read(request.headers, request.body, body.LOOK_LIMIT))
    except Unreadable as problem:
        return error_page(problem.status)
    except InvalidValue as problem:
        return json_response(422, {"error": problem.problem})
    world.look = None if chosen == Look() else chosen
    return json_response(200, {"title": chosen.title, "accent": chosen.accent, "logo": bool(chosen.logo)})


@_require_start_key
def ticket(world: World, _request: Request) -> Response:
    """Return the address that opens the dashboard in a browser, once."""
    return json_response(200, {"path": f"{PAGE}?ticket={world.tickets.new()}"})


def page(world: World, request: Request) -> Response:
    """Return the dashboard to a browser that was opened with a ticket."""
    if "ticket" in request.query:
        visit = world.tickets.redeem(request.query["ticket"])
        if visit is None:
            return dashboard_page.no_ticket()
        cookie = f"{COOKIE}={visit}; path={PAGE}; httponly; samesite=strict; max-age={VISIT_TIME}"
        headers = (("Location", PAGE), ("Set-Cookie", cookie), *dashboard_page.HEADERS)
        return Response(303, "text/plain", b"", headers)
    if not world.tickets.is_visitor(request.cookies.get(COOKIE)):
        return dashboard_page.no_ticket()
    return dashboard_page.show(dashboard.overview(world))
