"""Run commands: by the raw relay if short, as jobs if long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire import command
from cocalc_magic.client.wire.translate.steps import Ask, Options, Pause, Steps, exact, many
from cocalc_magic.errors import Interrupted, MessageFailed
from cocalc_magic.sanitize.secret_forms import around_secret

if TYPE_CHECKING:
    from collections.abc import Generator

SHORT = 50.0  # seconds; servers give up waiting for a project after 60
_OPTIONS = ("path", "command", "args", "timeout", "aggregate", "max_output", "bash", "err_on_exit")
TAKES = " ".join(("project_id", *_OPTIONS))
_TIMEOUT = 10  # seconds, as v1 had it; today's servers would give 60
_GRACE = 30.0  # seconds after its time limit in which a job should have ended
_DEFAULTS = {"timeout": _TIMEOUT, "args": ()}  # without args they would call them undefined


def _options(options: Options) -> dict[str, Any]:
    return {**_DEFAULTS, **{name: options[name] for name in _OPTIONS if name in options}}


def short(options: Options) -> bool:
    """Return whether the command may be waited for in one request."""
    return float(options.get("timeout", _TIMEOUT)) <= SHORT


def _relayed(options: Options) -> Steps:
    mesg = {"event": "project_exec", **_options(options), "project_id": options["project_id"]}
    if "id" in options:
        mesg["id"] = options["id"]
    value = yield Ask("projects/call", {"project_id": options["project_id"], "mesg": mesg})
    return _output(value)


def direct(options: Options) -> Steps:
    """Run the command in the project's own way, which waits for its end."""
    try:
        value = yield Ask("project:system.exec", {"project_id": options["project_id"], **_options(options)})
    except MessageFailed as problem:
        problem.server_text = _full(problem.server_text, options)
        raise
    return _output(value)


def _full(reason: str, options: Options) -> str:
    """Return a reason in the wording of v1."""
    args = ",".join(map(str, options.get("args", ())))
    return f"Error executing command '{options['command']}' with args '{args}' -- {reason}"


def as_job(options: Options, event: str = "/exec") -> Steps:
    """Run the command as a background job by this event and poll it; an interrupt ends the job."""
    project_id, sent = options["project_id"], {**_options(options), "err_on_exit": False}
    job = yield Ask(event, {"project_id": project_id, **sent, "async_call": True})
    pause, left = 0.25, float(sent["timeout"]) + _GRACE
    try:
        while job.get("status") == "running" and left > 0:
            yield Pause(pause, job=True)
            left -= pause
            pause = min(2.0, 1.5 * pause)
            job = yield Ask(event, {"project_id": project_id, "async_get": job["job_id"]})
    except Interrupted as stopped:
        if (yield from _kill(event, project_id, job)):
            stopped.args = ("stopped waiting for the command, which was ended on the server.",)
        raise
    return _output(_checked(job, options))


def _kill(event: str, project_id: str, job: dict[str, Any]) -> Generator[Ask, Any, bool]:
    """Kill a job with all that it started, and return whether that succeeded."""
    pid = job.get("pid")
    if not pid:
        return False
    line = f"kill -9 -{int(pid)} || kill -9 {int(pid)}"
    sent = {"project_id": project_id, "command": line, "bash": True, "err_on_exit": False}
    result = yield Ask(event, sent)
    return isinstance(result, dict) and result.get("exit_code") == 0


def _checked(job: dict[str, Any], options: Options) -> dict[str, Any]:
    """Return the finished job. Raises `MessageFailed` where v1 would have reported a failure."""
    if job.get("status") == "running":
        raise MessageFailed("the command did not end at its time limit.", "It may still be going on.")
    if job.get("status") == "error":
        reason = str(job.get("stderr") or "it failed")
        raise _failed(reason, job, options)
    if job.get("exit_code") and options.get("err_on_exit", True):
        words = f"command '{options['command']}' exited with nonzero code {job['exit_code']}"
        stderr = str(job.get("stderr", ""))
        stderr = stderr[: around_secret(stderr, 1024)[0]]
        raise _failed(f"{words} -- stderr='{stderr}'", job, options)
    return job


def _failed(reason: str, job: dict[str, Any], options: Options) -> MessageFailed:
    """Return the failure of a job in the wording of v1, with all that it printed."""
    ended, printed = command.read(reason), {"timeout": _TIMEOUT, **options}
    if ended is None:
        problem = MessageFailed(_full(reason, options))
    elif ended.exit_code is None:
        problem = command.error_for(ended, printed)
    else:
        whole = replace(ended, stderr=str(job.get("stderr", "")))
        problem = command.error_for(whole, printed, stdout=str(job.get("stdout", "")))
    problem.server_text = _full(reason, options)
    return problem


def _output(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in ("stdout", "stderr", "exit_code") if name in value}


TABLE = {
    "project_exec": exact(
        many("projects/call", TAKES, _relayed, fits=short),
        many("project:system.exec", TAKES, direct),
        many("/exec", TAKES.replace(" aggregate", ""), as_job),
        answer="project_exec_output",
    ),
}
