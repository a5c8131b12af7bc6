"""Jobs: bulk work that goes on in the background of a kernel, while other cells run."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from cocalc_magic import host
from cocalc_magic.render.bulk import ProgressWords
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from cocalc_magic.bulk.loop import Stop
    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.render.live_board import LiveBoard

_log = logging.getLogger("cocalc_magic")
_INTERVAL = 0.5  # seconds between two updates of a view


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

    @property
    def board(self) -> LiveBoard | None:
        """Its rows, for a page."""

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
        self.work, self._words = work, ProgressWords(work.board)
        self._stop = threading.Event()
        self._future: Future[BulkResult] = Future()
        self._watchers: list[Callable[[], None]] = []
        self._last = float("-inf")

    def begin(self) -> None:
        """Begin to send."""
        host.begin(self._run, name=f"cocalc-job-{self.number}")  # a page is told by what belongs to this cell

    def _run(self) -> None:
        try:
            result = self.work.run(self._report, self._stop)
        except BaseException as problem:  # noqa: BLE001 - whoever waits for the result gets it
            self._future.set_exception(problem)
        else:
            self._future.set_result(result)
        self._tell()

    def _report(self, progress: Progress) -> None:
        self._words(progress)
        if time.monotonic() - self._last > _INTERVAL:
            self._tell()

    def _tell(self) -> None:
        """Call those that watch; a view that fails does not end the job."""
        self._last = time.monotonic()
        for changed in list(self._watchers):
            try:
                changed()
            except Exception:  # noqa: BLE001 - it is logged
                _log.exception("A view of job %d was not updated", self.number)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call this now and whenever the job has gone on, from the job's thread, and at its end."""
        self._watchers.append(changed)
        changed()

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self._future.done()

    @property
    def progress(self) -> Progress | None:
        """How far it is; `None` before the first report."""
        return self._words.progress

    @property
    def board(self) -> LiveBoard | None:
        """Its rows by their steps; `None`, or without rows, where there are too many of them."""
        return self._words.board

    @property
    def line(self) -> str:
        """How far it is, or how it ended, on one line."""
        if self.running:
            return self._words.line
        return str(self.problem).partition("\n")[0] if self.problem else self._future.result().summary

    @property
    def problem(self) -> BaseException | None:
        """Why there is no result; `None` where there is one, and while it goes on."""
        return self._future.exception() if self._future.done() else None

    @property
    def outcome(self) -> BulkResult:
        """The result of a job that has ended, whether or not rows have failed."""
        return self._future.result(0)

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
        if failure is not None and not self.work.flags.get("no-raise"):
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
