"""Send the messages of many rows: each exactly once, as many at a time as the server stands."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.loop import Loop
from cocalc_magic.bulk.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

    from cocalc_magic.bulk.journal import Journal
    from cocalc_magic.bulk.loop import Stop, Then
    from cocalc_magic.bulk.outcome import Outcomes, Progress
    from cocalc_magic.bulk.read_back import Lookup
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.response import Response


def run(
    messages: Iterable[RowMessage],
    send: Callable[[RowMessage], Response],
    *,
    executor: Executor,
    jobs: int = 8,
    journal: Journal | None = None,
    lookup: Lookup | None = None,
    idempotent: bool = False,
    again: bool = False,
    first: int | None = None,
    max_fail: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
    then: Then | None = None,
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
        again: Send them as if nothing were known of them.
        first: Send the first so many rows alone.
        max_fail: Failures after which it ends: a number, or a share of all rows below 1.
        on_progress: Called from the thread that runs this, some twenty times a second.
        then: Returns what follows a message that has gone well: messages that may be carried out twice. They
            are sent as soon as there is room, by the same `send`; their outcomes stand behind those of the
            rows, in the order in which they were returned.
        stop: Ends it early. So does Ctrl-C; a second one does not wait for what is under way.

    Raises:
        InvalidMessage: Two rows send the same; nothing was sent.
        JournalFailed: The journal can't be read or written; nothing was sent, or nothing more.
    """
    loop = Loop(send, executor, jobs, journal, lookup, idempotent, Tally(on_progress), stop, then)
    loop.check(messages, first, max_fail, again=again)
    with _first_interrupt_into(loop.interrupted):
        try:
            loop.send_all(islice(messages, first))
        except KeyboardInterrupt:
            raise
        except BaseException:
            loop.finish_in_flight()
            raise
    return loop.outcomes


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
