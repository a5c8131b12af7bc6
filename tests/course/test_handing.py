"""Folders into all projects, work out of them, and back: nothing lost, nothing written over."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.course import apply, collecting, handing, local_files, planning
from cocalc_magic.course.definition import Student
from cocalc_magic.errors import BulkFailed, InvalidValue

if TYPE_CHECKING:
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.sandbox.testing import Sandbox
    from tests.course.conftest import Open


@pytest.fixture
def ids(opened: Open, folder: Path) -> dict[str, str]:
    """The projects of the class by the students' names; a handout is in the folder."""
    room = opened()
    (folder / "week1" / "data").mkdir(parents=True)
    (folder / "week1" / "task.md").write_text("Do it.\n")
    (folder / "week1" / "data" / "a b.csv").write_text("1,2\n")
    return {row["name"]: row["project_id"] for row in apply.apply(room, *planning.due(room))}


def put(box: Sandbox, project_id: str, path: str, text: str) -> None:
    box.world.folders.write(project_id, path, text.encode())


def text_of(box: Sandbox, project_id: str, path: str) -> str:
    with box.world.folders.open(project_id, path) as file:
        return file.read(1_000).decode()


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_handout_goes_into_every_project_once(box: Sandbox, opened: Open, ids: dict[str, str]) -> None:
    result = handing.handout(opened(), "week1")

    assert result.summary == "16 files sent, 8 of 8 students"
    assert "8 projects were not running and started." in result.remarks
    assert {text_of(box, each, "week1/data/a b.csv") for each in ids.values()} == {"1,2\n"}

    again = handing.handout(opened(), "week1/")
    assert again.summary == "0 files sent, 8 of 8 students; 16 were there already"
    assert again.remarks == ()


def test_what_a_student_has_changed_is_not_written_over(
    box: Sandbox, opened: Open, ids: dict[str, str]
) -> None:
    handing.handout(opened(), "week1")
    put(box, ids["Ada Adler"], "week1/task.md", "mine")

    result = handing.handout(opened(), "week1")

    assert isinstance(result.failure, BulkFailed)
    assert "Ada Adler (row 1): week1/task.md is in the project already, with other content" in str(
        result.failure
    )
    assert "The same line again does the rest; --force writes over files." in str(result.failure)
    assert text_of(box, ids["Ada Adler"], "week1/task.md") == "mine"
    assert handing.handout(opened(), "week1", force=True).failure is None
    assert text_of(box, ids["Ada Adler"], "week1/task.md") == "Do it.\n"


