"""Commands in projects that run, for API v2, for the hub and for a project itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.exec import execute
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

PATIENCE = 15.0  # seconds that the server waits for a command that names no time limit
MARGIN = 2.0  # seconds more than a limit that it names
_NOT_TAKEN = ("cwd", "uid", "gid", "compute_server_id")


def run(world: World, project_id: str, options: Mapping[str, Any], patience: float) -> dict[str, Any]:
    """Run a command, or start or look up one in the background. Raises `Failed` and `TimeoutError`."""
    if "job_key" in options and not as_text(options["job_key"]).strip():
        raise Thrown("job_key must not be empty")
    if options.get("async_cancel") is not None:
        raise Thrown("not answered by the sandbox: 'async_cancel'")
    job = options.get("async_get")
    if job is not None and world.jobs.find(project_id, as_text(job)) is None:
        raise Thrown(f"Async operation '{as_text(job)}' does not exist.")
    outcome = execute(world, project_id, options, patience, has_input=False)
    return {**outcome, "stats": []} if is_true(options.get("async_call")) else outcome


def exec(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command in a project that runs; a failure is shown without the word `Error` before it."""
    project_id = options["project_id"].lower()
    require_host(world, project_id)
    if not is_running(world, project_id):
        raise Thrown("timeout")
    touch(world, caller, project_id)
    seconds = as_number(options.get("timeout"))
    patience = seconds + MARGIN if seconds > 0 else PATIENCE
    taken = {name: value for name, value in options.items() if name not in _NOT_TAKEN}
    try:
        return run(world, project_id, taken, patience)
    except TimeoutError:
        raise Thrown("timeout") from None
    except Failed as problem:
        raise Thrown(as_text(problem.error).removeprefix("Error: ")) from None


def require_host(world: World, project_id: str) -> None:
    """Raise `Failed` for a project that has never been started."""
    if not (world.store.get("projects", project_id) or {}).get("run_quota"):
        raise Thrown(f"project {project_id} has no assigned host")


def is_running(world: World, project_id: str) -> bool:
    """Tell whether a project runs."""
    state = (world.store.get("projects", project_id) or {}).get("state") or {}
    return state.get("state") == "running"
