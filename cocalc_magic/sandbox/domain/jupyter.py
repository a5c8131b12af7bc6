"""Code in Jupyter kernels of a project.

The recorded server could not run code that it had not run before: it forgot who asked. This one runs it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from math import inf, nan
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_member, is_uuid, require_collaborator
from cocalc_magic.sandbox.domain.exec import environ_of
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Thrown, thrown_again
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true, stringify
from cocalc_magic.sandbox.runtime.kernels import Code, Limits, Ran
from cocalc_magic.sandbox.storage.cache import content_hash
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_QUESTION = ("history", "input", "kernel", "path")  # the options that determine the output
_NO_POOL = "Jupyter API is not enabled on this server."  # for kernels outside of projects
_NOT_IN_PROJECT = "callProject -- authenticated user must be a collaborator on the project"
_NO_ACCOUNT = "account_id must be specified -- make sure you are signed in"
_DENIED = "permission denied -- user must be collaborator on project"


def kernels(world: World, caller: Caller, project_id: Any) -> list[dict[str, Any]]:
    """Return the kernels that code can run in: those of the machine, the same in every project."""
    touch(world, caller, _project(world, caller, project_id, _NOT_IN_PROJECT))
    return world.kernels.list()


def find_known(world: World, caller: Caller, key: Any) -> Ran | None:
    """Return what code of this hash gave, if it ran in a project of the caller: a hash can be guessed."""
    known = world.kernels.cache.get(as_text(key))
    return known if known and is_member(world, caller, known.project_id) else None


def prepare(world: World, caller: Caller, options: Mapping[str, Any]) -> tuple[str, str]:
    """Check the options of code and the caller's access; return the project and the hash of the question."""
    _check_question(options)
    project_id = _project(world, caller, options.get("project_id"), _DENIED)
    touch(world, caller, project_id)
    return project_id, _hash(project_id, options)


def _check_question(options: Mapping[str, Any]) -> None:
    if options.get("input") is None:
        raise Thrown("input or hash must not be null")
    if options.get("kernel") is None:
        raise Thrown("kernel must be specified in hash is not specified")


def _hash(project_id: str, options: Mapping[str, Any]) -> str:
    question = {name: options.get(name) for name in _QUESTION}
    return content_hash({**question, "project_id": project_id})


# -- as today's servers do it ----------------------------------------------------------------------


def kernels_today(world: World, caller: Caller | None, project_id: Any) -> list[dict[str, Any]]:
    """Return the kernels that code can run in."""
    caller, project_id = _access(world, caller, project_id)
    touch(world, caller, project_id)
    return world.kernels.list()


def execute(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Run code in a fresh kernel, and return its output with its time, and a number where it ran before.

    `noCache` runs it again. Returns `None` for a `hash` that is not known.
    """
    if options.get("hash") is not None and not is_true(options.get("noCache")):
        known = find_known(world, caller, options["hash"]) if caller else None
        return _answer(known, True) if known else None
    _check_question(options)
    caller, project_id = _access(world, caller, options.get("project_id"))
    touch(world, caller, project_id)
    key = _hash(project_id, options)
    if not is_true(options.get("noCache")) and (known := world.kernels.cache.get(key)):
        return _answer(known, True)
    with thrown_again():
        check_kernel(world, as_text(options["kernel"]))
        code = code_of(world, project_id, options)
        ran = world.kernels.run(code) if is_true(options.get("noCache")) else run_once(world, key, code)
    return _answer(ran, False)


def _access(world: World, caller: Caller | None, project_id: Any) -> tuple[Caller, str]:
    """Return who runs code, and where. Raises `Failed`."""
    if project_id is None:
        raise Thrown(_NO_POOL)
    if caller is None:
        raise Thrown(_NO_ACCOUNT)
    return caller, require_collaborator(world, caller, project_id, _DENIED)


def run_once(world: World, key: str, code: Code) -> Ran:
    """Run code, unless code of the same hash has run."""
    return world.kernels.cache.get_or_compute(key, lambda: world.kernels.run(code), _size)


def _size(ran: Ran) -> int | None:
    """Return the memory that a result takes; `None` for a truncated one, which may differ another time."""
    return len(stringify(ran.output)) if ran.complete else None


def _answer(ran: Ran, known: bool) -> dict[str, Any]:
    number = {"id": ran.number} if known else {}
    return {**number, "output": ran.output, "created": iso(ran.created)}


def execute_in_project(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run code in a fresh kernel, as the project itself does, and keep another one ready for later code."""
    if not options.get("kernel"):
        raise Thrown("cannot spawn since no kernel is set")
    check_kernel(world, as_text(options["kernel"]))
    text = "" if options.get("input") is None else options["input"]
    code = code_of(world, project_id, {**options, "input": text})
    output = world.kernels.run(code, _limits(world.kernels.limits, options.get("limits"))).output
    world.kernels.keep_ready(code)
    return output


def _limits(limits: Limits, chosen: Any) -> Limits:
    """Return the limits that a caller gives, of time in milliseconds; the sandbox's, where it gives none."""

    def seconds(name: str, default: float) -> float:
        value = as_number(chosen.get(name, nan)) / 1000 if isinstance(chosen, dict) else nan
        return value if 0 < value < inf else default

    def characters(name: str, default: float) -> float:
        value = as_number(chosen[name]) if isinstance(chosen, dict) and name in chosen else default
        return value if 0 <= value < inf else default

    cell, total = seconds("timeout_ms_per_cell", limits.input), seconds("timeout_ms", limits.all_inputs)
    output = characters("max_output_per_cell", limits.output)
    all_output = characters("max_output", limits.all_output)
    return replace(limits, input=cell, all_inputs=total, output=output, all_output=all_output)


def check_kernel(world: World, name: str) -> None:
    """Raise `Failed`, in the words of today's servers, where there is no such kernel."""
    names = [kernel["name"] for kernel in world.kernels.list()]
    if name not in names:
        raise Thrown(
            "**Unable to Spawn Jupyter Kernel:**\n\nError: No spec available for kernel "
            f'"{name}".  Available specs: {stringify(names)} \n\nTry this in a terminal to help debug this '
            f"(or contact support): `jupyter console --kernel={name}`\n\n"
            "Once you fix the problem, explicitly restart this kernel to test here."
        )


def _project(world: World, caller: Caller, project_id: Any, refusal: str) -> str:
    """Return the id of a project that the caller may run code in. Raises `Failed`."""
    if project_id is None:
        raise Thrown(_NO_POOL)
    if not is_uuid(project_id) or not is_member(world, caller, project_id):
        raise Thrown(refusal)
    return str(project_id).lower()


def code_of(world: World, project_id: str, options: Mapping[str, Any]) -> Code:
    """Return the code that options describe, which all APIs call the same. Raises `Failed`."""
    history = options.get("history") or []
    if not isinstance(history, list):
        raise Thrown("history must be an array of text, the code that runs before")
    return Code(
        input=as_text(options["input"]),
        kernel=as_text(options["kernel"]),
        project_id=project_id,
        folder=_folder(world, project_id, as_text(options.get("path") or "")),
        home=str(world.folders.home(project_id)),
        history=tuple(as_text(item) for item in history),
        environ=tuple(sorted(environ_of(world, project_id).items())),
    )


def _folder(world: World, project_id: str, path: str) -> str:
    """Return the folder that a path names or its file is in; by default the project's, as recorded."""
    named = world.folders.where(project_id, path.replace("\0", ""))
    folder = named if os.path.isdir(named) else os.path.dirname(named)
    return folder if os.path.isdir(folder) else str(world.folders.home(project_id))
