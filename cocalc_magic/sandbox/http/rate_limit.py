"""How often somebody may ask for the same: so many times a second, a minute and an hour."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from cocalc_magic.sandbox.errors import Failed

SPANS = (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0))
LIMITS = {"messages/send": (1, 5, 60), "messages/get": (3, 15, 200)}
"""Name of API v2 -> how often in each of the spans; the others are not limited here."""
MOST = 10_000  # askers that are remembered


class Pace:
    """Counts what is asked, by name and asker; safe to use from any thread. It forgets with the process."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, name: str, asker: str) -> None:
        """Counts one more time. Raises :class:`Failed` in the recorded words when that is too often."""
        if name not in LIMITS:
            return
        moment = time.monotonic()
        with self._lock:
            times = self._times.setdefault((name, asker), deque(maxlen=LIMITS[name][-1]))
            self._times.move_to_end((name, asker))
            if len(self._times) > MOST:
                self._times.popitem(last=False)
            for (span, seconds), most in zip(SPANS, LIMITS[name], strict=True):
                within = [then for then in times if moment - then < seconds]
                if len(within) >= most:
                    raise Failed(_words(name, within[0] + seconds - moment, most, span))
            times.append(moment)


def _words(name: str, wait: float, most: int, span: str) -> str:
    seconds = max(1, round(wait))
    again = f"{seconds} second{'s' * (seconds != 1)}"
    rule = f"at most {most} request{'s' * (most != 1)} per {span}"
    return f"too many requests to {name}; try again in {again} (rule: {rule})"
