"""What %load_ext adds to a plain IPython: milliseconds and modules, in processes that are new each time.

python benchmarks/load.py [--check] [--runs N]

The clock runs in the process, from before `%load_ext` until after it, with all else that IPython loads in
place; medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec

LIMIT_MS, LIMIT_MODULES = 10, 12
SLACK = 1.5  # of --check: machines are noisy, and some are slow
LOAD = """import sys, time
modules, began = len(sys.modules), time.perf_counter()
get_ipython().run_line_magic('load_ext', {!r})
print(1000 * (time.perf_counter() - began), len(sys.modules) - modules)"""
PEERS = {
    "reqtools": "magic-reqtools",
    "sql": "jupysql",
}  # the lightest and the best known
HEAVY = ["requests", "ipywidgets", "anywidget", "yaml", "tornado", "pandas", "sqlite3"]
LOADED = f"import sys; print(','.join(name for name in {HEAVY} if name in sys.modules) or 'none')"


def ipython(code: str, folder: str) -> list[str]:
    """Return the words that a new process prints last."""
    command = [sys.executable, "-m", "IPython", f"--ipython-dir={folder}", "--HistoryManager.enabled=False"]
    # Compiled once, as where it is installed, whatever the environment says.
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    done = subprocess.run([*command, "-c", code], capture_output=True, text=True, check=True, env=environ)
    return done.stdout.splitlines()[-1].split()


def added(name: str, folder: str, runs: int) -> tuple[float, int]:
    """Return the milliseconds and modules that an extension adds."""
    taken = [ipython(LOAD.format(name), folder) for _ in range(runs + 1)][1:]  # the first one compiles
    return statistics.median(float(milliseconds) for milliseconds, _ in taken), int(taken[0][1])


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        added_ms, added_modules = added("cocalc_magic", folder, chosen.runs)
        print(f"%load_ext cocalc_magic adds {added_ms:.1f} ms (limit {LIMIT_MS})")
        print(f"and {added_modules} modules (limit {LIMIT_MODULES})")
        for name, package in PEERS.items():
            if find_spec(name):
                print(f"%load_ext {name} ({package}) adds {added(name, folder, chosen.runs)[0]:.1f} ms")
            else:
                print(f"%load_ext {name} is not measured: pip install {package}")
        loaded = ipython(f"get_ipython().run_line_magic('load_ext', 'cocalc_magic'); {LOADED}", folder)
        plain_has = ipython(LOADED, folder)
    print(f"heavy modules loaded: {loaded[0]}; by plain IPython: {plain_has[0]}")
    good = added_ms <= LIMIT_MS * SLACK and added_modules <= LIMIT_MODULES and loaded == plain_has
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
