"""A plan, applied on a sandbox: once, again, after an edit, after failures; and what only looks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.bulk.journal import Journal
from cocalc_magic.client.many import job_of
from cocalc_magic.course import apply, class_folder, planning, report, saved_plan
from cocalc_magic.course.classroom import Work
from cocalc_magic.course.result import AS_PLANNED, DRIFT, CourseResult
from cocalc_magic.course.saved_plan import StalePlan
from cocalc_magic.errors import BulkFailed, CoCalcError, JournalFailed, NotSent

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic import Client
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.sandbox.testing import Sandbox
    from tests.course.conftest import Open

READS = {"query", "user_search", "ping", "/customize", "/user-query", "accounts/search"}


def do_apply(room: Classroom, *, invite: bool = True) -> CourseResult:
    planned, changes = planning.due(room)
    return apply.apply(room, planned, changes, invite=invite)


def titles(box: Sandbox) -> list[str]:
    return sorted(
        project["title"] for project in box.world.store.select("projects") if not project["deleted"]
    )


def text_of(box: Sandbox, project_id: str, path: str) -> str:
    with box.world.folders.open(project_id, path) as file:
        return file.read(1_000).decode()


def writes(box: Sandbox) -> list[str]:
    """The requests since the log was cleared that are not known to read."""
    entries = box.world.request_log.entries()
    return [
        f"{entry.event} {dict(entry.options)}"
        for entry in entries
        if entry.event not in READS or (entry.event == "query" and "[{" not in str(entry.options))
    ]


def edit(folder: Path, *changes: tuple[str, str]) -> None:
    file = folder / "class.yaml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def test_a_class_is_made_once(box: Sandbox, opened: Open) -> None:
    result = do_apply(opened())

    assert result.summary == "8 students changed"
    assert result.failure is None
    assert len(titles(box)) == 1 + 8
    assert {row["title"] for row in result} <= set(titles(box))
    assert len({row["project_id"] for row in result}) == 8


def test_members_are_added_and_who_has_no_account_is_invited(box: Sandbox, opened: Open) -> None:
    result = do_apply(opened())

    users = {row["title"]: row["users"] for row in box.world.store.select("projects")}
    assert [len(users[row["title"]]) for row in result] == [2] * 7 + [1]
    mails = box.world.store.select("outbox")
    assert [(mail["to"], mail["subject"]) for mail in mails] == [("dahlia@example.com", "Statistics 101")]
    assert "Statistics 101: Deniz Dahlia" in mails[0]["body"]


def test_a_student_is_added_while_projects_of_others_are_still_made(box: Sandbox, opened: Open) -> None:
    room = opened()
    room.work = Work(jobs=1)

    do_apply(room)

    events = [entry.event for entry in box.world.request_log.entries()]  # the last one first
    assert events.index("create_project") < len(events) - 1 - events[::-1].index("add_collaborator")


def test_projects_are_listed_once_for_a_plan_and_its_apply(box: Sandbox, opened: Open) -> None:
    room = opened()
    due = planning.due(room)
    box.world.request_log.clear()

    apply.apply(room, *due)

    assert {entry.event for entry in box.world.request_log.entries()} == {
        "create_project",
        "add_collaborator",
        "invite_noncloud_collaborators",
    }


def test_a_deleted_project_of_the_same_title_is_not_taken_for_one_whose_answer_is_lost(
    box: Sandbox, box_client: Client, opened: Open
) -> None:
    title = next(change.title for change in planning.due(opened())[1])
    old = box_client.create_project(title=title)["project_id"]
    box_client.query(query={"projects": {"project_id": old, "deleted": True}})
    box.fault(drop=True, event="create_project", times=2)

    result = do_apply(opened())

    assert result.failure is None
    assert len({row["project_id"] for row in result} - {old}) == 8


def test_without_invitations_nobody_is_written_to(box: Sandbox, opened: Open) -> None:
    result = do_apply(opened(), invite=False)

    assert box.world.store.select("outbox") == []
    assert result.remarks == ("Not invited, without an account: dahlia@example.com.",)
    assert "invite" not in str(result.to_frame()["done"].tolist())
    assert planning.drift(opened()).summary == "~ 1 to change, = 7 as planned"


def test_a_second_apply_sends_nothing_that_writes(box: Sandbox, opened: Open) -> None:
    planning.make(opened())
    do_apply(opened())
    box.world.request_log.clear()

    again = do_apply(opened())

    assert again.summary == "nothing to do: all is as planned"
    assert again.failure is None
    assert writes(box) == []


def test_what_only_looks_sends_nothing_that_writes_or_starts(
    box: Sandbox, opened: Open, folder: Path
) -> None:
    do_apply(opened())
    edit(folder, ("Ada Adler", "Ada Adler-Beck"))
    box.world.request_log.clear()

    planning.make(opened())
    assert planning.drift(opened()).exit_status == DRIFT
    report.status(opened())
    report.report(opened(), folder / "report.csv", folder / "report.html")

    assert writes(box) == []
    assert {project["state"]["state"] for project in box.world.store.select("projects")} == {"opened"}


EDITS = {
    "added": [("students:\n", "students:\n  - {name: Eva Neu, email: yarrow@example.com}\n")],
    "removed": [("  - name: Ada Adler\n    email: adler@example.com\n    group: A\n", "")],
    "renamed": [("name: Ada Adler", "name: Ada Beck")],
    "a new address": [("adler@example.com", "yarrow@example.com")],
    "swapped": [("adler@example.com", "x@"), ("birch@example.com", "adler@example.com"), ("x@", "birch@example.com")],
    "a new title": [("${course}: ${name}", "${name} (${course})")],
    "staff": [("students:\n", "staff: [{name: Tim, email: aspen@example.com}]\nstudents:\n")],
    "no account any more": [("adler@example.com", "nobody@example.com")],
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_class_converges(box: Sandbox, opened: Open, folder: Path, name: str) -> None:
    before = {row["name"]: row["project_id"] for row in do_apply(opened())}
    edit(folder, *EDITS[name])

    result = do_apply(opened())

    assert result.failure is None
    assert planning.drift(opened()).exit_status == AS_PLANNED
    assert len(titles(box)) == 1 + 8 + (name == "added")
    assert len(set(titles(box))) == len(titles(box))
    kept = {row["project_id"] for row in result} & set(before.values())
    assert len(kept) == 8  # nobody got a new project in place of the old one


def test_a_new_address_lets_the_other_person_in_and_the_first_out(
    box: Sandbox, opened: Open, folder: Path
) -> None:
    first = do_apply(opened())[0]
    edit(folder, *EDITS["a new address"])
    do_apply(opened())

    accounts = {row["account_id"]: row["email_address"] for row in box.world.store.select("accounts")}
    users = (box.world.store.get("projects", first["project_id"]) or {})["users"]
    assert {accounts[account_id] for account_id in users} == {"iris@example.com", "yarrow@example.com"}


def test_nobody_is_taken_out_before_the_new_address_is_in(box: Sandbox, opened: Open, folder: Path) -> None:
    do_apply(opened())
    edit(folder, *EDITS["no account any more"])
    box.world.request_log.clear()
    assert apply.removals(planning.due(opened())[1], invite=False) == 0

    result = do_apply(opened(), invite=False)

    assert writes(box) == []
    assert result.state == ("in part", "warning")
    assert result.summary == "nothing sent: the rest is left"
    assert result.remarks[-1] == "Not taken out before the new address is in: adler@example.com."
    assert result[0]["left"] == "invite the student; remove adler@example.com"
    assert do_apply(opened())[0]["done"] == "invite the student; remove adler@example.com"


def test_nobody_is_taken_out_where_the_new_address_is_refused(
    box: Sandbox, opened: Open, folder: Path
) -> None:
    do_apply(opened())
    edit(folder, *EDITS["a new address"], ("${course}: ${name}", "${name} (${course})"))
    box.fault(status=403, event="add_collaborator", times=1)

    result = do_apply(opened())

    assert isinstance(result.failure, BulkFailed)
    assert "remove_collaborator" not in {entry.event for entry in box.world.request_log.entries()}
    ada = next(row for row in result if row["name"] == "Ada Adler")
    assert ada["done"] == "new title, was 'Statistics 101: Ada Adler'"
    assert ada["left"] == "add the student; remove adler@example.com"
    assert do_apply(opened()).failure is None
    assert planning.drift(opened()).exit_status == AS_PLANNED


def test_who_has_left_is_left_unless_deletion_is_planned(box: Sandbox, opened: Open, folder: Path) -> None:
    do_apply(opened())
    edit(folder, *EDITS["removed"])

    planned = planning.make(opened())
    assert planned.summary == "- 1 to leave, = 7 as planned"
    assert planned[0]["what"] == "no longer in the file; the project is left as it is"
    do_apply(opened())
    assert "Statistics 101: Ada Adler" in titles(box)

    deleting = planning.make(opened(), delete=True)
    assert "To be removed: 1. Beyond 5 % apply wants --max-delete 1." in deleting.remarks
    do_apply(opened())
    assert "Statistics 101: Ada Adler" not in titles(box)
    assert planning.drift(opened()).summary == "= 7 as planned"


# -- plans -----------------------------------------------------------------------------------------


def test_a_plan_that_no_longer_holds_is_refused_with_the_difference(
    opened: Open, folder: Path, box: Sandbox
) -> None:
    planning.make(opened())
    edit(folder, ("Ada Adler", "Ada Beck"))

    with pytest.raises(StalePlan, match="is to be called 'Statistics 101: Ada Beck' now"):
        do_apply(opened())
    assert titles(box) == ["Statistics 101"]

    planning.make(opened())
    assert do_apply(opened()).failure is None


def test_a_plan_that_was_applied_is_refused_once_the_server_has_changed(
    opened: Open, box_client: Any, box: Sandbox
) -> None:
    planning.make(opened())
    first = do_apply(opened())[0]
    box_client.query(query={"projects": {"project_id": first["project_id"], "deleted": True}})

    with pytest.raises(StalePlan, match="the project that was made is gone"):
        do_apply(opened())


def test_a_plan_that_nobody_asked_for_is_made_anew(opened: Open, box_client: Any, box: Sandbox) -> None:
    """Also where a project is gone that the journal knows as made."""
    first = do_apply(opened())[0]
    box_client.query(query={"projects": {"project_id": first["project_id"], "deleted": True}})

    again = do_apply(opened())

    assert again.summary == "1 student changed"
    assert again[0]["project_id"] != first["project_id"]
    assert planning.drift(opened()).exit_status == AS_PLANNED


def test_a_plan_for_another_server_is_not_applied_here(opened: Open) -> None:
    room = opened()
    planning.make(room)
    kept = saved_plan.load(room.file)
    assert kept is not None
    saved_plan.save(
        room.file, saved_plan.of(room.course, kept.changes, "https://lab", delete=False, reviewed=True)
    )

    with pytest.raises(StalePlan, match="it was made for https://lab"):
        do_apply(opened())


# -- failures --------------------------------------------------------------------------------------


def test_an_apply_that_is_stopped_is_taken_up(box: Sandbox, opened: Open) -> None:
    room = opened()
    stop = threading.Event()
    stop.set()
    room.work = Work(stop=stop)

    stopped = do_apply(room)

    assert stopped.failure is not None
    assert "stopped" in stopped.failure.problem
    assert titles(box) == ["Statistics 101"]
    assert do_apply(opened()).failure is None
    assert len(titles(box)) == 9


def test_two_kernels_make_nothing_twice(box: Sandbox, opened: Open) -> None:
    """The journal is locked while one of them makes projects."""
    room = opened()
    planning.make(room)
    about = job_of(room.client.router, catalog.find("create_project"), class_folder.folder_of(room.file))
    other = Journal(about)

    with pytest.raises(JournalFailed, match="this job is running already"):
        do_apply(room)
    other.close()
    assert titles(box) == ["Statistics 101"]
    assert do_apply(opened()).failure is None


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True, "event": "create_project"},
        {"drop": True, "after": True, "event": "create_project"},
        {"status": 503, "event": "create_project"},
        {"status": 429, "retry_after": 0, "event": "add_collaborator"},
        {"drop": True, "after": True, "event": "add_collaborator"},
    ],
    ids=str,
)
def test_failures_that_pass_double_nothing(box: Sandbox, opened: Open, fault: dict[str, Any]) -> None:
    box.fault(**fault, times=3)

    result = do_apply(opened())
    if result.failure:
        result = do_apply(opened())

    assert result.failure is None
    assert len(titles(box)) == len(set(titles(box))) == 9
    assert planning.drift(opened()).exit_status == AS_PLANNED


def test_who_failed_is_told_and_done_the_next_time(box: Sandbox, opened: Open, folder: Path) -> None:
    edit(folder, ("students:\n", 'prepare: ["test -e go", "echo ready >> log"]\nstudents:\n'))
    result = do_apply(opened())

    assert isinstance(result.failure, BulkFailed)
    assert result.failure.problem == "course apply: 8 of 8 rows failed (8 failed)."
    for row in result:
        box.world.folders.write(row["project_id"], "go", b"")
    assert do_apply(opened()).failure is None
    assert do_apply(opened()).summary == "nothing to do: all is as planned"
    assert {text_of(box, row["project_id"], "log") for row in result} == {"ready\n"}


def test_a_project_without_members_from_a_run_that_was_killed_is_taken_up(
    box: Sandbox, opened: Open, box_client: Any
) -> None:
    planning.make(opened())
    box_client.create_project(title="Statistics 101: Ada Adler")

    result = do_apply(opened())

    assert result.failure is None
    assert titles(box).count("Statistics 101: Ada Adler") == 1


def test_a_key_that_is_not_an_accounts_is_refused(opened: Open, box: Sandbox) -> None:
    room = opened()
    box.fault(status=403, event="query", times=20)

    with pytest.raises(CoCalcError):
        planning.make(room)


def test_a_class_that_has_ended_is_not_begun_again_by_chance(opened: Open) -> None:
    room = opened()
    do_apply(room)
    room.notes.ended = "2020-01-01T00:00:00+00:00"
    room.save_notes()

    with pytest.raises(NotSent, match="was ended on 2020-01-01"):
        do_apply(opened())
    planning.make(opened())
    assert do_apply(opened()).failure is None
