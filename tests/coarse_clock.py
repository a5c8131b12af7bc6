"""A sandbox on a machine whose clock ticks once a second: what happens within one has the same time."""

from __future__ import annotations

import sys
import time

TICK = 1_000_000_000  # nanoseconds

if __name__ == "__main__":
    exact = time.time_ns
    time.time_ns = lambda: exact() // TICK * TICK
    sys.path.pop(0)  # this folder, in which http is not the standard library's
    from cocalc_magic.sandbox.cli import main

    sys.exit(main())
