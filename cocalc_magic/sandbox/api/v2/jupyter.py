"""``jupyter/*``: code that runs in kernels of a project; there are none outside of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import jupyter as conat
from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import jupyter
from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

_NO_POOL = "Jupyter API is not enabled on this server."


def kernels(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The kernels that code can run in."""
    if not options.get("project_id"):
        raise Failed(_NO_POOL)
    with auth.without_kind():
        return {"kernels": conat.kernels(world, _known(caller), options), "success": True}


def execute(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """What code gives in a fresh kernel; nothing but ``success`` for a hash that is not known."""
    if options.get("project_id"):
        caller = _known(caller)
    elif options.get("hash") is None:
        raise Failed(_NO_POOL)
    if caller is None:
        return {"success": True}
    with auth.without_kind():
        return {**(jupyter.execute(world, caller, options) or {}), "success": True}


def _known(caller: Caller | None) -> Caller:
    return auth.signed_in(caller, "account_id must be specified -- make sure you are signed in")
