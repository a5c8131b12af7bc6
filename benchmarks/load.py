"""What %load_ext adds to a plain IPython: milliseconds and modules, medians of whole processes.

python benchmarks/load.py [--check] [--runs N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec

LIMIT_MS, LIMIT_MODULES = 10, 12
COUNT = "import sys; print(len(sys.modules))"
PLAIN, LOADED = COUNT, f"get_ipython().run_line_magic('load_ext', 'cocalc_magic'); {COUNT}"
PEERS = {
    "reqtools": "magic-reqtools",
    "sql": "jupysql",
}  # the lightest and the best known
HEAVY = ["requests", "ipywidgets", "anywidget", "yaml", "tornado", "pandas", "sqlite3"]


def ipython(code: str, folder: str) -> tuple[float, str]:
    """Seconds of one whole process, and what it printed."""
    command = [sys.executable, "-m", "IPython", f"--ipython-dir={folder}", "--HistoryManager.enabled=False"]
    started = time.perf_counter()
    # Compiled once, as where it is installed, whatever the environment says.
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    done = subprocess.run([*command, "-c", code], capture_output=True, text=True, check=True, env=environ)
    return time.perf_counter() - started, done.stdout.split()[-1]


def added(name: str, runs: int = 5) -> float:
    """Milliseconds that the extension of a peer adds; medians of whole processes."""
    code = f"get_ipython().run_line_magic('load_ext', '{name}'); {COUNT}"
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(ipython(PLAIN, folder)[0], ipython(code, folder)[0]) for _ in range(runs + 1)][1:]
    return 1000 * (statistics.median(b for _, b in pairs) - statistics.median(a for a, _ in pairs))


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ipython(LOADED, folder)  # writes the .pyc files and the profile
        pairs = [(ipython(PLAIN, folder), ipython(LOADED, folder)) for _ in range(chosen.runs)]
        loaded = ipython(
            f"get_ipython().run_line_magic('load_ext', 'cocalc_magic'); import sys; "
            f"print(','.join(name for name in {HEAVY} if name in sys.modules) or 'none')",
            folder,
        )[1]
        plain_has = ipython(
            f"import sys; print(','.join(name for name in {HEAVY} if name in sys.modules) or 'none')", folder
        )[1]
    added_ms = 1000 * (statistics.median(b[0] for _, b in pairs) - statistics.median(a[0] for a, _ in pairs))
    added_modules = int(pairs[0][1][1]) - int(pairs[0][0][1])
    print(f"%load_ext cocalc_magic adds {added_ms:.1f} ms (limit {LIMIT_MS})")
    print(f"and {added_modules} modules (limit {LIMIT_MODULES})")
    for name, package in PEERS.items():
        if find_spec(name):
            print(f"%load_ext {name} ({package}) adds {added(name):.1f} ms")
        else:
            print(f"%load_ext {name} is not measured: pip install {package}")
    print(f"heavy modules loaded: {loaded}; by plain IPython: {plain_has}")
    good = added_ms <= LIMIT_MS and added_modules <= LIMIT_MODULES and loaded == plain_has
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
