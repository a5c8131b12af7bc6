"""Jupyter by the hub and in a project: code that runs in kernels, and the kernels that run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import jupyter
from cocalc_magic.sandbox.js_compat import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def kernels(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the kernels that code can run in."""
    return jupyter.kernels_today(world, caller, options.get("project_id"))


def execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Run code in a fresh kernel; the same code runs once unless `noCache`."""
    return jupyter.execute(world, caller, options)


def list_jupyter_kernels(world: World, project_id: str, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the kernels that run in the project, including those that wait for code."""
    running = world.kernels.of_project(project_id)
    return [{"pid": pid, "connectionFile": file} for pid, file in sorted(running.items())]


def stop_jupyter_kernel(world: World, project_id: str, options: Mapping[str, Any]) -> dict[str, bool]:
    """End one of the project's kernels."""
    pid = as_number(options.get("pid", math.nan))
    return {"success": pid.is_integer() and world.kernels.end(project_id, int(pid))}
