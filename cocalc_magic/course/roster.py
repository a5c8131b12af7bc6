"""A list of students (CSV, JSON lines, a DataFrame) as students: columns by their headers, in any case."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from cocalc_magic.course.definition import Student, is_address, trouble
from cocalc_magic.errors import InvalidMessage, InvalidValue, combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.bulk.data import Data
    from cocalc_magic.bulk.rows import Row

_MEANINGS = {
    "name": ("name", "fullname", "student", "studentname", "displayname", "sortablename"),
    "first": ("firstname", "givenname", "forename", "first", "vorname"),
    "last": ("lastname", "surname", "familyname", "last", "nachname"),
    "email": (
        "email", "emailaddress", "mail", "mailaddress", "emails", "address",
        "primaryemail", "studentemail", "universityemail", "loginemail",
    ),
    "group": ("group", "groups", "section", "team", "gruppe"),
    "project": ("project", "projectid"),
}  # fmt: skip


def students_of(rows: Data) -> tuple[Student, ...]:
    """Return the students of a list.

    Raises:
        InvalidMessage: A row has no name or no e-mail address, or two have the same; with the rows.
    """
    students, problems = list[Student](), list[InvalidMessage]()
    numbers: dict[str, int] = {}
    names = dict.fromkeys(name for row in rows for name in row.values)
    if not names:
        raise InvalidValue(f"{rows.name} has no students.")
    columns = meanings(names, rows.name)
    for row in rows:
        try:
            student = _student(row, columns, rows.name)
            _check_new(student, row, numbers, rows.name)
            students.append(student)
        except InvalidMessage as problem:
            problems.append(problem)
    if problems:
        raise combine(problems)
    return tuple(students)


def meanings(names: Iterable[str], where: str) -> dict[str, str]:
    """Return which column holds `name`, or `first` and `last`, `email`, `group` and `project`.

    Raises:
        InvalidValue: There is none for the name or for the e-mail address.
    """
    columns = list(names)
    plain = {_plain(name): name for name in reversed(columns)}
    by_meaning = {
        meaning: plain[word]
        for meaning, words in _MEANINGS.items()
        if (word := next((word for word in words if word in plain), ""))
    }
    listed = f"Its columns: {', '.join(map(str, columns))}."
    if "email" not in by_meaning:
        raise InvalidValue(
            f"{where} has no column for the e-mail address.", listed, "Call it email, e-mail or mail."
        )
    if "name" not in by_meaning and not {"first", "last"} <= by_meaning.keys():
        raise InvalidValue(
            f"{where} has no column for the name.", listed, "Call it name, or two first name and last name."
        )
    return by_meaning


def _plain(name: str) -> str:
    """Return a header in lower case, without blanks, dashes and what else parts its words."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(name)).casefold())


def _student(row: Row, columns: Mapping[str, str], where: str) -> Student:
    values = {name: _line(row.values[name]) for name in row.values}
    texts = {meaning: values.get(column, "") for meaning, column in columns.items()}
    split = {"first", "last"} <= columns.keys()
    name = f"{texts['first']} {texts['last']}".strip() if split else _in_order(texts["name"])
    for column, value in values.items():
        if reason := trouble(value):
            raise InvalidValue(f"row {row.number} of {where}: {column} {reason}.")
    if not name:
        raise InvalidValue(f"row {row.number} of {where}: there is no name.")
    if not is_address(texts["email"]):
        raise InvalidValue(f"row {row.number} of {where}: {texts['email']!r} is not an e-mail address.")
    used = {columns[meaning] for meaning in columns if meaning != "name" or not split}
    own = {column: value for column, value in values.items() if column not in used and value}
    renamed = {
        f"{column}_" if column in ("name", "email") else column: value for column, value in own.items()
    }
    return Student(name, texts["email"], texts.get("group", ""), texts.get("project", ""), renamed)


def _line(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _in_order(name: str) -> str:
    """Return `Ada Example` for `Example, Ada`, as learning platforms export names."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name


def _check_new(student: Student, row: Row, numbers: dict[str, int], where: str) -> None:
    other = numbers.setdefault(student.address, row.number)
    if other != row.number:
        raise InvalidValue(
            f"rows {other} and {row.number} of {where} have the same address, {student.email}."
        )
