"""The conat wire: `POST <server>/api/conat/hub` and `…/project`, with the message's name in the body.

The body is `{"name", "args", "timeout"}` and for a project also `project_id`. The options are the one object
in `args`, but for the few that stand there by themselves. The answer is the bare value, or an object with
`error` and nothing else: an error beside other fields is part of the answer, as in `projects.state`.

`timeout` is in milliseconds: how long the server waits for what does the work, 15 seconds where it is left
out. The message's own timeout is in seconds and among its options. The server is told to wait longer than
the work may take, so that the work ends first. As recorded from a server of July 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.raw import RAW
from cocalc_magic.client.wire.messages import MAY_GO_ON, WireRequest, WireResponse, error_text, json_only
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, ServerError, ServiceTimeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

PROJECT = "project:"
MARGIN = 10.0  # seconds that the server waits longer than the work may take

_HINTS = {
    400: "The server could not read the message.",
    404: "The server has no conat bridge: it is older than August 2025. %cocalc doctor tells what it has.",
    413: "The message is too large: servers take 1 MB.",
}
_BAD_KEY = re.compile(
    r"^(must be signed in|must sign in (?:as|with)|You must provide auth|Unknown authorization)"
)
_UNKNOWN = re.compile(r"^unknown function ")
_PREFIX = re.compile(r"^(Error: )+")
_NOISE = re.compile(r" - callHub: subject='[^']*'(?:, \w+='[^']*')*\s*\Z")  # never what a command printed


def path(event: str) -> str:
    """Return where a message goes, below the server's address."""
    return f"/api/conat/{'project' if event.removeprefix(RAW).startswith(PROJECT) else 'hub'}"


def encode(
    message: Message, options: Mapping[str, Any], *, seconds: float = 0, form: bool = False
) -> WireRequest:
    """Return the request for a message; `seconds` is how long the client waits.

    Raises:
        InvalidValue: For a form.
    """
    if form:
        raise json_only(message.event)
    rest = dict(options)
    body: dict[str, Any] = {}
    name = message.event.removeprefix(RAW)
    if name.startswith(PROJECT):
        body["project_id"] = rest.pop("project_id", None)
    body |= {"name": name.removeprefix(PROJECT), "args": _args(message, rest)}
    own = message.own_seconds(options)
    body["timeout"] = round(1000 * (own + MARGIN if own else max(0.8 * seconds, seconds - 2.0)))
    return WireRequest.of_json(path(message.event), body)


def options_of(message: Message, body: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
    """Return the options in a body, the way back of `encode`, and how long the server is told to wait."""
    args = list(body.get("args") or ())
    options = dict(zip(message.ordered, args, strict=False))
    inside: dict[str, Any] = next(iter(args[len(message.ordered) :]), {})
    options |= inside.get(message.within, {}) if message.within else inside
    if "project_id" in body:
        options["project_id"] = body["project_id"]
    timeout = body.get("timeout")
    return options, timeout / 1000 if isinstance(timeout, int | float) else None


def client_seconds(wait: float) -> float:
    """Return how long a client waits that tells the server to wait so long, the way back of `encode`."""
    return wait / 0.8 if wait < 8 else wait + 2.0


def _args(message: Message, options: dict[str, Any]) -> list[Any]:
    if message.raw and list(options) == ["args"] and isinstance(options["args"], list):
        return list(options["args"])
    first = [options.pop(name) for name in message.ordered if name in options]
    if message.within:
        return [{message.within: options}]
    return [*first, options] if options or not message.ordered else first


def decode(response: WireResponse, event: str = "") -> Any:
    """Return the value of a response, any JSON. Raises `NotCoCalc` for anything else."""
    del event
    return response.decode(_HINTS)


def failure(response: Response) -> ServerError | None:
    """Return the error that a response amounts to, or `None` for a success."""
    value = response.value
    if isinstance(value, dict) and value.keys() == {"error"} and value["error"] not in (False, None):
        return _failed(response, error_text(value["error"]))
    if response.status >= 400:
        return MessageRefused(error_text(value), response=response)
    return None


def plain(error: str) -> str:
    """Return an error without what the bridge put round it."""
    return _NOISE.sub("", _PREFIX.sub("", error)).strip()


def _failed(response: Response, error: str) -> ServerError:
    text = plain(error)
    if _BAD_KEY.match(text):
        return KeyRefused(
            f"{response.server} does not take the key: {text}",
            "Has it been deleted, or has it expired? Keys of a project are good for project:… events alone.",
            response=response,
        )
    if _UNKNOWN.match(text):
        event = response.request.event
        return MessageRefused(text, f"{response.server} does not offer {event}.", response=response)
    if text.startswith("timeout") and "must be positive" not in text:
        return ServiceTimeout(
            "the server timed out waiting for the service that does the work.",
            MAY_GO_ON,
            "To wait longer: --timeout SECONDS",
            response=response,
        )
    if "no subscribers matching" in text:
        return ServiceTimeout(
            "nobody there takes the message yet.", "A project that just starts: try again.", response=response
        )
    return MessageFailed(text, response=response)
