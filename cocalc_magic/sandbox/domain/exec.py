"""Commands in projects: run to their end, or in the background as jobs."""

from __future__ import annotations

import math
import os
import re
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, described, is_true, stringify, well_formed
from cocalc_magic.sandbox.runtime import reaper
from cocalc_magic.sandbox.runtime.jobs import MAX_OUTPUT, Job, Jobs
from cocalc_magic.sandbox.runtime.processes import MAX_TIME, Command, Outcome, Truncation, shortened
from cocalc_magic.sandbox.storage.cache import content_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

PATIENCE = 60.0  # seconds that the recorded server waits for a project, whatever the time limit is
TIMEOUT = 60  # seconds of a command that names no time limit
_NO_NETWORK = "-- Email help@cocalc.com if you need full internet access, which is disabled by default."
_DEFAULTS = {"path": "", "timeout": TIMEOUT, "max_output": None, "bash": False, "args": []}


def command_of(
    world: World, project_id: str, options: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> Command:
    """Return the command that options describe, which all APIs call the same. Raises `Failed`."""
    program, args = options["command"], options["args"]
    if not isinstance(program, str):
        raise Thrown("opts.command.split is not a function", kind="TypeError")
    if not isinstance(args, list):
        raise Thrown("opts.args?.join is not a function", kind="TypeError")
    bash = is_true(options["bash"]) or (not args and len(re.split(r"\s+", program)) > 1)
    if not (program or bash):
        raise Failed(
            "error TypeError [ERR_INVALID_ARG_VALUE]: The argument 'file' cannot be empty. Received ''"
        )
    return Command(
        program=well_formed(program),
        args=[as_text(item) for item in args],
        folder=world.folders.where(project_id, as_text(options["path"])),
        home=str(world.folders.home(project_id)),
        project_id=project_id,
        timeout=_seconds(options["timeout"]),
        max_output=_truncation(options["max_output"]),
        bash=bash,
        environ={**environ_of(world, project_id), **(environ or {})},
    )


def environ_of(world: World, project_id: str) -> dict[str, str]:
    """Return the environment variables that the project's `env` sets: its texts that are not empty."""
    project = world.store.get("projects", project_id) or {}
    return {name: value for name, value in _environ(project.get("env"), str).items() if value}


def _truncation(limit: Any) -> Truncation | None:
    return None if limit is None else Truncation(as_number(limit), as_text(limit))


def _seconds(timeout: Any) -> float:
    """Return the time limit; no limit at all hung the recorded server, so that it is the longest one here."""
    seconds = as_number(timeout)
    return MAX_TIME if math.isnan(seconds) or seconds == 0 else seconds


def run_once(world: World, command: Command, aggregate: Any) -> Outcome:
    """Run a command; one with the same `aggregate` as an earlier one has its outcome."""
    if aggregate is None:
        return world.processes.run(command)
    key = content_hash([aggregate, asdict(command)])
    return world.processes.cache.get_or_compute(key, lambda: world.processes.run(command), _size)


def _size(outcome: Outcome) -> int:
    return len(outcome.stdout) + len(outcome.stderr)


# -- as today's servers do it ----------------------------------------------------------------------


def execute(
    world: World,
    project_id: str,
    options: Mapping[str, Any],
    patience: float = PATIENCE,
    *,
    has_input: bool = True,
) -> dict[str, Any]:
    """Run a command and return its output, or start or look up a job and return its state.

    Raises `Failed` with the bare reason, and `TimeoutError` after `patience` seconds; the command
    goes on then.
    """
    if is_true(options.get("compute_server_id")):
        raise Thrown("no connection to compute server -- please start or restart it")
    if options.get("async_get") is not None:
        return _job_state(world.jobs, project_id, options, patience)
    checked = options.get("err_on_exit") is None or is_true(options["err_on_exit"])
    command = replace(_command(world, project_id, options), has_input=has_input)
    problem_of = partial(_problem, command, checked=checked)
    if is_true(options.get("async_call")):
        return world.jobs.start(command, problem_of).as_started()
    if command.timeout < patience or options.get("aggregate") is not None:
        outcome = run_once(world, command, options.get("aggregate"))
    else:
        outcome = _wait_for(world.jobs.start(command, problem_of, listed=False), patience)
    if problem := problem_of(outcome):
        raise Failed(problem)
    output = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    return {"type": "blocking", **output, "exit_code": outcome.exit_code or 0}


def in_full(options: Mapping[str, Any], reason: Any) -> str:
    """Return the reason of a failure with the command before it, and advice behind a refused connection."""
    command, args = (
        as_text(options[name]) if name in options else "undefined" for name in ("command", "args")
    )
    text = f"Error executing command '{command}' with args '{args}' -- {reason}"
    return text + _NO_NETWORK if "Connection refused" in text else text


def _problem(command: Command, outcome: Outcome, *, checked: bool) -> str | None:
    """Return why an outcome is a failure; a non-zero exit is one where it is `checked`."""
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
        raise Thrown(f"Cannot read properties of {what} (reading 'split')", kind="TypeError")
    chosen = {name: options[name] for name in _DEFAULTS if options.get(name) is not None}
    limit = MAX_OUTPUT if is_true(options.get("async_call")) else None
    filled = {**_DEFAULTS, "max_output": limit, **chosen, "command": program}
    if isinstance(program, str) and program:
        filled["args"] = _arguments(filled["args"], program, is_true(filled["bash"]))
    if is_true(options.get("uid")) or is_true(options.get("gid")):
        raise Failed("error Error: spawn EPERM")  # the server is not root
    return command_of(world, project_id, filled, environ=_environ(options.get("env")))


def _arguments(args: Any, program: str, bash: bool) -> list[Any]:
    """Return the arguments of a command as Node takes them, of which bash alone takes more than a list."""
    if isinstance(args, list):
        return args
    if bash or (args == "" and len(re.split(r"\s+", program)) > 1):
        return [args] if args and isinstance(args, str) else []
    if isinstance(args, dict):  # Node takes it for its options
        return []
    rule = f'The "args" argument must be of type object. Received {described(args)}'
    raise Failed(f"error TypeError [ERR_INVALID_ARG_TYPE]: {rule}")


def _environ(variables: Any, kind: type = object) -> dict[str, str]:
    """Return the environment variables in an object, those whose values are of this kind."""
    entries = variables if isinstance(variables, dict) else {}
    pairs = [(name, value) for name, value in entries.items() if isinstance(value, kind)]
    valid = {name: as_text(value) for name, value in pairs if name and "=" not in name}
    return {name: value for name, value in valid.items() if "\0" not in name + value}


def _job_state(jobs: Jobs, project_id: str, options: Mapping[str, Any], patience: float) -> dict[str, Any]:
    job = jobs.find(project_id, as_text(options["async_get"]))
    if job is None:
        raise Failed(f"Async operation '{as_text(options['async_get'])}' does not exist.")
    if is_true(options.get("async_await")) and not job.ended.wait(patience):
        raise TimeoutError
    return job.shown(is_true(options.get("async_stats")))


def _wait_for(job: Job, patience: float) -> Outcome:
    if not job.ended.wait(patience):
        raise TimeoutError
    if job.failure:
        raise job.failure
    assert job.outcome  # noqa: S101 - it has ended, and has not failed
    return job.outcome


# -- signals ---------------------------------------------------------------------------------------


def send_signal(world: World, project_id: str, number: int, pid: Any) -> bool:
    """Send a signal to a process of the project's commands; return False for others, which are left alone."""
    if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 1:
        return False
    try:
        if (reaper.process_group(pid), project_id) not in set(world.processes.running()):
            return False
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True
