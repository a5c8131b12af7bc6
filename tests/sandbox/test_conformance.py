"""The sandbox beside a real server: recorded exchanges are sent again and compared."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from types import ModuleType

RECORDED = Path(__file__).resolve().parents[2] / "conformance"
DEVIATIONS = yaml.safe_load((RECORDED / "deviations.yaml").read_text())


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str]:
    """Case -> how alike the answer was: every case is sent, those with a stable answer are kept."""
    replay = load(RECORDED / "replay.py")
    running = start("--world", str(RECORDED / "world.yaml"))
    try:
        return dict(replayed(replay, running))
    finally:
        stop(running)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replayed(replay: ModuleType, running: Running):
    keys, ids = replay.load_keys(RECORDED / "world.yaml"), replay.Ids()
    for line in (RECORDED / "v1.jsonl").read_text().splitlines():
        case = json.loads(line)
        verdict, _, _ = replay.replay(case, running.url, keys, ids, 15)
        if case.get("stable", True):
            yield case["case"], verdict


@pytest.mark.slow
def test_every_case_is_answered_as_recorded_or_listed(verdicts: dict[str, str]) -> None:
    differing = {case for case, verdict in verdicts.items() if verdict in ("shape", "different")}

    assert differing - set(DEVIATIONS["v1.jsonl"]) == set(), "answered otherwise, and not listed"
    assert set(DEVIATIONS["v1.jsonl"]) - differing == set(), "listed, but answered as recorded"


@pytest.mark.slow
def test_at_least_nineteen_cases_in_twenty_are_the_same(verdicts: dict[str, str]) -> None:
    scored = [verdict for verdict in verdicts.values() if verdict != "skipped"]

    assert len(scored) > 700
    assert scored.count("same") >= 0.95 * len(scored)


@pytest.mark.parametrize("file", sorted(DEVIATIONS))
def test_every_deviation_has_a_reason_and_a_case(file: str) -> None:
    cases = {json.loads(line)["case"] for line in (RECORDED / file).read_text().splitlines()}

    assert set(DEVIATIONS[file]) <= cases
    assert all(len(reason.split()) >= 8 for reason in DEVIATIONS[file].values())