def test_a_handout_of_the_file_says_where_it_is_and_goes(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    text = (folder / "class.yaml").read_text()
    extra = "handouts: {first: {folder: week1, to: work/one, due: 2026-09-14}}\nstudents:\n"
    (folder / "class.yaml").write_text(text.replace("students:\n", extra))

    handing.handout(opened(), "first", group="A")

    assert text_of(box, ids["Ada Adler"], "work/one/task.md") == "Do it.\n"
    assert opened().notes.handouts["first"].keys() == {
        "adler@example.com", "castor@example.com", "ember@example.com", "garnet@example.com"
    }  # fmt: skip


def test_a_folder_that_is_not_here_and_a_group_that_nobody_is_in_are_told(
    opened: Open, ids: dict[str, str]
) -> None:
    with pytest.raises(InvalidValue, match="there is no folder week2 here"):
        handing.handout(opened(), "week2")
    with pytest.raises(InvalidValue, match="nobody is in the group 'C'"):
        handing.handout(opened(), "week1", group="C")


# -- collect ---------------------------------------------------------------------------------------


def test_work_comes_into_a_folder_with_the_students_name(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    for name, project_id in ids.items():
        if name != "Ben Birch":
            put(box, project_id, "week1/answer.txt", f"of {name}")

    result = collecting.collect(opened(), "week1", Path("got"))

    assert tree(folder / "got") == {
        f"{name}/answer.txt": f"of {name}" for name in ids if name != "Ben Birch"
    }  # fmt: skip
    assert "Missing from 1: Ben Birch." in result.remarks
    assert result.failure is None
    assert oct((folder / "got").stat().st_mode & 0o777) == "0o700"
    again = collecting.collect(opened(), "week1", Path("got"))
    assert again.summary == "0 files new, 7 of 8 students; 7 were there already"


def test_what_is_here_with_other_content_stays_beside_what_comes(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "week1/answer.txt", "first")
    collecting.collect(opened(), "week1", Path("got"), group="A")
    put(box, ids["Ada Adler"], "week1/answer.txt", "second")

    result = collecting.collect(opened(), "week1", Path("got"), group="A")
    collecting.collect(opened(), "week1", Path("got"), group="A")

    assert tree(folder / "got") == {
        "Ada Adler/answer.txt": "first", "Ada Adler/answer (2).txt": "second"
    }  # fmt: skip
    assert "Kept beside files with other content, as NAME (2): Ada Adler." in result.remarks


def test_hashes_are_noted_for_their_owner_alone(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "answer.txt", "42")
    collecting.collect(opened(), "answer.txt", Path("got"))

    file = folder / ".class" / "collected.json"
    noted: Any = json.loads(file.read_text())
    assert noted[str(folder / "got")]["students"]["adler@example.com"]["files"] == {
        "answer.txt": "73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049"
    }
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_odd_names_come_as_they_are(box: Sandbox, opened: Open, ids: dict[str, str], folder: Path) -> None:
    names = [
        "é.txt",
        unicodedata.normalize("NFD", "é.txt"),
        "-rf",
        "a\nb",
        "日本 語",
        "'q' \"d\" $HOME `x`.txt",
    ]
    for name in names:
        put(box, ids["Ada Adler"], f"week1/{name}", name)

    collecting.collect(opened(), "week1", Path("got"), group="A")

    assert tree(folder / "got") == {f"Ada Adler/{name}": name for name in names}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_a_name_that_is_no_text_comes_and_is_noted(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "week1/\udcff.txt", "1")
    collecting.collect(opened(), "week1", Path("got"), group="A")
    put(box, ids["Ada Adler"], "week1/\udcff.txt", "2")

    again = collecting.collect(opened(), "week1", Path("got"), group="A")

    assert again.summary == "1 file new, 1 of 4 students"
    assert tree(folder / "got") == {"Ada Adler/\udcff.txt": "1", "Ada Adler/\udcff (2).txt": "2"}
    noted: Any = json.loads((folder / ".class" / "collected.json").read_text())
    assert "\udcff (2).txt" in noted[str(folder / "got")]["students"]["adler@example.com"]["files"]


def test_files_that_vanish_meanwhile_are_told_and_none_is_lost(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    """The listing has them, and when they are read they are gone."""
    put(box, ids["Ada Adler"], "week1/answer.txt", "42")
    put(box, ids["Ada Adler"], "week1/draft.txt", "x" * 100)
    room = opened()
    removing = Removing(room, box, ids["Ada Adler"], "week1/draft.txt")

    result = collecting.collect(removing.room, "week1", Path("got"), group="A")

    assert removing.done
    assert tree(folder / "got") == {"Ada Adler/answer.txt": "42"}
    assert result[0]["note"] == "vanished meanwhile: week1/draft.txt"


class Removing:
    """A class whose server loses a file after it was listed: an adapter in front of the sandbox's."""

    def __init__(self, room: Classroom, box: Sandbox, project_id: str, path: str) -> None:
        self.room, self.done, self.commands = room, False, 0
        transport = box.adapter()
        send = transport.send

        def losing(request: Any, **how: Any) -> Any:
            response = send(request, **how)
            if not self.done and project_id in str(request.body) and b"project_exec" in response.content:
                box.world.folders.remove(project_id, path)
                self.done = True
            return response

        transport.send = losing  # type: ignore[assignment,method-assign]  # of this adapter alone
        session = box.session()
        session.mount(box.url, transport)
        room.client = type(room.client)(box.url, box.key, session=session)


def test_names_that_clash_get_their_addresses() -> None:
    names = [
        "Kim Lee",
        "kim lee",
        "Ａda",
        "Ada",
        "a/b:c",
        "..",
        "CON",
        "x" * 200,
        "Zoë",
        unicodedata.normalize("NFD", "Zoë"),
    ]
    students = [Student(name, f"s{at}@example.com") for at, name in enumerate(names)]

    folders = list(local_files.folder_names(students).values())

    assert folders[:2] == ["Kim Lee (s0@example.com)", "kim lee (s1@example.com)"]
    assert folders[4:7] == ["a-b-c", "s5@example.com", "CON-"]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in folders}) == len(names)
    assert all(len(name) < 120 and "/" not in name for name in folders)


# -- return ----------------------------------------------------------------------------------------


def test_marked_work_goes_back_beside_what_was_handed_in(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "hw/week1/answer.txt", "42")
    collecting.collect(opened(), "hw/week1", Path("got"))
    (folder / "got/Ada Adler/marks.txt").write_text("17")

    result = handing.give_back(opened(), Path("got"))

    assert result.summary == "2 files sent, 1 of 1 students"
    assert text_of(box, ids["Ada Adler"], "hw/graded-week1/marks.txt") == "17"
    assert any(remark.startswith("Without a folder in got: Ben Birch") for remark in result.remarks)
    assert set(opened().notes.handouts["week1"]["adler@example.com"]) == {"collected", "returned"}


def test_a_folder_that_was_not_collected_into_needs_a_path(
    opened: Open, ids: dict[str, str], folder: Path
) -> None:
    (folder / "mine" / "Ada Adler").mkdir(parents=True)
    (folder / "mine" / "Ada Adler" / "x").write_text("x")

    with pytest.raises(InvalidValue, match="nothing was collected into mine"):
        handing.give_back(opened(), Path("mine"))
    assert handing.give_back(opened(), Path("mine"), to="back").summary == "1 file sent, 1 of 1 students"
