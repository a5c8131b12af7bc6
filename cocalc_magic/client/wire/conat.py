"""The conat wire: ``POST <server>/api/conat/hub`` and ``…/project``, with the message's name in the body.

The body is ``{"name", "args", "timeout"}`` and for a project also ``project_id``. The options are the one
object in ``args``, but for the few that stand there by themselves. The answer is the bare value, or an object
with ``error`` and nothing else: an error beside other fields is part of the answer, as in ``projects.state``.

``timeout`` is in milliseconds, how long the server waits for what does the work, and 15 seconds where it is
left out; the message's own timeout is in seconds and among its options. The server is told to wait longer
than the work may take, so that it is the work that ends first. As recorded from a server of July 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.raw import bare
from cocalc_magic.client.wire import reply as replies
from cocalc_magic.client.wire.reply import HEADERS, Reply, words
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, ServerError

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
_BAD_KEY = re.compile(r"^(must be signed in|must sign in as|You must provide auth|Unknown authorization)")
_UNKNOWN = re.compile(r"^unknown function ")
_PREFIX = re.compile(r"^(Error: )+")
_NOISE = re.compile(r" - callHub: subject=.*$", re.DOTALL)


def path(event: str) -> str:
    """Where the message goes, below the server's address."""
    return f"/api/conat/{'project' if event.startswith(PROJECT) else 'hub'}"


def encode(message: Message, options: Mapping[str, Any], seconds: float) -> tuple[dict[str, str], bytes]:
    """Headers and body; ``seconds`` are those that the client is willing to wait."""
    rest = dict(options)
    body: dict[str, Any] = {}
    name = bare(message.event)
    if name.startswith(PROJECT):
        body["project_id"] = rest.pop("project_id", None)
    body |= {"name": name.removeprefix(PROJECT), "args": _args(message, rest)}
    body["timeout"] = round(1000 * _wait(message, options, seconds))
    return HEADERS, replies.encode(body)


def own_seconds(message: Message, options: Mapping[str, Any]) -> float:
    """How long the message itself says that its work may take; 0 where it says nothing."""
    default = next((option.default for option in message.options if option.name == "timeout"), None)
    given = options.get("timeout", default)
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else 0.0


def _wait(message: Message, options: Mapping[str, Any], seconds: float) -> float:
    own = own_seconds(message, options)
    return own + MARGIN if own else max(0.8 * seconds, seconds - 2.0)


def client_seconds(wait: float) -> float:
    """Return how long a client waits that tells the server to wait so long: the way back from ``encode``."""
    return wait / 0.8 if wait < 8 else wait + 2.0


def _args(message: Message, options: dict[str, Any]) -> list[Any]:
    if message.raw and list(options) == ["args"] and isinstance(options["args"], list):
        return list(options["args"])
    first = [options.pop(name) for name in message.ordered if name in options]
    if message.within:
        return [{message.within: options}]
    return [*first, options] if options or not message.ordered else first


def decode(reply: Reply) -> Any:
    """The value of the answer, any JSON; raises :class:`NotCoCalc` for anything else."""
    return replies.decode(reply, _HINTS)


def failure(response: Response) -> ServerError | None:
    """The error that a response amounts to, or ``None`` for a success."""
    value = response.value
    if isinstance(value, dict) and value.keys() == {"error"} and value["error"] not in (False, None):
        return _told(response, words(value["error"]))
    if response.status >= 400:
        return MessageRefused(words(value), response=response)
    return None


def plain(error: str) -> str:
    """The words of an error without what the bridge put round them."""
    return _NOISE.sub("", _PREFIX.sub("", error)).strip()


def _told(response: Response, error: str) -> ServerError:
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
        return MessageFailed(
            "the server waited in vain for what does the work.",
            "What was asked may still be going on there.",
            "To wait longer: --timeout SECONDS",
            response=response,
        )
    if "no subscribers matching" in text:
        return MessageFailed(
            "nobody there takes the message yet.", "A project that just starts: try again.", response=response
        )
    return MessageFailed(text, response=response)
