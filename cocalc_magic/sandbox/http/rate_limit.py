"""Rate limits: of requests per caller, and of failures per name and in all."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from cocalc_magic.sandbox.errors import Failed

SPANS = (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0))
LIMITS = {"messages/send": (1, 5, 60), "messages/get": (3, 15, 200)}
"""Name of API v2 -> requests per caller in each of the spans; other names are not limited."""
MAX_CALLERS = 10_000  # that are remembered; the least recent are forgotten first
MINUTE, HOUR = 60.0, 3_600.0


class RateLimit:
    """Counter of requests by name and caller, in memory. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, name: str, caller: str) -> None:
        """Count a request. Raises `Failed`, in the recorded words, where there are too many."""
        if name not in LIMITS:
            return
        moment = time.monotonic()
        with self._lock:
            times = self._times.setdefault((name, caller), deque(maxlen=LIMITS[name][-1]))
            self._times.move_to_end((name, caller))
            if len(self._times) > MAX_CALLERS:
                self._times.popitem(last=False)
            for (span, seconds), most in zip(SPANS, LIMITS[name], strict=True):
                recent = [then for then in times if moment - then < seconds]
                if len(recent) >= most:
                    raise Failed(_too_many(name, recent[0] + seconds - moment, most, span))
            times.append(moment)


def _too_many(name: str, wait: float, most: int, span: str) -> str:
    seconds = max(1, round(wait))
    again = f"{seconds} second{'s' * (seconds != 1)}"
    rule = f"at most {most} request{'s' * (most != 1)} per {span}"
    return f"too many requests to {name}; try again in {again} (rule: {rule})"


class FailureLimit:
    """Counter of failures by name and in all, in memory. Every method is safe to call from any thread."""

    def __init__(self, per_minute: int, per_hour: int, all_per_minute: int, all_per_hour: int) -> None:
        self._limits = (per_minute, per_hour)
        self._all_limits = (all_per_minute, all_per_hour)
        self._by_name: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=all_per_hour)
        self._lock = threading.Lock()

    def exceeded(self, name: str) -> bool:
        """Tell whether there were so many failures that no further attempt is to be made."""
        moment = time.monotonic()
        with self._lock:
            own = self._by_name.get(name, ())
            return _exceeds(own, self._limits, moment) or _exceeds(self._all, self._all_limits, moment)

    def add(self, name: str) -> None:
        """Count a failure."""
        moment = time.monotonic()
        with self._lock:
            self._all.append(moment)
            self._by_name.setdefault(name, deque(maxlen=self._limits[1])).append(moment)
            self._by_name.move_to_end(name)
            if len(self._by_name) > MAX_CALLERS:
                self._by_name.popitem(last=False)


def _exceeds(times: deque[float] | tuple[()], limits: tuple[int, int], moment: float) -> bool:
    return any(
        sum(moment - then <= span for then in times) >= limit
        for span, limit in zip((MINUTE, HOUR), limits, strict=True)
    )
