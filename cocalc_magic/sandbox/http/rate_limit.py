"""Rate limits: of requests per caller, and of failures per name and in all."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0))
_USUAL = (3, 15, 200)
LIMITS = {
    **dict.fromkeys(("messages/get", "purchases/get-purchases", "shopping/cart/add"), _USUAL),
    "messages/send": (1, 5, 60),
    "compute/get-servers": (5, 50, 500),
    "compute/get-servers-by-id": (15, 100, 1000),
    "compute/is-dns-available": (3, 80, 500),
    "purchases/get-purchases-admin": (5, 100, 1000),
}
"""Name of API v2 -> requests per account in each of the spans; other names are not limited."""
MAX_CALLERS = 10_000  # that are remembered; the least recent are forgotten first
MINUTE, HOUR = 60.0, 3_600.0
OF_ADDRESS, OF_COMPUTER = (5, 50), (30, 200)  # failures after which an attempt is still looked at
_SPANS = (("minute", MINUTE, "one minute"), ("hour", HOUR, "about an hour"))


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
    seconds = max(1, math.ceil(wait))
    again = f"{seconds} second{'s' * (seconds != 1)}"
    rule = f"at most {most} request{'s' * (most != 1)} per {span}"
    return f"too many requests to {name}; try again in {again} (rule: {rule})"


class SignInLimit:
    """Counter of failures to sign in, by address and of the one computer that a sandbox is asked from.

    A span begins anew with each failure, so that those who go on are refused for longer. Every method is
    safe to call from any thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, float], tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def refusal(self, address: str) -> str | None:
        """Return why nobody may try to sign in with this address now, in the recorded words."""
        with self._lock:
            for name, whose, limits in (
                (address, f'as "{address}"', OF_ADDRESS),
                ("", "from your computer", OF_COMPUTER),
            ):
                for (span, seconds, wait), most in zip(_SPANS, limits, strict=True):
                    if self._count(name, seconds) > most:
                        return (
                            f"Too many attempts per {span} to sign in {whose}. Wait {wait}, then try again."
                        )
        return None

    def add(self, address: str) -> None:
        """Count a failure."""
        moment = self._clock()
        with self._lock:
            for name in (address, ""):
                for _, seconds, _ in _SPANS:
                    self._counts[name, seconds] = self._count(name, seconds) + 1, moment + seconds
                    self._counts.move_to_end((name, seconds))
            while len(self._counts) > MAX_CALLERS:
                self._counts.popitem(last=False)

    def _count(self, name: str, seconds: float) -> int:
        count, end = self._counts.get((name, seconds), (0, 0.0))
        return count if self._clock() < end else 0


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
