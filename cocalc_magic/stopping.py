"""Stopping what waits in another thread: what Ctrl-C is for a cell, for all that runs beside one.

Whoever starts something that takes its time does it inside of ``with stop.heeded():``. Whatever waits in
there for a server heeds the stop, however deep, and goes on as after Ctrl-C: a job on the server is ended,
and nothing is sent twice. No thread is ever interrupted at a place that does not wait.
"""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_heeded: contextvars.ContextVar[Stop | None] = contextvars.ContextVar("cocalc_stop", default=None)


class Stopped(Exception):
    """The waiting is over, since somebody has asked for that."""


class Stop:
    """Ends the waiting of one thread; called by any other, as often as somebody asks for it.

    As with Ctrl-C a call ends one wait: what has to be sent after it, to end a job, can be waited for again,
    and that can be stopped by another call. A call that comes while nothing waits ends the next wait.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked = False

    def __call__(self) -> None:
        """Ends the wait, now or as soon as there is one."""
        with self._changed:
            self._asked = True
            self._changed.notify_all()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Inside of this, and in threads that see its context, whatever waits for a server heeds the stop."""
        token = _heeded.set(self)
        try:
            yield
        finally:
            _heeded.reset(token)

    def pause(self, seconds: float) -> None:
        """Lets the time pass. Raises :class:`Stopped`."""
        self._wait(lambda: False, seconds)

    def first(self, work: Callable[[], T]) -> T:
        """What the work gives or raises; it is done in another thread, which sees this context.

        Raises :class:`Stopped` as soon as that is asked for. The work is not begun then, or goes on with
        nobody waiting for it: it has to have an end of its own.
        """
        self._wait(lambda: False, 0)
        outcome: list[T | BaseException] = []

        def run() -> None:
            try:
                done: T | BaseException = work()
            except BaseException as problem:  # noqa: BLE001 - raised below, in the thread that waits
                done = problem
            with self._changed:
                outcome.append(done)
                self._changed.notify_all()

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), daemon=True, name="cocalc-exchange").start()
        self._wait(lambda: bool(outcome), None)
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _wait(self, over: Callable[[], bool], seconds: float | None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._asked or over(), seconds)
            if self._asked and not over():
                self._asked = False
                raise Stopped


def heeded() -> Stop | None:
    """The stop that is heeded here; ``None`` where only Ctrl-C stops anything."""
    return _heeded.get()


def pause(seconds: float) -> None:
    """Lets the time pass. Raises :class:`Stopped` where a stop is heeded and asked for."""
    if stop := heeded():
        stop.pause(seconds)
    else:
        time.sleep(seconds)
