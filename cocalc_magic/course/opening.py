"""`init`: a class file from a list of students, or from the course file of CoCalc's own course page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.bulk.data import rows_of
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.course import class_file, class_text, notes, page_file, roster
from cocalc_magic.course.classroom import how_many, listed, row_of
from cocalc_magic.course.definition import Course
from cocalc_magic.course.result import CourseResult, all_ok
from cocalc_magic.course.title import pattern_for
from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidSyntax, InvalidValue

if TYPE_CHECKING:
    from typing import Any

    from cocalc_magic.client.client import Client
    from cocalc_magic.course.definition import Student

_BY_HAND = "Add whom it should have by hand, with an address; project: ID names a project that is there."
_ANY = frozenset({"students", "student", "roster", "class", "list", "export", "grades"})


def from_list(students: Any, file: Path, name: str = "", *, force: bool = False) -> CourseResult:
    """Write a class file from a list of students, and return them.

    Args:
        students: The name of a CSV or JSON-lines file, or anything else that `--each` takes.
        file: The class file.
        name: Of the course; else that of the list, or of the folder.
        force: Write over a file that is there.

    Raises:
        AlreadyThere: The class file is there.
        InvalidMessage: The list has no names or no addresses, with the rows; or what no class file may have.
    """
    known = _listed(students)
    course = Course(name or _name(students, file), pattern_for(known), known)
    return _written(course, file, [], force=force)


def _listed(students: Any) -> tuple[Student, ...]:
    """Return the students of a list. Raises `InvalidMessage`, with what to type here."""
    try:
        return roster.students_of(rows_of(students))
    except CoCalcError as problem:
        problem.hints = tuple(hint.replace("--each", "%cocalc course init") for hint in problem.hints)
        raise


def _name(students: Any, file: Path) -> str:
    stem = Path(students.partition(":")[0]).stem if isinstance(students, str) else ""
    folder = file.resolve().parent.name
    return stem if stem and stem.lower() not in _ANY else folder or "Course"


def from_page(client: Client, source: str, file: Path, *, force: bool = False) -> CourseResult:
    """Write a class file from `PROJECT:PATH.course`, note what the page knows, and return the students.

    Raises:
        InvalidValue: It is not a course file.
        CoCalcError: It can't be read.
    """
    project, colon, path = source.rpartition(":")
    if not colon or not project or not path:
        raise InvalidSyntax(
            f"{source!r} does not name a file in a project.", "Write --from PROJECT:PATH.course"
        )
    found_in = client.router.projects.find(project).project_id
    data = client.download(found_in, path)
    try:
        page = page_file.read(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        raise InvalidValue(f"{path} is not a course file: it is not text.") from None
    if not page.course.students:
        raise InvalidValue(f"{path} has no students with an e-mail address.", *page.left_out[:5])
    remarks = [f"Left out: {listed(page.left_out)}.", _BY_HAND] if page.left_out else []
    result = _written(page.course, file, remarks, force=force)
    kept = notes.load(file)
    for name, students in page.notes.items():
        for address, entry in students.items():
            kept.note(name, address, **entry)
    notes.save(file, kept)
    return result


def _written(course: Course, file: Path, remarks: list[str], *, force: bool) -> CourseResult:
    if file.exists() and not force:
        raise AlreadyThere(
            f"{file} is there already.", "--force writes over it; --file NAME names another one."
        )
    text = class_text.written(course)
    class_file.read(text, f"{file}, which was not written")
    try:
        replace_file(file, text)
    except OSError as problem:
        raise CoCalcError(f"{file} can't be written: {problem.strerror}.") from None
    rows = all_ok(row_of(number, student) for number, student in enumerate(course.students, 1))
    summary = f"{file} has {how_many(len(course.students), 'student')} of {course.name}"
    next_step = "Have a look at it; then course plan shows what there is to do."
    return CourseResult(rows, "init", summary=summary, remarks=[*remarks, next_step])
