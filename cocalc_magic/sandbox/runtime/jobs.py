"""Jobs: commands in the background, to be looked up by their id.

They are in memory only, as in a project of the recorded server: the last hundred of a project, for an hour
after their end.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic import host
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import stringify
from cocalc_magic.sandbox.runtime import job_stats
from cocalc_magic.sandbox.runtime.processes import Command, Live, Outcome, truncate
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.processes import Runner

MAX_JOBS = 100  # of a project
KEPT_TIME = 3_600.0  # seconds after the end
MAX_OUTPUT = 1_000_000  # characters of a stream, where the command names no limit


@dataclass
class Job:
    """A command in the background, and its state."""

    command: Command
    job_id: str = field(default_factory=new_id)
    start: int = field(default_factory=now)
    live: Live = field(default_factory=Live)
    stats: list[dict[str, Any]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    ended_at: float = 0.0
    outcome: Outcome | None = None
    failure: Failed | None = None
    _last: dict[str, Any] = field(default_factory=dict)

    def as_started(self) -> dict[str, Any]:
        """Return the job as it is reported at its start, in the recorded form, however quickly it ends."""
        pid = {} if self.live.process_id is None else {"pid": self.live.process_id}
        state = {"type": "async", "job_id": self.job_id, "start": self.start, "status": "running"}
        return {"stdout": "", "stderr": "", "exit_code": 0, **state, **pid}

    def shown(self, with_stats: bool = False) -> dict[str, Any]:
        """Return the job in the recorded form, with its output so far."""
        output = {name: truncate(data, self.command.max_output) for name, data in self.live.output.items()}
        stats = {"stats": list(self.stats)} if with_stats else {}
        return {**self.as_started(), **output, **stats, **self._last}

    def finish(self, status: str, **fields: Any) -> None:
        """Record the end of the command; `fields` are its state from now on."""
        self.ended_at = time.monotonic()
        self._last = {"status": status, "elapsed_s": (now() - self.start) / 1000, **fields}
        for data in self.live.output.values():
            data.clear()
        self.ended.set()


class Jobs:
    """The jobs of one sandbox. Every method is safe to call from any thread."""

    def __init__(self, processes: Runner) -> None:
        self._processes = processes
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self, command: Command, problem: Callable[[Outcome], str | None], *, listed: bool = True
    ) -> Job:
        """Start a command and return at once; `problem` returns why an outcome is a failure, if it is.

        One that is not `listed` cannot be found, and is dropped when it ends.
        """
        job = Job(command)
        if listed:
            job.live.sample = job_stats.sampler(job.live, job.stats)
            with self._lock:
                self._forget(command.project_id)
                self._jobs[job.job_id] = job
        host.begin(self._run, job, problem, name="job")
        job.live.begun.wait(5)
        return job

    def find(self, project_id: str, job_id: str) -> Job | None:
        """Return the job of this id, if it is of this project."""
        with self._lock:
            job = self._jobs.get(job_id)
        return job if job and job.command.project_id == project_id else None

    def _run(self, job: Job, problem: Callable[[Outcome], str | None]) -> None:
        try:
            outcome = job.outcome = self._processes.run(job.command, job.live)
            if problem(outcome) is None:
                output = {"stdout": outcome.stdout, "stderr": outcome.stderr}
                job.finish("completed", **output, exit_code=outcome.exit_code or 0)
            else:
                job.finish("error", stdout="", stderr=_reason(outcome), exit_code=1)
        except Failed as failed:
            job.failure = failed
            job.finish("error", stdout="", stderr=str(failed.error), exit_code=1)
        finally:
            job.live.begun.set()

    def _forget(self, project_id: str) -> None:
        """Forget what ended long ago, and the oldest of a project that has many; the lock is held."""
        long_ago = time.monotonic() - KEPT_TIME
        for job_id, job in list(self._jobs.items()):
            if job.ended.is_set() and job.ended_at < long_ago:
                del self._jobs[job_id]
        theirs = [job for job in self._jobs.values() if job.command.project_id == project_id]
        done = [job for job in theirs if job.ended.is_set()]
        for job in done[: max(0, len(theirs) - MAX_JOBS + 1)]:
            del self._jobs[job.job_id]


def _reason(outcome: Outcome) -> str:
    """Return what the recorded server shows as the stderr of a job that failed."""
    if outcome.spawn_problem is not None:
        return stringify(outcome.spawn_problem)
    if not outcome.in_time:
        return f"killed command '{outcome.shown_as}'"
    return outcome.stderr or "No result"
