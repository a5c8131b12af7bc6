"""A request -> a reply: a plain function of method, path, headers and body.

Here are the messages of the v1 API; ``api.v2``, ``api.conat`` and ``routes`` have the rest, and are loaded
when they are first asked for: a start should not wait for them.

The order of checks was recorded: body, authentication header, event, options, key, and then the
message itself. Failures up to the key are HTTP 400 with ``{"error": …}``, later ones HTTP 200 with
``{"event": "error", …}``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox import domain
from cocalc_magic.sandbox.errors import Failed, StorageFailed
from cocalc_magic.sandbox.http import body as bodies
from cocalc_magic.sandbox.http.api_versions import refusal
from cocalc_magic.sandbox.http.auth import Refused, caller_of, key_of
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.faults import befall
from cocalc_magic.sandbox.http.js_compat import stringify
from cocalc_magic.sandbox.http.messages import Reply, Request, error_page, json_reply, not_there, text_reply
from cocalc_magic.sandbox.storage.store import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.sandbox.world import Caller, World

API = "/api/"
V2 = "/api/v2/"
UPLOAD = "/upload"
PAGES = ("/app", "/sandbox")
CONAT = "/api/conat/"
RECORDED = "2024-03-01"  # the day of the server that is imitated
REQUIRED = "__!!!!!!this is a required property!!!!!!__"

# Names that every JavaScript object has: the recorded server takes them for messages, and stumbles.
_STUMBLES = {
    "__proto__": "TypeError: f is not a function",
    **dict.fromkeys(
        (
            *("hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "valueOf"),
            *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
        ),
        "TypeError: Cannot convert undefined or null to object",
    ),
    "toLocaleString": "TypeError: Object.prototype.toLocaleString called on null or undefined",
}
_UNDEFINED = ("constructor", "toString")


def event_of(method: str, path: str) -> str | None:
    """The event that a request is for: the last part of its path; ``None`` when it is no message."""
    path = path.partition("?")[0]
    if method != "POST" or not path.lower().startswith("/api/v1/"):
        return None
    return path.rstrip("/").rpartition("/")[2]


def waits_for(method: str, target: str, body: bytes = b"") -> str | None:
    """What answering may wait for: ``command``, ``file``, ``password``, or ``None`` when it is quick."""
    path = target.partition("?")[0]
    if event := event_of(method, path):
        return domain.WAITS.get(event)
    if path.startswith(V2):
        from cocalc_magic.sandbox.api.v2 import api as v2

        return v2.WAITS.get(path.removeprefix(V2))
    if path.startswith(CONAT):
        from cocalc_magic.sandbox.api.conat import api as conat

        return conat.waits_for(path, body)
    from cocalc_magic.sandbox.http import routes

    return routes.waits_for(method, path)


def room(target: str, content_type: str) -> int:
    """How many bytes of a body are kept: those over the limit of its type are not, nor what nobody reads."""
    path = target.partition("?")[0]
    if path == UPLOAD:
        return bodies.UPLOAD_LIMIT
    most = bodies.limit(content_type) or 0
    if target.startswith((V2, CONAT)):
        return bodies.V2_LIMIT if most else 0
    if path.startswith(PAGES):
        return min(most, bodies.PAGE_LIMIT)
    return most if event_of("POST", path) is not None else 0


def early_refusal(world: World, head: Request) -> Reply | None:
    """Return the reply to a request whose body need not be read, if it is one; ``head`` lacks the body."""
    if head.path != UPLOAD:
        return None
    from cocalc_magic.sandbox.http import transfers

    return transfers.refusal(world, head)


def is_authenticated(world: World, head: Request) -> bool:
    """Tell whether a request carries a valid key or cookie."""
    from cocalc_magic.sandbox.http.sign_in import visitor

    try:
        return visitor(world, head) is not None
    except Failed:
        return False


def respond(world: World, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answers one request; ``headers`` by lower-case names. Never raises for what a request holds."""
    request = Request(method, target, headers, body)
    fault = world.faults.due(request.path) if target.startswith(API) else None
    return befall(fault, lambda: _answered(world, request)) if fault else _answered(world, request)


def _answered(world: World, request: Request) -> Reply:
    try:
        return _respond(world, request)
    except StorageFailed as problem:  # before any message was looked at, or where none is meant
        return _no_storage(request, str(problem.error))


def _no_storage(request: Request, words: str) -> Reply:
    if event_of(request.method, request.target) is not None:
        return json_reply(200, {"event": "error", "id": new_id(), "error": words})
    return json_reply(200 if request.target.startswith(API) else 507, {"error": words})


