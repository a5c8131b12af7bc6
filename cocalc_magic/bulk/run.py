"""Send the messages of many rows: each exactly once, as many at a time as the server stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    from cocalc_magic.bulk.outcome import Outcomes, Progress
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.response import Response


class Stop(Protocol):
    """What ends a job when it is set, as `threading.Event`."""

    def is_set(self) -> bool:
        """Return whether the job is to end: what is under way is finished, and nothing more is sent."""


def run(
    messages: Iterable[RowMessage],
    send: Callable[[RowMessage], Response],
    *,
    jobs: int = 8,
    executor: Executor | None = None,
    first: int | None = None,
    max_fail: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
) -> Outcomes:
    """Send the messages and return their outcomes, in the order of the rows.

    Args:
        messages: The messages; they are gone through twice, first to check them, then to send.
        send: Sends one message, once; raises `CoCalcError`.
        jobs: Messages that are under way at the same time, at most.
        executor: Where `send` runs; threads of this process if none is given.
        first: Send the first so many rows alone.
        max_fail: Failures after which it ends: a number, or a share of all rows below 1.
        on_progress: Called from the thread that runs this, ten times a second at most.
        stop: Ends it early. So does Ctrl-C; a second one does not wait for what is under way.

    Raises:
        InvalidMessage: Two rows send the same; nothing was sent.
        JournalFailed: The journal can't be read or written; nothing was sent, or nothing more.
    """
    raise NotImplementedError
