"""`Client.map`: each message exactly once, whatever the server and the kernel do in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cocalc_magic import Client
from cocalc_magic.errors import BulkFailed, InvalidMessage, InvalidValue, JournalFailed, KeyRefused
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.bulk.result import BulkResult

CLASS = [{"name": name} for name in ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal")]


class Course:
    """A sandbox in memory, and the projects that a client makes there for a class."""

    def __init__(self, folder: Path) -> None:
        self.box = Sandbox(folder / "data", empty=True)
        self.client = Client(self.box.url, self.box.key, session=self.box.session())

    def make(self, rows: Any = CLASS, **how: Any) -> BulkResult:
        """Send one create_project a row."""
        return self.client.map("create_project", rows, title="${row.name}'s project", **how)

    def fault(self, **what: Any) -> None:
        """Let create_project fail."""
        self.box.fault(event="create_project", **what)

    @property
    def titles(self) -> list[str]:
        """The titles of all projects, sorted."""
        query = {"projects_all": [{"project_id": None, "title": None}]}
        return sorted(row["title"] for row in self.client.send("query", query=query)["query"]["projects_all"])

    def close(self) -> None:
        """End it."""
        self.client.close()
        self.box.close()


EACH = sorted(f"{row['name']}'s project" for row in CLASS)


def test_a_message_a_row_with_what_came_back(course: Course) -> None:
    made = course.make()

    assert repr(made) == "<BulkResult create_project · 8 rows · 8 ok>"
    assert [row["name"] for row in made] == [row["name"] for row in CLASS]
    assert all(len(row["project_id"]) == 36 for row in made)
    assert course.titles == EACH


def test_the_same_again_sends_nothing_and_has_all_fields(course: Course) -> None:
    first = course.make()

    second = course.make()

    assert second.summary == "8 done before"
    assert [row["project_id"] for row in second] == [row["project_id"] for row in first]
    assert course.titles == EACH


def test_an_edited_list_sends_only_what_is_new_wherever_the_rows_stand(course: Course) -> None:
    course.make(CLASS[:3])

    made = course.make([{"name": "Zoe"}, CLASS[2], CLASS[0], CLASS[1]])

    assert made.summary == "3 done before, 1 sent"
    assert course.titles == sorted([*EACH[:3], "Zoe's project"])


def test_the_first_rows_and_then_the_rest(course: Course) -> None:
    assert len(course.make(first=2)) == 2
    assert course.titles == EACH[:2]

    assert course.make().summary == "2 done before, 6 sent"
    assert course.titles == EACH


def test_again_sends_all_anew(course: Course) -> None:
    course.make(CLASS[:2])

    assert course.make(CLASS[:2], again=True).summary == "2 sent"
    assert course.titles == sorted(EACH[:2] * 2)


def test_again_with_some_rows_leaves_the_others_known(course: Course) -> None:
    course.make(CLASS[:3])

    assert course.make(CLASS[:3], again=True, first=1).summary == "1 sent"
    assert course.make(CLASS[1:2], again=True).summary == "1 sent"
    assert course.make(CLASS[:3]).summary == "3 done before"


def test_equal_messages_are_refused_before_anything_is_sent(course: Course) -> None:
    with pytest.raises(InvalidMessage, match=r"rows 1 and 3, rows 2 and 4 send the same message\."):
        course.make([*CLASS[:2], *CLASS[:2]])

    assert course.titles == []


def test_a_key_tells_equal_messages_apart_and_identifies_rows(course: Course) -> None:
    rows = [{"name": "Ada", "seat": 1}, {"name": "Ada", "seat": 2}]

    assert course.make(rows, key="seat").summary == "2 sent"
    assert course.make([*rows, {"name": "Ada", "seat": 3}], key="seat").summary == "2 done before, 1 sent"
    assert course.titles == ["Ada's project"] * 3


def test_messages_that_read_are_sent_every_time_equal_ones_too(course: Course) -> None:
    for _ in range(2):
        pings = course.client.map("ping", [{}, {}, {}])

        assert pings.summary == "3 sent"


def test_a_query_that_asks_is_sent_every_time_and_one_that_writes_is_not(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    for summary in ("1 sent", "1 done before"):
        query = {"projects": {"project_id": project_id, "title": "New"}}
        assert course.client.map("query", [{"a": 1}], query=query).summary == summary
        query["projects"]["title"] = None
        assert course.client.map("query", [{"a": 1}], query=query).summary == "1 sent"


def test_a_message_that_is_known_to_be_done_is_not_sent_from_another_notebook_folder(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder has journals of its own."""
    course.make(CLASS[:1])
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    assert course.make(CLASS[:1]).summary == "1 sent"


