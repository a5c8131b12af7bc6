"""`handout` and `return`: folders into all projects, and marked work back."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.transfer.names import in_project, is_pattern
from cocalc_magic.course import notes
from cocalc_magic.course.classroom import listed, members, message, starting, without_project
from cocalc_magic.course.local_files import folder_names
from cocalc_magic.course.result import CourseResult
from cocalc_magic.errors import (
    InvalidValue,
)
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cocalc_magic.bulk.outcome import Outcomes
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.client.transfer.report import Transfer
    from cocalc_magic.course.classroom import Classroom, Member
    from cocalc_magic.response import Response

UPLOAD = "upload"
COLLECTED = "collected.json"
Work = dict[str, Any]


def handout(
    room: Classroom, name: str, *, to: str = "", group: str = "", force: bool = False
) -> CourseResult:
    """Put a folder of this machine into every project, and return what became of it: a row a student.

    Args:
        room: The class.
        name: A handout of the class file, or a folder or file.
        to: Where it goes in the projects; by default what the class file says, or its own name.
        group: Only for the students of this group.
        force: Write over files that students have changed.

    Raises:
        InvalidValue: There is no such folder here.
    """
    known = room.course.handout(name)
    source = Path(known.folder if known else name).expanduser()
    if not source.exists():
        raise InvalidValue(f"there is no folder {source} here.", f"Folders are looked for in {Path.cwd()}.")
    place = to or (known.to if known else source.name)
    people, others = members(room, room.read(), group)

    def send(member: Member) -> Work:
        return _sent(room.client.upload(member.project.project_id, source, in_project(place), force=force))

    outcomes = each(room, people, UPLOAD, send, "handout")
    note(room, known.name if known else source.name, people, outcomes, "handed_out")
    remarks = [*starting(people), *without_project(others)]
    return CourseResult(
        outcomes, "handout", summary=files_done(outcomes, "sent"), remarks=remarks, **room.shown
    )


def give_back(
    room: Classroom, folder: Path, *, to: str = "", group: str = "", force: bool = False
) -> CourseResult:
    """Put each student's folder below a collected one back into the project, as `graded-…`.

    Args:
        room: The class.
        folder: What `collect` has filled.
        to: Where it goes in the projects; by default `graded-` before the name of what was collected.
        group: Only to the students of this group.
        force: Write over files that are there with other content.

    Raises:
        InvalidValue: It is not a folder that was collected into, and `to` is not given.
    """
    kept = record(room).get(key_of(folder), {})
    place = in_project(to or _graded(str(kept.get("path") or ""), folder))
    people, others = members(room, room.read(), group)
    folders = folder_names(room.course.students)
    chosen = [member for member in people if (folder / folders[member.student.address]).is_dir()]
    without = [member.student.name for member in people if member not in chosen]

    def send(member: Member) -> Work:
        here = folder / folders[member.student.address]
        return _sent(room.client.upload(member.project.project_id, here, place, force=force))

    outcomes = each(room, chosen, UPLOAD, send, "return")
    note(room, handout_of(room, str(kept.get("path") or place)), chosen, outcomes, "returned")
    remarks = [f"Without a folder in {folder}: {listed(without)}."] if without else []
    remarks += [*starting(chosen), *without_project(others)]
    return CourseResult(
        outcomes, "return", summary=files_done(outcomes, "sent"), remarks=remarks, **room.shown
    )


# -- one student -----------------------------------------------------------------------------------


def each(
    room: Classroom, people: Sequence[Member], event: str, do: Callable[[Member], Work], step: str
) -> Outcomes:
    """Do something for each student, several at a time; `step` is what the board calls it."""
    by_project = {member.project.project_id: member for member in people}

    def send(row: RowMessage) -> Response:
        member = by_project[row.options["project_id"]]
        return room.client.router.response_of(do(member), Request(event, dict(row.options)), None, 0.0)

    return room.send_each([message(member, event) for member in people], send, step, idempotent=True)


def _sent(transfer: Transfer) -> Work:
    sent = [file for file in transfer.files if not file.unchanged]
    same = len(transfer.files) - len(sent)
    left = "; ".join(f"{path}: {reason}" for path, reason in transfer.left)
    return {
        "files": len(sent),
        "unchanged": same,
        "bytes": transfer.size,
        **({"left_out": left} if left else {}),
    }


# -- what is said and noted ------------------------------------------------------------------------


def files_done(outcomes: Outcomes, word: str) -> str:
    """Return how many files went or came, of how many students."""
    files = sum(outcome.fields.get("files") or 0 for outcome in outcomes)
    same = sum(outcome.fields.get("unchanged") or 0 for outcome in outcomes)
    people = sum(bool(outcome.fields.get("files") or outcome.fields.get("unchanged")) for outcome in outcomes)
    words = f"{files:,} file{'' if files == 1 else 's'} {word}, {people:,} of {len(outcomes):,} students"
    return f"{words}; {same:,} were there already" if same else words


def note(room: Classroom, name: str, people: Sequence[Member], outcomes: Outcomes, step: str) -> None:
    """Note when something was done with a handout for whom."""
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    for member, outcome in zip(people, outcomes, strict=False):
        if outcome.ok and not outcome.fields.get("missing"):
            room.notes.note(name, member.student.address, **{step: moment})
    room.save_notes()


def handout_of(room: Classroom, path: str) -> str:
    """Return the name of the handout that a path in a project belongs to, or else its last part."""
    parts = PurePosixPath(path).parts
    places = {name: PurePosixPath(name).parts for name in room.notes.handouts}
    places |= {item.name: PurePosixPath(item.to).parts for item in room.course.handouts}
    inside = (name for name, place in places.items() if parts[: len(place)] == place)
    return next(inside, PurePosixPath(path).name)


def _graded(path: str, folder: Path) -> str:
    if not path:
        raise InvalidValue(
            f"nothing was collected into {folder}.",
            "Say where its folders go: course return FOLDER --to PATH",
        )
    place = PurePosixPath(path)
    if is_pattern(path):
        return str(place.with_name("graded"))
    return str(place.with_name(f"graded-{place.name}")) if place.name else "graded"


def key_of(into: Path) -> str:
    """Return what a folder that is collected into is noted by."""
    return str(into.resolve())


def record(room: Classroom) -> dict[str, Any]:
    """Return what is noted of the folders that were collected into. Raises `CoCalcError`."""
    content = notes.read_json(notes.folder_of(room.file) / COLLECTED)
    return content if isinstance(content, dict) else {}