def _respond(world: World, request: Request) -> Reply:
    if hidden := refusal(world.generation, request):
        return hidden
    event = event_of(request.method, request.target)
    if event is not None:
        return _message_reply(world, request, event)
    if request.path.startswith(V2):
        from cocalc_magic.sandbox.api.v2 import api as v2

        return v2.respond(world, request)
    if request.path.startswith(CONAT):
        from cocalc_magic.sandbox.api.conat import api as conat

        return conat.respond(world, request)
    from cocalc_magic.sandbox.http import routes

    door = routes.find(request.path)
    return door(world, request) if door else not_there(request)


def too_large(target: str) -> Reply:
    """The reply to a body that was over its limit and has not been kept."""
    if target.startswith((V2, CONAT)):
        return text_reply(413, "Body exceeded 1mb limit")
    return error_page(413)


def broken() -> Reply:
    """The reply to a request that the sandbox stumbled over."""
    return error_page(500)


def _message_reply(world: World, request: Request, event: str) -> Reply:
    started = time.perf_counter()
    given: dict[str, Any] = {}
    caller = message = None
    try:
        given = bodies.read(request.headers, request.body)
        key = key_of(request.headers.get("authorization"))
        message = None if event in _UNDEFINED else _message(event)
        options = _options(message, given)
        caller = caller_of(world, key)
        if message is None or message.availability == "unhandled":
            raise Refused(f"unknown message event type '{event if message else 'undefined'}'")
        answer = _answer(world, caller, message, options)
        outcome = "error" if answer.get("event") == "error" else "answered"
        reply = json_reply(200, answer)
    except Unreadable as problem:
        outcome, reply = f"refused, {problem.status}", error_page(problem.status)
    except Refused as problem:
        outcome, reply = "refused, 400", json_reply(400, {"error": str(problem)})
    seconds = time.perf_counter() - started
    world.recent.note(event, caller.account_id if caller else None, given, outcome, seconds)
    return reply


def _answer(world: World, caller: Caller, message: Message, options: Mapping[str, Any]) -> dict[str, Any]:
    reply_id = options["id"] if options.get("id") is not None else new_id()
    try:
        return {
            "event": message.response,
            "id": reply_id,
            **domain.find(message.event)(world, caller, options),
        }
    except Failed as problem:
        return {"event": "error", "id": reply_id, "error": problem.error}


def _message(event: str) -> Message:
    """The message that is asked for, when the API has it. Raises :class:`Refused`."""
    if event in _STUMBLES:
        raise Refused(f"invalid parameters '{_STUMBLES[event]}'")
    message = catalog.get(event, "v1")
    if event in catalog.closed_names() or (message and message.availability == "closed"):
        raise Refused(f"endpoint '{event}' is not part of the HTTP API")
    if message is None or message.availability == "gone":
        raise Refused(f"unknown endpoint '{event}'")
    return message


# -- options ---------------------------------------------------------------------------------------


def _options(message: Message | None, given: dict[str, Any]) -> dict[str, Any]:
    options = _checked(message, given) if message else {}
    if message and message.event == "query" and options.get("multi_response"):
        raise Refused("ReferenceError: otps is not defined")
    return options


def _checked(message: Message, given: dict[str, Any]) -> dict[str, Any]:
    """All options of the message, defaults filled in; the first mistake alone is told."""
    known = [option for option in message.options if _is_known(option)]
    if given.get("event") is not None:
        raise Refused(
            "invalid parameters 'Error: ValueError: must not define 'event' when calling message creation "
            f"function (opts={stringify(given)}, obj={stringify(_definition(message, known))})'"
        )
    values = {option.name: _value(option, given) for option in known}
    unknown = next((name for name in given if name not in values and name != "event"), None)
    if unknown is not None:
        raise _invalid(f"got an unexpected argument '{unknown}' ")
    return values


def _value(option: Option, given: dict[str, Any]) -> Any:
    value = given.get(option.name)
    if value is None and option.required:
        raise _invalid(f"property '{option.name}' must be specified: ")
    return option.default if value is None else value


def _is_known(option: Option) -> bool:
    return option.since <= RECORDED and (not option.until or option.until > RECORDED)


def _definition(message: Message, known: list[Option]) -> dict[str, Any]:
    """The message as the server defines it, which it repeats in one of its errors."""
    options = {
        option.name: REQUIRED if option.required else option.default
        for option in known
        if option.required or option.default is not None
    }
    return {"event": message.event, **options}


def _invalid(problem: str) -> Refused:
    return Refused(f"invalid parameters 'Error: misc.defaults -- TypeError: {problem}'")
