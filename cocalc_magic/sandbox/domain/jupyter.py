"""Messages that run code in Jupyter kernels of a project.

The recorded server could not run code that it had not run before: it forgot who asked. This one runs it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_member, is_uuid
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text, stringify
from cocalc_magic.sandbox.runtime.kernels import Code, Ran
from cocalc_magic.sandbox.storage.cache import hash_of
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_POOL = "Error: Jupyter API is not enabled on this server."  # kernels outside of projects
_UNKNOWN_HASH = "TypeError: Cannot set properties of null (setting 'id')"


def jupyter_kernels(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The kernels that code can run in: those of the machine, the same in every project."""
    refusal = "Error: callProject -- authenticated user must be a collaborator on the project"
    touch(world, caller, project_of(world, caller, options["project_id"], refusal))
    return {"kernels": world.kernels.list()}


def jupyter_execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """What code gives in a fresh kernel, after the code of ``history``; the same code runs once."""
    if options["hash"] is not None:
        return {"output": _known(world, caller, as_text(options["hash"])).output}
    if options["input"] is None:
        raise Failed("Error: input or hash must not be null")
    if options["kernel"] is None:
        raise Failed("Error: kernel must be specified in hash is not specified")
    refusal = "Error: permission denied -- user must be collaborator on project"
    project_id = project_of(world, caller, options["project_id"], refusal)
    touch(world, caller, project_id)
    question = {name: options[name] for name in ("history", "input", "kernel", "path")}
    key = hash_of({**question, "project_id": project_id})
    if known := world.kernels.remembered.find(key):
        return {"output": known.output}
    code = code_of(world, project_id, options)
    ran = world.kernels.remembered.get(key, lambda: world.kernels.run(code), _size)
    return {"output": ran.output, "total_time_s": round(ran.seconds, 3), "time": iso(now())}


def execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """What code gives, as today's servers answer: with its time, and a number when it was run before.

    ``noCache`` runs it again. ``None`` for a hash that is not known.
    """
    if options.get("hash") is not None:
        known = world.kernels.remembered.find(as_text(options["hash"]))
        return _made(known, True) if known and is_member(world, caller, known.project_id) else None
    if options.get("input") is None:
        raise Failed("Error: input or hash must not be null")
    if options.get("kernel") is None:
        raise Failed("Error: kernel must be specified in hash is not specified")
    refusal = "Error: permission denied -- user must be collaborator on project"
    project_id = project_of(world, caller, options.get("project_id"), refusal)
    touch(world, caller, project_id)
    check_kernel(world, as_text(options["kernel"]))
    question = {name: options.get(name) for name in ("history", "input", "kernel", "path")}
    key, code = hash_of({**question, "project_id": project_id}), code_of(world, project_id, question)
    if options.get("noCache"):
        return _made(world.kernels.run(code), False)
    if known := world.kernels.remembered.find(key):
        return _made(known, True)
    return _made(world.kernels.remembered.get(key, lambda: world.kernels.run(code), _size), False)


def check_kernel(world: World, name: str) -> None:
    """Raises :class:`Failed` in the words of today's servers when there is no such kernel."""
    names = [kernel["name"] for kernel in world.kernels.list()]
    if name not in names:
        raise Failed(
            "Error: **Unable to Spawn Jupyter Kernel:**\n\nError: No spec available for kernel "
            f'"{name}".  Available specs: {stringify(names)} \n\nTry this in a terminal to help debug this '
            f"(or contact support): `jupyter console --kernel={name}`\n\n"
            "Once you fix the problem, explicitly restart this kernel to test here."
        )


def _made(ran: Ran, before: bool) -> dict[str, Any]:
    number = {"id": ran.number} if before else {}
    return {**number, "output": ran.output, "created": iso(ran.created)}


def project_of(world: World, caller: Caller, project_id: Any, refusal: str) -> str:
    """The id of a project that the caller may run code in. Raises :class:`Failed`."""
    if project_id is None:
        raise Failed(_NO_POOL)
    if not is_uuid(project_id) or not is_member(world, caller, project_id):
        raise Failed(refusal)
    return str(project_id).lower()


def _known(world: World, caller: Caller, key: str) -> Ran:
    """What has this hash, if it came from a project of the caller: a hash can be guessed."""
    known = world.kernels.remembered.find(key)
    if known is None or not is_member(world, caller, known.project_id):
        raise Failed(_UNKNOWN_HASH)
    return known


def code_of(world: World, project_id: str, options: Mapping[str, Any]) -> Code:
    """The code that the options describe."""
    history = options["history"] or []
    if not isinstance(history, list):
        raise Failed("Error: history must be an array of text, the code that runs before")
    return Code(
        input=as_text(options["input"]),
        kernel=as_text(options["kernel"]),
        project_id=project_id,
        folder=_folder(world, project_id, as_text(options["path"] or "")),
        home=str(world.folders.home(project_id)),
        history=tuple(as_text(item) for item in history),
    )


def _folder(world: World, project_id: str, path: str) -> str:
    """The folder that a path names or its file is in; the project's when there is none, as recorded."""
    named = world.folders.where(project_id, path.replace("\0", ""))
    folder = named if os.path.isdir(named) else os.path.dirname(named)
    return folder if os.path.isdir(folder) else str(world.folders.home(project_id))


def _size(ran: Ran) -> int | None:
    """What an outcome takes in memory; ``None`` for one that is cut, which another time may not be."""
    return len(stringify(ran.output)) if ran.complete else None
