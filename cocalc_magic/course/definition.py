"""What a class is: the course, its people, what is handed out, and commands that prepare a project."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Of the form of class files."""

DEFAULT_TITLE = "${course}: ${name}"
OWN = ("name", "email", "group", "project")
"""Columns of a student that have a meaning; all others are the teacher's own."""

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+")
MAX_ADDRESS = 127  # characters that a server takes
_JOINERS = "\u200c\u200d"  # which names of several scripts have in them
MAX_LENGTH = 200  # characters of a name, a title, a value of an own column


@dataclass(frozen=True)
class Person:
    """Someone with a name and an e-mail address, as written."""

    name: str
    email: str

    @property
    def address(self) -> str:
        """The e-mail address as servers compare it: in lower case."""
        return self.email.lower()


@dataclass(frozen=True)
class Student(Person):
    """A student.

    Args:
        group: The group, where the class has any.
        project: Id of the student's project, where the file itself names it.
        columns: The teacher's own columns, by name.
    """

    group: str = ""
    project: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """Return all that is known of the student, by column."""
        return {**self.columns, "name": self.name, "email": self.email, "group": self.group}


@dataclass(frozen=True)
class Handout:
    """What every student gets: a folder here, where it goes in a project, and when it is due."""

    name: str
    folder: str
    to: str
    due: datetime | None = None


@dataclass(frozen=True)
class Course:
    """A class as its file describes it.

    Args:
        name: The name of the course.
        title: The pattern of the titles of the students' projects.
        students: The students, in the order of the file.
        staff: Collaborators of every project.
        handouts: What is handed out.
        prepare: Bash commands that are run once in a new project; to run them twice must do no harm.
    """

    name: str
    title: str = DEFAULT_TITLE
    students: tuple[Student, ...] = ()
    staff: tuple[Person, ...] = ()
    handouts: tuple[Handout, ...] = ()
    prepare: tuple[str, ...] = ()

    def handout(self, name: str) -> Handout | None:
        """Return the handout of this name or folder."""
        named = name.rstrip("/")
        return next((item for item in self.handouts if named in (item.name, item.folder)), None)


def is_address(text: str) -> bool:
    """Return whether a text can be an e-mail address."""
    return len(text) <= MAX_ADDRESS and bool(_ADDRESS.fullmatch(text))


def parsed_moment(text: str) -> datetime | None:
    """Return a date and time, of this machine's zone where it names none; a date alone is its last minute.

    None where it is neither, or too far away for a zone.
    """
    written = re.sub(r"[zZ]$", "+00:00", text.strip())
    try:
        moment = _last_minute(written) or datetime.fromisoformat(written)
        return moment.astimezone()
    except (ValueError, OverflowError, OSError):  # as machines differ in what they say of the year 1
        return None


def _last_minute(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59))
    except ValueError:
        return None


def is_over(moment: datetime) -> bool:
    """Return whether a moment is past."""
    return moment <= datetime.now(timezone.utc)


def trouble(text: str) -> str:
    """Return what is wrong with a text for people: its length, or invisible characters; empty if nothing."""
    if len(text) > MAX_LENGTH:
        return f"has more than {MAX_LENGTH} characters"
    for sign in text:
        hidden = unicodedata.category(sign) in ("Cc", "Cf", "Cs") or ord(sign) & 0xFFFE == 0xFFFE
        if hidden and sign not in _JOINERS:
            return f"has an invisible character, U+{ord(sign):04X}"
    return ""
