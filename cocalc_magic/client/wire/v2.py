"""The v2 wire: ``POST <server>/api/v2/<path>``, the options as one JSON object.

Nearly every failure comes with HTTP 200 and ``{"error": …}``; sign-up has ``issues``, servers in development
``{"message", "errors"}`` with 400. A project that did not answer in 60 seconds is an empty object or the word
``undefined``. A key that the server does not know is no failure: the caller is nobody then, which each
message tells in its own way, if at all. All of it as recorded from a server of July 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire import reply as replies
from cocalc_magic.client.wire.reply import HEADERS, Reply, words
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

_HINTS = {
    400: "The server could not read the message.",
    404: "The server does not know this message, or has no API v2: %cocalc doctor tells.",
    413: "The message is too large: servers take 1 MB.",
    500: "The server broke over it; one reason is an option that it misses.",
}
_NOBODY = re.compile(
    r"must be (signed in|authenticated)|make sure you are signed in|You must provide authentication",
    re.IGNORECASE,
)
_PLAIN_TEXT = frozenset({"compute/scripts"})
_EMPTY_IS_LATE = frozenset({"projects/call", "projects/write-text-file", "/latex"})


def path(event: str) -> str:
    """Where the message goes, below the server's address."""
    return f"/api/v2/{event.removeprefix('/')}"


def encode(message: Message, options: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of the request."""
    inside = dict(options)
    return HEADERS, replies.encode({message.within: inside} if message.within else inside)


def decode(reply: Reply, event: str = "") -> Any:
    """The value of the answer: any JSON, and text from the one message that answers so.

    Raises :class:`NotCoCalc` for anything else.
    """
    if event in _PLAIN_TEXT and reply.status == 200 and not reply.body.startswith(("{", "<")):
        return reply.body
    return replies.decode(reply, _HINTS)


def failure(response: Response) -> ServerError | None:
    """The error that a response amounts to, or ``None`` for a success."""
    value, event = response.value, response.request.event
    if not isinstance(value, dict):
        return MessageRefused(words(value), response=response) if response.status >= 400 else None
    if "errors" in value and response.status >= 400:
        return MessageRefused(_invalid(value), response=response)
    if value.get("issues"):
        return MessageFailed(words(value["issues"]), response=response)
    if response.status >= 400 or value.get("error") or value.get("event") == "error":
        return _told(response, words(value.get("error") or value.get("message")))
    if not value and event in _EMPTY_IS_LATE:
        return too_late(response)
    if event == "accounts/profile" and value == {"profile": {}} and not response.request.options:
        return _nobody(response, "it takes you for nobody")
    return None


def too_late(response: Response) -> ServerError:
    """The server waited for the project, and gave up."""
    return MessageFailed(
        "the project did not answer in time.",
        "What was asked may still be going on there.",
        "Servers wait 60 seconds. Longer work: project:system.exec, or /exec with async_call=yes.",
        response=response,
    )


def _told(response: Response, text: str) -> ServerError:
    if text == "undefined":
        return too_late(response)
    if _NOBODY.search(text):
        return _nobody(response, text)
    return MessageFailed(text, response=response)


def _nobody(response: Response, text: str) -> ServerError:
    return KeyRefused(
        f"{response.server} does not know the key: {text}",
        "Has it been deleted, or has it expired? Or is it the key of a project, where that of an account is "
        "needed? %cocalc status tells whose it is.",
        response=response,
    )


def _invalid(value: Mapping[str, Any]) -> str:
    """What a server in development says of options: each with its place."""
    found = [
        f"{'.'.join(map(str, problem.get('path') or ())) or 'the message'}: {problem.get('message')}"
        for problem in value["errors"]
        if isinstance(problem, dict)
    ]
    return "; ".join(found) or words(value.get("message"))
