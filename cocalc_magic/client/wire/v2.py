"""The v2 wire: `POST <server>/api/v2/<path>`, the options as one JSON object.

Nearly every failure comes with HTTP 200 and `{"error": …}`; sign-up has `issues`, servers in development
`{"message", "errors"}` with 400. A project that did not answer in 60 seconds is an empty object or the word
`undefined`. An unknown key is not a failure: the caller is nobody then, which each message shows in its own
way, if at all. All of it as recorded from a server of July 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.raw import RAW, whole
from cocalc_magic.client.wire.messages import MAY_GO_ON, WireRequest, WireResponse, error_text, json_only
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, ServerError, ServiceTimeout

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
    """Return where a message goes, below the server's address."""
    return f"/api/v2/{event.removeprefix(RAW).removeprefix('/')}"


def encode(
    message: Message, options: Mapping[str, Any], *, seconds: float = 0, form: bool = False
) -> WireRequest:
    """Return the request for a message. Raises `InvalidValue` for a form."""
    del seconds
    if form:
        raise json_only(message.event)
    body = whole(options) if message.raw else dict(options)
    return WireRequest.of_json(path(message.event), {message.within: body} if message.within else body)


def options_of(message: Message, body: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
    """Return the options in a body, the way back of `encode`."""
    options = body.get(message.within, {}) if message.within else body
    return options if isinstance(options, dict) else {}, None


def decode(response: WireResponse, event: str = "") -> Any:
    """Return the value of a response: any JSON, or text from the one message that answers in text.

    Raises:
        NotCoCalc: For anything else.
    """
    is_text = response.status == 200 and not response.body.startswith(("{", "<"))
    if is_text and event.removeprefix(RAW) in _PLAIN_TEXT:
        return response.body
    return response.decode(_HINTS)


def failure(response: Response) -> ServerError | None:
    """Return the error that a response amounts to, or `None` for a success."""
    value, event = response.value, response.request.event
    if not isinstance(value, dict):
        return MessageRefused(error_text(value), response=response) if response.status >= 400 else None
    if "errors" in value and response.status >= 400:
        return MessageRefused(_invalid(value), response=response)
    if value.get("issues"):
        return MessageFailed(error_text(value["issues"]), response=response)
    if response.status >= 400 or value.get("error") or value.get("event") == "error":
        return _failed(response, error_text(value.get("error") or value.get("message")))
    if not value and event in _EMPTY_IS_LATE:
        return _project_too_late(response)
    if event == "accounts/profile" and value == {"profile": {}} and not response.request.options:
        return _unknown_key(response, "it takes you for nobody")
    return None


def may_hide_unknown_key(message: Message, value: Any) -> bool:
    """Return whether this may be the answer to an unknown key: some messages find nothing for nobody."""
    return message.key in ("account", "administrator") and value in ([], {"files": []})


def _project_too_late(response: Response) -> ServerError:
    """Return the error for a server that waited for the project, and gave up."""
    return MessageFailed(
        "the project did not answer in time.",
        MAY_GO_ON,
        "Servers wait 60 seconds. Longer work: project:system.exec, or /exec with async_call=yes.",
        response=response,
    )


def _failed(response: Response, text: str) -> ServerError:
    if text == "undefined":
        return _project_too_late(response)
    if text == "timeout":
        return ServiceTimeout(
            "the project did not answer in time.",
            MAY_GO_ON,
            "A project that just starts: try again.",
            response=response,
        )
    if _NOBODY.search(text):
        return _unknown_key(response, text)
    return MessageFailed(text, response=response)


def _unknown_key(response: Response, text: str) -> ServerError:
    return KeyRefused(
        f"{response.server} does not know the key: {text}",
        "Has it been deleted, or has it expired? Or is it the key of a project, where that of an account is "
        "needed? %cocalc status tells whose it is.",
        response=response,
    )


def _invalid(value: Mapping[str, Any]) -> str:
    """Return what a server in development says of each option, with its place."""
    problems = [
        f"{'.'.join(map(str, problem.get('path') or ())) or 'the message'}: {problem.get('message')}"
        for problem in value["errors"]
        if isinstance(problem, dict)
    ]
    return "; ".join(problems) or error_text(value.get("message"))
