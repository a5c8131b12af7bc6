"""One message and what came of it, as one line of JSON.

    {"event": "ping", "options": {}, "status": 200, "response": {"event": "pong", "id": "<id>"}}

Fields that say nothing are left out. An `id` that only tells answers apart is not kept: `<id>` in the
response stands for that of the message. `error` is the failure that the response amounts to, or that came in
its place.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic import errors
from cocalc_magic.errors import CoCalcError, CommandFailed, ServerError
from cocalc_magic.response import Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.cassette.tape import Outgoing

ID = "<id>"
OK = 200
# Headers of the way and of the moment: they say nothing of what a message does.
_LEFT_OUT = frozenset(
    {
        *("connection", "content-encoding", "content-length", "date", "etag", "keep-alive", "server"),
        *("transfer-encoding", "vary"),
    }
)
_JSON = "application/json"  # the usual Content-Type, which is not written down
_TRY_AGAIN = "Try again in "  # a hint that the error makes of a header, with the time of day
_OF_COMMAND = ("exit_code", "stdout", "stderr")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "event": (str,), "server": (str,), "options": (dict,), "status": (int,), "reason": (str,),
    "headers": (dict,), "error": (dict,), "route": (str,), "lost": (list,), "sent": (list,),
    "content": (dict,),
}  # fmt: skip
_ERROR_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("type", "problem", "server_text", "reason", "stdout", "stderr"), (str,)),
    "hints": (list,), "status": (int,), "exit_code": (int, type(None)), "retry_after": (int, float),
}  # fmt: skip


@dataclass
class Entry:
    """One message and what came of it, as JSON values.

    Args:
        event: The event; `upload` or `download` for a file.
        options: Its options without a free `id`.
        server: The server that it went to.
        fields: What came of it: `status`, `reason`, `response`, `headers`, `error`, `route`, `lost`, `sent`,
            and of a file that was downloaded its `content`.
        secret: Names of options that the catalog calls secret.
    """

    event: str
    options: dict[str, Any]
    server: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    secret: tuple[str, ...] = ()

    def line(self) -> dict[str, Any]:
        """Return the object of its line, in the order in which it is read best."""
        server = {"server": self.server} if self.server else {}
        return {"event": self.event, **server, "options": self.options, **self.fields}


def recorded(
    outgoing: Outgoing, response: Response | None, problem: CoCalcError | None, content: bytes | None = None
) -> Entry:
    """Return the entry for what came of a message."""
    free = str(outgoing.request.options.get("id", "")) if outgoing.takes_id else ""
    options = {name: value for name, value in outgoing.request.options.items() if name != "id" or not free}
    fields = (
        {} if response is None else _fields_of(response, outgoing.request.options.get("id") if free else None)
    )
    if problem is not None:
        fields["error"] = _error_fields(problem)
    if content is not None:
        fields["content"] = content_fields(content)
    return Entry(outgoing.request.event, options, outgoing.server.name, fields, outgoing.request.secret)


def replayed(
    line: Mapping[str, Any], outgoing: Outgoing, server: Mapping[str, Any]
) -> tuple[Response | None, CoCalcError | None]:
    """Return the response and the error of a line, for the message that was asked.

    Args:
        line: The line, as JSON.
        outgoing: The message.
        server: The server that answered when it was recorded: `name`, `url`, `sandbox`.
    """
    response = _response(line, outgoing, server) if "status" in line else None
    name = str(server.get("name", ""))
    return response, _error(line["error"], response, name) if "error" in line else None


def content_fields(content: bytes) -> dict[str, str]:
    """Return the content of a file as JSON: as text where it is UTF-8, else as Base64."""
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def content_of(fields: Mapping[str, Any]) -> bytes:
    """Return the content of a file, the way back of `content_fields`."""
    if "base64" in fields:
        return base64.b64decode(str(fields["base64"]))
    return str(fields.get("text", "")).encode()


def trouble(value: Any) -> str:
    """Return what is wrong with the object of a line; empty where nothing is."""
    if not isinstance(value, dict) or "event" not in value or "options" not in value:
        return 'it is not {"event": …, "options": {…}, …}'
    if wrong := _of_wrong_type(value, _TYPES):
        return f"{wrong} is of a wrong type"
    if "status" not in value and "error" not in value:
        return "it has neither a status nor an error"
    texts = [*value.get("headers", {}).values(), *value.get("lost", [])]
    if not all(isinstance(text, str) for text in texts):
        return "a header is not a text"
    if not all(
        isinstance(sent, dict) and isinstance(sent.get("event"), str) for sent in value.get("sent", [])
    ):
        return "sent is not a list of messages"
    if "error" not in value:
        return ""
    return _error_trouble(value["error"], has_response="status" in value)


# -- responses -------------------------------------------------------------------------------------


def _fields_of(response: Response, free_id: Any) -> dict[str, Any]:
    value, sent = (
        response.value,
        [{"event": part.event, "options": dict(part.options)} for part in response.sent],
    )
    if free_id is not None:
        value, sent = _renamed(value, free_id, ID), _renamed(sent, free_id, ID)
    optional = {
        "reason": response.reason if response.reason != _phrase(response.status) else "",
        "headers": {name: text for name, text in response.headers.received if _matters(name.lower(), text)},
        "route": response.route,
        "lost": list(response.lost),
        "sent": sent,
    }
    fields = {"status": response.status, "response": value}
    return fields | {name: value for name, value in optional.items() if value}


def _response(line: Mapping[str, Any], outgoing: Outgoing, server: Mapping[str, Any]) -> Response:
    value, sent = line.get("response"), line.get("sent", [])
    if outgoing.takes_id:
        free_id = outgoing.request.options.get("id")
        value, sent = _renamed(value, ID, free_id), _renamed(sent, ID, free_id)
    return Response(
        value,
        outgoing.request,
        server=str(server.get("name", "")),
        address=str(server.get("url", "")),
        sandbox=server.get("sandbox") is True,
        status=line["status"],
        reason=line.get("reason", _phrase(line["status"])),
        headers=Headers({"Content-Type": _JSON, **line.get("headers", {})}.items()),
        route=line.get("route", ""),
        lost=tuple(line.get("lost", ())),
        sent=tuple(Request(part["event"], dict(part.get("options") or {})) for part in sent),
    )


def _matters(name: str, text: str) -> bool:
    return name not in _LEFT_OUT and not (name == "content-type" and text.startswith(_JSON))


def _renamed(value: Any, old: Any, new: Any, depth: int = 4) -> Any:
    """Return a JSON value with another `id` where it has this one in a field of that name, not far inside."""
    if isinstance(value, dict) and depth:
        return {
            name: new if name == "id" and inner == old else _renamed(inner, old, new, depth - 1)
            for name, inner in value.items()
        }
    if isinstance(value, list) and depth:
        return [_renamed(inner, old, new, depth - 1) for inner in value]
    return value


def _phrase(status: int) -> str:
    from http import HTTPStatus  # with the first entry

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


# -- errors ----------------------------------------------------------------------------------------


class _Http(NamedTuple):
    """The HTTP of an error that came in place of a response."""

    server: str
    status: int
    reason: str
    headers: Headers


def _error_fields(problem: CoCalcError) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": type(problem).__name__, "problem": problem.problem}
    hints = [hint for hint in problem.hints if not hint.startswith(_TRY_AGAIN)]
    fields |= {"hints": hints} if hints else {}
    if isinstance(problem, ServerError):
        fields |= _server_error_fields(problem)
    if isinstance(problem, CommandFailed):
        fields |= {name: getattr(problem, name) for name in _OF_COMMAND}
    return fields


def _server_error_fields(problem: ServerError) -> dict[str, Any]:
    own = {"server_text": problem.server_text} if problem.server_text != problem.problem else {}
    if problem.response is not None or not problem.status:
        return own
    after = {} if problem.retry_after is None else {"retry_after": problem.retry_after}
    return {**own, "status": problem.status, "reason": problem.reason, **after}


def _error(fields: Mapping[str, Any], response: Response | None, server: str) -> CoCalcError:
    kind = dict(_error_types())[fields["type"]]
    more: dict[str, Any] = {}
    if issubclass(kind, ServerError):
        more["response"] = response
        if response is None and "status" in fields:
            more["http_response"] = _http(fields, server)
    if issubclass(kind, CommandFailed):
        more = {"response": response, **{name: fields[name] for name in _OF_COMMAND if name in fields}}
    problem = kind(fields["problem"], *fields.get("hints", ()), **more)
    if isinstance(problem, ServerError):
        problem.server_text = fields.get("server_text", problem.problem)
    return problem


def _http(fields: Mapping[str, Any], server: str) -> _Http:
    after = fields.get("retry_after")
    headers = Headers([("Retry-After", f"{after:g}")] if isinstance(after, int | float) else ())
    return _Http(server, fields["status"], fields.get("reason", ""), headers)


def _error_types() -> Iterator[tuple[str, type[CoCalcError]]]:
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, CoCalcError):
            yield name, kind


def _error_trouble(fields: Mapping[str, Any], *, has_response: bool) -> str:
    kind = dict(_error_types()).get(str(fields.get("type")))
    if kind is None or "problem" not in fields or (has_response and not issubclass(kind, ServerError)):
        return "its error is of an unknown type"
    if wrong := _of_wrong_type(fields, _ERROR_TYPES):
        return f"{wrong} of its error is of a wrong type"
    return "" if all(isinstance(hint, str) for hint in fields.get("hints", ())) else "a hint is not a text"


def _of_wrong_type(fields: Mapping[str, Any], types: Mapping[str, tuple[type, ...]]) -> str:
    """Return the name of a field that is not of its type; empty where all are."""
    for name, expected in types.items():
        if name in fields and (not isinstance(fields[name], expected) or isinstance(fields[name], bool)):
            return name
    return ""


def to_json(value: Any) -> str:
    """Return a value as one line of JSON that is valid UTF-8."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return json.dumps(value, default=str)
    return text
