"""The loop that sends: it takes rows, enters them, hands them to an executor, and decides by what comes back.

All decisions are made in one thread; an executor makes single attempts. An intention is in the journal before
its message is sent. What has no answer is looked up when all else is done.
"""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic.bulk.attempt import Attempt, attempt, result_of
from cocalc_magic.bulk.concurrency import BUDGET, Concurrency, wait_before
from cocalc_magic.bulk.doubts import Doubts
from cocalc_magic.bulk.item import Item
from cocalc_magic.bulk.journal import Finished
from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.errors import JournalFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from cocalc_magic.bulk.attempt import Result
    from cocalc_magic.bulk.journal import Entry, Journal, State
    from cocalc_magic.bulk.outcome import Status
    from cocalc_magic.bulk.read_back import Finding, Lookup
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.bulk.tally import Tally
    from cocalc_magic.response import Response

MAX_ATTEMPTS = 8  # of a message whose answer is lost
MAX_UNREACHED = 5  # attempts of all rows in a row, with longer and longer waits: some eight seconds
_PASSING: dict[Result, float] = {
    "lost": MAX_ATTEMPTS,
    "slow": 3,
    "unreached": MAX_ATTEMPTS,
    "busy": float("inf"),
}
"""How often a message is sent at most where that is why it is sent again."""
INTERRUPTED = "stopped by Ctrl-C"
_ALL = 2**62  # rows

Then = Callable[["Outcome"], "Iterable[RowMessage]"]
"""Returns what follows a message that has gone well: messages that may be carried out twice."""

_LONGEST_SLEEP = 0.25  # seconds; on Windows Ctrl-C does not interrupt a longer wait
_FLUSH_TIME = 0.05  # seconds that an outcome waits for others, to be entered with them
_UNKNOWN = "There was no answer, and it may have been carried out: {}"
_UNKNOWN_BEFORE = "An earlier run was about to send it, and what came of it is not known."
_EQUAL = "Another row sends the same message."
_STATES: dict[Status, State] = {"ok": "done", "failed": "failed", "unknown": "unknown"}


class Stop(Protocol):
    """What ends a job when it is set, as `threading.Event`."""

    def is_set(self) -> bool:
        """Return whether the job is to end: what is under way is finished, and nothing more is sent."""