def test_a_sandbox_that_was_reset_gets_everything(course: Course) -> None:
    course.make()
    key = course.client.control("reset")["key"]
    course.client = Client(course.box.url, key, session=course.box.session())

    assert course.make().summary == "8 sent"
    assert course.titles == EACH


def test_a_sandbox_that_is_started_again_with_its_data_gets_nothing(course: Course, tmp_path: Path) -> None:
    course.make()
    course.close()
    again = Course(tmp_path)

    assert again.make().summary == "8 done before"
    again.close()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": 0.1},
        {"status": 429},
        {"status": 503},
        {"status": 503, "after": True},
        {"status": 502, "html": True, "after": True},
        {"status": 500, "after": True},
        {"drop": True},
        {"drop": True, "after": True},
        {"truncate": 10},
        {"truncate": 10, "after": True},
    ],
    ids=str,
)
def test_each_project_is_made_once_whatever_happens_to_messages(
    course: Course, fault: dict[str, Any]
) -> None:
    course.fault(**fault, every=2, times=4)

    made = course.make()

    assert made.summary == "8 sent"
    assert course.titles == EACH
    assert len({row["project_id"] for row in made}) == 8


def test_what_cannot_be_looked_up_is_told_and_not_sent_again(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    course.box.fault(event="project_exec", drop=True, after=True)
    run = {"command": "echo ${row.name} >> log", "bash": True, "project_id": project_id}

    told = course.client.map("project_exec", CLASS[:1], **run)
    again = course.client.map("project_exec", CLASS[:1], **run)

    for result in (told, again):
        assert result.counts == {"unknown": 1}
        assert "There was no answer, and it may have been carried out: " in result[0]["error"]
    log = course.client.send("read_text_file_from_project", project_id=project_id, path="log")
    assert log["content"] == "Ada\n"


def test_failures_do_not_end_it_and_are_sent_again_next_time(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    write = {"project_id": project_id, "path": "${row.name}/x", "content": "y"}
    course.client.send("write_text_file_to_project", project_id=project_id, path="Ben", content="a file")

    made = course.client.map("write_text_file_to_project", CLASS, **write)

    assert made.counts == {"ok": 7, "failed": 1}
    assert [row["name"] for row in made.failed] == ["Ben"]
    course.client.send("project_exec", project_id=project_id, command="rm", args=["Ben"])
    assert course.client.map("write_text_file_to_project", CLASS, **write).summary == "7 done before, 1 sent"


def test_too_many_failures_end_it(course: Course) -> None:
    course.fault(status=400, times=100)

    made = course.make(jobs=1, max_fail=0.3)

    assert made.counts == {"failed": 3, "skipped": 5}
    assert made.stopped == "3 rows have failed"


def test_a_key_that_is_refused_ends_it(course: Course) -> None:
    client = Client(course.box.url, "sk-000000000000000000aaaa", session=course.box.session())

    with pytest.raises(KeyRefused):
        client.map("create_project", CLASS, title="${row.name}")
    assert course.titles == []


def test_stop_finishes_what_is_under_way_and_the_next_call_does_the_rest(course: Course) -> None:
    stop = threading.Event()

    def look(progress: Progress) -> None:
        if progress.done >= 1:
            stop.set()

    course.fault(latency=0.11, times=100)
    made = course.make(jobs=2, stop=stop, on_progress=look)

    assert made.stopped == "stopped"
    sent = made.counts["ok"]
    assert 1 <= sent < 8
    assert made.counts == {"ok": sent, "skipped": 8 - sent}
    assert len(course.titles) == sent
    assert course.make().summary == f"{sent} done before, {8 - sent} sent"


def test_progress_begins_at_once_and_ends_with_everything(course: Course) -> None:
    seen: list[Progress] = []

    course.make(on_progress=seen.append)

    assert (seen[0].phase, seen[0].done, seen[0].total) == ("checking", 0, None)
    assert (seen[-1].phase, seen[-1].done, seen[-1].total, seen[-1].failed) == ("sending", 8, 8, 0)


def test_progress_groups_errors_with_the_names_of_their_rows(course: Course) -> None:
    seen: list[Progress] = []
    course.fault(status=400, times=3)

    course.make(jobs=1, on_progress=seen.append)

    (problem,) = seen[-1].errors
    assert (problem.error, problem.count, problem.names) == ("Bad Request", 3, ("Ada", "Ben", "Cleo"))


def test_a_threadpool_of_ones_own(course: Course) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert course.make(executor=pool).summary == "8 sent"
        assert course.make(executor=pool).summary == "8 done before"


def test_a_job_that_is_running_is_not_run_a_second_time(course: Course) -> None:
    problems: list[str] = []

    def again(progress: Progress) -> None:
        if progress.phase == "sending" and not problems:
            with pytest.raises(JournalFailed) as told:
                course.make()
            problems.append(str(told.value))

    assert course.make(on_progress=again).summary == "8 sent"
    assert problems[0].startswith("this job is running already, in this kernel or another.")
    assert course.titles == EACH


def test_the_failed_rows_of_a_result_are_left_out_of_the_next(course: Course) -> None:
    course.fault(status=400, times=1)
    made = course.make(jobs=1)

    touched = course.client.map("touch_project", made, project_id="${row.project_id}")

    assert (touched.summary, touched.left_out) == ("7 sent", 1)


def test_a_problem_in_a_row_is_told_before_anything_is_sent(course: Course) -> None:
    with pytest.raises(InvalidValue, match=r"Ben \(row 2\): start takes true or false"):
        course.client.map(
            "create_project", CLASS, title="${row.name}", start=lambda row: row.name == "Ada" or "?"
        )
    assert course.titles == []


def test_what_the_server_says_of_busy_is_waited_for(course: Course) -> None:
    phases: list[str] = []
    course.fault(status=429, retry_after=0.3, times=8)

    made = course.make(on_progress=lambda progress: phases.append(progress.phase))

    assert made.summary == "8 sent"
    assert "waiting" in phases


@pytest.mark.parametrize("asks", [{}, {"retry_after": 0.3}])
def test_a_busy_server_is_not_asked_about_every_row(course: Course, asks: dict[str, float]) -> None:
    """While it refuses, it gets those rows again that it has refused, and no others."""
    course.fault(status=429, times=3, **asks)

    made = course.make(jobs=2)

    assert made.summary == "8 sent"
    log = course.client.control("status")["requests"]
    assert len({entry["options"]["title"] for entry in log if "429" in entry["outcome"]}) == 2


@pytest.mark.slow
def test_a_server_that_cannot_be_reached_ends_it_and_what_was_not_sent_is_sent_next_time(
    course: Course, tmp_path: Path
) -> None:
    course.make(CLASS[:2])
    session = course.box.session()
    session.mount(course.box.url, Unplugged(course.box))
    client = Client(course.box.url, course.box.key, session=session)

    made = client.map("create_project", CLASS, title="${row.name}'s project", jobs=2)

    assert made.stopped.endswith("can't be reached: Connection refused.")
    assert made.counts["done before"] == 2
    assert made.counts["skipped"] >= 4
    assert course.make().summary == "2 done before, 6 sent"


class Unplugged(BaseAdapter):
    """The way to a sandbox, where connections for new projects are refused."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__()
        self._inner = box.adapter()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if str(request.path_url).endswith("/create_project"):
            raise requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
        return self._inner.send(request, *args, **options)

    def close(self) -> None:
        """Do nothing."""


def test_an_error_that_names_all_is_at_hand(course: Course) -> None:
    course.fault(status=400, times=2)

    failure = course.make(jobs=1).failure

    assert isinstance(failure, BulkFailed)
    assert "2 of 8 rows failed" in str(failure)
