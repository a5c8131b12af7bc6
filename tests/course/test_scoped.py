"""A class where keys are scoped: projects are made, people do the rest, and apply goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.course import apply, class_file, classroom, collecting, handing, opening, planning, report
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

    assert result.summary == "1 file sent, 1 of 1 students"
    assert any("Without a project that the key may use: Ben Birch" in remark for remark in result.remarks)
    assert collecting.collect(school.room(), "week1", Path("got")).summary == "1 file new, 1 of 1 students"
    assert report.status(school.room()).failure is None


def test_a_key_that_may_not_list_projects_is_refused(school: School) -> None:
    keys = school.box.world.keys
    scope = keys.find(school.key).scope
    less = type(scope)(("project:create",), scope.projects)
    teacher = school.box.world.store.select("accounts", limit=1)[0]["account_id"]
    school.key = keys.create_scoped(teacher, "little", less)

    with pytest.raises(ServerError, match="project:list"):
        planning.make(school.room())
