"""`class.yaml`, read: what is wrong in it is shown with its line.

version: 1
course: Statistics 101
title: "${course}: ${name}"        # of the students' projects
staff:
  - {name: Iris Instructor, email: iris@example.com}
prepare:                           # once in each new project
  - mkdir -p notes
handouts:
  week1: {due: 2026-09-14 23:59}   # a folder here; folder: and to: where they are called otherwise
students:
  - name: Ada Example
    email: ada@example.com
    group: A
    seat: 12                       # columns of your own
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import is_uuid
from cocalc_magic.course import title
from cocalc_magic.course.definition import (
    DEFAULT_TITLE,
    MAX_LENGTH,
    OWN,
    VERSION,
    Course,
    Handout,
    Person,
    Student,
    is_address,
    parsed_moment,
    trouble,
)
from cocalc_magic.errors import CoCalcError, InvalidMessage, InvalidValue, SourceSpan, combine, what_there_is
from cocalc_magic.syntax.body import parse_yaml
from cocalc_magic.syntax.nodes import Object, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

DEFAULT_NAME = "class.yaml"
_NO_PROJECT = "Leave it out: apply makes one. A column of your own needs another name."
MAX_BYTES = 5_000_000
_TOP = ("version", "course", "title", "staff", "prepare", "handouts", "students")
_HANDOUT = ("folder", "to", "due")
_EXAMPLES = {"prepare": "mkdir -p notes"}


def load(path: Path) -> Course:
    """Return the class of a file.

    Raises:
        CoCalcError: There is no such file, or it can't be read.
        InvalidMessage: It does not have the form of a class file; with the place.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CoCalcError(
            f"there is no {path}.",
            "%cocalc course init students.csv writes one from a list of students",
            f"Files are looked for in {Path.cwd()}.",
        ) from None
    except OSError as problem:
        raise CoCalcError(f"{path} can't be read: {problem.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise CoCalcError(f"{path} is larger than a class file may be ({MAX_BYTES:,} bytes).")
    try:
        return read(data.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise InvalidValue(f"{path.name}, line {line}: this is not UTF-8 text.") from None


def read(text: str, name: str = DEFAULT_NAME) -> Course:
    """Return the class that a text describes.

    Raises:
        InvalidMessage: It does not have the form of a class file; with the place.
    """
    try:
        document = parse_yaml(text)
    except InvalidMessage as problem:
        place = f", line {_line(problem.span)}" if problem.span else ""
        words = problem.problem.replace("the body ", "this ")
        raise type(problem)(f"{name}{place}: {words}", *problem.hints, span=problem.span) from None
    return _Reader(name).course(document)


# -- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """Reads the nodes of a class file; `name` is the file's."""

    name: str

    def course(self, document: Any) -> Course:
        top = self._fields(document, "a class file", _TOP)
        self._check_version(top.get("version"))
        if "course" not in top:
            raise self._wrong(document, "the name of the course is missing.", "Write course: Statistics 101")
        students = self._each(top.get("students"), "students", self._student)
        staff = self._each(top.get("staff"), "staff", self._person)
        for group, people in (("students", students), ("of the staff", staff)):
            addresses = [(who.address, place) for who, place in people]
            self._check_distinct(f"two {group} have the e-mail address", addresses)
        projects = [(who.project, place) for who, place in students if who.project]
        self._check_distinct("two students have the project", projects)
        pattern = self._pattern(top.get("title"))
        course = Course(
            self._text(top["course"], "the name of the course", needed=True),
            pattern,
            tuple(student for student, _ in students),
            tuple(who for who, _ in staff),
            tuple(self._handouts(top.get("handouts"))),
            tuple(text for text, _ in self._each(top.get("prepare"), "prepare", self._command)),
        )
        self._check_titles(course, top.get("title"), [place for _, place in students])
        return course

    def _check_version(self, node: Any) -> None:
        if node is not None and self._text(node, "version") != str(VERSION):
            raise self._wrong(
                node, f"this version of cocalc-magic reads class files of version {VERSION}.",
                "A newer one may read this file.",
            )  # fmt: skip

    def _student(self, node: Any) -> Student:
        texts = {name: self._text(value, name) for name, value in self._fields(node, "a student").items()}
        self._check_person(node, texts)
        columns = {name: value for name, value in texts.items() if name not in OWN}
        project = texts.get("project", "").lower()
        if project and not is_uuid(project):
            place = next(value for name, value in node.pairs if self._plain(name) == "project")
            raise self._wrong(place, f"{project!r} is not the id of a project.", _NO_PROJECT)
        return Student(texts["name"], texts["email"], texts.get("group", ""), project, columns)

    def _person(self, node: Any) -> Person:
        texts = {
            name: self._text(value, name)
            for name, value in self._fields(node, "someone of the staff", ("name", "email")).items()
        }
        self._check_person(node, texts)
        return Person(texts["name"], texts["email"])

    def _check_person(self, node: Any, texts: Mapping[str, str]) -> None:
        for field_name in ("name", "email"):
            if not texts.get(field_name):
                raise self._wrong(node, f"{texts.get('name') or 'this person'} has no {field_name}.")
        if not is_address(texts["email"]):
            value = next(value for name, value in node.pairs if self._plain(name) == "email")
            raise self._wrong(value, f"{texts['email']!r} is not an e-mail address.")

    def _handouts(self, node: Any) -> Iterator[Handout]:
        if node is None or _is_empty(node):
            return
        places = {self._plain(key): key for key, _ in node.pairs} if isinstance(node, Object) else {}
        for name, value in self._fields(node, "handouts").items():
            texts = {} if _is_empty(value) else self._fields(value, f"the handout {name}", _HANDOUT)
            folder = self._path(texts.get("folder", places[name]))
            to = self._path(texts["to"]) if "to" in texts else PurePosixPath(folder).name
            yield Handout(name, folder, to, self._moment(texts.get("due")))

    def _path(self, node: Any) -> str:
        text = self._text(node, "a path", needed=True)
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise self._wrong(node, f"{text!r} is not a path below a folder.")
        return str(path)

    def _moment(self, node: Any) -> datetime | None:
        text = "" if node is None else self._text(node, "due")
        if not text:
            return None
        moment = parsed_moment(text)
        if moment is None:
            raise self._wrong(node, f"{text!r} is not a date.", "Write 2026-09-14, or 2026-09-14 23:59")
        return moment

    def _command(self, node: Any) -> str:
        if not isinstance(node, Scalar):
            raise self._wrong(node, "a command is a text.")
        return _text_of(node, escapes=False)

    def _pattern(self, node: Any) -> str:
        if node is None:
            return DEFAULT_TITLE
        if not isinstance(node, Scalar) or not node.parts:
            raise self._wrong(node, "title is a text, the pattern of the titles of projects.")
        return " ".join(_text_of(node, escapes=False).split())

    # -- checks ------------------------------------------------------------------------------------

    def _check_distinct(self, what: str, values: list[tuple[str, Any]]) -> None:
        first: dict[str, Any] = {}
        problems = []
        for value, node in values:
            if value in first:
                line = self._line_of(first[value])
                problems.append(self._wrong(node, f"{what} {value}, the other in line {line}."))
            first.setdefault(value, node)
        if problems:
            raise combine(list[InvalidMessage](problems))

    def _check_titles(self, course: Course, node: Any, places: list[Any]) -> None:
        """Check that the pattern names columns that every student has, and gives each another title."""
        first: dict[str, Student] = {}
        for student, place in zip(course.students, places, strict=True):
            known = {**student.values(), "course": course.name}
            for name in title.names_in(course.title):
                if name not in known:
                    raise self._wrong(
                        node, f"the title needs {name!r}, and {student.name} has no such column.",
                        *what_there_is(name, known, "There are:", "Those of the student, and course."),
                    )  # fmt: skip
            text = title.title_of(course, student)
            if len(text) > MAX_LENGTH:
                raise self._wrong(
                    place, f"the title of {student.name}'s project has more than {MAX_LENGTH} characters."
                )
            if other := first.get(text):
                both = f"{other.email} and {student.email}"
                raise self._wrong(
                    place, f"the projects of {both} would both be called {text!r}.",
                    'Add what tells them apart: title: "${course}: ${name} (${email})"',
                )  # fmt: skip
            first[text] = student

    # -- nodes -------------------------------------------------------------------------------------

    def _fields(self, node: Any, what: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a mapping by its names. Raises for unknown and repeated ones."""
        if not isinstance(node, Object):
            raise self._wrong(node, f"{what} is written as name: value, one a line.")
        fields: dict[str, Any] = {}
        for name_node, value in node.pairs:
            name = self._plain(name_node)
            if known and name not in known:
                hints = what_there_is(name, known, "There are:", "")
                raise self._wrong(name_node, f"{what} has no {name!r}.", *hints)
            if name in fields:
                raise self._wrong(name_node, f"{name} is there twice.")
            fields[name] = value
        return fields

    def _each(self, node: Any, what: str, read_one: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
        """Return the items of a list, each with its node; all mistakes in them are one error."""
        if node is None or _is_empty(node):
            return []
        if not isinstance(node, list):
            example = _EXAMPLES.get(what, "name: Ada Example")
            raise self._wrong(node, f"{what} is a list: begin each with a dash, as in - {example}")
        items, problems = list[tuple[Any, Any]](), list[InvalidMessage]()
        for item in node:
            try:
                items.append((read_one(item), item))
            except InvalidMessage as problem:
                problems.append(problem)
        if problems:
            raise combine(problems)
        return items

    def _plain(self, node: Scalar) -> str:
        return _text_of(node).strip()

    def _text(self, node: Any, what: str, *, needed: bool = False) -> str:
        """Return a text on one line. Raises where it is none, or has characters that change how it looks."""
        if not isinstance(node, Scalar):
            raise self._wrong(node, f"{what} is a text, not a list or a mapping.")
        text = " ".join(_text_of(node).split())
        if reason := trouble(text):
            raise self._wrong(node, f"{what} {reason}.")
        if needed and not text:
            raise self._wrong(node, f"{what} is empty.")
        return text

    def _line_of(self, node: Any) -> int:
        span = _span(node)
        return _line(span) if span else 1

    def _wrong(self, node: Any, problem: str, *hints: str) -> InvalidValue:
        span = _span(node)
        place = f", line {_line(span)}" if span else ""
        return InvalidValue(f"{self.name}{place}: {problem}", *hints, span=span)


def _text_of(node: Scalar, *, escapes: bool = True) -> str:
    """Return a scalar's text; `$name` in it is text, and `$$` a dollar sign where that `escapes`."""
    return "".join(
        part if isinstance(part, str) else "$" if escapes and part.source == "$$" else part.source
        for part in node.parts
    )


def _is_empty(node: Any) -> bool:
    return isinstance(node, Scalar) and node.empty


def _span(node: Any) -> SourceSpan | None:
    """Return where a node begins; a mapping or list begins with what is first in it."""
    while not isinstance(node, Scalar):
        if isinstance(node, Object) and node.pairs:
            node = node.pairs[0][0]
        elif isinstance(node, list) and node:
            node = node[0]
        else:
            return None
    return node.span


def _line(span: SourceSpan) -> int:
    return span.text.count("\n", 0, span.start) + 1
