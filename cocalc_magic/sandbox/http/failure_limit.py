"""How often something may fail: so many times a minute and an hour, by name and in all."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

MINUTE, HOUR = 60.0, 3600.0
MOST_NAMES = 10_000  # that are remembered; those that failed least recently are forgotten first


class Throttle:
    """Counts failures by name, and all together; safe to use from any thread.

    It forgets with the process.
    """

    def __init__(self, a_minute: int, an_hour: int, all_a_minute: int, all_an_hour: int) -> None:
        self._limits = (a_minute, an_hour)
        self._all_limits = (all_a_minute, all_an_hour)
        self._by_name: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=all_an_hour)
        self._lock = threading.Lock()

    def refused(self, name: str) -> bool:
        """Whether there were so many failures that the next attempt is not to be made."""
        moment = time.monotonic()
        with self._lock:
            mine = self._by_name.get(name, ())
            return _over(mine, self._limits, moment) or _over(self._all, self._all_limits, moment)

    def failed(self, name: str) -> None:
        """Counts a failure."""
        moment = time.monotonic()
        with self._lock:
            self._all.append(moment)
            self._by_name.setdefault(name, deque(maxlen=self._limits[1])).append(moment)
            self._by_name.move_to_end(name)
            if len(self._by_name) > MOST_NAMES:
                self._by_name.popitem(last=False)


def _over(times: deque[float] | tuple[()], limits: tuple[int, int], moment: float) -> bool:
    return any(
        sum(moment - then <= span for then in times) >= limit
        for span, limit in zip((MINUTE, HOUR), limits, strict=True)
    )
