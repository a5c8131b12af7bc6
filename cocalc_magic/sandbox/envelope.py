"""A request of the v1 API -> a reply: a plain function of method, path, headers and body.

The order of checks was recorded: body, authentication header, event, options, key, and then the
message itself. Failures up to the key are HTTP 400 with ``{"error": …}``, later ones HTTP 200 with
``{"event": "error", …}``.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox import bodies
from cocalc_magic.sandbox.answers import ANSWERS, WAITS
from cocalc_magic.sandbox.bodies import Unreadable
from cocalc_magic.sandbox.credentials import Refused, caller_of, key_of
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.javascript import stringify
from cocalc_magic.sandbox.store import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.sandbox.world import World

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

# What the recorded server says besides its messages, to anybody.
_WORDS = {
    "/robots.txt": f"User-agent: *\n{'':15}Allow: /share\n{'':15}Disallow: /\n{'':15}",
    "/metrics": stringify(
        {
            "error": "Sharing of metrics at /metrics is disabled.  "
            "Metrics can be enabled in the site administration page."
        }
    ),
    "/concurrent": "0",
}
_STATUS_WORDS = {
    400: "Bad Request",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>{}</pre>
</body>
</html>
"""


@dataclass(frozen=True)
class Reply:
    """What goes back: HTTP status, content type and body."""

    status: int
    kind: str
    body: bytes


def event_of(method: str, path: str) -> str | None:
    """The event that a request is for: the last part of its path; ``None`` when it is no message."""
    path = path.partition("?")[0]
    if method != "POST" or not path.lower().startswith("/api/v1/"):
        return None
    return path.rstrip("/").rpartition("/")[2]


def waits_for(method: str, path: str) -> str | None:
    """What answering may wait for: ``command``, ``file``, ``password``, or ``None`` when it is quick."""
    return WAITS.get(event_of(method, path) or "")


def respond(world: World, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answers one request; ``headers`` by lower-case names. Never raises for what a request holds."""
    event = event_of(method, path)
    if method in ("GET", "HEAD") and (words := _WORDS.get(path.partition("?")[0])):
        return Reply(200, "text/plain; charset=utf-8", words.encode())
    if event is None:
        return _page(404, f"Cannot {method} {path.partition('?')[0]}")
    try:
        given = bodies.read(headers, body)
    except Unreadable as problem:
        return _page(problem.status, _STATUS_WORDS[problem.status])
    try:
        return _json(200, _answer(world, event, given, headers.get("authorization")))
    except Refused as problem:
        return _json(400, {"error": str(problem)})


def too_large() -> Reply:
    """The reply to a body that was over its limit and has not been kept."""
    return _page(413, _STATUS_WORDS[413])


def broken() -> Reply:
    """The reply to a request that the sandbox stumbled over."""
    return _page(500, _STATUS_WORDS[500])


def _answer(world: World, event: str, given: dict[str, Any], authorization: str | None) -> dict[str, Any]:
    key = key_of(authorization)
    message = None if event in _UNDEFINED else _message(event)
    options = _checked(message, given) if message else {}
    if event == "query" and options.get("multi_response"):
        raise Refused("ReferenceError: otps is not defined")
    caller = caller_of(world, key)
    if message is None or message.standing == "unhandled":
        raise Refused(f"unknown message event type '{event if message else 'undefined'}'")
    reply_id = given.get("id") if given.get("id") is not None else new_id()
    try:
        return {"event": message.response, "id": reply_id, **ANSWERS[event](world, caller, options)}
    except Failed as problem:
        return {"event": "error", "id": reply_id, "error": problem.error}


def _message(event: str) -> Message:
    """The message that is asked for, when the API has it. Raises :class:`Refused`."""
    if event in _STUMBLES:
        raise Refused(f"invalid parameters '{_STUMBLES[event]}'")
    message = catalog.messages().get(event)
    if event in catalog.closed_names() or (message and message.standing == "closed"):
        raise Refused(f"endpoint '{event}' is not part of the HTTP API")
    if message is None or message.standing == "gone":
        raise Refused(f"unknown endpoint '{event}'")
    return message


# -- options ---------------------------------------------------------------------------------------


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


# -- replies ---------------------------------------------------------------------------------------


def _json(status: int, value: dict[str, Any]) -> Reply:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone half of a surrogate pair travels as its escape, as JavaScript writes it.
    body = _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    return Reply(status, "application/json; charset=utf-8", body)


_LONE = re.compile("[\ud800-\udfff]")


def _page(status: int, words: str) -> Reply:
    return Reply(
        status, "text/html; charset=utf-8", _PAGE.format(html.escape(words)).encode("utf-8", "replace")
    )
