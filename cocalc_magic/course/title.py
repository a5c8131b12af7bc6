"""The title of a student's project: a pattern with `${name}`, `${group}` and other columns in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.course.definition import DEFAULT_TITLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.course.definition import Course, Student

_NAME = re.compile(r"\$(?:\$|\{\s*(?P<braced>[^{}]*?)\s*\}|(?P<bare>[^\W\d]\w*))")


def names_in(pattern: str) -> list[str]:
    """Return the columns that a pattern names."""
    columns = (match["braced"] or match["bare"] for match in _NAME.finditer(pattern) if match[0] != "$$")
    return [name or "" for name in columns]


def filled(pattern: str, values: dict[str, str]) -> str:
    """Return the pattern with values in place of its columns, on one line; `$$` is a dollar sign."""
    text = _NAME.sub(
        lambda match: "$" if match[0] == "$$" else values[match["braced"] or match["bare"]], pattern
    )
    return " ".join(text.split())


def title_of(course: Course, student: Student) -> str:
    """Return the title of a student's project."""
    return filled(course.title, {**student.values(), "course": course.name})


def titles(course: Course) -> dict[str, str]:
    """Return the titles of all projects, by the students' addresses."""
    return {student.address: title_of(course, student) for student in course.students}


def escaped(text: str) -> str:
    """Return a text that a class file reads as this text, with its dollar signs doubled."""
    return text.replace("$", "$$")


def pattern_for(students: Iterable[Student]) -> str:
    """Return a pattern of titles that differ: with the address in it where two students have one name."""
    names = [student.name for student in students]
    return DEFAULT_TITLE if len(set(names)) == len(names) else f"{DEFAULT_TITLE} (${{email}})"
