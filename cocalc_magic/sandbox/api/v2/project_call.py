"""`projects/call`: a message to the project itself, answered in the project's own form."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller, require_collaborator
from cocalc_magic.sandbox.domain import access, exec, files, jupyter
from cocalc_magic.sandbox.domain.projects import VERSION, touch
from cocalc_magic.sandbox.errors import Failed, Thrown, passed_on
from cocalc_magic.sandbox.js_compat import as_text
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
    if event in _UNANSWERED:
        raise TimeoutError
    if not isinstance(event, str) or event not in _EVENTS:
        shown = as_text(event) if "event" in message else "undefined"
        raise Failed(f"Project {project_id} does not implement handling mesg with event='{shown}'")
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
    with passed_on():
        files.write_text(world, project_id, message.get("path"), message.get("content"))
    return {}


def _read_bytes(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the id of a file's content, which the server keeps for a day; a sandbox does not."""
    with passed_on(with_kind=True):
        return {"data_uuid": files.content_id(world, project_id, message.get("path"))}


def _print(_world: World, _project_id: str, message: Mapping[str, Any]) -> Any:
    kind = PurePosixPath(as_text(message.get("path") or "")).suffix.removeprefix(".")
    raise Failed(f"Error: unable to print file of type '{kind}'")


def _signal(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """Send a signal to a process of the project's commands; others are left alone."""
    pid, number = message.get("pid"), message.get("signal")
    if not pid or number not in SIGNALS:
        raise Failed("invalid pid or signal (must be 2,3,9)")
    exec.send_signal(world, project_id, int(number), pid)
    return {}


def _execute(world: World, project_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
    with passed_on(with_kind=True):
        return {"output": jupyter.execute_in_project(world, project_id, message)}


SIGNALS = (2, 3, 9)
_UNANSWERED = ("heartbeat", "save_blob", "error", "write_file_to_project")
"""Events without an answer: a caller of a real server waits a minute, one of the sandbox does not."""
_EVENTS: dict[str, tuple[str, Callable[[World, str, Mapping[str, Any]], dict[str, Any]]]] = {
    "ping": ("pong", lambda *_: {}),
    "hello": ("version", lambda *_: {"version": VERSION}),
    "project_exec": ("project_exec_output", _exec),
    "read_text_file_from_project": ("text_file_read_from_project", _read),
    "write_text_file_to_project": ("file_written_to_project", _write),
    "read_file_from_project": ("file_read_from_project", _read_bytes),
    "print_to_pdf": ("printed_to_pdf", _print),
    "send_signal": ("signal_sent", _signal),
    "jupyter_kernels": ("jupyter_kernels", lambda world, *_: {"kernels": world.kernels.list()}),
    "jupyter_execute": ("jupyter_execute_response", _execute),
}
"""Event -> the event of its response, and the function that answers it."""
