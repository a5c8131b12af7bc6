"""What is said while a message takes its time."""

from __future__ import annotations

import re
import threading

import pytest

from cocalc_magic.render.progress import waiting


class Said(list[str]):
    """What has been said, with the seconds that have passed as `N`; it can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._more = threading.Condition()

    def say(self, text: str) -> None:
        with self._more:
            self.append(re.sub(r"\d+\.\d s", "N s", text))
            self._more.notify()

    def wait_for(self, count: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: len(self) >= count, 20)


@pytest.fixture
def said() -> Said:
    return Said()


def test_nothing_is_said_of_what_is_quick(said: Said) -> None:
    with waiting("ping", "lab", "Ctrl-C", said.say):
        pass

    assert said == []


@pytest.mark.slow
def test_every_second_it_is_said_what_is_waited_for(said: Said) -> None:
    with waiting("project_exec", "lab", "Ctrl-C", said.say):
        said.wait_for(2)

    assert said == ["project_exec: N s, waiting for lab. Ctrl-C ends the waiting."] * 2 + [""]


@pytest.mark.slow
def test_of_a_job_on_the_server_it_is_said_that_whoever_stops_waiting_ends_it(said: Said) -> None:
    with waiting("project_exec", "lab", "Ctrl-C", said.say) as on_job:
        on_job()
        on_job()
        said.wait_for(1)

    assert said == ["project_exec: N s, runs as a job on lab. Ctrl-C ends it there.", ""]


@pytest.mark.slow
def test_of_a_project_that_starts_it_is_said_that_this_is_waited_for(said: Said) -> None:
    with waiting("project_exec", "lab", "Ctrl-C", said.say) as on_job:
        on_job("waiting for the project to start on")
        said.wait_for(1)

    assert said == [
        "project_exec: N s, waiting for the project to start on lab. Ctrl-C ends the waiting.",
        "",
    ]


@pytest.mark.slow
def test_where_more_is_known_it_is_said_how_far_it_is(said: Said) -> None:
    done = iter(range(1, 100))
    with waiting("upload", "lab", "Ctrl-C", said.say, lambda: f"{next(done)} of 3 MB"):
        said.wait_for(2)

    assert [line.partition(", ")[2] for line in said[:2]] == [
        "1 of 3 MB. Ctrl-C ends it.",
        "2 of 3 MB. Ctrl-C ends it.",
    ]


@pytest.mark.slow
def test_a_failure_ends_it_too(said: Said) -> None:
    def fail() -> None:
        with waiting("x", "lab", "", said.say):
            said.wait_for(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert said[-1] == ""
    assert len(said) == 2
