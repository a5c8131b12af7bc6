"""How many messages may be under way, and when the next may be sent: pure, the clock is given."""

from __future__ import annotations

import random

MAX_WAIT = 120.0  # seconds that are waited because a server asks for it, at once
BUDGET = 600.0  # seconds that a row is tried for
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0  # seconds before a second attempt, doubled before each further one
_JITTER = 0.25  # of a wait, so that not all come back at the same moment


class Concurrency:
    """Adapts to the server: half as many at a time when it has too much to do, slowly more again.

    Args:
        jobs: The most that may be under way.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.not_before = 0.0  # by the clock that is given
        self._limit = float(jobs)
        self.refusals = 0  # one after the other, without a success
        self._halved_at = float("-inf")

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return int(self._limit)

    def success(self) -> None:
        """Note that a message went well: after as many as are under way, one more may be."""
        self.refusals = 0
        self._limit = min(self.jobs, self._limit + 1 / self._limit)

    def overload(self, now: float, sent: float, wait: float | None) -> None:
        """Note that the server has too much to do, or is not there: nothing is sent for a while.

        Args:
            now: The time.
            sent: When the message was sent; those sent before the last halving do not count again.
            wait: Seconds that the server asks to wait.
        """
        if sent >= self._halved_at:
            self._limit = max(1.0, self._limit / 2)
            self._halved_at = now
            self.refusals += 1
        seconds = wait_before(self.refusals, None) if wait is None else min(wait, MAX_WAIT)
        self.not_before = max(self.not_before, now + seconds)


def wait_before(attempts: int, retry_after: float | None) -> float:
    """Return the seconds before the next attempt, with jitter.

    Args:
        attempts: How many there were.
        retry_after: What the server asks for.
    """
    seconds = (
        min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempts - 1))
        if retry_after is None
        else min(retry_after, MAX_WAIT)
    )
    return seconds * (1 + _JITTER * random.random())  # noqa: S311 - no secret
