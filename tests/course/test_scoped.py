"""A class where keys are scoped: projects are made, people do the rest, and apply goes on where it stopped."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.course import (
    apply,
    class_board,
    class_file,
    classroom,
    collecting,
    ending,
    handing,
    opening,
    planning,
    report,
    run_command,
)
from cocalc_magic.errors import ServerError
from cocalc_magic.sandbox.class_world import students
from cocalc_magic.sandbox.domain import members
from cocalc_magic.sandbox.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.result import CourseResult


class School:
    """A sandbox with scoped keys, and the class file of two students."""

    def __init__(self, box: Any, folder: Path) -> None:
        self.box, self.file = box, folder / class_file.DEFAULT_NAME
        self.key = box.key
        roster = [
            {"name": f"{one['first_name']} {one['last_name']}", "email": one["email_address"]}
            for one in students()[:2]
        ]
        opening.from_list(roster, self.file, "Statistics 101")

    def room(self) -> Classroom:
        client = Client(self.box.url, self.key, session=self.box.session())
        return classroom.opened(client, self.file)

    def apply(self) -> CourseResult:
        room = self.room()
        return apply.apply(room, *planning.due(room))

    def add_to_key(self, project_ids: list[str]) -> None:
        """What the teacher does on the page of keys."""
        keys = self.box.world.keys
        scope = keys.find(self.key).scope
        more = type(scope)(scope.capabilities, (*scope.projects, *project_ids))
        teacher = self.box.world.store.select("accounts", limit=1)[0]["account_id"]
        self.key = keys.create_scoped(teacher, "of the class", more)

    def let_in(self, project_id: str, address: str) -> None:
        """What the teacher does in the settings of a project."""
        world = self.box.world
        account = world.store.select("accounts", [("email_address", "=", address)])[0]
        members.add(world, project_id, account["account_id"])


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    options: dict[str, Any] = {"generation": "ai"}
    with Sandbox(world=Path("class"), **options) as box:
        yield School(box, tmp_path)


def test_projects_are_made_and_what_people_do_is_told(school: School) -> None:
    plan = planning.make(school.room())
    assert plan.summary == "+ 2 to make"
    assert plan[0]["what"] == "make the project; add the student by hand"

    result = school.apply()

    assert result.summary == "2 students changed"
    assert result.failure is None
    ids = [row["project_id"] for row in result]
    keys, people = result.remarks
    assert keys.splitlines()[0].endswith("/settings/keys, then apply again:")
    assert keys.splitlines()[1:] == ids
    assert people.splitlines()[1:] == [
        "add adler@example.com: Statistics 101: Ada Adler", "add birch@example.com: Statistics 101: Ben Birch"
    ]  # fmt: skip


def test_apply_goes_on_where_it_stopped(school: School) -> None:
    text = school.file.read_text()
    school.file.write_text(text.replace("students:", "prepare: [echo ready > log]\nstudents:"))
    ids = [row["project_id"] for row in school.apply()]
    assert school.apply().summary == "nothing to send: the rest is done by hand"

    school.add_to_key(ids)
    school.let_in(ids[0], "adler@example.com")
    again = school.apply()

    assert again.summary == "2 students changed"
    assert again.remarks[0].splitlines()[1:] == ["add birch@example.com: Statistics 101: Ben Birch"]
    with school.box.world.folders.open(ids[0], "log") as file:
        assert file.read(100) == b"ready\n"
    school.let_in(ids[1], "birch@example.com")
    assert planning.drift(school.room()).summary == "= 2 as planned"
    assert len({project["title"] for project in school.box.world.store.select("projects")}) == 3


def test_a_new_kernel_without_notes_makes_nothing_twice_by_its_plan(school: School) -> None:
    """Titles alone do not say whose a project is there: the journal knows what was made."""
    first = [row["project_id"] for row in school.apply()]
    (school.file.parent / ".class" / "notes.json").unlink()

    assert [row["project_id"] for row in school.apply()] == first


def test_work_goes_into_projects_that_the_key_may_use(school: School, tmp_path: Path) -> None:
    ids = [row["project_id"] for row in school.apply()]
    school.add_to_key(ids[:1])
    (tmp_path / "week1").mkdir()
    (tmp_path / "week1" / "task.md").write_text("Do it.\n")

    result = handing.handout(school.room(), "week1")

    assert result.summary == "1 file sent, 1 of 2 students"
    assert any("Without a project that the key may use: Ben Birch" in remark for remark in result.remarks)
    assert collecting.collect(school.room(), "week1", Path("got")).summary == "1 file new, 1 of 2 students"
    assert report.status(school.room()).failure is None


def test_where_no_project_may_be_used_nothing_is_called_done(school: School, tmp_path: Path) -> None:
    school.apply()
    (tmp_path / "week1").mkdir()

    for result in (handing.handout(school.room(), "week1"), run_command.run(school.room(), "ls")):
        assert result.state == ("nothing done", "warning")
    assert school.apply().state == ("in part", "warning")
    drift = planning.drift(school.room())
    assert "course plan, then course apply" not in " ".join(drift.remarks)
    assert "by hand, in the settings of each project" in drift.remarks[-1]
    ended = ending.Ending(school.room()).carry_out(stop=True, remove=False)
    assert "Without a project that the key may use: Ada Adler, Ben Birch" in ended.remarks[0]


def test_what_a_server_does_not_tell_is_not_known(school: School) -> None:
    ids = [row["project_id"] for row in school.apply()]
    school.add_to_key(ids)

    status = report.status(school.room())
    assert status.summary == "2 students; who has started and what runs is not known"
    assert {(row["account"], row["state"], row["last_active"]) for row in status} == {
        ("not known", "not known", "not known")
    }
    assert not any("started" in remark for remark in status.remarks)
    board = class_board.board(school.room()).board
    assert {cell.word for row in board.rows for cell in row.cells} == {"not known"}
    assert not any("started" in remark for remark in run_command.run(school.room(), "true").remarks)


def test_at_the_end_all_that_may_run_is_stopped_and_people_are_taken_out_by_hand(school: School) -> None:
    ids = [row["project_id"] for row in school.apply()]
    school.add_to_key(ids)
    school.let_in(ids[0], "adler@example.com")
    run_command.run(school.room(), "true")
    term = ending.Ending(school.room())
    assert term.outlook(datetime.now(timezone.utc)).remarks[:2] == (
        "Not known to be stopped: 2 projects. --stop stops them.",
        "In their projects: 1 student. --remove-students lists them, to be taken out by hand.",
    )

    ended = term.carry_out(stop=True, remove=True)

    assert ended.failure is None
    assert ended.summary == "2 projects stopped, 0 students out of their projects"
    assert ended.state == ("in part", "warning")
    assert ended.remarks[-1].splitlines()[1:] == ["remove adler@example.com: Statistics 101: Ada Adler"]
    states = {row["project_id"]: row["state"]["state"] for row in school.box.world.store.select("projects")}
    assert [states[project_id] for project_id in ids] == ["opened", "opened"]
    assert term.removable == []
    assert school.room().notes.ended == ""


def test_a_key_that_may_not_list_projects_is_refused(school: School) -> None:
    keys = school.box.world.keys
    scope = keys.find(school.key).scope
    less = type(scope)(("project:create",), scope.projects)
    teacher = school.box.world.store.select("accounts", limit=1)[0]["account_id"]
    school.key = keys.create_scoped(teacher, "little", less)

    with pytest.raises(ServerError, match="project:list"):
        planning.make(school.room())
