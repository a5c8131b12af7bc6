"""``exec``: a command in a project, waited for or in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.exec import command_of, once
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text, stringify
from cocalc_magic.sandbox.runtime.jobs import OUTPUT, Jobs
from cocalc_magic.sandbox.runtime.processes import Command, Outcome, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.runtime.jobs import Job
    from cocalc_magic.sandbox.world import Caller, World

PATIENCE = 60.0  # seconds that the recorded server waits for a project, whatever the time limit is
TIMEOUT = 60  # seconds of a command that names no time limit
_DEFAULTS = {"path": "", "timeout": TIMEOUT, "max_output": None, "bash": False, "args": []}


def execute(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Runs a command; one that takes over a minute goes on, and its answer is the text ``undefined``."""
    caller = auth.signed_in(caller)
    words = "user must be a collaborator on the project"
    project_id = access.require_collaborator(world, caller, options.get("project_id"), words)
    touch(world, caller, project_id)
    try:
        return run(world, project_id, options, PATIENCE)
    except TimeoutError:
        raise Failed("undefined") from None
    except Failed as problem:
        raise Failed(in_full(options, problem.error)) from None


def run(world: World, project_id: str, options: Mapping[str, Any], patience: float) -> dict[str, Any]:
    """What ``exec`` does, without its rights: the command's outcome, or its job.

    Raises :class:`Failed` with the bare reason, ``TimeoutError`` after ``patience`` seconds; the command
    goes on then.
    """
    if options.get("compute_server_id"):
        raise Failed("Error: no connection to compute server -- please start or restart it")
    if options.get("async_get") is not None:
        return _asked_for(world.jobs, project_id, options, patience)
    checked = options.get("err_on_exit") is None or bool(options["err_on_exit"])
    command = _command(world, project_id, options)
    why = partial(problem_of, command, checked=checked)
    if options.get("async_call"):
        return world.jobs.start(command, why).as_started()
    if command.timeout < patience or options.get("aggregate") is not None:
        outcome = once(world, command, options.get("aggregate"))
    else:
        outcome = _wait_for(world.jobs.start(command, why, known=False), patience)
    if problem := why(outcome):
        raise Failed(problem)
    said = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    return {"type": "blocking", **said, "exit_code": outcome.exit_code or 0}


def in_full(options: Mapping[str, Any], reason: Any) -> str:
    """A reason with the command before it, as ``exec`` of v2 and of a project's own messages say it."""
    command, args = (
        as_text(options[name]) if name in options else "undefined" for name in ("command", "args")
    )
    return f"Error executing command '{command}' with args '{args}' -- {reason}"


def problem_of(command: Command, outcome: Outcome, *, checked: bool) -> str | None:
    """Why an outcome is a failure, in the words of today's server; ``checked``: a non-zero exit is one."""
    called = command.script if command.bash else f"'{command.program}' (args={' '.join(command.args)})"
    if outcome.spawn_problem is not None:
        how = "exited with nonzero code 1" if checked else "was not able to run"
        return f"command '{called}' {how} -- stderr='{stringify(outcome.spawn_problem)}'"
    if not outcome.in_time:
        return f"killed command '{outcome.shown_as}{'' if command.bash or command.args else ' '}'"
    if outcome.exit_code and checked:
        code = f"exited with nonzero code {outcome.exit_code}"
        return f"command '{called}' {code} -- stderr='{shortened(outcome.stderr)}'"
    return None


def _command(world: World, project_id: str, options: Mapping[str, Any]) -> Command:
    program = options.get("command")
    if program is None:
        what = "null" if "command" in options else "undefined"
        raise Failed(f"TypeError: Cannot read properties of {what} (reading 'split')")
    if program == "":
        raise Failed(
            "error TypeError [ERR_INVALID_ARG_VALUE]: The argument 'file' cannot be empty. Received ''"
        )
    given = {name: options[name] for name in _DEFAULTS if options.get(name) is not None}
    most = OUTPUT if options.get("async_call") else None
    filled = {**_DEFAULTS, "max_output": most, **given, "command": program}
    return command_of(world, project_id, filled, environ=_environ(options.get("env")))


def _environ(given: Any) -> dict[str, str]:
    """The variables that a command gets besides those that all get."""
    pairs = given.items() if isinstance(given, dict) else ()
    fit = {name: as_text(value) for name, value in pairs if name and "=" not in name}
    return {name: value for name, value in fit.items() if "\0" not in name + value}


def _asked_for(jobs: Jobs, project_id: str, options: Mapping[str, Any], patience: float) -> dict[str, Any]:
    job = jobs.find(project_id, as_text(options["async_get"]))
    if job is None:
        raise Failed(f"Async operation '{as_text(options['async_get'])}' does not exist.")
    if options.get("async_await") and not job.ended.wait(patience):
        raise TimeoutError
    return job.shown(bool(options.get("async_stats")))


def _wait_for(job: Job, patience: float) -> Outcome:
    if not job.ended.wait(patience):
        raise TimeoutError
    if job.failure:
        raise job.failure
    assert job.outcome  # noqa: S101 - it has ended, and has not failed
    return job.outcome