class Loop:
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
        then: Then | None = None,
    ) -> None:
        self._send, self._executor, self._stop, self._then = send, executor, stop, then
        self._journal, self._idempotent = journal, idempotent
        self._doubts = Doubts(lookup, journal) if lookup and journal else None
        self._concurrency, self._tally = Concurrency(jobs), tally
        self._ahead = max(1, jobs // 4)  # rows that are entered before there is room for them
        self._max_failed = float("inf")
        self.outcomes = Outcomes()
        self.interrupted = threading.Event()
        self._source: Iterator[Item] = iter(())
        self._ready: deque[Item] = deque()  # entered, and not sent yet
        self._later: list[tuple[float, int, Item]] = []  # a heap: when to send them again
        self._order = count()
        self._places = count()  # of the outcomes of what follows, behind those of all rows
        self._in_flight = 0
        self._arrivals: queue.SimpleQueue[tuple[Item, Future[Attempt]]] = queue.SimpleQueue()
        self._finished: list[Finished] = []
        self._flushed = 0.0

    # -- before ------------------------------------------------------------------------------------

    def check(
        self, messages: Iterable[RowMessage], first: int | None, max_fail: float | None, *, again: bool
    ) -> None:
        """Go through all messages once, before anything is sent. Raises `InvalidMessage`."""
        total = 0
        forgotten = (_ALL if first is None else first) if again else 0
        self._tally.report(now=True)
        for _ in messages if self._journal is None else self._journal.check(messages, forgotten):
            total += 1
            self._tally.report()
        self._tally.total = total if first is None else min(first, total)
        self._places = count(self._tally.total)
        if max_fail is not None:
            self._max_failed = max_fail * self._tally.total if 0 < max_fail < 1 else max_fail

    def _items(self, messages: Iterable[RowMessage]) -> Iterator[Item]:
        """Yield the rows that are to be sent; the others get their outcome."""
        for position, message in enumerate(messages):
            journal = self._journal
            item = Item(position, message, message.identity(journal.salt) if journal else b"")
            entry = journal.entry(item.identity) if journal else None
            if entry is None or not self._is_settled(item, entry):
                yield item

    def _is_settled(self, item: Item, entry: Entry) -> bool:
        """Return whether a row is not to be sent, or not before it is looked up."""
        if entry.state == "done":
            self._put(item, "done before", entry.fields)
        elif entry.state == "failed":
            return False
        elif self._journal is not None and entry.run == self._journal.run:
            self._put(item, "failed", error=_EQUAL)  # the data has changed since it was checked
        elif self._doubts is not None:
            self._doubts.add_earlier(item, entry)
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
            self._submit()
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
        free = self._concurrency.limit - self._in_flight
        if free and self._flushed and (self._doubts or self._idempotent):
            self._ahead = min(
                2 * self._concurrency.jobs, 2 * self._ahead
            )  # the disk is slower than the server
        wanted = free + self._ahead
        rows: list[Item] = []
        waits = len(self._later) >= self._ahead or (self._doubts is not None and self._doubts.are_many)
        if len(self._ready) <= wanted - max(1, self._ahead // 2) and not waits:
            rows = list(islice(self._source, wanted - len(self._ready)))
        if rows or (self._finished and time.monotonic() - self._flushed > _FLUSH_TIME):
            self._flush(rows)
        self._ready.extend(rows)

    def _flush(self, begin: list[Item] | None = None, withdrawn: Iterable[bytes] = ()) -> None:
        """Write into the journal what is to be there before anything else happens."""
        if self._journal is None:
            return
        rows = begin or []
        if rows and self._doubts is not None:
            self._doubts.list_before()
        finished, self._finished = self._finished, []
        self._journal.record([(item.identity, item.message.row.name) for item in rows], finished, withdrawn)
        self._flushed, now = time.monotonic(), time.time()
        for item in rows:
            item.run, item.began = self._journal.run, now

    def _submit(self) -> None:
        """Send as many as may be under way."""
        now = time.monotonic()
        while self._may_send() and self._due() <= now:
            if self._later and self._later[0][0] <= now:
                item = heapq.heappop(self._later)[2]
            else:
                item = self._ready.popleft()
            item.attempts, item.sent = item.attempts + 1, now
            item.first_sent = item.first_sent or now
            future = self._executor.submit(attempt, self._send, item.message.bare())
            self._in_flight += 1
            future.add_done_callback(partial(self._arrive, item))

    def _may_send(self) -> bool:
        """Whether there is a row to send, and room for it."""
        return self._in_flight < self._concurrency.limit and bool(self._ready or self._later)

    def _due(self) -> float:
        """Return when the next row may be sent: one that the server refused, as long as it refuses any."""
        waits = self._later and (self._concurrency.refusals or not self._ready)
        return max(self._later[0][0] if waits else 0.0, self._concurrency.not_before)

    def _arrive(self, item: Item, future: Future[Attempt]) -> None:
        """Take note of an attempt that is over, in whatever thread the executor tells it."""
        self._arrivals.put((item, future))

    def _wait(self) -> None:
        """Wait until something arrives or is due, and take what has arrived."""
        self._tally.report("sending" if self._in_flight else "waiting")
        with suppress(queue.Empty):
            self._take(*self._arrivals.get(timeout=self._pause()))
            while True:
                self._take(*self._arrivals.get_nowait())

    def _pause(self) -> float:
        """Return the seconds until something may be sent, if nothing arrives before."""
        if not self._may_send():
            return _LONGEST_SLEEP
        return min(_LONGEST_SLEEP, max(0.001, self._due() - time.monotonic()))

    # -- what has arrived --------------------------------------------------------------------------

    def _take(self, item: Item, future: Future[Attempt]) -> None:
        """Decide about a row by what came of an attempt."""
        self._in_flight -= 1
        result = result_of(future)
        if result.overloaded:
            self._concurrency.overload(time.monotonic(), item.sent, result.wait)
        if result.result == "done":
            self._concurrency.success()
            self._finish(item, "ok", result.fields)
        elif result.result in ("lost", "slow") and not (self._idempotent or item.follows):
            self._doubt(item, result)
        elif result.result in _PASSING:
            self._again(item, result)
        else:
            self._finish(item, "failed", error=result.error)
            if result.result == "refused":
                self.outcomes.stopped = result.error

    def _again(self, item: Item, result: Attempt) -> None:
        """Send a row once more in a while, unless it was tried often enough."""
        now = time.monotonic()
        too_often = item.attempts >= _PASSING[result.result] or (
            result.result == "unreached" and self._concurrency.refusals >= MAX_UNREACHED
        )
        if too_often or now - item.first_sent > BUDGET:
            self._finish(item, "failed", error=result.error)
            if result.result in ("busy", "unreached"):  # so would the others
                self.outcomes.stopped = result.error
        else:
            due = now + wait_before(item.attempts, result.wait)
            item.error = result.error
            heapq.heappush(self._later, (due, next(self._order), item))

    def _doubt(self, item: Item, result: Attempt) -> None:
        """Put a row aside that may have been carried out."""
        if self._doubts is None:
            self._finish(item, "unknown", error=_UNKNOWN.format(result.error))
        else:
            self._doubts.add(item, result)

    def _finish(
        self, item: Item, status: Status, fields: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        """Give a row its outcome, in the journal too."""
        self._put(item, status, fields or {}, error)
        if self._journal is not None and not item.follows:
            self._finished.append(Finished(item.identity, _STATES[status], fields or {}, error))

    def _put(
        self, item: Item, status: Status, fields: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        took = time.monotonic() - item.first_sent if item.first_sent else 0.0
        outcome = Outcome(item.message.row, status, fields or {}, error, item.message.event, took)
        self.outcomes.put(item.position, outcome)
        if status != "skipped":
            self._tally.add(outcome)
            self._tally.report()
        if outcome.ok and self._then is not None:
            self._follow(self._then(outcome))

    def _follow(self, messages: Iterable[RowMessage]) -> None:
        """Have messages sent as soon as there is room for them; the journal need not know them."""
        items = [Item(next(self._places), message, b"", follows=True) for message in messages]
        self._ready.extend(items)
        self._tally.total = (self._tally.total or 0) + len(items)

    # -- without an answer -------------------------------------------------------------------------

    def _look_up(self) -> bool:
        """Look up what became of messages without an answer; return whether there may be more to send."""
        doubts = self._doubts
        if doubts is None or not doubts.items:
            return False
        self._tally.report("reading back", now=True)
        while (left := doubts.seconds_left()) > 0:
            if self._is_ending():
                return True
            time.sleep(min(left, _LONGEST_SLEEP))
        self._flush()
        missing = [item for item, finding in doubts.resolve() if not self._is_resolved(item, finding)]
        run = None if self._journal is None else self._journal.run
        self._flush([item for item in missing if item.run != run])
        self._ready.extend(missing)
        return True

    def _is_resolved(self, item: Item, finding: Finding) -> bool:
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
        for item in self._doubts.items if self._doubts else ():
            self._finish(item, "unknown", error=_UNKNOWN.format(item.error or _UNKNOWN_BEFORE))

    def finish_in_flight(self) -> None:
        """Wait for what is under way after an error, and enter what came of it as far as that goes."""
        while self._in_flight:
            self._wait()
        with suppress(JournalFailed):
            self._flush(withdrawn=[item.identity for item in self._ready])
