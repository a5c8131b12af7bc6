"""`projects/call`: a message to the project itself, answered in the project's own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller, require_collaborator
from cocalc_magic.sandbox.domain import access, exec, files, jupyter
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown, passed_on
from cocalc_magic.sandbox.js_compat import as_text, stringify
from cocalc_magic.sandbox.storage.store import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_TYPES = {str: "string", bool: "boolean", int: "number", float: "number"}


def call(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the project's answer; an empty one where it takes over a minute, as recorded."""
    caller = require_caller(caller, "projects/call")
    if not access.is_uuid(options.get("project_id")):
        raise Thrown("callProject -- must specify project_id")
    project_id = require_collaborator(world, caller, options["project_id"], "projects/call")
    message = options.get("mesg")
    if not isinstance(message, dict):
        if message is None or isinstance(message, list):
            raise Thrown("Cannot read properties of undefined (reading 'event')")
        raise Thrown(f"Cannot create property 'id' on {_TYPES[type(message)]} '{as_text(message)}'")
    touch(world, caller, project_id)
    message_id = new_id() if message.get("id") is None else message["id"]
    try:
        event, fields = _answer(world, project_id, message)
    except TimeoutError:
        return {}
    except Failed as problem:
        return {"event": "error", "id": message_id, "error": problem.error}
    return {"event": event, "id": message_id, **fields}


def _answer(world: World, project_id: str, message: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    event = message.get("event")
    if not isinstance(event, str) or event not in _EVENTS:
        known = ", ".join(_EVENTS)
        raise Failed(f"the sandbox's projects do not answer '{as_text(event)}'; they answer {known}")
    response, function = _EVENTS[event]
    return response, function(world, project_id, message)


def _exec(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return exec.execute(world, project_id, message)
    except Failed as problem:
        raise Failed(exec.in_full(message, problem.error)) from None


def _read(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    with passed_on():
        return {"content": files.read_text(world, project_id, message.get("path"))}


def _write(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    path, content = message.get("path"), message.get("content")
    if path is None:
        raise Failed("Cannot read properties of undefined (reading 'length')")
    if not isinstance(content, str):
        shown = "undefined" if content is None else stringify(content)
        types = "string or an instance of Buffer, TypedArray, or DataView"
        raise Failed(f'The "data" argument must be of type {types}. Received {shown}')
    with passed_on():
        files.write_text(world, project_id, path, content)
    return {}


_EVENTS: dict[str, tuple[str, Callable[[World, str, Mapping[str, Any]], dict[str, Any]]]] = {
    "ping": ("pong", lambda *_: {}),
    "project_exec": ("project_exec_output", _exec),
    "read_text_file_from_project": ("text_file_read_from_project", _read),
    "write_text_file_to_project": ("file_written_to_project", _write),
    "jupyter_kernels": ("jupyter_kernels", lambda world, *_: {"kernels": world.kernels.list()}),
    "jupyter_execute": (
        "jupyter_execute_response",
        lambda *call: {"output": jupyter.execute_in_project(*call)},
    ),
}
"""Event -> the event of its response, and the function that answers it."""
