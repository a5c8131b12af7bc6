"""A list of students (CSV, JSON lines, a DataFrame) as students: columns by their headers, in any case."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from cocalc_magic.catalog import is_uuid
from cocalc_magic.course.definition import OWN, Student, is_address, trouble
from cocalc_magic.errors import InvalidMessage, InvalidValue, combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.bulk.data import Data
    from cocalc_magic.bulk.rows import Row

_EXACT = 2.0**53  # from here on not every whole number is a float
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
    parts = _name_columns(columns, rows)
    for row in rows:
        try:
            student = _student(row, columns, parts, rows.name)
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


def _name_columns(columns: Mapping[str, str], rows: Data) -> tuple[str, ...]:
    """Return the meanings of the columns that make up a name, in their order.

    Beside a first or a last name alone, `Name` is the other half of it, unless it has that half in it.
    """
    halves = [meaning for meaning in ("first", "last") if meaning in columns]
    if len(halves) == 2:
        return ("first", "last")
    if not halves or _plain(columns["name"]) != "name":
        return ("name",)
    both = [[_line(row.values.get(columns[each])).casefold() for each in (halves[0], "name")] for row in rows]
    if all(set(half.split()) <= set(re.split(r"[\s,]+", name)) for half, name in both):
        return ("name",)
    return ("first", "name") if halves == ["first"] else ("name", "last")


def _student(row: Row, columns: Mapping[str, str], parts: tuple[str, ...], where: str) -> Student:
    values = {name: _line(row.values[name]) for name in row.values}
    texts = {meaning: values.get(column, "") for meaning, column in columns.items()}
    name = " ".join(texts[part] for part in parts).strip() if parts[1:] else _in_order(texts["name"])
    for column, value in values.items():
        if reason := trouble(value):
            raise InvalidValue(f"row {row.number} of {where}: {column} {reason}.")
    if not name:
        raise InvalidValue(f"row {row.number} of {where}: there is no name.")
    if not is_address(texts["email"]):
        raise InvalidValue(f"row {row.number} of {where}: {texts['email']!r} is not an e-mail address.")
    project = texts.get("project", "").lower()
    project = project if is_uuid(project) else ""  # else it is a topic, or the like
    used = {columns.get(meaning) for meaning in (*parts, "email", "group", *(["project"] if project else []))}
    own = {column: value for column, value in values.items() if column not in used and value}
    return Student(name, texts["email"], texts.get("group", ""), project, _renamed(own))


def _renamed(own: Mapping[str, str]) -> dict[str, str]:
    """Return a student's own columns; one that is called as one with a meaning has another name."""
    renamed = dict[str, str]()
    for column, value in own.items():
        name = column
        while name in OWN or (name != column and name in own.keys() | renamed.keys()):
            name += "_"
        renamed[name] = value
    return renamed


def _line(value: object) -> str:
    """Return a value as a text of one line; a whole number has no .0, as a column with gaps gives it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
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
