"""What showing a response adds to %cocalc ping in a kernel, and what a quiet one costs there.

python benchmarks/show.py [--check] [--rounds N]

In a real kernel, with live views as a page would get them and nobody who asks for one; the cells are
interleaved, medians.
"""

from __future__ import annotations

import argparse
import json
import sys

from jupyter_client.manager import start_new_kernel

LIMIT = 5.0  # milliseconds

MEASURE = """
import json, statistics, time
ip = get_ipython()
cells = {{"quiet": "%cocalc ping --quiet", "shown": "%cocalc ping"}}
times = {{name: [] for name in cells}}
for round in range(20 + {rounds}):
    for name, cell in cells.items():
        began = time.perf_counter()
        ip.run_cell(cell, store_history=False)
        if round >= 20:
            times[name].append(1000 * (time.perf_counter() - began))
print("MEASURED", json.dumps({{name: statistics.median(taken) for name, taken in times.items()}}))
"""


def measured(rounds: int) -> dict[str, float]:
    """Milliseconds of a cell whose response is quiet and of one whose response is shown."""
    manager, client = start_new_kernel(kernel_name="python3")
    printed: list[str] = []

    def heard(message: dict[str, object]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and isinstance(content, dict):
            printed.append(str(content["text"]))

    try:
        client.execute_interactive("%load_ext cocalc_magic", timeout=60)
        client.execute_interactive(MEASURE.format(rounds=rounds), timeout=300, output_hook=heard)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    line = next(line for line in "".join(printed).splitlines() if line.startswith("MEASURED "))
    found: dict[str, float] = json.loads(line.removeprefix("MEASURED "))
    return found


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limit holds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=300)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()

    found = measured(chosen.rounds)
    added = found["shown"] - found["quiet"]
    for name, taken in found.items():
        print(f"%cocalc ping, {name:10s} {taken:6.2f} ms")
    print(f"showing adds             {added:6.2f} ms  (limit {LIMIT:.0f})")
    return 0 if added < LIMIT or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
