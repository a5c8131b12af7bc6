"""`class.yaml`: what it says, and what is said of one that is wrong."""

from __future__ import annotations

import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.course import class_file, class_text, title
from cocalc_magic.course.definition import Course, Handout, Person, Student, is_over, parsed_moment
from cocalc_magic.errors import CoCalcError, InvalidMessage

if TYPE_CHECKING:
    from pathlib import Path


def read(text: str) -> Course:
    return class_file.read(textwrap.dedent(text))


def test_the_form_in_its_documentation_is_read() -> None:
    course = read((class_file.__doc__ or "").split("\n\n", 1)[1])

    assert course.name == "Statistics 101"
    assert course.staff == (Person("Iris Instructor", "iris@example.com"),)
    assert course.students == (Student("Ada Example", "ada@example.com", "A", columns={"seat": "12"}),)
    assert course.handouts == (Handout("week1", "week1", "week1", parsed_moment("2026-09-14 23:59")),)
    assert course.prepare == ("mkdir -p notes",)
    assert title.title_of(course, course.students[0]) == "Statistics 101: Ada Example"


def test_values_stay_as_they_are_written() -> None:
    """No number, no truth value, no date, no variable of a notebook."""
    course = read(
        """\
        course: no
        title: $$5 ${course} $seat
        students:
          - {name: 007, email: a@b, seat: 1e5, born: 2001-01-01, price: $5, word: $name}
        prepare: ['echo "$HOME" ${x:-1} $$']
        """
    )

    assert course.name == "no"
    assert course.students[0].name == "007"
    assert course.students[0].columns == {
        "seat": "1e5", "born": "2001-01-01", "price": "$5", "word": "$name"
    }  # fmt: skip
    assert course.prepare == ('echo "$HOME" ${x:-1} $$',)
    assert title.title_of(course, course.students[0]) == "$5 no 1e5"


def test_a_date_alone_is_its_last_minute() -> None:
    due = read("course: x\nhandouts: {w: {due: 2026-09-14}, v: }").handouts

    assert due[0].due == parsed_moment("2026-09-14 23:59")
    assert due[1].due is None


@pytest.mark.parametrize(
    "names",
    [
        ["Ada Example"],
        ['Zoë "Z" O\'Neil-Smith, Jr.', "null", "yes", "12", "- x", "a: b", "# c", "$5", "$$name", "${x}"],
        [
            "علی‌رضا",
            "李 四",
            "👩‍🔬 Ada",
            "A\\b",
            "'q'",
            "{x}",
            "[y]",
            "&a",
            "*b",
            "!c",
            "%d",
            "@e",
            "`f`",
            "“g”",
        ],
    ],
)
def test_what_is_written_is_read_as_the_same(names: list[str]) -> None:
    students = tuple(
        Student(name, f"s{at}@example.com", name, columns={"own column": name, f"c {at}": "x"})
        for at, name in enumerate(names)
    )
    course = Course(
        names[-1],
        "${course}: ${name} (${email})",
        students,
        (Person(names[0], "staff@example.com"),),
        (Handout("week 1", "hand/week 1", "week 1", parsed_moment("2026-09-14")), Handout("b", "b", "c")),
        ('echo "a: $b" # c',),
    )

    assert class_file.read(class_text.written(course)) == course


