"""How long something takes, on the machine as it is at that moment.

Machines differ, and so does one machine from moment to moment. A limit in seconds is therefore granted as often as a
piece of ordinary work, measured right before and right after, takes longer than on a quiet machine of 2026.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIET = 0.020  # seconds that the work takes on a quiet machine


@contextmanager
def within(seconds: float, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
    """Fails if the block takes longer: processor time of this thread, or with `time.monotonic` real time."""
    before = granted(seconds, clock)
    began = clock()
    yield
    took = clock() - began
    allowed = max(before, granted(seconds, clock))
    assert took < allowed, (
        f"it took {took:.2f} s; {allowed:.2f} s were allowed, {seconds} s on a quiet machine"
    )


def granted(seconds: float, clock: Callable[[], float] = time.thread_time) -> float:
    """The limit for what takes at most so many seconds on a quiet machine, on this one at this moment."""
    return seconds * max(1.0, slowness(clock))


def slowness(clock: Callable[[], float] = time.thread_time) -> float:
    """How many times longer ordinary work takes now than on a quiet machine."""
    began = clock()
    texts = [f"{number * 7919 % 100_003}-text" for number in range(40_000)]
    found = {text: len(text) for text in sorted(texts)}
    assert sum(found.values())
    return (clock() - began) / QUIET
