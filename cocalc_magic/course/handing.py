"""`handout` and `return`: folders into all projects, and marked work back."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.transfer.names import in_project, is_pattern
from cocalc_magic.course import class_folder, collected
from cocalc_magic.course.classroom import (
    how_many,
    listed,
    members,
    message,
    outcome_state,
    starting,
    without_project,
)
from cocalc_magic.course.result import CourseResult
from cocalc_magic.errors import InvalidValue
from cocalc_magic.response import Request
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cocalc_magic.bulk.outcome import Outcomes
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.client.transfer.report import Transfer
    from cocalc_magic.course.classroom import Classroom, Member
    from cocalc_magic.response import Response

UPLOAD = "upload"
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
        InvalidValue: There is no such folder here, or names of students are in it.
    """
    known = room.course.handout(name)
    source = _source(room, known.folder if known else name)
    own_name = Path(os.path.abspath(source)).name  # a path may end in `..`
    place = in_project(to or (known.to if known else own_name))
    people, others = members(room, room.read(), group)

    def send(member: Member) -> Work:
        return _sent(room.client.upload(member.project.project_id, source, place, force=force))

    outcomes = each(room, people, UPLOAD, send, "handout")
    note(room, known.name if known else own_name, people, outcomes, "handed_out")
    remarks = [*starting(people), *without_project(others)]
    return CourseResult(
        outcomes, "handout", summary=files_done(outcomes, "sent", len(others)), remarks=remarks,
        state=outcome_state(len(people), len(others)), **room.shown,
    )  # fmt: skip


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
    path = collected.path_in(room.file, folder)
    place = in_project(to or _graded(path, folder))
    people, others = members(room, room.read(), group)
    folders = collected.folders_of(room.file, folder, room.course.students)
    chosen = [member for member in people if (folder / folders[member.student.address]).is_dir()]
    without = [member.student.name for member in people if member not in chosen]

    def send(member: Member) -> Work:
        here = folder / folders[member.student.address]
        return _sent(room.client.upload(member.project.project_id, here, place, force=force))

    outcomes = each(room, chosen, UPLOAD, send, "return")
    note(room, handout_of(room, path or place), chosen, outcomes, "returned")
    remarks = [f"Without a folder in {folder}: {listed(without)}."] if without else []
    remarks += [*starting(chosen), *without_project(others)]
    return CourseResult(
        outcomes, "return", summary=files_done(outcomes, "sent", len(others) + len(without)), remarks=remarks,
        state=outcome_state(len(chosen), len(others) + len(without)), **room.shown,
    )  # fmt: skip


def _source(room: Classroom, name: str) -> Path:
    """Return the folder or file that is handed out. Raises `InvalidValue`."""
    if not name.strip():
        raise InvalidValue("a handout needs a folder.", "Write %cocalc course handout week1")
    source = typed_path(name)
    if not source.exists():
        raise InvalidValue(f"there is no folder {source} here.", f"Folders are looked for in {Path.cwd()}.")
    for path in filter(Path.exists, _private(room, source)):
        if any(place.samefile(source) for place in (path, *path.parents)):
            raise InvalidValue(
                f"{source} is not handed out: {path.name} is for you alone, with names of students in it.",
                "Put what the students are to have into a folder of its own.",
            )
    return source


def _private(room: Classroom, source: Path) -> Iterator[Path]:
    """Yield what no student may get: of this class, and what is noted of others below a folder."""
    folder = class_folder.folder_of(room.file)
    for own in (room.file, folder):
        yield from (own.absolute(), own.resolve())
    if folder.resolve() in source.resolve().parents:
        yield source.resolve()
    kept = room.notes
    yield from (class_folder.path_of(room.file, name).resolve() for name in (*kept.files, *kept.archives))
    yield from map(Path, collected.folders(room.file))
    yield from (path.resolve() for kind in class_folder.HOLDING_NAMES for path in source.rglob(f".*/{kind}"))


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


def files_done(outcomes: Outcomes, word: str, others: int) -> str:
    """Return how many files went or came, of how many students; `others` are those who had no part in it."""
    files = sum(outcome.fields.get("files") or 0 for outcome in outcomes)
    same = sum(outcome.fields.get("unchanged") or 0 for outcome in outcomes)
    people = sum(bool(outcome.fields.get("files") or outcome.fields.get("unchanged")) for outcome in outcomes)
    of_all = f"{people:,} of {how_many(len(outcomes) + others, 'student')}"
    words = f"{how_many(files, 'file')} {word}, {of_all}"
    return f"{words}; {same:,} were there already" if same else words


def note(room: Classroom, name: str, people: Sequence[Member], outcomes: Outcomes, step: str) -> None:
    """Note when something was done with a handout for whom; nothing where it has no name."""
    if not name:
        return
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    for member, outcome in zip(people, outcomes, strict=False):
        if outcome.ok and not outcome.fields.get("missing"):
            room.notes.note(name, member.student.address, **{step: moment})
    room.save_notes()


def handout_of(room: Classroom, path: str) -> str:
    """Return the name of the handout that a path in a project belongs to, or else its last part.

    The home folder belongs to none.
    """
    parts = PurePosixPath(path).parts
    places = {name: PurePosixPath(name).parts for name in room.notes.handouts}
    places |= {item.name: PurePosixPath(item.to).parts for item in room.course.handouts}
    inside = (name for name, place in places.items() if place and parts[: len(place)] == place)
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
