"""What is said while a message takes its time."""

from __future__ import annotations

import time

import pytest

from cocalc_magic.commands.waiting import waiting


@pytest.fixture
def said():
    return []


def test_nothing_is_said_of_what_is_quick(said):
    with waiting("ping", "lab", "Ctrl-C", said.append):
        time.sleep(0.05)

    assert said == []


@pytest.mark.slow
def test_every_second_it_is_said_what_is_waited_for(said):
    with waiting("project_exec", "lab", "Ctrl-C", said.append):
        time.sleep(2.5)

    assert said == [
        "project_exec: 1.0 s, waiting for lab. Ctrl-C ends the waiting.",
        "project_exec: 2.0 s, waiting for lab. Ctrl-C ends the waiting.",
        "",
    ]


@pytest.mark.slow
def test_of_a_job_on_the_server_it_is_said_that_whoever_stops_waiting_ends_it(said):
    with waiting("project_exec", "lab", "Ctrl-C", said.append) as on_job:
        on_job()
        on_job()
        time.sleep(1.5)

    assert said == ["project_exec: 1.0 s, runs as a job on lab. Ctrl-C ends it there.", ""]


@pytest.mark.slow
def test_where_more_is_known_it_is_said_how_far_it_is(said):
    done = iter(["1 of 3 MB", "2 of 3 MB"])
    with waiting("upload", "lab", "Ctrl-C", said.append, lambda: next(done)):
        time.sleep(2.5)

    assert said == [
        "upload: 1.0 s, 1 of 3 MB. Ctrl-C ends it.",
        "upload: 2.0 s, 2 of 3 MB. Ctrl-C ends it.",
        "",
    ]


@pytest.mark.slow
def test_a_failure_ends_it_too(said):
    def fail() -> None:
        with waiting("x", "lab", "", said.append):
            time.sleep(1.2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert said[-1] == ""
    assert len(said) == 2
