"""Kernels that are killed, connections that break, a disk that is full: each message exactly once all the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client, config
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS: tuple[dict[str, Any], ...] = (
    {"drop": True},
    {"drop": True, "after": True},
    {"status": 429, "retry_after": 0.05},
    {"status": 503, "retry_after": 0.05},
    {"status": 503, "after": True},
    {"truncate": 20, "after": True},
)
TITLES = {"projects_all": [{"project_id": None, "title": None}]}


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """What starts kernels that run the job."""
    started = Kernel(tmp_path)
    yield started
    started.sandbox.stop()


class Kernel:
    """Processes that run `tests.bulk.job` one after the other, on a sandbox in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sandbox = folder, config.EmbeddedSandbox()
        self.begin()

    def begin(self) -> None:
        """Begin with a new world."""
        server, key = self.sandbox.start()
        self.client = Client(server.url, key)
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "JUPYTER_DATA_DIR": str(self.folder / "jupyter"),
            "COCALC_HOST": server.url,
            "COCALC_API_KEY": key.reveal(),
        }

    def titles(self) -> Counter[str]:
        """How many projects there are of each title."""
        rows = self.client.send("query", query=TITLES)["query"]["projects_all"]
        return Counter(row["title"] for row in rows if row["title"].startswith("student"))

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.bulk.job", *words]
        return subprocess.Popen(
            command,
            env=self.environ,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *words: str) -> str:
        """Let one run to its end; return what it says."""
        with self.start(*words) as process:
            said, problem = process.communicate(timeout=240)
        assert process.returncode == 0, problem
        return said

    def break_things(self, seed: random.Random, rare: int) -> None:
        """Let messages fail in every way, each way one of up to three times `rare`."""
        self.client.control("fault", clear=True)
        for fault in seed.sample(FAULTS, len(FAULTS)):
            every = seed.randint(rare, 3 * rare)
            self.client.control("fault", **fault, event="create_project", every=every, times=10_000)
        self.client.control("fault", event="create_project", latency=0.02, times=1_000_000)

    def kill_when(self, count: int, rows: int) -> None:
        """Start one, and kill it as soon as so many projects are there."""
        with self.start(str(rows)) as process:
            while process.poll() is None and sum(self.titles().values()) < count:
                pass
            process.kill()
            process.communicate()


def rounds(kernel: Kernel, number: int, rows: int, kills: int, rare: int) -> None:
    for round_number in range(number):
        seed = random.Random(round_number)  # noqa: S311 - no secret
        kernel.begin()
        kernel.break_things(seed, rare)
        for share in sorted(seed.random() for _ in range(kills)):
            kernel.kill_when(int(share * rows) + 1, rows)

        said = kernel.finish(str(rows))

        expected = Counter({f"student {each}": 1 for each in range(rows)})
        assert kernel.titles() == expected, (round_number, said)
        assert "failed" not in said
        assert "unknown" not in said


def test_a_kernel_that_is_killed_leaves_no_project_twice_and_none_out(kernel: Kernel) -> None:
    rounds(kernel, 5, 24, 2, rare=5)


@pytest.mark.long
def test_a_large_job_that_is_killed_again_and_again(kernel: Kernel) -> None:
    rounds(kernel, 50, 500, 3, rare=20)


@pytest.mark.skipif(os.name != "posix", reason="the limit is one of POSIX")
def test_a_full_disk_ends_it_and_the_next_run_sends_what_is_missing(kernel: Kernel) -> None:
    said = kernel.finish("200", "120000")

    assert "can't be used: " in said
    assert "Nothing is sent without it." in said
    assert 0 < sum(kernel.titles().values()) < 200
    assert "sent" in kernel.finish("200")
    assert kernel.titles() == Counter({f"student {each}": 1 for each in range(200)})


@pytest.mark.long
def test_torn_connections_double_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    with Sandbox(empty=True) as box, Client(box.url, box.key, session=box.session()) as client:
        box.fault(event="create_project", drop=True, every=20, times=1_000_000)
        box.fault(event="create_project", drop=True, after=True, every=20, times=1_000_000)

        made = client.map("create_project", [{"n": n} for n in range(10_000)], title="student ${row.n}")

        rows = client.send("query", query=TITLES)["query"]["projects_all"]
    assert made.summary == "10,000 sent"
    assert Counter(row["title"] for row in rows) == Counter({f"student {n}": 1 for n in range(10_000)})
