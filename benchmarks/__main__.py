"""Run all benchmarks, and print what they print below the machine and the versions: python -m benchmarks"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FOLDER = Path(__file__).parent
PACKAGES = ("cocalc-magic", "ipython", "requests", "urllib3", "httpx", "cocalc-api", "ipywidgets", "tornado")


def installed(package: str) -> str:
    """Return a package with its version."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} is not installed"


def main() -> int:
    """Run them one after the other; the exit status is 1 if one of them failed."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.platform()}, {os.cpu_count()} processors{load}, Python {platform.python_version()}")
    print(", ".join(map(installed, PACKAGES)))
    failed = False
    for program in sorted(FOLDER.glob("[!_]*.py")):
        print(f"\n== {program.stem}", flush=True)
        failed |= subprocess.run([sys.executable, program], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
