"""The sandbox beside real servers: recorded exchanges are sent again and compared."""

from __future__ import annotations

import importlib.util
import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.sandbox.conftest import PROGRAM, start, stop

if TYPE_CHECKING:
    from types import ModuleType

RECORDED = Path(__file__).resolve().parents[2] / "conformance"
DEVIATIONS = yaml.safe_load((RECORDED / "deviations.yaml").read_text())
SERVERS = {  # what was recorded -> the world it began with, and the server that is played
    "v1.jsonl": ("world.yaml", "all"),
    "modern.jsonl": ("world-modern.yaml", "conat"),
}
CLOCKS = {  # how exact the server's clock is -> the program
    "exact": PROGRAM,
    "coarse": (str(Path(__file__).parents[1] / "coarse_clock.py"),),
}
LONG = ("jupyter", "timeout", "stdin", "maxoutput", "rpc-equal")  # in the names of what takes its time
Verdicts = dict[str, str]


@pytest.fixture(scope="module")
def verdicts() -> dict[tuple[str, str], Verdicts]:
    """File and clock -> case -> how alike the answer was, of the cases with a stable answer."""
    replay = load(RECORDED / "replay.py")
    with ThreadPoolExecutor(4) as threads:
        found = {
            (file, clock): threads.submit(replayed, replay, file, clock)
            for file in SERVERS
            for clock in CLOCKS
        }
        return {which: future.result() for which, future in found.items()}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replayed(replay: ModuleType, file: str, clock: str) -> Verdicts:
    """The verdicts on a sandbox of its own, whose clock goes like this."""
    world, generation = SERVERS[file]
    running = start("--world", str(RECORDED / world), "--generation", generation, program=CLOCKS[clock])
    try:
        return sent_again(replay, recorded(file), running.url, RECORDED / world)
    finally:
        stop(running)


def sent_again(replay: ModuleType, cases: list[dict[str, Any]], url: str, world: Path) -> Verdicts:
    """Sends the cases in their order, but what takes long beside the others, as nothing depends on it.

    Gives the verdicts on those whose answer is stable.
    """
    keys, ids = replay.load_keys(world), replay.Ids()
    verdicts: dict[str, Future[Any]] = {}
    with ThreadPoolExecutor(1) as in_order, ThreadPoolExecutor(4) as beside:
        for case in cases:
            long = is_long(case)
            if long and not case.get("stable", True):
                continue
            threads = beside if long else in_order
            future = threads.submit(replay.replay, case, url, keys, ids, 30)
            if not long:
                future.result()  # what comes later may need the ids of its answer
            verdicts[case["case"]] = future
    return {case["case"]: verdicts[case["case"]].result()[0] for case in cases if case.get("stable", True)}


def recorded(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDED / file).read_text().splitlines()]


def is_long(case: dict[str, Any]) -> bool:
    name = f"{case['event']} {case['case']}"
    return any(word in name for word in LONG) or "async" in case["case"]


@pytest.mark.slow
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("file", SERVERS)
def test_every_case_is_answered_as_recorded_or_listed(
    verdicts: dict[tuple[str, str], Verdicts], file: str, clock: str
) -> None:
    """Also where the clock does not tell which of two things was the later one."""
    found = verdicts[file, clock].items()
    differing = {case for case, verdict in found if verdict in ("shape", "different")}

    assert differing - set(DEVIATIONS[file]) == set(), "answered otherwise, and not listed"
    assert set(DEVIATIONS[file]) - differing == set(), "listed, but answered as recorded"


@pytest.mark.slow
@pytest.mark.parametrize(("file", "number"), [("v1.jsonl", 700), ("modern.jsonl", 650)])
def test_at_least_nineteen_cases_in_twenty_are_the_same(
    verdicts: dict[tuple[str, str], Verdicts], file: str, number: int
) -> None:
    scored = [verdict for verdict in verdicts[file, "exact"].values() if verdict != "skipped"]

    assert len(scored) > number
    assert scored.count("same") >= 0.95 * len(scored)


@pytest.mark.parametrize("file", sorted(DEVIATIONS))
def test_every_deviation_has_a_reason_and_a_case(file: str) -> None:
    cases = {case["case"] for case in recorded(file)}

    assert set(DEVIATIONS[file]) <= cases
    assert all(len(reason.split()) >= 8 for reason in DEVIATIONS[file].values())
