"""Messages that run a command in a project, or code in a Jupyter kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v1.access import writable_project
from cocalc_magic.sandbox.domain import jupyter
from cocalc_magic.sandbox.domain.exec import command_of, in_full, run_once
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import is_true, stringify
from cocalc_magic.sandbox.runtime.processes import shortened
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.runtime.processes import Command, Outcome
    from cocalc_magic.sandbox.world import World


def project_exec(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command; a non-zero exit code fails the message unless `err_on_exit` is false."""
    project_id = writable_project(world, caller, options["project_id"])
    touch(world, caller, project_id)
    if options["command"] == "smc-jupyter":
        raise Failed("do not run smc-jupyter directly")
    try:
        command = command_of(world, project_id, options)
        outcome = run_once(world, command, options["aggregate"])
        if problem := _problem(command, outcome, checked=is_true(options["err_on_exit"])):
            raise Failed(problem)
    except Failed as problem:
        # The recorded server appends two values that it never fills in.
        raise Failed(in_full(options, f"{problem.error}, undefined, undefined")) from None
    return {"stdout": outcome.stdout, "stderr": outcome.stderr, "exit_code": outcome.exit_code}


def _problem(command: Command, outcome: Outcome, *, checked: bool) -> str | None:
    """Return why an outcome is a failure; a non-zero exit is one where it is `checked`."""
    args = outcome.shown_as.split(" ", 1)[1:] if command.bash else command.args
    called = f"command '{'bash' if command.bash else command.program}' (args={' '.join(args)})"
    if outcome.spawn_problem is not None:
        how = "exited with nonzero code 1" if checked else "was not able to run"
        return f"{called} {how} -- stderr='{stringify(outcome.spawn_problem)}'"
    if outcome.exit_code is None:
        return f"killed command '{outcome.shown_as}'"
    if outcome.exit_code and checked:
        code = f"exited with nonzero code {outcome.exit_code}"
        return f"{called} {code} -- stderr='{shortened(outcome.stderr)}'"
    return None


# -- Jupyter ---------------------------------------------------------------------------------------


def jupyter_kernels(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kernels that code can run in."""
    return {"kernels": jupyter.kernels(world, caller, options["project_id"])}


def jupyter_execute(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run code in a fresh kernel, after the code of `history`; the same code runs once."""
    if options["hash"] is not None:
        known = jupyter.find_known(world, caller, options["hash"])
        if known is None:
            raise Thrown("Cannot set properties of null (setting 'id')", kind="TypeError")
        return {"output": known.output}
    project_id, key = jupyter.prepare(world, caller, options)
    if known := world.kernels.cache.get(key):
        return {"output": known.output}
    ran = jupyter.run_once(world, key, jupyter.code_of(world, project_id, options))
    return {"output": ran.output, "total_time_s": round(ran.seconds, 3), "time": iso(now())}
