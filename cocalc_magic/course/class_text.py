"""A class as the text of a class file, which `course init` writes."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cocalc_magic.course import title
from cocalc_magic.course.definition import VERSION, Course, Handout, Person, Student

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = re.compile(r"[^\W_](?:[\w.@+/'()-]| (?=\S))*")
_UNCLEAR = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_HEAD = """\
# %cocalc course plan shows what differs on the server; %cocalc course apply does just that.
# These are names of people: keep this file to yourself.
"""


def written(course: Course) -> str:
    """Return the text of a class file, which `read` reads as this class."""
    lines = [_HEAD + f"version: {VERSION}", f"course: {quoted(course.name)}"]
    lines.append(f"title: {json.dumps(course.title, ensure_ascii=False)}  # of the students' projects")
    lines += _people("staff", course.staff)
    if course.prepare:
        lines += ["prepare:", *(f"  - {json.dumps(text, ensure_ascii=False)}" for text in course.prepare)]
    if course.handouts:
        lines += ["handouts:", *map(_handout_line, course.handouts)]
    lines += _people("students", course.students)
    return "\n".join(lines) + "\n"


def _people(what: str, people: tuple[Person, ...] | tuple[Student, ...]) -> Iterator[str]:
    if people:
        yield f"{what}:"
    for person in people:
        fields = {"name": person.name, "email": person.email}
        if isinstance(person, Student):
            known = {"group": person.group, "project": person.project}
            fields |= {name: value for name, value in known.items() if value} | dict(person.columns)
        for index, (name, value) in enumerate(fields.items()):
            yield f"  {'  ' if index else '- '}{quoted(name)}: {quoted(value)}"


def _handout_line(handout: Handout) -> str:
    fields = {}
    if handout.folder != handout.name:
        fields["folder"] = handout.folder
    if handout.to != PurePosixPath(handout.folder).name:
        fields["to"] = handout.to
    if handout.due:
        fields["due"] = handout.due.isoformat(" ", "minutes")
    inside = ", ".join(f"{name}: {quoted(value)}" for name, value in fields.items())
    return f"  {quoted(handout.name)}: {{{inside}}}"


def quoted(text: str) -> str:
    """Return a value as YAML: plain where that is read as the same by everybody."""
    text = title.escaped(text)
    if _PLAIN.fullmatch(text) and text.lower() not in _UNCLEAR and not text.replace(".", "").isdigit():
        return text
    return json.dumps(text, ensure_ascii=False)
