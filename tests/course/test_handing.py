"""Folders into all projects, work out of them, and back: nothing lost, nothing written over."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.course import apply, collecting, ending, handing, local_files, planning, report
from cocalc_magic.course.definition import Student
from cocalc_magic.errors import BulkFailed, CoCalcError, InvalidValue
from cocalc_magic.sanitize.file_names import windows_refuses

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


@pytest.mark.parametrize(
    "name", [".", "", "class.yaml", ".class", ".class/notes.json", "../here", "got", "report.csv"]
)
def test_what_has_names_of_students_is_not_handed_out(
    box: Sandbox, opened: Open, ids: dict[str, str], name: str
) -> None:
    put(box, ids["Ada Adler"], "answer", "42")
    collecting.collect(opened(), "answer", Path("got"), group="A")
    report.report(opened(), Path("report.csv"))
    problem = "is for you alone, with names of students in it" if name else "a handout needs a folder"

    with pytest.raises(InvalidValue, match=problem):
        handing.handout(opened(), name)


def test_a_handout_has_the_name_of_its_folder_however_it_is_written(
    box: Sandbox, opened: Open, ids: dict[str, str]
) -> None:
    handing.handout(opened(), "week1/data/..", group="A")

    assert text_of(box, ids["Ada Adler"], "week1/task.md") == "Do it.\n"
    assert list(opened().notes.handouts) == ["week1"]
    with pytest.raises(InvalidValue, match=r"'\.\./\.\./etc' is not a path in a project"):
        handing.handout(opened(), "week1", to="../../etc")


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
        "nul.x",
        "x" * 200,
        "Zoë",
        unicodedata.normalize("NFD", "Zoë"),
    ]
    students = [Student(name, f"s{at}@example.com") for at, name in enumerate(names)]

    folders = list(local_files.folder_names(students).values())

    assert folders[:2] == ["Kim Lee (s0@example.com)", "kim lee (s1@example.com)"]
    assert folders[4:8] == ["a-b-c", "s5@example.com", "CON-", "nul-.x"]
    assert not any(map(windows_refuses, folders))
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in folders}) == len(names)
    assert all(len(name) < 120 and "/" not in name for name in folders)


def test_a_folder_has_files_from_one_path(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    """Else they would go back to where others came from."""
    put(box, ids["Ada Adler"], "week1/task.md", "1")
    put(box, ids["Ada Adler"], "week2/task.md", "2")
    collecting.collect(opened(), "week1/task.md", Path("both"))

    with pytest.raises(
        InvalidValue, match=r"both holds week1/task\.md\.\n  For week2/task\.md name another folder"
    ):
        collecting.collect(opened(), "week2/task.md", Path("both"))
    assert tree(folder / "both") == {"Ada Adler/task.md": "1"}


def test_the_home_folder_is_collected_without_being_a_handout(
    box: Sandbox, opened: Open, ids: dict[str, str]
) -> None:
    put(box, ids["Ada Adler"], "week1/answer.txt", "42")
    collecting.collect(opened(), ".", Path("all"), group="A")
    collecting.collect(opened(), "week1", Path("got"), group="A")

    assert list(opened().notes.handouts) == ["week1"]


def test_folders_of_students_are_for_the_teacher_alone_also_where_the_outer_one_was_there(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "week1/answer.txt", "42")
    (folder / "got").mkdir(mode=0o755)

    collecting.collect(opened(), "week1", Path("got"), group="A")

    assert oct((folder / "got" / "Ada Adler").stat().st_mode & 0o777) == "0o700"


def test_what_goes_on_at_the_same_time_notes_all_it_has_done(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    for name in ("Ada Adler", "Ben Birch"):
        put(box, ids[name], "week1/answer.txt", "42")
    rooms = [opened() for _ in range(3)]

    handing.handout(rooms[0], "week1", group="A")
    collecting.collect(rooms[1], "week1", Path("got"))
    report.report(rooms[2], Path("report.csv"))

    kept = opened().notes
    assert kept.handouts["week1"]["adler@example.com"].keys() == {"handed_out", "collected"}
    assert kept.handouts["week1"]["birch@example.com"].keys() == {"collected"}
    assert kept.files == ["report.csv"]


def test_what_ends_after_the_class_was_forgotten_notes_no_names_again(
    opened: Open, ids: dict[str, str], folder: Path
) -> None:
    room = opened()
    ending.forget(folder / "class.yaml")

    with pytest.raises(CoCalcError, match=r"class\.yaml is gone: what was done is not noted"):
        handing.handout(room, "week1")
    assert not (folder / ".class").exists()


def test_a_student_with_a_new_address_keeps_folder_and_history(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    handing.handout(opened(), "week1")
    collecting.collect(opened(), "week1", Path("got"))
    text = (folder / "class.yaml").read_text()
    (folder / "class.yaml").write_text(text.replace("birch@example.com", "yarrow@example.com"))
    room = opened()
    apply.apply(room, *planning.due(room))

    returned = handing.give_back(opened(), Path("got"))
    again = collecting.collect(opened(), "week1", Path("got"))

    assert returned.summary == "16 files sent, 8 of 8 students"
    assert again.summary == "0 files new, 8 of 8 students; 16 were there already"
    assert len(list((folder / "got").iterdir())) == 8
    assert report.report(opened())[1]["week1 returned"]
    assert "week1: handed out to 8, collected from 8, returned to 8." in report.status(opened()).remarks


def test_who_has_left_does_not_count(opened: Open, ids: dict[str, str], folder: Path) -> None:
    handing.handout(opened(), "week1")
    text = (folder / "class.yaml").read_text()
    (folder / "class.yaml").write_text(
        text.replace("  - name: Ada Adler\n    email: adler@example.com\n    group: A\n", "")
    )

    assert "week1: handed out to 7, collected from 0, returned to 0." in report.status(opened()).remarks


# -- return ----------------------------------------------------------------------------------------


def test_marked_work_goes_back_beside_what_was_handed_in(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    put(box, ids["Ada Adler"], "hw/week1/answer.txt", "42")
    collecting.collect(opened(), "hw/week1", Path("got"))
    (folder / "got/Ada Adler/marks.txt").write_text("17")

    result = handing.give_back(opened(), Path("got"))

    assert result.summary == "2 files sent, 1 of 8 students"
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
    assert handing.give_back(opened(), Path("mine"), to="back").summary == "1 file sent, 1 of 8 students"


def test_where_nobody_has_handed_in_nothing_is_called_done(opened: Open, ids: dict[str, str]) -> None:
    assert collecting.collect(opened(), "answer", Path("got")).state == ("nothing done", "warning")
    handing.handout(opened(), "week1", group="A")

    some = collecting.collect(opened(), "week1", Path("got"))
    assert some.state == ("in part", "warning")
    assert some.failed_first.columns == (
        "name", "email", "group", "files", "unchanged", "conflicts", "note", "folder", "missing", "project_id"
    )  # fmt: skip


def test_a_folder_stays_whose_it_was_when_names_change(
    box: Sandbox, opened: Open, ids: dict[str, str], folder: Path
) -> None:
    """Marked work never goes to whoever is called now as somebody else was."""
    put(box, ids["Ada Adler"], "answer", "of the first")
    collecting.collect(opened(), "answer", Path("got"))
    text = (folder / "class.yaml").read_text()
    another = "  - {name: Ada Adler, email: yarrow@example.com}\n"
    (folder / "class.yaml").write_text(text.replace("Ada Adler", "Ada Beck") + another)
    room = opened()
    made = {row["name"]: row["project_id"] for row in apply.apply(room, *planning.due(room))}
    put(box, made["Ada Adler"], "answer", "of the second")

    collecting.collect(opened(), "answer", Path("got"))
    (folder / "got" / "Ada Adler" / "mark").write_text("1")
    handing.give_back(opened(), Path("got"))

    assert tree(folder / "got") == {
        "Ada Adler/answer": "of the first",
        "Ada Adler/mark": "1",
        "Ada Adler (yarrow@example.com)/answer": "of the second",
    }
    assert text_of(box, ids["Ada Adler"], "graded-answer/mark") == "1"
    assert text_of(box, made["Ada Adler"], "graded-answer/answer") == "of the second"


def test_a_note_of_a_folder_leads_nowhere_else(folder: Path) -> None:
    ada = Student("Ada Adler", "ada@example.com")

    for noted in ("../up", "/etc", "..", ".ssh", "a/b", ""):
        assert local_files.folder_names([ada], {"ada@example.com": noted}) == {"ada@example.com": "Ada Adler"}
