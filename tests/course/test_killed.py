"""Kernels that are killed in the middle of an apply: the next one ends it, with nothing doubled or lost.

Three of the students have no account: an invitation that was about to be sent is looked up in its project.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.course import apply, class_file, classroom, opening, planning
from cocalc_magic.course.result import AS_PLANNED
from cocalc_magic.sandbox.class_world import students

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT, INVITED = 10, 3  # students, and those without an account
LATENCY = 0.02  # seconds of each answer, so that an apply takes long enough to be killed in
APPLY = """
from pathlib import Path
from cocalc_magic import Client
from cocalc_magic.course import apply, classroom, planning
room = classroom.opened(Client(), Path("class.yaml"))
print("begun", flush=True)
apply.apply(room, *planning.due(room))
"""


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """A sandbox in a process of its own, which goes on while clients are killed."""
    command = [sys.executable, "-m", "cocalc_magic.sandbox", "--child", "--world", "class"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.kill()


def letters(client: Client) -> int:
    """How many invitations the sandbox has in its outbox."""
    return int(client.control("status")["counts"]["outbox"])


def kill_in_the_middle(server: dict[str, Any], folder: Path, moment: float) -> None:
    environment = {**os.environ, "COCALC_HOST": server["url"], "COCALC_API_KEY": server["key"]}
    with subprocess.Popen(
        [sys.executable, "-c", APPLY], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moment)  # the moment that it is killed at
        process.send_signal(signal.SIGKILL)


def play_round(server: dict[str, Any], client: Client, folder: Path, name: str, moments: list[float]) -> None:
    """Kill an apply at these moments, one after the other, and then let it end."""
    folder.mkdir()
    before = letters(client)
    roster = [
        {"name": f"{one['first_name']} {one['last_name']}", "email": one["email_address"]}
        for one in students()[-COUNT:]
    ]
    opening.from_list(roster, folder / class_file.DEFAULT_NAME, name)
    client.control("fault", latency=LATENCY, times=100_000)
    for moment in moments:
        kill_in_the_middle(server, folder, moment)
    client.control("fault", clear=True)
    room = classroom.opened(client, folder / class_file.DEFAULT_NAME)
    assert apply.apply(room, *planning.due(room)).failure is None
    assert planning.drift(room).exit_status == AS_PLANNED
    assert letters(client) - before == INVITED
    titles = [project.title for project in client.router.projects.all(fresh=True)]
    here = sorted(title for title in titles if title.startswith(f"{name}: "))
    assert here == sorted(f"{name}: {student['name']}" for student in roster)


def play(server: dict[str, Any], tmp_path: Path, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    whole = 2 * COUNT * LATENCY / 8 + 0.25
    with Client(server["url"], server["key"]) as client:
        for number in range(rounds):
            chosen = random.Random(number)  # noqa: S311 - moments, no secrets
            moments = [chosen.uniform(0, whole) for _ in range(1 + number % 2)]
            play_round(server, client, tmp_path / str(number), f"Course {number}", moments)


def test_a_killed_apply_is_taken_up(
    server: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(server, tmp_path, 3, monkeypatch)


@pytest.mark.long
def test_an_apply_is_killed_at_a_hundred_moments(
    server: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(server, tmp_path, 67, monkeypatch)
