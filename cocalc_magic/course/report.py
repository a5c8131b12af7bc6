"""`status` and `report`: what is known of each student, without starting a project."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.projects import moment
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.course import plan
from cocalc_magic.course.classroom import listed, row_of
from cocalc_magic.course.result import CourseResult, all_ok
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.definition import Handout, Student
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
    words = f"{len(fields) - len(names):,} of {len(fields):,} have started, {running:,} projects are running"
    remarks = [f"Not started: {listed(names, 30)}."] if names else []
    remarks += [_progress(room, item) for item in room.course.handouts]
    return CourseResult(rows, "status", summary=words, remarks=remarks, **room.shown)


def _progress(room: Classroom, handout: Handout) -> str:
    """Return how far a handout is: when it is due, and how many have it, have handed it in, have it back."""
    entries = room.notes.handouts.get(handout.name, {}).values()
    counts = {
        step: sum(step in entry for entry in entries) for step in ("handed_out", "collected", "returned")
    }
    due = f"due {handout.due:%Y-%m-%d %H:%M}, " if handout.due else ""
    handed_out, collected, returned = counts.values()
    words = f"handed out to {handed_out:,}, collected from {collected:,}, returned to {returned:,}"
    return f"{handout.name}: {due}{words}."


def state_of(student: Student, project: CourseProject | None, server: ServerState) -> dict[str, Any]:
    """Return what the server knows of a student; `last_active` is empty for one who has not started."""
    account_id = server.accounts.get(student.address, "")
    if project is None:
        return {
            "account": _account(account_id, ""),
            "project": "none",
            "state": "",
            "last_active": "",
            "last_edited": "",
        }
    invited = "invited" if student.address in project.invited else ""
    known = {
        "account": _account(account_id, invited),
        "project": project.title,
        "state": project.state,
        "last_active": moment(project.active.get(account_id, "")),
        "last_edited": moment(project.last_edited),
        "project_id": project.project_id,
    }
    return known if project.disk is None else {**known, "disk_MB": project.disk}


def _account(account_id: str, invited: str) -> str:
    return "yes" if account_id else invited or "no"


def report(room: Classroom, csv: Path | None = None, page: Path | None = None) -> CourseResult:
    """Return each student with what was handed out, collected, returned and graded; write it to files.

    Args:
        room: The class.
        csv: A CSV file to write.
        page: An HTML file to write.

    Raises:
        CoCalcError: A file can't be written.
    """
    server = room.read()
    owners = plan.assigned(room.course, server, room.notes)
    fields = [
        state_of(student, owners.get(student.address), server) | _handed(room, student)
        for student in room.course.students
    ]
    rows = all_ok((row_of(number, student) for number, student in enumerate(room.course.students, 1)), fields)
    result = CourseResult(rows, "report", summary=f"{len(fields):,} students", **room.shown)
    written = [result.to_csv(csv)] if csv else []
    written += [_write_page(room, fields, page)] if page else []
    for path in written:
        room.notes.add_file(path)
    if written:
        room.save_notes()
    result.remarks = tuple(f"Written to {path}, which you alone can read." for path in written)
    return result


def _handed(room: Classroom, student: Student) -> dict[str, str]:
    names = dict.fromkeys([*(item.name for item in room.course.handouts), *room.notes.handouts])
    known = {name: room.notes.handouts.get(name, {}).get(student.address, {}) for name in names}
    return {f"{name} {step}": moment(known[name].get(step, "")) for name in names for step in _STEPS}


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
