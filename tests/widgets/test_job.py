"""A job in the background as a widget: how far it is, what failed, *Stop*, and its result."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic.bulk.outcome import Outcome, Outcomes, Problem, Progress
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.rows import Row
from cocalc_magic.errors import JournalFailed
from cocalc_magic.session.jobs import Job, start
from cocalc_magic.widgets.job import JobView
from tests.widgets.settling import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.render.live_board import LiveBoard


class Steps:
    """Bulk work whose steps the test takes."""

    event, server, flags = "create_project", "lab", {"no-raise": True}
    board: LiveBoard | None = None

    def __init__(self, *reports: Progress) -> None:
        self.reports, self.next, self.problem = reports, threading.Semaphore(0), None

    problem: Exception | None

    def run(self, on_progress: Callable[[Progress], None], stop: Any = None) -> BulkResult:
        for report in self.reports:
            on_progress(report)
        while not (self.next.acquire(timeout=0.02) or stop.is_set()):
            pass
        if self.problem:
            raise self.problem
        outcomes = Outcomes()
        outcomes.put(0, Outcome(Row(1, {"name": "<b>Ada"}, "Ada"), "failed", {}, "no space", self.event))
        outcomes.stopped = "stopped" if stop.is_set() else ""
        return BulkResult(outcomes, self.event, server=self.server)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    Widget.close_all()


def begun(work: Steps) -> tuple[Job, JobView]:
    job = start([], work)
    return job, JobView(job)


def test_it_says_how_far_it_is_and_what_failed() -> None:
    work = Steps(Progress("sending", 17, 30, 2, 0, 5.0, 3.2, (Problem("no <i>space", 2, ("Ada", "Bob")),)))

    _, view = begun(work)

    line = until(view.line, "value", lambda html: "17/30" in html)
    assert "create_project: 17/30 · 2 failed · 5/s · 3 s left" in line
    assert "Ada, Bob" in line
    assert "no &lt;i&gt;space" in line
    work.next.release()


def test_at_the_end_it_is_the_result() -> None:
    work = Steps()
    job, view = begun(work)

    work.next.release()

    (result,) = until(view.answer, "children", bool)
    assert view.stop.layout.display == "none"
    assert "create_project: 1 failed" in view.line.value
    assert "no space" in "".join(result.markup)
    assert "<b>" not in "".join(result.markup)
    assert job.result(1).failed[0]["name"] == "<b>Ada"


def test_stop_ends_it() -> None:
    job, view = begun(Steps())

    view.stop.click()

    assert job.result(20).stopped == "stopped"
    assert view.stop.disabled


def test_why_there_is_no_result_is_told() -> None:
    work = Steps()
    job, view = begun(work)
    work.problem = JournalFailed("the journal of this job is damaged.")

    work.next.release()

    (told,) = until(view.answer, "children", bool)
    assert "the journal of this job is damaged." in told.value
    with pytest.raises(JournalFailed):
        job.result(1)


def test_a_view_that_was_closed_does_not_end_the_job() -> None:
    work = Steps()
    job, view = begun(work)

    view.close()
    work.next.release()

    assert len(job.result(20)) == 1
