"""How many files of the package one `%cocalc create_project` passes, on its way out and into a view.

python benchmarks/stations.py [--check]

Counts the distinct files of cocalc_magic (without the sandbox) in which a Python function is called: from
`run_line_magic` until urllib3 has the request, and from the response until its text and HTML are made. The
message is sent twice, and the second time counts, so that nothing is loaded or looked up for the first time.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

import cocalc_magic
from cocalc_magic import config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ROOT = Path(cocalc_magic.__file__).parent
LIMITS = {"out": 18, "into a view": 12}
LINE = 'create_project title="x"'


def station(path: str) -> str:
    """Return the file's path in the package; nothing for other files and for the sandbox."""
    try:
        name = Path(path).relative_to(ROOT).as_posix()
    except ValueError:
        return ""
    return "" if name.startswith("sandbox/") else name


@contextmanager
def recording(calls: list[tuple[str, str]]) -> Iterator[None]:
    """Append the file and the name of every Python function that is called in this thread."""

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            calls.append((frame.f_code.co_filename, frame.f_code.co_name))

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def way_out(calls: list[tuple[str, str]]) -> list[str]:
    """Return the files passed until urllib3 has the request, in order."""
    sends = (path.endswith("urllib3/connectionpool.py") and name == "urlopen" for path, name in calls)
    until = next((place for place, found in enumerate(sends) if found), len(calls))
    return files(calls[:until])


def files(calls: list[tuple[str, str]]) -> list[str]:
    """Return the distinct files of the package among the calls, in order."""
    return list(dict.fromkeys(name for path, _ in calls if (name := station(path))))


def main() -> int:
    """Count and print; with --check the exit code says whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "cocalc_magic")
    formatter: Any = shell.display_formatter
    ways: dict[str, list[str]] = {}
    for _ in range(2):
        out: list[tuple[str, str]] = []
        view: list[tuple[str, str]] = []
        with recording(out):
            response = shell.run_line_magic("cocalc", LINE)
        with recording(view):
            bundle, _ = formatter.format(response)
        if not {"text/plain", "text/html"} <= set(bundle):
            raise SystemExit(f"no text and HTML, but {', '.join(bundle)}")
        ways = {"out": way_out(out), "into a view": files(view)}
    config.sandbox().stop()

    for name, stations in ways.items():
        print(f"{name}: {len(stations)} files (limit {LIMITS[name]})")
        print(*(f"    {station}" for station in stations), sep="\n")
    good = all(len(stations) <= LIMITS[name] for name, stations in ways.items())
    return 0 if good or not check else 1


if __name__ == "__main__":
    sys.exit(main())
