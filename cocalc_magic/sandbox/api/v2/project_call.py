"""``projects/call``: a message to the project itself, answered in the project's own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import files
from cocalc_magic.sandbox.api.conat import jupyter as conat
from cocalc_magic.sandbox.api.v2 import auth, exec
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text, stringify
from cocalc_magic.sandbox.storage.store import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

_KINDS = {str: "string", bool: "boolean", int: "number", float: "number"}


def call(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The project's message in return; nothing at all when it takes over a minute, as recorded."""
    caller = auth.signed_in(caller)
    words = "callProject -- authenticated user must be a collaborator on the project"
    project_id = access.require_collaborator(world, caller, options.get("project_id"), words)
    mesg = options.get("mesg")
    if not isinstance(mesg, dict):
        if mesg is None or isinstance(mesg, list):
            raise Failed("Cannot read properties of undefined (reading 'event')")
        raise Failed(f"Cannot create property 'id' on {_KINDS[type(mesg)]} '{as_text(mesg)}'")
    touch(world, caller, project_id)
    reply_id = new_id() if mesg.get("id") is None else mesg["id"]
    try:
        event, fields = _answered(world, project_id, mesg)
    except TimeoutError:
        return {}
    except Failed as problem:
        return {"event": "error", "id": reply_id, "error": problem.error}
    return {"event": event, "id": reply_id, **fields}


def _answered(world: World, project_id: str, mesg: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    asked = mesg.get("event")
    if not isinstance(asked, str) or asked not in _EVENTS:
        raise Failed(f"the sandbox's projects do not answer '{as_text(asked)}'; they do {', '.join(_EVENTS)}")
    event, answer = _EVENTS[asked]
    return event, answer(world, project_id, mesg)


def _ping(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    del world, project_id, mesg
    return {}


def _exec(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return exec.run(world, project_id, mesg, exec.PATIENCE)
    except Failed as problem:
        raise Failed(exec.in_full(mesg, problem.error)) from None


def _read(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    with auth.without_kind():
        return {"content": files.read_text_file_from_project(world, project_id, mesg)}


def _write(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    if mesg.get("path") is None:
        raise Failed("Cannot read properties of undefined (reading 'length')")
    if not isinstance(mesg.get("content"), str):
        shown = "undefined" if mesg.get("content") is None else stringify(mesg["content"])
        kinds = "string or an instance of Buffer, TypedArray, or DataView"
        raise Failed(f'The "data" argument must be of type {kinds}. Received {shown}')
    with auth.without_kind():
        files.write_text_file_to_project(world, project_id, mesg)
    return {}


def _kernels(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    del project_id, mesg
    return {"kernels": world.kernels.list()}


def _execute(world: World, project_id: str, mesg: Mapping[str, Any]) -> dict[str, Any]:
    return {"output": conat.jupyter_execute(world, project_id, mesg)}


_EVENTS: dict[str, tuple[str, Callable[[World, str, Mapping[str, Any]], dict[str, Any]]]] = {
    "ping": ("pong", _ping),
    "project_exec": ("project_exec_output", _exec),
    "read_text_file_from_project": ("text_file_read_from_project", _read),
    "write_text_file_to_project": ("file_written_to_project", _write),
    "jupyter_kernels": ("jupyter_kernels", _kernels),
    "jupyter_execute": ("jupyter_execute_response", _execute),
}
"""Event -> the event of its answer, and what answers it."""
