"""What a running command takes of memory and processor, where Linux tells it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.processes import Live

EVERY = 1.0  # seconds between two looks
MOST = 10_000  # looks at one command that are kept
_PROC = Path("/proc")


def watcher(live: Live, into: list[dict[str, Any]]) -> Callable[[], None]:
    """What looks at a command each second that it is called in, and adds what it saw in the recorded form."""
    last = time.monotonic()

    def look() -> None:
        nonlocal last
        if live.process_id is None or time.monotonic() - last < EVERY or len(into) >= MOST:
            return
        last = time.monotonic()
        if (seen := _of_group(live.process_id)) is not None:
            into.append(_entry(*seen, into[-1] if into else None))

    return look


def _entry(rss: float, seconds: float, before: dict[str, Any] | None) -> dict[str, Any]:
    moment = now()
    share = 0.0
    if before is not None and moment > before["timestamp"]:
        share = 100_000 * (seconds - before["cpu_secs"]) / (moment - before["timestamp"])
    return {"timestamp": moment, "mem_rss": rss, "cpu_pct": max(0.0, share), "cpu_secs": seconds}


def _of_group(group: int) -> tuple[float, float] | None:
    """Megabytes and processor seconds of the processes of a group; ``None`` where nothing is to be seen."""
    if not _PROC.is_dir():
        return None
    pages = ticks = found = 0
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[2]) == group:
            found += 1
            ticks += int(fields[11]) + int(fields[12])
            pages += int(fields[21])
    if not found:
        return None
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return megabytes, ticks / os.sysconf("SC_CLK_TCK")
