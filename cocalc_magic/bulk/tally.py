"""Counts of a job as it goes on: what is done, how fast, and which errors rows have in common."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from cocalc_magic.bulk.outcome import Problem, Progress, without_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.bulk.outcome import Outcome, Phase

_INTERVAL = 0.05  # seconds between two reports
_WINDOW = 100  # reports over which the rate is taken: some five seconds
_MAX_ERRORS, _MAX_NAMES = 100, 5  # texts that are kept apart, and names with each
_OTHER = "other errors"


class Tally:
    """Counts outcomes, and reports them, twenty times a second at most.

    Args:
        report: Called with the progress.
    """

    def __init__(self, report: Callable[[Progress], None] | None) -> None:
        self.phase: Phase = "checking"
        self.total: int | None = None
        self.done = self.failed = self.before = 0
        self._report = report
        self._last = float("-inf")
        self._errors: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}
        self._fresh: list[Outcome] = []
        self._recent: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.done += 1
        if self._report:
            self._fresh.append(outcome)
        self.before += outcome.status == "done before"
        if outcome.status in ("failed", "unknown"):
            self.failed += 1
            self._add_error(outcome)

    def _add_error(self, outcome: Outcome) -> None:
        error = without_ids(outcome.error)
        if error not in self._counts and len(self._counts) >= _MAX_ERRORS:
            error = _OTHER
        self._counts[error] = self._counts.get(error, 0) + 1
        names = self._errors.setdefault(error, [])
        if len(names) < _MAX_NAMES:
            names.append(outcome.row.name)

    def report(self, phase: Phase | None = None, *, now: bool = False) -> None:
        """Report, if it is time to, or `now`."""
        changed = phase is not None and phase != self.phase
        self.phase = phase or self.phase
        moment = time.monotonic()
        if self._report and (now or changed or moment - self._last >= _INTERVAL):
            self._last = moment
            self._recent.append((moment, self.done - self.before))
            progress, self._fresh = self.progress(), []
            self._report(progress)

    def progress(self) -> Progress:
        """Return how far it is."""
        rate = self._rate()
        left = (self.total - self.done) / rate if rate and self.total is not None else None
        return Progress(
            self.phase, self.done, self.total, self.failed, self.before, rate, left, self._problems(),
            tuple(self._fresh),
        )  # fmt: skip

    def _rate(self) -> float:
        if len(self._recent) < 2:
            return 0.0
        (began, first), (now, last) = self._recent[0], self._recent[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def _problems(self) -> tuple[Problem, ...]:
        ordered = sorted(self._counts.items(), key=lambda entry: -entry[1])
        return tuple(Problem(error, count, tuple(self._errors[error])) for error, count in ordered)
