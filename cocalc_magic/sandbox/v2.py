"""The door of API v2: ``/api/v2/<name>``, JSON in, JSON out.

A failure is ``{"error": …}`` with HTTP status 200, as recorded. To answer a name, enter it into
``ANSWERS``; what deals with cookies is in ``DOORS``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox import bodies
from cocalc_magic.sandbox.answers import keys, people
from cocalc_magic.sandbox.bodies import Unreadable
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.replies import Reply, Request, json_reply, not_there, text_reply
from cocalc_magic.sandbox.signin import sign_in, sign_out, visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

PREFIX = "/api/v2/"

ANSWERS: dict[str, Callable[[World, Caller | None, Mapping[str, Any]], Any]] = {
    "api-keys": keys.api_keys,
    "accounts/profile": people.profile,
}
"""What a name does: ``(world, caller or None, options) -> JSON``; raises :class:`Failed`."""

DOORS: dict[str, Callable[[World, Request, Mapping[str, Any]], Reply]] = {
    "auth/sign-in": sign_in,
    "accounts/sign-out": sign_out,
}

WAITS = {"auth/sign-in": "password"}


def respond(world: World, request: Request) -> Reply:
    """Answers one request. Never raises for what a request holds."""
    name = request.path.removeprefix(PREFIX)
    if name.endswith("/"):
        shorter = PREFIX + name.rstrip("/")
        return Reply(308, "text/plain; charset=utf-8", shorter.encode(), (("Location", shorter),))
    if name not in ANSWERS and name not in DOORS:
        return not_there(request)
    try:
        options = _options(request)
        if name in DOORS:
            return DOORS[name](world, request, options)
        return json_reply(200, ANSWERS[name](world, visitor(world, request), options))
    except Unreadable as problem:
        return text_reply(problem.status, _UNREADABLE[problem.status])
    except Failed as problem:
        return json_reply(200, {"error": problem.error})


_UNREADABLE = {400: "Invalid JSON", 413: "Body exceeded 1mb limit", 415: "Invalid body"}


def _options(request: Request) -> dict[str, Any]:
    """The options in a body, or in the query of a request without one. Raises :class:`Unreadable`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(request.body) > bodies.V2_LIMIT:
        raise Unreadable(413)
    if not request.body:
        return dict(request.query)
    if kind == "application/x-www-form-urlencoded":
        return bodies.form(request.body.decode("utf-8", "replace"))
    if kind != "application/json":
        return {}
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unreadable(400) from None
    return value if isinstance(value, dict) else {}
