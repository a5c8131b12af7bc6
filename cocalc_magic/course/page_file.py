"""`NAME.course`, the file of CoCalc's own course page: read as a class and as what was noted of it.

It has one JSON object a line, a record of one of four tables. It is edited live by the page, so it is read
and never written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import is_uuid
from cocalc_magic.course.definition import (
    MAX_LENGTH,
    Course,
    Handout,
    Student,
    is_address,
    parsed_moment,
    trouble,
)
from cocalc_magic.course.title import pattern_for
from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Record = dict[str, Any]
_TABLES = ("settings", "students", "assignments", "handouts")
_STEPS = {  # fields of assignments and handouts, by student -> what is noted
    "last_assignment": "handed_out",
    "status": "handed_out",
    "last_collect": "collected",
    "last_return_graded": "returned",
}


@dataclass(frozen=True)
class PageCourse:
    """What a course file holds.

    Args:
        course: The class.
        notes: By handout and address: `handed_out`, `collected`, `returned` (ISO dates), `grade`, `comment`.
        left_out: What could not be taken over, in words.
    """

    course: Course
    notes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def read(text: str, name: str) -> PageCourse:
    """Return what the text of a course file holds.

    Raises:
        InvalidValue: It is not such a file; with the line.
    """
    records = list(_records(text, name))
    settings: Record = next((record for record in records if record.get("table") == "settings"), {})
    title = _text(settings.get("title")) or PurePosixPath(name).stem or "Course"
    students, left_out = _students(record for record in _present(records, "students"))
    handouts, notes = dict[str, Handout](), dict[str, dict[str, dict[str, str]]]()
    for record in [*_present(records, "assignments"), *_present(records, "handouts")]:
        if handout := _handout(record, handouts):
            handouts[handout.name] = handout
            notes[handout.name] = dict(_notes(record, {key: who.address for key, who in students.items()}))
    people = tuple({who.address: who for who in reversed(students.values())}.values())[::-1]
    course = Course(title, pattern_for(people), people, (), tuple(handouts.values()))
    return PageCourse(course, notes, tuple(left_out))


def _records(text: str, name: str) -> Iterator[Record]:
    known = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise InvalidValue(f"{name}, line {number}: this is not the record of a course file.")
        known += record.get("table") in _TABLES
        yield record
    if not known:
        raise InvalidValue(f"{name} is not a course file: it has no students and no settings.")


def _present(records: Iterable[Record], table: str) -> Iterator[Record]:
    return (record for record in records if record.get("table") == table and not record.get("deleted"))


def _students(records: Iterable[Record]) -> tuple[dict[str, Student], list[str]]:
    """Return the students by the ids of their records, and who has none of what a class file needs."""
    students, left_out, known = dict[str, Student](), list[str](), dict[str, str]()
    for record in records:
        email = _text(record.get("email_address"))
        names = (_text(record.get(part)) for part in ("first_name", "last_name"))
        name = " ".join(filter(None, names)) or email.partition("@")[0]
        if not is_address(email):
            left_out.append(f"{name or 'a student without a name'} has no e-mail address in it")
            continue
        if other := known.get(email.lower()):
            left_out.append(f"{name} has the same address as {other}")
        known.setdefault(email.lower(), name)
        note = _text(record.get("note"))
        columns = {"note": note} if note else {}
        student_id = str(record.get("student_id"))
        project = _text(record.get("project_id")).lower()
        students[student_id] = Student(name, email, "", project if is_uuid(project) else "", columns)
    return students, left_out


def _text(value: Any) -> str:
    """Return a value as a text of one line that people can read; empty for any other."""
    text = " ".join(value.split())[:MAX_LENGTH] if isinstance(value, str) else ""
    return "" if trouble(text) else text


def _handout(record: Record, others: Mapping[str, Handout]) -> Handout | None:
    path = PurePosixPath(_text(record.get("path")))
    if not path.parts or path.is_absolute() or ".." in path.parts:
        return None
    to = PurePosixPath(_text(record.get("target_path")) or path)
    safe = not to.is_absolute() and ".." not in to.parts
    due = record.get("due_date")
    name = str(path) if path.name in others else path.name
    return Handout(
        name, str(path), str(to if safe else path), parsed_moment(due) if isinstance(due, str) else None
    )


def _notes(record: Record, addresses: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is noted of each student: when a step was done without an error, the grade, the comment."""
    for student_id, address in addresses.items():
        steps = {
            name: _moment(entry["time"])
            for field_name, name in _STEPS.items()
            if isinstance(entry := _of(record, field_name, student_id), dict)
            and not entry.get("error")
            and isinstance(entry.get("time"), int | float)
        }
        words = {name: _text(_of(record, f"{name}s", student_id)) for name in ("grade", "comment")}
        if known := {**steps, **{name: text for name, text in words.items() if text}}:
            yield address, known


def _of(record: Record, field_name: str, student_id: str) -> Any:
    entries = record.get(field_name)
    return entries.get(student_id) if isinstance(entries, dict) else None


def _moment(milliseconds: float) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return ""
