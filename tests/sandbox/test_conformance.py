"""The sandbox beside a real server: exchanges recorded in March 2024's version are sent again and compared."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from types import ModuleType

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "conformance"
PROTOCOL = re.compile(r"(ping|event|body|path|method)-")

# Answered otherwise on purpose, each with its reason.
SAFER = "the recorded server follows paths out of the project"
LATER = "needs a message that the sandbox does not answer yet"
DEVIATIONS = {
    "write_text_file-dotdot": SAFER,
    "read_text_file-dotdot": SAFER,
    "write_text_file-readonly-dir": SAFER,
    "read_text_file-dev-null": SAFER,
    "read_text_file-etc-hostname": SAFER,
    "project_exec-as-collab": LATER,
    "read_text_file-as-collab": LATER,
    "lifecycle-exec-immediately": "a sandbox's project runs at once, so the recorded race is never lost",
}
ANSWERED = (
    "ping",
    "create_project",
    "project_exec",
    "read_text_file_from_project",
    "write_text_file_to_project",
    "user_search",
    "create_account",
    "change_password",
    "change_email_address",
    "user_auth",
    "get_usernames",
)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[str, str]]:
    """Case -> its event, and how alike the answer was; stable cases only."""
    if not RECORDED.is_dir():
        pytest.skip(f"the recorded exchanges are not here: {RECORDED}")
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
            yield case["case"], (case["event"], verdict)


@pytest.mark.slow
def test_the_envelope_is_that_of_the_recorded_server(verdicts: dict[str, tuple[str, str]]) -> None:
    """Order of checks, error texts, pages, limits and ids, whatever the event."""
    protocol = {case: verdict for case, (_, verdict) in verdicts.items() if PROTOCOL.match(case)}

    assert len(protocol) >= 140
    assert [case for case, verdict in protocol.items() if verdict not in ("same", "skipped")] == []


@pytest.mark.slow
@pytest.mark.parametrize("event", ANSWERED)
def test_an_event_is_answered_as_by_the_recorded_server(
    verdicts: dict[str, tuple[str, str]], event: str
) -> None:
    differing = {
        case
        for case, (name, verdict) in verdicts.items()
        if name == event and verdict not in ("same", "skipped")
    }

    assert differing - set(DEVIATIONS) == set(), "answered otherwise, and not listed"
    mine = {case for case in DEVIATIONS if verdicts.get(case, ("", ""))[0] == event}
    assert mine - differing == set(), "listed, but answered as recorded"


@pytest.mark.slow
def test_queries_of_accounts_and_projects_are_answered_as_recorded(
    verdicts: dict[str, tuple[str, str]],
) -> None:
    ours = {
        case: verdict
        for case, (_, verdict) in verdicts.items()
        if re.match(r"query-(accounts|projects|opt2)", case)
    }
    counts = Counter(ours.values())

    assert counts["same"] >= 0.95 * (len(ours) - counts["skipped"]), sorted(
        case for case, verdict in ours.items() if verdict != "same"
    )
