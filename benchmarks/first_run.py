"""From README's first command to a lesson that has run: seconds of each part, in a new environment.

python benchmarks/first_run.py [--check] [--lessons] [--cache]

Nothing may ask: there is no standard input. Packages come from the index that pip is configured for, without
pip's cache unless --cache is given. --lessons runs all lessons there, too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT, LIMIT_LESSON, LIMIT_LESSONS = 180, 20, 240  # seconds
HERE = ("COCALC_", "JUPYTER_", "PYTHON", "VIRTUAL_ENV")  # what belongs to the environment that this runs in


def parts() -> list[str]:
    """Return the commands of README's line that runs the first lesson."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    return next(line for line in lines if "venv" in line and "notebooks/run.py" in line).split(" && ")


def seconds(command: str, folder: str, environ: dict[str, str]) -> float:
    """Return how long a command takes; end this program with what it said if it fails."""
    began = time.perf_counter()
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}")
    return time.perf_counter() - began


def lessons(folder: str, environ: dict[str, str]) -> tuple[float, float]:
    """Run all lessons, print how long each takes, and return the slowest and the sum."""
    times = []
    for path in sorted((Path(folder) / "notebooks").glob("[0-9][0-9]-*.ipynb")):
        times.append(seconds(f".venv/bin/python notebooks/run.py notebooks/{path.name}", folder, environ))
        print(f"{times[-1]:7.1f} s  {path.stem}", flush=True)
    print(f"{sum(times):7.1f} s  all lessons (limit {LIMIT_LESSONS}; {LIMIT_LESSON} each)")
    return max(times), sum(times)


def main() -> int:
    """Measure, print, and with --check say by the exit status whether the limits hold."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("--check", "--lessons", "--cache"):
        options.add_argument(name, action="store_true")
    chosen = options.parse_args()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(HERE)}
    good = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = {"JUPYTER_DATA_DIR": f"{folder}/data", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        environ |= own if chosen.cache else {**own, "PIP_NO_CACHE_DIR": "1"}
        copy = f"{folder}/copy"
        subprocess.run(["git", "clone", "-q", ROOT, copy], check=True)  # noqa: S607 - the git that is used here
        total = 0.0
        for command in parts():
            taken = seconds(command, copy, environ)
            total += taken
            print(f"{taken:7.1f} s  {command}", flush=True)
        print(f"{total:7.1f} s  in all (limit {LIMIT})", flush=True)
        good = total <= LIMIT
        if chosen.lessons:
            slowest, together = lessons(copy, environ)
            good = good and slowest <= LIMIT_LESSON and together <= LIMIT_LESSONS
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
