"""Messages that run code in Jupyter kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import jupyter
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def jupyter_kernels(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernels that code can run in."""
    return {"kernels": jupyter.kernels(world, caller, options["project_id"])}


def jupyter_execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run code in a fresh kernel, after the code of ``history``; the same code runs once."""
    if options["hash"] is not None:
        known = jupyter.find_known(world, caller, options["hash"])
        if known is None:
            raise Failed("TypeError: Cannot set properties of null (setting 'id')")
        return {"output": known.output}
    project_id, key = jupyter.prepare(world, caller, options)
    if known := world.kernels.cache.get(key):
        return {"output": known.output}
    ran = jupyter.run_once(world, key, jupyter.code_of(world, project_id, options))
    return {"output": ran.output, "total_time_s": round(ran.seconds, 3), "time": iso(now())}
