"""Cancellation: stop a request, or a wait for a job, from another thread.

A widget's callback can't raise KeyboardInterrupt in the thread that waits for a server. Code that may take
long runs inside `with token.active():`; everything below it that waits calls `sleep` or `run`, which raise
`Cancelled` once `token.cancel()` has been called. As with Ctrl-C, one call ends one wait, so that the message
which ends a job on the server can itself be waited for. Nothing is interrupted where it does not wait.
"""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from cocalc_magic import host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

ACTIVE: contextvars.ContextVar[CancelToken | None] = contextvars.ContextVar("cocalc_cancel", default=None)
"""The token that is observed here; `None` where only Ctrl-C ends a wait."""

_MAX_WAIT = 0.25  # seconds; on Windows Ctrl-C does not interrupt a longer wait


class Cancelled(Exception):
    """Raised in the waiting thread after `CancelToken.cancel()`."""


class CancelToken:
    """Cancels the waits of one thread; `cancel()` may be called from any other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cancelled = False

    def cancel(self) -> None:
        """End the current wait, or the next one if nothing waits now."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make this the token that `sleep` and `run` observe, here and in threads that copy this context."""
        previous = ACTIVE.set(self)
        try:
            yield
        finally:
            ACTIVE.reset(previous)

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises `Cancelled`."""
        self._wait(lambda: False, seconds)

    def run(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Run `work` in a daemon thread, where one can start, and return its result, or raise its exception.

        Raises:
            Cancelled: As soon as cancellation is requested. `work` has not begun then, or goes on unattended:
                it must end by itself.
            TimeoutError: After so many seconds; the same holds.
        """
        self._wait(lambda: False, 0)
        results: list[T] = []
        problems: list[BaseException] = []

        def worker() -> None:
            try:
                results.append(work())
            except BaseException as problem:  # noqa: BLE001 - raised below, in the thread that waits
                problems.append(problem)
            with self._changed:
                self._changed.notify_all()

        host.begin(worker, name="cocalc-wait")
        if not self._wait(lambda: bool(results or problems), seconds):
            raise TimeoutError
        if problems:
            raise problems[0]
        return results[0]

    def _wait(self, over: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until it is over or the time is up, and return whether it is over. Raises `Cancelled`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while not self._cancelled and not over():
                left = _MAX_WAIT if deadline is None else min(_MAX_WAIT, deadline - time.monotonic())
                if left <= 0:
                    return False
                self._changed.wait(left)
            if not over():
                self._cancelled = False
                raise Cancelled
            return True


def sleep(seconds: float) -> None:
    """Sleep. Raises `Cancelled` when the active token is cancelled."""
    if token := ACTIVE.get():
        token.sleep(seconds)
    else:
        time.sleep(seconds)
