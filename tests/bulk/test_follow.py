"""Messages that follow one that has gone well, such as to add a member to a project that was made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.client.many import send_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.outcome import Outcome, Outcomes
    from tests.bulk.test_map import Course

NAMES = ("Ada", "Ben", "Cleo", "Dora")


def made_and_described(course: Course, **how: Any) -> Outcomes:
    """Make a project a name, and describe each as soon as it is made."""

    def describe(outcome: Outcome) -> Iterator[RowMessage]:
        if outcome.event == "create_project":
            wanted = {"project_id": outcome.fields["project_id"], "description": f"of {outcome.row.name}"}
            yield RowMessage(outcome.row, "query", {"query": {"projects": wanted}})

    rows = [Row(number, {}, name) for number, name in enumerate(NAMES, 1)]
    messages = [RowMessage(row, "create_project", {"title": row.name}) for row in rows]
    return send_many(course.client.router, "create_project", messages, then=describe, **how)


def descriptions(course: Course) -> list[str]:
    return sorted(row["description"] for row in course.box.world.store.select("projects"))


def test_what_follows_is_sent_for_each_row_and_stands_behind_all_rows(course: Course) -> None:
    outcomes = made_and_described(course, jobs=3)

    assert [outcome.row.name for outcome in outcomes[:4]] == list(NAMES)
    assert [outcome.event for outcome in outcomes] == ["create_project"] * 4 + ["query"] * 4
    assert {outcome.status for outcome in outcomes} == {"ok"}
    assert descriptions(course) == [f"of {name}" for name in NAMES]


def test_it_does_not_wait_for_the_other_rows(course: Course) -> None:
    made_and_described(course, jobs=1)

    events = [entry.event for entry in reversed(course.box.world.request_log.entries())]
    last = len(events) - 1 - events[::-1].index("create_project")
    assert "query" in events[events.index("create_project") : last]


def test_it_is_sent_again_where_its_answer_is_lost_and_after_a_row_that_was_done_before(
    course: Course,
) -> None:
    course.box.fault(event="query", every=4, times=1, drop=True, after=True)

    first, again = made_and_described(course), made_and_described(course)

    assert first.count("ok") == 8
    assert [outcome.status for outcome in again] == ["done before"] * 4 + ["ok"] * 4


def test_nothing_follows_a_row_that_has_failed(course: Course) -> None:
    course.fault(status=400)

    outcomes = made_and_described(course, jobs=1)

    assert [outcome.status for outcome in outcomes] == ["failed", *["ok"] * 6]


def test_what_is_not_sent_any_more_is_skipped(course: Course) -> None:
    stop = threading.Event()
    stop.set()

    assert [outcome.status for outcome in made_and_described(course, stop=stop)] == ["skipped"] * 4
