"""Memory and processor time of a running command."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.runtime import reaper
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.processes import Live

INTERVAL = 1.0  # seconds between two samples
MAX_SAMPLES = 10_000  # of one command


def sampler(live: Live, samples: list[dict[str, Any]]) -> Callable[[], None]:
    """Return a function that adds a sample of a command, in the recorded form, at most once a second."""
    last = time.monotonic()

    def sample() -> None:
        nonlocal last
        if live.process_id is None or time.monotonic() - last < INTERVAL or len(samples) >= MAX_SAMPLES:
            return
        last = time.monotonic()
        if (usage := _of_group(live.process_id)) is not None:
            samples.append(_entry(*usage, samples[-1] if samples else None))

    return sample


def _entry(rss: float, seconds: float, before: dict[str, Any] | None) -> dict[str, Any]:
    moment = now()
    share = 0.0
    if before is not None and moment > before["timestamp"]:
        share = 100_000 * (seconds - before["cpu_secs"]) / (moment - before["timestamp"])
    return {"timestamp": moment, "mem_rss": rss, "cpu_pct": max(0.0, share), "cpu_secs": seconds}


def _of_group(group: int) -> tuple[float, float] | None:
    """Return megabytes and processor seconds of a group's processes; `None` if there are none left."""
    import psutil  # late: few commands run that long

    usages = []
    for _, process in reaper.members({group}):
        with suppress(psutil.Error), process.oneshot():  # it has ended meanwhile
            usages.append((process.memory_info().rss / 2**20, sum(process.cpu_times()[:2])))
    return (sum(rss for rss, _ in usages), sum(seconds for _, seconds in usages)) if usages else None
