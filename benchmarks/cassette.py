"""What recording adds to a call, and how fast a recording answers; ratios within this run.

python benchmarks/cassette.py [--check]

A call is `client.ping()` to a sandbox in a process of its own. Rounds with and without a recorder take turns,
so that both see the same load of the machine; the best round of each counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic import Client, config
from cocalc_magic.cassette.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, CALLS = 60, 40
REPLAYED = 1_000
MAX_SHARE = 0.10  # of a call, that recording may add
SLACK = 0.05  # of --check, of a call: machines are noisy
MAX_SECONDS = 1.0  # for 1,000 replayed messages


def main() -> int:
    """Measure and print; with --check the exit code says whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.jsonl"
        try:
            plain, recorded = recording(path)
            different(path)
        finally:
            config.sandbox().stop()
        replayed = {
            name: replaying(path, strict=strict) for name, strict in (("by content", False), ("strict", True))
        }
    share = recorded / plain - 1
    print(f"a call {1000 * plain:.3f} ms, recorded {1000 * recorded:.3f} ms: {share:+.1%}", end=" ")
    print(f"(limit +{MAX_SHARE:.0%})")
    for name, seconds in replayed.items():
        print(f"{REPLAYED:,} messages replayed {name}: {seconds:.3f} s (limit {MAX_SECONDS:g} s)")
    good = share <= MAX_SHARE + SLACK and all(seconds <= MAX_SECONDS for seconds in replayed.values())
    return 0 if good or not check else 1


def recording(path: Path) -> tuple[float, float]:
    """Return the seconds of a call without and with a recorder."""
    with Client("sandbox") as client:
        recorder = Recorder(path)
        plain, recorded = list[float](), list[float]()
        timed(client.ping)
        for _ in range(ROUNDS):
            plain.append(timed(client.ping))
            client.router.tapes.append(recorder)
            recorded.append(timed(client.ping))
            client.router.tapes.remove(recorder)
        return min(plain), min(recorded)


def different(path: Path) -> None:
    """Record as many different messages as are replayed."""
    with Client("sandbox") as client, client.recording(path):
        for number in range(REPLAYED):
            client.user_search(query=f"person{number}@lab.example.edu")


def replaying(path: Path, *, strict: bool) -> float:
    """Return the seconds for the messages of the recording, from its file on."""
    began = time.perf_counter()
    with Client.of_recording(path, strict=strict) as client:
        for number in range(REPLAYED):
            client.user_search(query=f"person{number}@lab.example.edu")
    return time.perf_counter() - began


def timed(call: Callable[[], object]) -> float:
    """Return the seconds of one of some calls."""
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - began) / CALLS


if __name__ == "__main__":
    sys.exit(main())
