"""Jobs: bulk work that goes on in the background of a kernel, while other cells run."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from cocalc_magic.render.bulk import ProgressWords
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.bulk.run import Stop


class Work(Protocol):
    """Bulk work that is ready to be sent."""

    @property
    def event(self) -> str:
        """The event of its messages."""

    @property
    def server(self) -> str:
        """Name of the server."""

    @property
    def flags(self) -> Mapping[str, Any]:
        """The flags of its line."""

    def run(self, on_progress: Callable[[Progress], None], stop: Stop | None = None) -> BulkResult:
        """Send the messages."""


class Job:
    """Bulk work in the background; `job.result()` and `await job` wait for it, `job.stop()` ends it.

    Args:
        work: What it does.
        number: Its number in this kernel.
    """

    def __init__(self, work: Work, number: int) -> None:
        self.number, self.event, self.server = number, work.event, work.server
        self.began = time.time()
        self._work, self._words = work, ProgressWords()
        self._stop: threading.Event = threading.Event()
        self._future: Future[BulkResult] = Future()

    def begin(self) -> None:
        """Begin to send."""
        threading.Thread(target=self._run, daemon=True, name=f"cocalc-job-{self.number}").start()

    def _run(self) -> None:
        try:
            result = self._work.run(self._words, self._stop)
        except BaseException as problem:  # noqa: BLE001 - whoever waits for the result gets it
            self._future.set_exception(problem)
        else:
            self._future.set_result(result)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self._future.done()

    @property
    def progress(self) -> Progress | None:
        """How far it is; `None` before the first report."""
        return self._words.progress

    @property
    def line(self) -> str:
        """How far it is, or how it ended, on one line."""
        if self.running:
            return self._words.line()
        problem = self._future.exception()
        return str(problem).partition("\n")[0] if problem else self._future.result().summary

    def stop(self) -> None:
        """End it: what is under way is finished, and nothing more is sent."""
        self._stop.set()

    def result(self, timeout: float | None = None) -> BulkResult:
        """Wait for the end, and return the result.

        Args:
            timeout: Seconds to wait.

        Raises:
            TimeoutError: It still goes on.
            BulkFailed: Some rows have failed, or were not sent; unless the line says `--no-raise`.
        """
        return self._checked(self._future.result(timeout))

    def __await__(self) -> Generator[Any, None, BulkResult]:
        result = yield from asyncio.wrap_future(self._future).__await__()
        return self._checked(result)

    def _checked(self, result: BulkResult) -> BulkResult:
        failure = result.failure
        if failure is not None and not self._work.flags.get("no-raise"):
            raise failure
        return result

    def __repr__(self) -> str:
        state = "" if self.running else " · ended"
        return visible_line(f"<Job {self.number} {self.event} · {self.line}{state}>")


def start(jobs: list[Job], work: Work) -> Job:
    """Begin a job, and add it to those of the kernel."""
    job = Job(work, len(jobs) + 1)
    jobs.append(job)
    job.begin()
    return job
