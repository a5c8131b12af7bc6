"""Send the messages of many rows: each exactly once, as many at a time as the server stands.

The loop and all decisions are in the thread that calls `run`; an executor makes single attempts. An intention
is in the journal before its message is sent. What has no answer is looked up when all else is done.
"""

from __future__ import annotations

import heapq
import queue
import signal
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic.bulk.attempt import Attempt, attempt
from cocalc_magic.bulk.concurrency import BUDGET, Concurrency, wait_before
from cocalc_magic.bulk.journal import Finished
from cocalc_magic.bulk.outcome import INTERRUPTED, Outcome, Outcomes
from cocalc_magic.bulk.read_back import Doubt
from cocalc_magic.bulk.tally import Tally
from cocalc_magic.errors import CoCalcError, JournalFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from cocalc_magic.bulk.journal import Entry, Journal, State
    from cocalc_magic.bulk.outcome import Progress, Status
    from cocalc_magic.bulk.read_back import Finding, Lookup
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.response import Response

MAX_ATTEMPTS = 8  # of a message that the server looked at, or that it could not be given
MAX_DOUBTS = 1_000  # messages without an answer that are looked up at once
_LONGEST_SLEEP = 0.25  # seconds; on Windows Ctrl-C does not interrupt a longer wait
_FLUSH_TIME = 0.05  # seconds that an outcome waits for others, to be entered with them
_SETTLED = {"lost": 1.0, "slow": 30.0}
"""Seconds until a message without an answer is taken for not carried out where the server shows nothing."""

_UNKNOWN = "There was no answer, and it may have been carried out: {}"
_UNKNOWN_BEFORE = "An earlier run was about to send it, and what came of it is not known."
_EQUAL = "Another row sends the same message."
_STATES: dict[Status, State] = {"ok": "done", "failed": "failed", "unknown": "unknown"}


class Stop(Protocol):
    """What ends a job when it is set, as `threading.Event`."""

    def is_set(self) -> bool:
        """Return whether the job is to end: what is under way is finished, and nothing more is sent."""


def run(
    messages: Iterable[RowMessage],
    send: Callable[[RowMessage], Response],
    *,
    executor: Executor,
    jobs: int = 8,
    journal: Journal | None = None,
    lookup: Lookup | None = None,
    idempotent: bool = False,
    first: int | None = None,
    max_fail: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
) -> Outcomes:
    """Send the messages and return their outcomes, in the order of the rows.

    Args:
        messages: The messages; they are gone through twice, first to check them, then to send.
        send: Sends one message, once; raises `CoCalcError`.
        executor: Where `send` runs. On another machine or process it has to be picklable.
        jobs: Messages that are under way at the same time, at most.
        journal: What is known of earlier runs; none for messages that only read.
        lookup: Finds out what became of messages without an answer.
        idempotent: Whether they may be carried out twice.
        first: Send the first so many rows alone.
        max_fail: Failures after which it ends: a number, or a share of all rows below 1.
        on_progress: Called from the thread that runs this, some ten times a second.
        stop: Ends it early. So does Ctrl-C; a second one does not wait for what is under way.

    Raises:
        InvalidMessage: Two rows send the same; nothing was sent.
        JournalFailed: The journal can't be read or written; nothing was sent, or nothing more.
    """
    job = _Job(send, executor, jobs, journal, lookup, idempotent, Tally(on_progress), stop)
    job.check(messages, first, max_fail)
    with _first_interrupt_into(job.interrupted):
        try:
            job.send_all(islice(messages, first))
        except KeyboardInterrupt:
            raise
        except BaseException:
            job.finish_in_flight()
            raise
    return job.outcomes


@dataclass(slots=True, eq=False)
class _Item:
    """One row on its way; `began` is when it was entered last, in seconds since 1970."""

    position: int
    message: RowMessage
    identity: bytes
    run: int = 0
    began: float = 0.0
    attempts: int = 0
    first_sent: float = 0.0
    sent: float = 0.0
    settled: float = _SETTLED["lost"]
    error: str = ""


