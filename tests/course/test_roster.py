"""Lists of students as schools export them, and CoCalc's own course file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.bulk.data import rows_of
from cocalc_magic.course import page_file, roster, title
from cocalc_magic.course.definition import Student, parsed_moment
from cocalc_magic.errors import InvalidMessage, InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

ADA = Student("Ada Example", "ada@example.com")


def students(tmp_path: Path, text: str) -> tuple[Student, ...]:
    (tmp_path / "students.csv").write_text(text, encoding="utf-8")
    return roster.students_of(rows_of(str(tmp_path / "students.csv")))


@pytest.mark.parametrize(
    "header",
    [
        "name,email", "Name,E-Mail", "STUDENT NAME,E-mail Address", "Full name;Mail", "name\temail_address",
        "\ufeffName,Email", "Display name,e mail",
    ],
)  # fmt: skip
def test_columns_are_known_by_their_headers_in_any_case(tmp_path: Path, header: str) -> None:
    delimiter = next(sign for sign in ";\t," if sign in header)

    assert students(tmp_path, f"{header}\nAda Example{delimiter}ada@example.com\n\n") == (ADA,)


@pytest.mark.parametrize(
    "header", ["First name,Last name,Mail", "Given Name,Surname,E-Mail", "first_name,last_name,email"]
)
def test_a_name_may_be_in_two_columns(tmp_path: Path, header: str) -> None:
    assert students(tmp_path, f"{header}\nAda,Example,ada@example.com\n") == (ADA,)


def test_a_name_that_begins_with_the_last_name_is_turned(tmp_path: Path) -> None:
    assert students(tmp_path, 'Name,Email\n"Example, Ada",ada@example.com\n') == (ADA,)


@pytest.mark.parametrize(
    ("text", "name", "columns"),
    [
        ("Name;Vorname;E-Mail\nMüller;Eva;e@x\n", "Eva Müller", {}),
        ("Surname,Name,Email\nExample,Ada,e@x\n", "Ada Example", {}),
        ("Name,First name,Email\nAda Example,Ada,e@x\n", "Ada Example", {"First name": "Ada"}),
        ('Name,First name,Email\n"Example, Ada",Ada,e@x\n', "Ada Example", {"First name": "Ada"}),
        ("Full name,Surname,Email\nAda Example,King,e@x\n", "Ada Example", {"Surname": "King"}),
        ("name,First,Last,Email\nAda,A.,E.,e@x\n", "A. E.", {"name_": "Ada"}),
    ],
)
def test_no_part_of_a_name_is_lost(tmp_path: Path, text: str, name: str, columns: dict[str, str]) -> None:
    assert students(tmp_path, text) == (Student(name, "e@x", columns=columns),)


def test_an_own_column_may_be_called_as_one_with_a_meaning(tmp_path: Path) -> None:
    known = students(tmp_path, "Name,Email,Group,group,group_\nAda,a@x,A,lab,1\n")

    assert known == (Student("Ada", "a@x", "A", columns={"group__": "lab", "group_": "1"}),)


def test_whole_numbers_of_a_column_with_gaps_stay_whole() -> None:
    records = [{"name": "A", "email": "a@x", "group": 1.0, "seat": 2.5}]

    assert roster.students_of(rows_of(records)) == (Student("A", "a@x", "1", columns={"seat": "2.5"}),)


def test_other_columns_are_the_teachers_own(tmp_path: Path) -> None:
    one = students(tmp_path, "Email,Section,Student ID,Name,Remark\nada@example.com,B,007,Ada Example,\n")[0]

    assert (one.group, one.columns) == ("B", {"Student ID": "007"})


def test_a_column_called_project_is_that_of_ids_alone(tmp_path: Path) -> None:
    """Whoever gives students topics calls that a project, too."""
    known = students(tmp_path, f"name,email,Project\nA,a@x,{PROJECT.upper()}\nB,b@x,Solar panels\n")

    assert [student.project for student in known] == [PROJECT, ""]
    assert known[1].columns == {"Project": "Solar panels"}


def test_records_need_not_all_have_the_same_columns() -> None:
    records = [
        {"name": "Ada Example", "mail": "ada@example.com"},
        {"mail": "b@example.com", "name": "Ben", "group": "B"},
    ]

    assert roster.students_of(rows_of(records)) == (ADA, Student("Ben", "b@example.com", "B"))
    assert roster.students_of(rows_of(records[::-1])) == (Student("Ben", "b@example.com", "B"), ADA)


def test_records_of_the_notebook_will_do() -> None:
    assert roster.students_of(rows_of([{"name": "Ada Example", "mail": "ada@example.com", "age": None}])) == (
        ADA,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,phone\nAda,1\n", "has no column for the e-mail address"),
        ("first name,email\nAda,a@x\n", "has no column for the name"),
        ("name,email\n", "has no students"),
        ("name,email\nAda,ada\n", "row 1 of .*'ada' is not an e-mail address"),
        ("name,email\n,a@x\n", "row 1 of .*there is no name"),
        ("name,email\nA,a@x\nB,A@x\n", "rows 1 and 2 of .* have the same address, A@x"),
        ("name,email\nA\u202e,a@x\n", "invisible character"),
        ("name,email\nA\ufffe,a@x\n", "row 1 of .*name has an invisible character, U.FFFE"),
    ],
)
def test_a_list_that_will_not_do_is_told(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidMessage, match=problem):
        students(tmp_path, text)


# -- NAME.course -----------------------------------------------------------------------------------

PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
RECORDS: list[dict[str, Any]] = [
    {"table": "settings", "title": "Statistics 101", "allow_collabs": True},
    {
        "table": "students", "student_id": "s1", "email_address": "ada@example.com", "first_name": "Ada",
        "last_name": "Example", "project_id": PROJECT, "unknown": {"kept": 1},
    },
    {"table": "students", "student_id": "s2", "account_id": "x", "first_name": "Bob", "last_name": "Known"},
    {"table": "students", "student_id": "s3", "email_address": "c@example.com", "deleted": True},
    {
        "table": "assignments", "assignment_id": "a1", "path": "hw/week1", "target_path": "hw/week1",
        "due_date": "2026-09-14T23:59:00.000Z", "grades": {"s1": "17"}, "comments": {"s1": "good"},
        "last_assignment": {"s1": {"time": 1_789_000_000_000}},
        "last_collect": {"s1": {"time": 1_789_100_000_000, "error": "no such path"}},
    },
    {"table": "handouts", "handout_id": "h1", "path": "data", "status": {"s1": {"time": 1_789_000_000_000}}},
    {"table": "assignments", "assignment_id": "a2", "path": "../etc"},
]  # fmt: skip


def course_file(*records: object) -> str:
    return "\n".join(json.dumps(record) for record in records)


def test_the_file_of_the_course_page_becomes_a_class() -> None:
    page = page_file.read(course_file(*RECORDS), "stat.course")

    assert page.course.name == "Statistics 101"
    assert page.course.students == (Student("Ada Example", "ada@example.com", project=PROJECT),)
    assert [(item.name, item.folder, item.to) for item in page.course.handouts] == [
        ("week1", "hw/week1", "hw/week1"), ("data", "data", "data")
    ]  # fmt: skip
    assert page.course.handouts[0].due == parsed_moment("2026-09-14T23:59+00:00")
    assert page.left_out == ("Bob Known has no e-mail address in it",)


def test_what_the_page_noted_is_taken_over() -> None:
    notes = page_file.read(course_file(*RECORDS), "stat.course").notes

    assert notes["week1"]["ada@example.com"] == {
        "handed_out": "2026-09-10T00:26:40+00:00", "grade": "17", "comment": "good"
    }  # fmt: skip
    assert notes["data"]["ada@example.com"] == {"handed_out": "2026-09-10T00:26:40+00:00"}


@pytest.mark.parametrize(
    "text", ["not json", "[1]", '{"a": 1}', "", '{"table": "students"}\nnull', "[" * 100_000]
)
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="course file"):
        page_file.read(text, "x.course")


def test_a_file_of_odd_values_is_read_as_far_as_it_goes() -> None:
    odd = [
        {"table": "students", "student_id": 1, "email_address": ["a@x"], "first_name": 7},
        {
            "table": "students",
            "student_id": "s",
            "email_address": "a@x",
            "first_name": None,
            "project_id": {},
        },
        {"table": "assignments", "path": 5},
        {
            "table": "assignments",
            "path": "w",
            "grades": [1],
            "last_collect": {"s": {"time": 1e300}},
            "due_date": 3,
        },
    ]

    page = page_file.read(course_file(*odd), "x.course")

    assert page.course.students == (Student("a", "a@x"),)
    assert page.course.name == "x"


def test_who_is_there_twice_is_told_and_is_one_student() -> None:
    twice = [
        {"table": "students", "student_id": "1", "email_address": "a@x", "first_name": "Ada"},
        {"table": "students", "student_id": "2", "email_address": "A@x", "first_name": "Ada again"},
        {"table": "assignments", "path": "w", "grades": {"2": "3"}},
    ]

    page = page_file.read(course_file(*twice), "x.course")

    assert page.course.students == (Student("Ada", "a@x"),)
    assert page.left_out == ("Ada again has the same address as Ada",)
    assert page.notes["w"]["a@x"]["grade"] == "3"


def test_two_students_of_one_name_get_titles_that_differ() -> None:
    pattern = title.pattern_for([ADA, Student("Ada Example", "other@example.com")])

    assert pattern == "${course}: ${name} (${email})"
