"""Messages that run something in a project."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import writable_project
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text, well_formed
from cocalc_magic.sandbox.runtime.processes import LONGEST, Command, failure
from cocalc_magic.sandbox.storage.cache import hash_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.runtime.processes import Outcome
    from cocalc_magic.sandbox.world import Caller, World


def project_exec(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Runs a command; a non-zero exit fails the message unless ``err_on_exit`` is false."""
    project_id = writable_project(world, caller, options["project_id"])
    touch(world, caller, project_id)
    if options["command"] == "smc-jupyter":
        raise Failed("do not run smc-jupyter directly")
    try:
        command = command_of(world, project_id, options)
        outcome = once(world, command, options["aggregate"])
        args = command.args
        program = "bash" if command.bash else command.program
        if command.bash:
            args = outcome.shown_as.split(" ", 1)[1:]
        if problem := failure(outcome, program, args, checked=bool(options["err_on_exit"])):
            raise Failed(problem)
    except Failed as problem:
        what = f"command '{as_text(options['command'])}' with args '{as_text(options['args'])}'"
        # The recorded server appends two values that it never fills in.
        raise Failed(f"Error executing {what} -- {problem.error}, undefined, undefined") from None
    return {"stdout": outcome.stdout, "stderr": outcome.stderr, "exit_code": outcome.exit_code}


def once(world: World, command: Command, aggregate: Any) -> Outcome:
    """What the command gives; the same one with the same ``aggregate`` is run once."""
    if aggregate is None:
        return world.processes.run(command)
    key = hash_of([aggregate, asdict(command)])
    return world.processes.remembered.get(key, lambda: world.processes.run(command), _size)


def _size(outcome: Outcome) -> int:
    return len(outcome.stdout) + len(outcome.stderr)


def command_of(
    world: World, project_id: str, options: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> Command:
    """The command that the options describe; other types than text and list fail as recorded."""
    program, args = options["command"], options["args"]
    if not isinstance(program, str):
        raise Failed("TypeError: opts.command.split is not a function")
    if not isinstance(args, list):
        raise Failed("TypeError: opts.args?.join is not a function")
    limit = as_number(options["max_output"]) if options["max_output"] else math.nan
    program = well_formed(program)
    return Command(
        program=program,
        args=[as_text(item) for item in args],
        folder=world.folders.where(project_id, as_text(options["path"])),
        home=str(world.folders.home(project_id)),
        project_id=project_id,
        timeout=_seconds(options["timeout"]),
        max_output=int(limit) if math.isfinite(limit) and limit > 0 else None,
        bash=bool(options["bash"]) or (not args and len(program.split()) > 1),
        environ=environ or {},
    )


def _seconds(timeout: Any) -> float:
    """The time limit; none at all hung the recorded server, so that is the longest one here."""
    seconds = as_number(timeout)
    return LONGEST if math.isnan(seconds) or seconds == 0 else seconds