class _Job:
    """One run over the rows."""

    def __init__(
        self,
        send: Callable[[RowMessage], Response],
        executor: Executor,
        jobs: int,
        journal: Journal | None,
        lookup: Lookup | None,
        idempotent: bool,
        tally: Tally,
        stop: Stop | None,
    ) -> None:
        self._send, self._executor, self._stop = send, executor, stop
        self._journal, self._lookup, self._idempotent = journal, lookup, idempotent
        self._concurrency, self._tally = Concurrency(jobs), tally
        self._ahead = max(1, jobs // 4)  # rows that are entered before there is room for them
        self._max_failed = float("inf")
        self.outcomes = Outcomes()
        self.interrupted = threading.Event()
        self._source: Iterator[_Item] = iter(())
        self._ready: deque[_Item] = deque()  # entered, and not sent yet
        self._later: list[tuple[float, int, _Item]] = []  # a heap: when to send them again
        self._order = count()
        self._doubts: list[_Item] = []
        self._in_flight = 0
        self._arrivals: queue.SimpleQueue[tuple[_Item, Future[Attempt]]] = queue.SimpleQueue()
        self._finished: list[Finished] = []
        self._flushed = 0.0
        self._has_listed = False

    # -- before ------------------------------------------------------------------------------------

    def check(self, messages: Iterable[RowMessage], first: int | None, max_fail: float | None) -> None:
        """Go through all messages once, before anything is sent. Raises `InvalidMessage`."""
        total = 0
        self._tally.report(now=True)
        for _ in messages if self._journal is None else self._journal.check(messages):
            total += 1
            self._tally.report()
        self._tally.total = total if first is None else min(first, total)
        if max_fail is not None:
            self._max_failed = max_fail * self._tally.total if 0 < max_fail < 1 else max_fail

    def _items(self, messages: Iterable[RowMessage]) -> Iterator[_Item]:
        """Yield the rows that are to be sent; the others get their outcome."""
        for position, message in enumerate(messages):
            journal = self._journal
            item = _Item(position, message, message.identity(journal.salt) if journal else b"")
            entry = journal.entry(item.identity) if journal else None
            if entry is None or not self._is_settled(item, entry):
                yield item

    def _is_settled(self, item: _Item, entry: Entry) -> bool:
        """Return whether a row is not to be sent, or not before it is looked up."""
        if entry.state == "done":
            self._put(item, "done before", entry.fields)
        elif entry.state == "failed":
            return False
        elif self._journal is not None and entry.run == self._journal.run:
            self._put(item, "failed", error=_EQUAL)  # the data has changed since it was checked
        elif self._lookup is not None:
            item.run, item.began = entry.run, entry.begun
            self._doubts.append(item)
        elif self._idempotent:
            return False
        else:
            self._put(item, "unknown", error=entry.error or _UNKNOWN_BEFORE)
        return True

    # -- the loop ----------------------------------------------------------------------------------

    def send_all(self, messages: Iterable[RowMessage]) -> None:
        """Send until nothing is left to send."""
        self._source = self._items(messages)
        self._tally.report("sending")
        while True:
            if self._is_ending():
                self._end()
                break
            self._prepare()
            self._submit()
            if self._in_flight or self._later or self._ready:
                self._wait()
            elif not self._look_up():
                break
        self._flush()
        self._tally.report("sending", now=True)

    def _is_ending(self) -> bool:
        if self.interrupted.is_set():
            self.outcomes.stopped = INTERRUPTED
        elif self._stop is not None and self._stop.is_set():
            self.outcomes.stopped = self.outcomes.stopped or "stopped"
        if self._tally.failed > self._max_failed and not self.outcomes.stopped:
            self.outcomes.stopped = f"{self._tally.failed:,} rows have failed"
        return bool(self.outcomes.stopped)

    def _prepare(self) -> None:
        """Enter the next rows into the journal, and what came of others."""
        wanted = self._concurrency.limit - self._in_flight + self._ahead
        rows: list[_Item] = []
        if len(self._ready) <= wanted - max(1, self._ahead // 2) and len(self._doubts) < MAX_DOUBTS:
            rows = list(islice(self._source, wanted - len(self._ready)))
        if rows or (self._finished and time.monotonic() - self._flushed > _FLUSH_TIME):
            self._flush(rows)
        self._ready.extend(rows)

    def _flush(self, begin: list[_Item] | None = None, withdrawn: Iterable[bytes] = ()) -> None:
        """Write into the journal what is to be there before anything else happens."""
        if self._journal is None:
            return
        rows = begin or []
        if rows and self._lookup is not None and self._lookup.how.new and not self._has_listed:
            self._list_before(self._lookup)
        finished, self._finished = self._finished, []
        self._journal.record([(item.identity, item.message.row.name) for item in rows], finished, withdrawn)
        self._flushed, now = time.monotonic(), time.time()
        for item in rows:
            item.run, item.began = self._journal.run, now

    def _list_before(self, lookup: Lookup) -> None:
        """Enter what is there before this run sends anything; without it nothing can be looked up later."""
        self._has_listed = True
        with suppress(CoCalcError):
            ids = lookup.listed()
            if self._journal is not None:
                self._journal.keep_listed(ids)

    def _submit(self) -> None:
        """Send as many as may be under way."""
        now = time.monotonic()
        while self._in_flight < self._concurrency.limit and now >= self._concurrency.not_before:
            if self._later and self._later[0][0] <= now:
                item = heapq.heappop(self._later)[2]
            elif self._ready:
                item = self._ready.popleft()
            else:
                return
            item.attempts, item.sent = item.attempts + 1, now
            item.first_sent = item.first_sent or now
            future = self._executor.submit(attempt, self._send, item.message.bare())
            self._in_flight += 1
            future.add_done_callback(partial(_arrive, self._arrivals, item))

    def _wait(self) -> None:
        """Wait until something arrives or is due, and take what has arrived."""
        self._tally.report("sending" if self._in_flight else "waiting")
        with suppress(queue.Empty):
            self._take(*self._arrivals.get(timeout=self._pause()))
            while True:
                self._take(*self._arrivals.get_nowait())

    def _pause(self) -> float:
        """Return the seconds until something may be sent, if nothing arrives before."""
        if self._in_flight >= self._concurrency.limit or not (self._ready or self._later):
            return _LONGEST_SLEEP
        due = 0.0 if self._ready else self._later[0][0]
        left = max(due, self._concurrency.not_before) - time.monotonic()
        return min(_LONGEST_SLEEP, max(0.001, left))

    # -- what has arrived --------------------------------------------------------------------------

    def _take(self, item: _Item, future: Future[Attempt]) -> None:
        """Decide about a row by what came of an attempt."""
        self._in_flight -= 1
        result = _result(future)
        if result.overloaded:
            self._concurrency.overload(time.monotonic(), item.sent, result.wait)
        if result.result == "done":
            self._concurrency.success()
            self._finish(item, "ok", result.fields)
        elif result.result == "busy" or (result.result in ("lost", "slow") and self._idempotent):
            self._again(item, result)
        elif result.result in ("lost", "slow"):
            self._doubt(item, result)
        else:
            self._finish(item, "failed", error=result.error)
            if result.result == "refused":
                self.outcomes.stopped = result.error

    def _again(self, item: _Item, result: Attempt) -> None:
        """Send a row once more in a while, unless it was tried often enough."""
        now = time.monotonic()
        too_often = item.attempts >= MAX_ATTEMPTS and not result.overloaded
        if too_often or now - item.first_sent > BUDGET:
            self._finish(item, "failed", error=result.error)
            self.outcomes.stopped = result.error if result.result == "busy" else self.outcomes.stopped
        else:
            due = now + wait_before(item.attempts, result.wait)
            item.error = result.error
            heapq.heappush(self._later, (due, next(self._order), item))

    def _doubt(self, item: _Item, result: Attempt) -> None:
        """Put a row aside that may have been carried out."""
        if self._lookup is None:
            self._finish(item, "unknown", error=_UNKNOWN.format(result.error))
        else:
            item.error, item.began, item.settled = result.error, time.time(), _SETTLED[result.result]
            self._doubts.append(item)

    def _finish(
        self, item: _Item, status: Status, fields: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        """Give a row its outcome, in the journal too."""
        self._put(item, status, fields or {}, error)
        if self._journal is not None:
            self._finished.append(Finished(item.identity, _STATES[status], fields or {}, error))

    def _put(
        self, item: _Item, status: Status, fields: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        outcome = Outcome(item.message.row, status, fields or {}, error, item.message.event)
        self.outcomes.put(item.position, outcome)
        if status != "skipped":
            self._tally.add(outcome)
            self._tally.report()

    # -- without an answer -------------------------------------------------------------------------

    def _look_up(self) -> bool:
        """Look up what became of messages without an answer; return whether there may be more to send."""
        if not self._doubts or self._lookup is None:
            return False
        self._tally.report("reading back", now=True)
        if not self._settle():
            return True  # it is ending
        self._flush()
        doubts, self._doubts = self._doubts, []
        pairs = zip(doubts, self._findings(self._lookup, doubts), strict=True)
        missing = [item for item, finding in pairs if not self._is_resolved(item, finding)]
        run = None if self._journal is None else self._journal.run
        self._flush([item for item in missing if item.run != run])
        self._ready.extend(missing)
        return True

    def _settle(self) -> bool:
        """Give the server time to finish what it may be at; return whether all of it has passed."""
        while True:
            now = time.time()
            left = max(min(item.settled, item.began + item.settled - now) for item in self._doubts)
            if left <= 0:
                return True
            if self._is_ending():
                return False
            time.sleep(min(left, _LONGEST_SLEEP))

    def _findings(self, lookup: Lookup, doubts: list[_Item]) -> list[Finding]:
        journal = self._journal
        if journal is None or not lookup.how.new:
            return lookup.find([Doubt(item.message.options, None) for item in doubts], ())
        doubts.sort(key=lambda item: (-item.run, item.position))  # what this run has made is this run's
        before = {run: journal.listed(run) for run in {item.run for item in doubts}}
        known = [Doubt(item.message.options, before[item.run]) for item in doubts]
        return lookup.find(known, journal.fields(lookup.id_field))

    def _is_resolved(self, item: _Item, finding: Finding) -> bool:
        """Give a row its outcome by what was found; return False where it is to be sent."""
        if isinstance(finding, dict):
            self._finish(item, "ok", finding)
        elif finding == "unknown" and not self._idempotent:
            self._finish(item, "unknown", error=_UNKNOWN.format(item.error or _UNKNOWN_BEFORE))
        elif item.attempts >= MAX_ATTEMPTS:
            self._finish(item, "failed", error=item.error)
        else:
            return False
        return True

    # -- the end -----------------------------------------------------------------------------------

    def _end(self) -> None:
        """Finish what is under way, and leave out the rest."""
        while self._in_flight:
            self._wait()
        not_sent = [*self._ready, *(item for _, _, item in self._later)]
        self._flush(withdrawn=[item.identity for item in not_sent])
        for item in (*not_sent, *self._source):
            self._put(item, "skipped")
        for item in self._doubts:
            self._finish(item, "unknown", error=_UNKNOWN.format(item.error or _UNKNOWN_BEFORE))

    def finish_in_flight(self) -> None:
        """Wait for what is under way after an error, and enter what came of it as far as that goes."""
        while self._in_flight:
            self._wait()
        with suppress(JournalFailed):
            self._flush(withdrawn=[item.identity for item in self._ready])


def _arrive(
    arrivals: queue.SimpleQueue[tuple[_Item, Future[Attempt]]], item: _Item, future: Future[Attempt]
) -> None:
    arrivals.put((item, future))


def _result(future: Future[Attempt]) -> Attempt:
    """Return what an attempt came to; where the executor has lost it, nobody knows."""
    if future.cancelled():
        return Attempt("lost", error="The executor has cancelled it.")
    problem = future.exception()
    if problem is None:
        return future.result()
    return Attempt("lost", error=f"The executor has lost it: {type(problem).__name__}.")


@contextmanager
def _first_interrupt_into(interrupted: threading.Event) -> Iterator[None]:
    """Make the first Ctrl-C set the event; the next one raises KeyboardInterrupt as usual."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(signum: int, frame: Any) -> None:
        if interrupted.is_set():
            signal.default_int_handler(signum, frame)
        interrupted.set()

    previous = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous or signal.default_int_handler)
