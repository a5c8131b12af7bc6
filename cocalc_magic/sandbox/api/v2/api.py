"""The door of API v2: ``/api/v2/<name>``, JSON in, JSON out.

A failure is ``{"error": …}`` with HTTP status 200, as recorded. To answer a name, enter it into
``answers.v2.ANSWERS``; what deals with cookies is in ``DOORS``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import v2 as answers
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http import body
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.messages import Reply, Request, json_reply, not_there, text_reply
from cocalc_magic.sandbox.http.sign_in import sign_in, sign_out, visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

PREFIX = "/api/v2/"
LIMIT = body.V2_LIMIT


def _delete_account(world: World, request: Request, options: Mapping[str, Any]) -> Reply:
    """No account is deleted for good; ``reset`` brings the sandbox's first state back."""
    del options
    if request.method != "POST":
        return json_reply(404, {"message": "must use a POST request"})
    if visitor(world, request) is None:
        raise Failed("must be signed in")
    raise Failed(_not_played("accounts/delete"))


def _not_played(name: str) -> str:
    return f"not answered by the sandbox: '{name}'"


DOORS: dict[str, Callable[[World, Request, Mapping[str, Any]], Reply]] = {
    "auth/sign-in": sign_in,
    "accounts/sign-out": sign_out,
    "accounts/delete": _delete_account,
}

WAITS = {"auth/sign-in": "password", **answers.WAITS}
"""Names that may wait, and for what."""

NO_PAGES = ("auth/sign-up",)  # what needs no key, and a page of another origin must not do all the same
_UNREADABLE = {400: "Invalid JSON", 413: "Body exceeded 1mb limit", 415: "Invalid body"}


def respond(world: World, request: Request) -> Reply:
    """Answers one request. Never raises for what a request holds."""
    name = request.path.removeprefix(PREFIX)
    if name.endswith("/"):
        shorter = PREFIX + name.rstrip("/")
        return Reply(308, "text/plain; charset=utf-8", shorter.encode(), (("Location", shorter),))
    if name not in answers.ANSWERS and name not in DOORS and event_of(name) not in catalog.messages("v2"):
        return not_there(request)
    try:
        options = _options(request)
    except Unreadable as problem:
        return text_reply(problem.status, _UNREADABLE[problem.status])
    started = time.perf_counter()
    asker = None
    try:
        caller = visitor(world, request)
        asker = caller.account_id if caller else None
        reply, outcome = _reply(world, request, name, caller, options), "answered"
    except Failed as problem:
        reply, outcome = json_reply(200, {} if problem.error is None else {"error": problem.error}), "error"
    world.recent.note(event_of(name), asker, options, outcome, time.perf_counter() - started)
    return reply


def event_of(name: str) -> str:
    """The name of a path in the catalog: one segment has a slash in front there."""
    return name if "/" in name else f"/{name}"


def _reply(
    world: World, request: Request, name: str, caller: Caller | None, options: Mapping[str, Any]
) -> Reply:
    if name in DOORS:
        return DOORS[name](world, request, options)
    if name not in answers.ANSWERS:
        raise Failed(_not_played(name))
    if name in NO_PAGES and request.from_elsewhere:
        raise Failed("it is asked for by a foreign page")
    world.pace.count(name, caller.account_id if caller else "")
    answer = answers.find(name)(world, caller, options)
    return answer if isinstance(answer, Reply) else json_reply(200, answer)


def _options(request: Request) -> dict[str, Any]:
    """The options in the body of a POST; other methods have none. Raises :class:`Unreadable`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(request.body) > LIMIT:
        raise Unreadable(413)
    if request.method != "POST" or not request.body:
        return {}
    if kind == "application/x-www-form-urlencoded":
        return body.form(request.body.decode("utf-8", "replace"))
    if kind != "application/json":
        return {}
    try:
        value = body.json_value(request.body.decode())
    except UnicodeDecodeError:
        raise Unreadable(400) from None
    return value if isinstance(value, dict) else {}