ID = "project: 3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no zones")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "9999-12-31T23:59-14:00", "0001-01-01T00:00Z"])
def test_a_date_at_an_end_of_the_calendar_is_one_or_none(
    text: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = parsed_moment(text)
        assert moment is None or is_over(moment) == text.startswith("0001")
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads dates with dashes alone")
def test_a_date_without_dashes_is_its_last_minute_too() -> None:
    assert parsed_moment("20260914") == parsed_moment("2026-09-14") == parsed_moment("2026-09-14 23:59")


@pytest.mark.parametrize(
    ("text", "problem", "caret"),
    [
        ("", "a class file is written as name: value", ""),
        ("- a", "a class file is written as name: value", "- a"),
        ("a: [", "line 1: this is not YAML", "a: ["),
        ("version: 2\ncourse: x", "reads class files of version 1", "version: 2"),
        ("version: 1", "the name of the course is missing", "version"),
        ("course: x\nstudnets: []", "Did you mean students?", "studnets"),
        ("course: x\ncourse: y", "course is there twice", "course: y"),
        ("course: x\nstudents: {a: b}", "students is a list", "a: b"),
        ("course: x\nstudents: [ada]", "a student is written as name: value", "[ada]"),
        ("course: x\nstudents: [{name: A}]", "A has no email", "name: A"),
        ("course: x\nstudents: [{name: A, email: a b@c}]", "'a b@c' is not an e-mail address", "a b@c"),
        ("course: x\nstaff: [{name: A, email: q@x, group: B}]", "has no 'group'", "group"),
        ("course: x\nhandouts: {w: {due: soon}}", "'soon' is not a date", "soon"),
        ("course: x\nhandouts: {w: {folder: ../w}}", "'../w' is not a path below a folder", "../w"),
        ("course: x\nhandouts: {w: {to: /etc}}", "'/etc' is not a path below a folder", "/etc"),
        ("course: x\nhandouts: {../w: {}}", "'../w' is not a path below a folder", "../w"),
        ("course: x\nprepare: ls", "prepare is a list: begin each with a dash, as in - mkdir", "prepare: ls"),
        (
            "course: x\nstudents: [{name: A, email: a@x, project: 7}]",
            "'7' is not the id of a project",
            "project: 7",
        ),
        ("course: x\nprepare: [[a]]", "a command is a text", "[a]"),
        ("course: [x]", "the name of the course is a text", "[x]"),
        ("course: x\n---\ncourse: y", "line 2: this holds several documents", "---"),
        (
            "course: x\nstaff: [{name: A, email: a@x}, {name: A, email: A@x}]",
            "two of the staff have the e-mail address a@x, the other in line 2",
            "A@x",
        ),
        (
            f"course: x\nstudents: [{{name: A, email: a@x, {ID}}}, {{name: B, email: b@x, project: {ID[9:].upper()}}}]",
            f"two students have the {ID.replace(':', '')}, the other in line 2",
            "name: B",
        ),
        ("course: x\nhandouts: {w: {due: 0001-01-01 00:00+14:00}}", "is not a date", "0001-01-01"),
        ('course: "a\\u202eb"', "has an invisible character, U+202E", "course"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, problem: str, caret: str) -> None:
    with pytest.raises(InvalidMessage) as raised:
        read(text)

    words = str(raised.value)
    assert words.startswith("class.yaml")
    assert problem in words
    assert caret in words
    assert "^" in words or not caret


def test_all_mistakes_of_a_list_are_told_at_once() -> None:
    with pytest.raises(InvalidMessage) as raised:
        read("course: x\nstudents:\n  - {name: A, email: a}\n  - {name: B}\n  - {name: C, email: c@x}\n")

    assert "line 3: 'a' is not an e-mail address" in str(raised.value)
    assert "And: class.yaml, line 4: B has no email" in str(raised.value)


def test_two_students_have_neither_one_address_nor_one_title() -> None:
    with pytest.raises(InvalidMessage, match="the e-mail address a@x, the other in line 3"):
        read("course: x\nstudents:\n  - {name: A, email: a@x}\n  - {name: B, email: A@x}\n")
    with pytest.raises(InvalidMessage, match="would both be called 'x: A'"):
        read("course: x\nstudents:\n  - {name: A, email: a@x}\n  - {name: A, email: b@x}\n")


def test_a_title_names_columns_that_every_student_has() -> None:
    with pytest.raises(InvalidMessage, match="the title needs 'seat', and B has no such column"):
        read("course: x\ntitle: $seat\nstudents: [{name: A, email: a@x, seat: 1}, {name: B, email: b@x}]")


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(CoCalcError, match=r"%cocalc course init students\.csv"):
        class_file.load(tmp_path / "class.yaml")
    (tmp_path / "class.yaml").write_bytes(b"course: x\nstudents:\n  - name: \xe9\n")
    with pytest.raises(CoCalcError, match="line 3: this is not UTF-8"):
        class_file.load(tmp_path / "class.yaml")
    (tmp_path / "class.yaml").write_bytes(
        b"\xef\xbb\xbfcourse: x\r\nstudents:\r\n  - {name: A, email: a@x}\r\n"
    )
    assert class_file.load(tmp_path / "class.yaml").students[0].name == "A"
