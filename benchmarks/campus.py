"""The campus in a page: seconds to the first answer, bytes, lessons, and how alike its sandbox answers.

python benchmarks/campus.py [--check] [SITE]

The page is built into a temporary folder unless a built one is named. A browser that loads it has nothing
of it yet; times are the median of five. The same cases of the catalog are answered in the page and here, each
by a sandbox of its own. Needs Chromium, Playwright, Node and npm.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from cocalc_magic.conformance.answer import Answer
from cocalc_magic.conformance.compare import verdict
from lite.build import build
from tests.browser.campus import Counted, errors, running_campus, served, text
from tests.browser.conftest import running_browser
from tests.browser.test_lite import LESSONS

if TYPE_CHECKING:
    from collections.abc import Callable

LOADS = 5
FIRST = ["%load_ext cocalc_magic", "%cocalc ping"]
LIMITS = {
    "cold load to the first answer, s": 15.0,
    "first answer after the kernel is ready, s": 4.0,
    "transferred, MB": 30.0,
    "requests elsewhere": 0.0,
    "lessons that stop": 0.0,
    "answers unlike native ones, %": 1.0,
}
CASES = """import json
from cocalc_magic import config
from cocalc_magic.conformance.cases import catalog_cases
from cocalc_magic.conformance.exchange import Side
side = Side(*config.connection("sandbox"))
answers = [(case.name, side.ask(case)) for case in catalog_cases(("v1",))]
print(json.dumps([(name, answer.status, answer.value, answer.problem) for name, answer in answers]))"""
"""Cases of v1, whole messages and refused ones, with commands and code.

How recorded ones are answered without processes is held by tests/sandbox/test_conformance.py.
"""


def load(browser: Any, base: str) -> tuple[float, float, float, int]:
    """Return seconds to the first answer, those since the kernel was ready, megabytes, requests elsewhere."""
    Counted.sent.clear()
    with running_campus(browser, base) as campus:
        began = time.monotonic()
        campus.open(LESSONS[0])
        ready = time.monotonic()
        campus.notebook(*FIRST)
        shown = text(campus.run()[1])
        ended = time.monotonic()
        if "pong" not in shown:
            raise RuntimeError(f"no answer: {shown}")
        return ended - began, ended - ready, sum(Counted.sent) / 1e6, len(campus.foreign)


def stopped(browser: Any, base: str) -> list[str]:
    """Return the lessons that end in an error that is not meant."""
    found = []
    for lesson in LESSONS:
        with running_campus(browser, base) as campus:
            campus.open(lesson)
            cells = campus.run()
        if errors([cell for cell in cells if "raises-exception" not in cell["metadata"].get("tags", ())]):
            found.append(lesson)
    return found


def answers_here() -> str:
    """Return what a sandbox in a process of its own answers to the cases."""
    return subprocess.run([sys.executable, "-c", CASES], capture_output=True, text=True, check=True).stdout


def answers_in_page(browser: Any, base: str) -> str:
    """Return what the page's sandbox answers to the cases."""
    with running_campus(browser, base) as campus:
        campus.open()
        campus.notebook(CASES)
        cells = campus.run()
    if problems := errors(cells):
        raise RuntimeError("\n".join(problems))
    return text(cells[0])


def unlike(native: str, page: str) -> tuple[list[str], int]:
    """Return the cases that are answered otherwise, and the number of all."""
    here, there = json.loads(native), json.loads(page)
    pairs = zip(here, there, strict=True)
    return [due[0] for due, came in pairs if verdict(_answer(due), _answer(came)) == "different"], len(here)


def _answer(fields: list[Any]) -> Answer:
    return Answer(fields[1], fields[2], problem=fields[3])


def measured(browser: Any, base: str) -> dict[str, float]:
    """Return the numbers, by their names in `LIMITS`."""
    loads = [load(browser, base) for _ in range(LOADS)]
    middle: list[float] = [statistics.median(each) for each in zip(*loads, strict=True)]
    lessons = stopped(browser, base)
    others, cases = unlike(answers_here(), answers_in_page(browser, base))
    print(f"of {len(LESSONS)} lessons these stop: {lessons}")
    print(f"{len(others)} of {cases} cases are answered otherwise in the page: {others}")
    values = [*middle[:3], sum(each[3] for each in loads), len(lessons), 100 * len(others) / cases]
    return dict(zip(LIMITS, values, strict=True))


def of_site(site: Path) -> dict[str, float]:
    """Measure a built page."""
    with running_browser() as browser, served(site) as base:
        return measured(browser, base)


def of_new_site(measure: Callable[[Path], dict[str, float]]) -> dict[str, float]:
    """Build the page, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        build(Path(folder, "site"))
        print(f"built in {time.monotonic() - began:.0f} s")
        return measure(Path(folder, "site"))


def main(arguments: list[str]) -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    sites = [Path(word) for word in arguments if word != "--check"]
    found = of_site(sites[0]) if sites else of_new_site(of_site)
    for name, value in found.items():
        print(f"{name:42s} {value:8.2f}  (limit {LIMITS[name]:g})")
    return int("--check" in arguments and any(value > LIMITS[name] for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
