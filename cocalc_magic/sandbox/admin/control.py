"""What one asks of the sandbox itself, not of the CoCalc in it: ``/sandbox`` and below.

``POST /sandbox/status``, ``/reset``, ``/fault`` and ``/ticket`` below it take the key that the sandbox handed
out when it started, or an administrator's. A ticket opens the page at ``/sandbox`` once, in one browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.admin import dashboard
from cocalc_magic.sandbox.admin.overview import overview
from cocalc_magic.sandbox.admin.tickets import VISIT
from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sandbox.http import body
from cocalc_magic.sandbox.http.auth import Refused, caller_of, key_of
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.faults import NoFault, parse
from cocalc_magic.sandbox.http.messages import Reply, Request, error_page, json_reply, not_there

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.world import World

PAGE = "/sandbox"
COOKIE = "sandbox_visit"


def status(world: World, request: Request) -> Reply:
    """All that the page shows, as JSON."""
    del request
    return json_reply(200, overview(world))


def reset(world: World, request: Request) -> Reply:
    """Brings the first state back; ``key`` is the new key of the first account."""
    del request
    try:
        return json_reply(200, {"key": world.reset()})
    except CannotStart as problem:
        return json_reply(409, {"error": str(problem)})


def fault(world: World, request: Request) -> Reply:
    """Orders a fault, or with ``clear`` calls all off; ``faults`` are those to come."""
    try:
        given = body.read(request.headers, request.body)
        if given.pop("clear", False):
            world.faults.clear()
        if given:
            world.faults.order(parse(given))
    except Unreadable as problem:
        return error_page(problem.status)
    except NoFault as problem:
        return json_reply(422, {"error": str(problem)})
    return json_reply(200, {"faults": world.faults.list()})


def ticket(world: World, request: Request) -> Reply:
    """The address that opens the page in a browser, once."""
    del request
    return json_reply(200, {"path": f"{PAGE}?ticket={world.tickets.new()}"})


def _asked(answer: Callable[[World, Request], Reply]) -> Callable[[World, Request], Reply]:
    """A door for the holder of the start key, or an administrator."""

    def door(world: World, request: Request) -> Reply:
        if request.method != "POST":
            return not_there(request)
        try:
            key = key_of(request.headers.get("authorization"))
            caller = caller_of(world, key)
        except Refused as problem:
            return json_reply(401, {"error": str(problem)})
        if not (caller.admin or world.keys.is_start_key(key or "")):
            return json_reply(403, {"error": "this is for the key that the sandbox printed at its start"})
        return answer(world, request)

    return door


def page(world: World, request: Request) -> Reply:
    """What goes on, for a browser that came with a ticket."""
    if request.method not in ("GET", "HEAD"):
        return not_there(request)
    if "ticket" in request.query:
        visit = world.tickets.redeem(request.query["ticket"])
        if visit is None:
            return dashboard.no_ticket()
        cookie = f"{COOKIE}={visit}; path={PAGE}; httponly; samesite=strict; max-age={VISIT}"
        return Reply(303, "text/plain", b"", (("Location", PAGE), ("Set-Cookie", cookie), *dashboard.HEADERS))
    if not world.tickets.admits(request.cookies.get(COOKIE)):
        return dashboard.no_ticket()
    return dashboard.show(overview(world))


CONTROLS = {
    PAGE: page,
    f"{PAGE}/status": _asked(status),
    f"{PAGE}/reset": _asked(reset),
    f"{PAGE}/ticket": _asked(ticket),
    f"{PAGE}/fault": _asked(fault),
}
WAITS = {("POST", f"{PAGE}/reset"): "file"}
