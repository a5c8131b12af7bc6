"""`jupyter/*`: code in kernels of a project; a sandbox has none outside of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import jupyter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def kernels(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernels that code can run in."""
    return {"kernels": jupyter.kernels_today(world, caller, options.get("project_id")), "success": True}


def execute(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run code in a fresh kernel; an unknown hash gives nothing but `success`."""
    return {**(jupyter.execute(world, caller, options) or {}), "success": True}
