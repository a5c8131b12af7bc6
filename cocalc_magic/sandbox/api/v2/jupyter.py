"""`jupyter/*`: code in kernels of a project; a sandbox has none outside of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller
from cocalc_magic.sandbox.domain import jupyter
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_NO_POOL = "Jupyter API is not enabled on this server."
_NO_ACCOUNT = "account_id must be specified -- make sure you are signed in"


def kernels(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernels that code can run in."""
    if not is_true(options.get("project_id")):
        raise Thrown(_NO_POOL)
    caller = require_caller(caller, _NO_ACCOUNT)
    return {"kernels": jupyter.kernels(world, caller, options["project_id"]), "success": True}


def execute(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run code in a fresh kernel; an unknown hash gives nothing but `success`."""
    if is_true(options.get("project_id")):
        caller = require_caller(caller, _NO_ACCOUNT)
    elif options.get("hash") is None:
        raise Thrown(_NO_POOL)
    if caller is None:
        return {"success": True}
    return {**(jupyter.execute(world, caller, options) or {}), "success": True}
