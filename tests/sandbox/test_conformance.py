"""The sandbox beside real servers: recorded exchanges are sent again and compared."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic import catalog
from cocalc_magic.config import Server
from cocalc_magic.conformance import fidelity
from cocalc_magic.conformance.compare import NOT_ASKED, SAME
from cocalc_magic.conformance.exchange import Side
from cocalc_magic.conformance.published import FILE, published
from cocalc_magic.conformance.recordings import MAX_RECORDED, load
from cocalc_magic.conformance.run import Replay, Result
from tests.sandbox.conftest import PROGRAM, start, stop

if TYPE_CHECKING:
    from cocalc_magic.conformance.cases import Case

RECORDED = Path(__file__).resolve().parents[2] / "conformance"
DEVIATIONS = yaml.safe_load((RECORDED / "deviations.yaml").read_text())
SERVERS = yaml.safe_load((RECORDED / "recorded.yaml").read_text())
CLOCKS = {  # how exact the server's clock is -> the program
    "exact": PROGRAM,
    "coarse": (str(Path(__file__).parents[1] / "coarse_clock.py"),),
}
IN_PAGE = "import os, runpy; os.environ['COCALC_IN_PAGE'] = '1'; runpy.run_module('cocalc_magic.sandbox', None, '__main__')"
PROGRAMS = {**CLOCKS, "in a page": ("-c", IN_PAGE)}
DEVIATIONS_IN_PAGE = {  # besides those of the others -> why
    "v1.jsonl": {
        "project_exec-bash-true": "cd /tmp: paths of the small shell do not leave their project",
        "project_exec-path-abs": "a command in /tmp: as above",
    },
    "modern.jsonl": {},
}
WAITS = (b"sleep ", b"while :;", b"while time.time()")  # in requests that only take time
LONG = ("jupyter", "timeout", "stdin", "maxoutput", "rpc-equal")  # in the names of what takes its time
Verdicts = dict[str, str]


@pytest.fixture(scope="module")
def verdicts() -> dict[tuple[str, str], Verdicts]:
    """File and program -> case -> how alike the answer was, of the cases with a stable answer."""
    with ThreadPoolExecutor(4) as threads:
        found = {(file, name): threads.submit(replayed, file, name) for file in SERVERS for name in PROGRAMS}
        return {which: future.result() for which, future in found.items()}


def replayed(file: str, program: str) -> Verdicts:
    """The verdicts on a sandbox of its own; one as in a page runs everything in turn, and does not wait."""
    world, generation = RECORDED / SERVERS[file]["world"], SERVERS[file]["generation"]
    running = start("--world", str(world), "--generation", generation, program=PROGRAMS[program])
    side = Side(Server("sandbox", running.url), None, max_bytes=MAX_RECORDED)
    try:
        cases = load(RECORDED / file, world)
        if program not in CLOCKS:
            cases = [case for case in cases if not any(words in case.request.body for words in WAITS)]
        return sent_again(cases, Replay(side))
    finally:
        side.close()
        stop(running)


def sent_again(cases: list[Case], replay: Replay) -> Verdicts:
    """Sends the cases in their order, but what takes long beside the others, as nothing depends on it.

    Gives the verdicts on those whose answer is stable.
    """
    results: dict[str, Future[Result]] = {}
    with ThreadPoolExecutor(1) as in_order, ThreadPoolExecutor(4) as beside:
        for case in cases:
            long = is_long(case)
            if long and not case.stable:
                continue
            threads = beside if long else in_order
            future = threads.submit(replay.result, case)
            if not long:
                future.result()  # what comes later may need the ids of its answer
            results[case.name] = future
    return {case.name: results[case.name].result().verdict for case in cases if case.stable}


def recorded(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDED / file).read_text().splitlines()]


def is_long(case: Case) -> bool:
    name = f"{case.event} {case.name}"
    return any(word in name for word in LONG) or "async" in case.name


@pytest.mark.slow
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("file", SERVERS)
def test_every_case_is_answered_as_recorded_or_listed(
    verdicts: dict[tuple[str, str], Verdicts], file: str, clock: str
) -> None:
    """Also where the clock does not tell which of two things was the later one."""
    found = verdicts[file, clock].items()
    differing = {case for case, verdict in found if verdict not in (SAME, NOT_ASKED)}

    assert differing - set(DEVIATIONS[file]) == set(), "answered otherwise, and not listed"
    assert set(DEVIATIONS[file]) - differing == set(), "listed, but answered as recorded"


@pytest.mark.slow
@pytest.mark.parametrize(("file", "number"), [("v1.jsonl", 700), ("modern.jsonl", 650)])
def test_at_least_nineteen_cases_in_twenty_are_the_same(
    verdicts: dict[tuple[str, str], Verdicts], file: str, number: int
) -> None:
    scored = [verdict for verdict in verdicts[file, "exact"].values() if verdict != NOT_ASKED]

    assert len(scored) > number
    assert scored.count(SAME) >= 0.95 * len(scored)


@pytest.mark.slow
@pytest.mark.parametrize("file", SERVERS)
def test_a_sandbox_without_processes_answers_as_one_with_them(
    verdicts: dict[tuple[str, str], Verdicts], file: str
) -> None:
    """Commands and code count too; at most one answer in a hundred is another one."""
    found = verdicts[file, "in a page"]
    scored = [case for case, verdict in found.items() if verdict != NOT_ASKED]
    differing = {case for case in scored if found[case] != SAME} - set(DEVIATIONS[file])

    assert len(scored) > 650
    assert differing == set(DEVIATIONS_IN_PAGE[file])
    assert len(differing) < 0.01 * len(scored)


@pytest.mark.parametrize("file", sorted(DEVIATIONS))
def test_every_deviation_has_a_reason_and_a_case(file: str) -> None:
    cases = {case["case"] for case in recorded(file)}

    assert set(DEVIATIONS[file]) <= cases
    assert all(len(reason.split()) >= 8 for reason in DEVIATIONS[file].values())


@pytest.mark.slow
def test_what_is_published_is_what_the_sandbox_does(verdicts: dict[tuple[str, str], Verdicts]) -> None:
    """Else: python conformance/page.py"""
    document = fidelity.document(RECORDED, {file: verdicts[file, "exact"].values() for file in SERVERS})
    for file, score in document["scores"].items():  # all cases count, those too that are not compared
        score[NOT_ASKED] += len(recorded(file)) - len(verdicts[file, "exact"])

    assert document == published()


def test_the_page_says_what_the_data_says() -> None:
    """Else: python conformance/page.py"""
    readme = (RECORDED / "README.md").read_text("utf-8")
    listed = fidelity.document(RECORDED, {})["deviations"]

    assert FILE.read_text("utf-8") == fidelity.as_json(published())
    assert fidelity.in_readme(readme, published()) == readme
    assert published()["deviations"] == listed


@pytest.mark.parametrize("api", ["v1", "v2", "conat"])
def test_what_servers_may_answer_otherwise_has_a_reason_and_a_message(api: str) -> None:
    known = published()["deviations"][api]

    assert all(event.partition(":")[0] in catalog.messages(api) for event in known)
    assert all(len(reason.split()) >= 8 for reason in known.values())
