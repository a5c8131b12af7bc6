"""A million rows from a file, in flat memory: what is read, sent, journaled and returned is streamed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = 50  # MB of resident memory, and more than that is not streamed
FIRST_REPORT = 0.2  # seconds until the first progress

PROGRAM = """
import resource, sys, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from cocalc_magic import catalog
from cocalc_magic.bulk.data import rows_of
from cocalc_magic.bulk.journal import Journal
from cocalc_magic.bulk.journal_file import About
from cocalc_magic.bulk.run import run
from cocalc_magic.bulk.template import Messages, OptionsTemplate
from cocalc_magic.response import Request, Response

def send(message):
    return Response({"event": "project_created", "id": "1", "project_id": message.options["title"]}, Request(message.event))

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20

def job(name, count):
    file = Path(name)
    with file.open("w") as opened:
        opened.write("name,group\\n")
        opened.writelines(f"student {number},{number % 7}\\n" for number in range(count))
    template = OptionsTemplate(catalog.find("create_project"), {"title": "${row.name}"})
    began, reports, most = time.monotonic(), [], [0.0]
    def look(progress):
        reports.append(time.monotonic() - began)
        most[0] = max(most[0], resident())
        del reports[2:]
    with ThreadPoolExecutor(8) as pool, closing(Journal(About("s", "a", "create_project", name))) as journal:
        outcomes = run(Messages(rows_of(file), template), send, executor=pool, jobs=8, journal=journal, on_progress=look)
        assert outcomes.count("ok") == count, outcomes
        assert outcomes[count - 1].fields == {"project_id": f"student {count - 1}"}
        assert sum(outcome.ok for outcome in outcomes) == count
    return reports[0], max(most[0], resident())

job("few.csv", 2_000)  # what is loaded, and what each thread takes
before = resident()
first, most = job("many.csv", int(sys.argv[1]))
print(first, most - before)
"""


def grows_by(folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds until the first progress, and by how many MB the memory grew."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")} | {
        "JUPYTER_DATA_DIR": str(folder / "jupyter")
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(count)], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, growth = map(float, done.stdout.split())
    return first, growth


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from Linux")
@pytest.mark.slow
@pytest.mark.no_cover
def test_memory_does_not_grow_with_twenty_thousand_rows(tmp_path: Path) -> None:
    assert grows_by(tmp_path, 20_000)[1] < GROWTH


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from Linux")
@pytest.mark.long
def test_memory_does_not_grow_with_a_million_rows(tmp_path: Path) -> None:
    first, growth = grows_by(tmp_path, 1_000_000)

    assert growth < GROWTH
    assert first < FIRST_REPORT
