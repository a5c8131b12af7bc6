"""Jupyter by the hub and in a project: code that runs in kernels, and the kernels there are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import jupyter as v1
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.runtime.kernels import Limits
    from cocalc_magic.sandbox.world import Caller, World


def kernels(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kernels that code can run in."""
    refusal = "callProject -- authenticated user must be a collaborator on the project"
    touch(world, caller, v1.project_of(world, caller, options.get("project_id"), refusal))
    return world.kernels.list()


def execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """What code gives in a fresh kernel, and when; the same code is run once unless ``noCache``."""
    try:
        return v1.execute(world, caller, options)
    except Failed as problem:
        if str(problem.error).startswith("Error: **"):  # it comes from the project, and through the hub
            raise Failed(f"Error: {problem.error}") from None
        raise


def jupyter_execute(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What code gives in a fresh kernel; afterwards another one is kept ready for the next."""
    if options.get("kernel") is None:
        raise Failed("kernel must be specified")
    v1.check_kernel(world, as_text(options["kernel"]))
    given = {name: options.get(name) for name in ("input", "kernel", "history", "path")}
    code = v1.code_of(world, project_id, {**given, "input": "" if given["input"] is None else given["input"]})
    output = world.kernels.run(code, _limits(world.kernels.limits, options.get("limits"))).output
    world.kernels.keep_ready(code)
    return output


def list_jupyter_kernels(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kernels that run in the project, those that wait for code too."""
    del options
    found = world.kernels.of_project(project_id)
    return [{"pid": pid, "connectionFile": file} for pid, file in sorted(found.items())]


def stop_jupyter_kernel(world: World, project_id: str, options: Mapping[str, Any]) -> dict[str, bool]:
    """Ends one of the project's kernels."""
    pid = as_number(options.get("pid", math.nan))
    return {"success": pid.is_integer() and world.kernels.end(project_id, int(pid))}


def _limits(limits: Limits, given: Any) -> Limits:
    """The time limits that a caller gives, in milliseconds; the sandbox's, where it gives none."""

    def seconds(name: str, usual: float) -> float:
        asked = as_number(given.get(name, math.nan)) / 1000 if isinstance(given, dict) else math.nan
        return asked if 0 < asked < math.inf else usual

    one, whole = seconds("timeout_ms_per_cell", limits.input), seconds("timeout_ms", limits.all_inputs)
    return replace(limits, input=one, all_inputs=whole)
