"""What client.ping() and %cocalc ping cost beside a bare requests.Session.post of the same bytes.

python benchmarks/call.py [--check] [--rounds N]

The calls are interleaved on one sandbox, each on a connection of its own that is kept; medians.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import sys
import time
import uuid
from typing import TYPE_CHECKING

import requests
from IPython.core.interactiveshell import InteractiveShell

from cocalc_magic import Client, config
from cocalc_magic.client.wire import v1
from cocalc_magic.client.wire.messages import encode_json

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = {"client.ping()": 0.8, "%cocalc ping --quiet": 1.05}


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=1500)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()

    client = Client()
    session = requests.Session()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "cocalc_magic")
    key = base64.b64encode(f"{client.key.reveal()}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {key}"}
    url = client.server.url + v1.path("ping")

    def bare() -> object:
        return session.post(url, data=encode_json({"id": str(uuid.uuid4())}), headers=headers, timeout=60)

    calls: dict[str, Callable[[], object]] = {
        "bare post": bare,
        "client.ping()": client.ping,
        "%cocalc ping --quiet": lambda: shell.run_line_magic("cocalc", "ping --quiet"),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        for _ in range(50):
            call()
    for _ in range(chosen.rounds):
        for name, call in calls.items():
            times[name].append(seconds(call))
    base = statistics.median(times["bare post"])
    good = True
    for name, taken in times.items():
        ratio = statistics.median(taken) / base
        limit = LIMITS.get(name)
        good &= limit is None or ratio <= limit
        print(
            f"{name:22s} {1000 * statistics.median(taken):6.3f} ms  x {ratio:.2f}  (limit {limit or 'none'})"
        )
    config.sandbox().stop()
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
