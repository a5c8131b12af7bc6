"""What reading a line of ten items costs, and what Tab costs; medians.

python benchmarks/parse.py [--check]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING

from cocalc_magic.ipython.completion import offers
from cocalc_magic.ipython.offers import Known
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

if TYPE_CHECKING:
    from collections.abc import Callable

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
LINE = (
    'project_exec project_id=$pid path="a b" command=\'ls -l\' args[]=x args[]=$x args[]="y $x" '
    "timeout=5 max_output:=100 bash=no err_on_exit=yes  # ten items"
)
LIMITS = {"parse of ten items": 0.2, "parse, conversion and checks": 1.0, "Tab": 20.0}  # milliseconds
SLACK = 1.25  # of --check: machines are noisy


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    names = {"pid": PID, "x": "value"}
    known = Known(names, {PID: "A title"})
    calls: dict[str, Callable[[], object]] = {
        "parse of ten items": lambda: parse(LINE),
        "parse, conversion and checks": lambda: read(parse(LINE), None, names),
        "Tab": lambda: offers(f"%cocalc {LINE.partition('#')[0]}", known),
    }
    good = True
    for name, call in calls.items():
        call()
        taken = statistics.median(_milliseconds(call) for _ in range(500))
        good &= taken <= LIMITS[name] * SLACK
        print(f"{name:30s} {taken:.3f} ms (limit {LIMITS[name]})")
    return 0 if good or not chosen.check else 1


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
