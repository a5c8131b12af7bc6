"""`exec`: a command in a project, waited for or in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller, require_collaborator
from cocalc_magic.sandbox.domain.exec import execute, in_full
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

NOT_TAKEN = ("uid", "gid")
"""Options of the project that this endpoint does not hand on."""


def exec(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command; one that takes over a minute goes on, and its answer is the text `undefined`."""
    caller = require_caller(caller, "exec")
    project_id = require_collaborator(world, caller, options.get("project_id"), "exec")
    touch(world, caller, project_id)
    options = {name: value for name, value in options.items() if name not in NOT_TAKEN}
    try:
        return execute(world, project_id, options)
    except TimeoutError:
        raise Thrown("undefined") from None
    except Failed as problem:
        raise Thrown(in_full(options, problem.error)) from None
