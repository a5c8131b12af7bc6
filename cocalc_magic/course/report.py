"""`status` and `report`: what is known of each student, without starting a project."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.projects import moment
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.course import class_folder, plan
from cocalc_magic.course.classroom import how_many, listed, row_of
from cocalc_magic.course.result import NOW, CourseResult, all_ok
from cocalc_magic.course.server_state import NOT_KNOWN
from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.definition import Student
    from cocalc_magic.course.server_state import CourseProject, ServerState

_STEPS = ("handed_out", "collected", "returned", "grade")


def status(room: Classroom) -> CourseResult:
    """Return who has an account, who has started, who was active when, and which projects run."""
    server = room.read()
    owners = plan.assigned(room.course, server, room.notes)
    fields = [state_of(student, owners.get(student.address), server) for student in room.course.students]
    rows = all_ok((row_of(number, student) for number, student in enumerate(room.course.students, 1)), fields)
    names = [
        student.name
        for student, known in zip(room.course.students, fields, strict=True)
        if not known["last_active"]
    ]
    running = sum(known["state"] == "running" for known in fields)
    started = f"{len(fields) - len(names):,} of {len(fields):,} have started"
    words = f"{started}, {how_many(running, 'project')} running"
    if server.scoped:
        words = f"{how_many(len(fields), 'student')}; who has started and what runs is {NOT_KNOWN}"
    remarks = [f"Not started: {listed(names, 30)}."] if names else []
    remarks += [_progress(room, name) for name in handouts(room)]
    return CourseResult(rows, "status", summary=words, remarks=remarks, state=NOW, **room.shown)


def handouts(room: Classroom) -> list[str]:
    """Return the names of all handouts: those of the class file, then others that were handed out."""
    return list(dict.fromkeys([*(item.name for item in room.course.handouts), *room.notes.handouts]))


def _progress(room: Classroom, name: str) -> str:
    """Return how far a handout is: when it is due, and how many have it, have handed it in, have it back."""
    noted, handout = room.notes.handouts.get(name, {}), room.course.handout(name)
    entries = [noted.get(student.address, {}) for student in room.course.students]
    counts = {
        step: sum(step in entry for entry in entries) for step in ("handed_out", "collected", "returned")
    }
    due = f"due {handout.due:%Y-%m-%d %H:%M}, " if handout and handout.due else ""
    handed_out, collected, returned = counts.values()
    words = f"handed out to {handed_out:,}, collected from {collected:,}, returned to {returned:,}"
    return f"{name}: {due}{words}."


def state_of(student: Student, project: CourseProject | None, server: ServerState) -> dict[str, Any]:
    """Return what the server knows of a student; `last_active` is empty for one who has not started."""
    account_id = server.accounts.get(student.address, "")
    if project is None:
        return {
            "account": _account(account_id, "", server),
            "project": "none",
            "state": "",
            "last_active": "",
            "last_edited": "",
        }
    invited = "invited" if student.address in project.invited else ""
    known = {
        "account": _account(account_id, invited, server),
        "project": project.title,
        "state": project.state,
        "last_active": NOT_KNOWN if server.scoped else moment(project.active.get(account_id, "")),
        "last_edited": NOT_KNOWN if server.scoped else moment(project.last_edited),
        "project_id": project.project_id,
    }
    return known if project.disk is None else {**known, "disk_MB": project.disk}


def _account(account_id: str, invited: str, server: ServerState) -> str:
    return "yes" if account_id else invited or (NOT_KNOWN if server.scoped else "no")


def report(
    room: Classroom,
    csv: Path | None = None,
    page: Path | None = None,
    *,
    force: bool = False,
    archive: bool = False,
) -> CourseResult:
    """Return each student with what was handed out, collected, returned and graded; write it to files.

    Args:
        room: The class.
        csv: A CSV file to write.
        page: An HTML file to write.
        force: Write over files that are no earlier reports of this class.
        archive: The files are to stay when the rest is forgotten.

    Raises:
        AlreadyThere: There is such a file.
        CoCalcError: A file can't be written.
    """
    _require_free(room, [path for path in (csv, page) if path], force=force, earlier=not archive)
    server = room.read()
    owners = plan.assigned(room.course, server, room.notes)
    fields = [
        _handed(room, student) | state_of(student, owners.get(student.address), server)
        for student in room.course.students
    ]
    rows = all_ok((row_of(number, student) for number, student in enumerate(room.course.students, 1)), fields)
    result = CourseResult(rows, "report", summary=how_many(len(fields), "student"), state=NOW, **room.shown)
    written = [result.failed_first.to_csv(csv)] if csv else []  # without a status, which all have
    written += [_write_page(room, fields, page)] if page else []
    names = [class_folder.name_of(room.file, path) for path in written]
    kept, others = room.notes.files, room.notes.archives
    if archive:
        kept, others = others, kept
    kept += names
    others[:] = [name for name in others if name not in names]
    if written:
        room.save_notes()
    result.remarks = tuple(f"Written to {path}, which you alone can read." for path in written)
    return result


def _require_free(room: Classroom, paths: list[Path], *, force: bool, earlier: bool) -> None:
    """Let a report be written over nothing but an earlier one, unless it is meant; never over the class."""
    places = [path.resolve() for path in paths]
    own = {room.file.resolve(), class_folder.folder_of(room.file).resolve()}
    names = room.notes.files if earlier else []
    reports = {class_folder.path_of(room.file, name).resolve() for name in names}
    for path, place in zip(paths, places, strict=True):
        if own & {place, *place.parents}:
            raise InvalidValue(f"{path} is of the class itself: a report goes into a file of its own.")
        if places.count(place) > 1:
            raise InvalidValue(f"{path} can't be both the CSV file and the page.", "Name two files.")
        if path.exists() and place not in reports and not force:
            raise AlreadyThere(f"{path} is there already.", "--force writes over it.")


def _handed(room: Classroom, student: Student) -> dict[str, str]:
    known = {name: room.notes.handouts.get(name, {}).get(student.address, {}) for name in handouts(room)}
    return {f"{name} {step}": moment(known[name].get(step, "")) for name in known for step in _STEPS}


def _write_page(room: Classroom, fields: list[dict[str, Any]], path: Path) -> Path:
    """Write a page that stands by itself: a table, nothing to load, nothing that runs."""
    students = [row_of(0, student).values for student in room.course.students]
    records = [{**known, **extra} for known, extra in zip(students, fields, strict=True)]
    columns = list(dict.fromkeys(name for record in records for name in record))
    head = "".join(f"<th>{_cell(name)}</th>" for name in columns)
    cells = (("".join(f"<td>{_cell(record.get(name))}</td>" for name in columns)) for record in records)
    body = "".join(f"<tr>{row}</tr>\n" for row in cells)
    title = html.escape(room.course.name)
    try:
        replace_file(path, _PAGE.format(title=title, head=head, body=body))
    except OSError as problem:
        raise CoCalcError(f"{path} can't be written: {problem.strerror}.") from None
    return path


def _cell(value: Any) -> str:
    return html.escape("" if value is None else str(value))


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 13px system-ui, sans-serif }}
table {{ border-collapse: collapse }}
th, td {{ padding: 4px 8px; text-align: left; border-bottom: 1px solid #8884; white-space: nowrap }}
</style>
<h1>{title}</h1>
<table><thead><tr>{head}</tr></thead><tbody>
{body}</tbody></table>
</html>
"""
