"""`handout`, `collect` and `return`: folders into all projects, work out of them, marked work back."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.transfer.carrier import carrier_of
from cocalc_magic.client.transfer.download import Download, NothingThere
from cocalc_magic.client.transfer.names import in_project, is_pattern
from cocalc_magic.course import notes
from cocalc_magic.course.classroom import listed, members, message, starting, without_project
from cocalc_magic.course.definition import is_over
from cocalc_magic.course.local_files import Arrival, folder_names, merge
from cocalc_magic.course.result import CourseResult
from cocalc_magic.errors import (
    CoCalcError,
    InvalidValue,
    KeyRefused,
    NotSent,
    ServerUnreachable,
    TimeLimitReached,
)
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cocalc_magic.bulk.outcome import Outcomes
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.client.transfer.report import Transfer
    from cocalc_magic.course.classroom import Classroom, Member
    from cocalc_magic.course.definition import Handout
    from cocalc_magic.response import Response

UPLOAD, DOWNLOAD = "upload", "download"
_ATTEMPTS = 3  # to fetch files that change meanwhile
_FINAL = (NothingThere, KeyRefused, NotSent, ServerUnreachable, TimeLimitReached)
_COLLECTED = "collected.json"
_DAY = 86_400  # seconds
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

    outcomes = _each(room, people, UPLOAD, send)
    _note(room, known.name if known else source.name, people, outcomes, "handed_out")
    remarks = [*starting(people), *without_project(others)]
    return CourseResult(
        outcomes, "handout", summary=_files_done(outcomes, "sent"), remarks=remarks, **room.shown
    )


def collect(room: Classroom, path: str, into: Path, *, group: str = "") -> CourseResult:
    """Copy a file or folder out of every project into a folder for each student, with the name on it.

    What is here already with other content stays, and what comes is kept beside it. Hashes are noted.

    Args:
        room: The class.
        path: In the projects: a path, a pattern, or a handout of the class file.
        into: The folder here.
        group: Only from the students of this group.

    Raises:
        CoCalcError: The folder can't be made.
    """
    known = room.course.handout(path)
    place = in_project(known.to if known else path)
    people, others = members(room, room.read(), group)
    folders = folder_names(room.course.students)
    arrived: dict[str, list[Arrival]] = {}
    staging = _staging(into)

    def fetch(member: Member) -> Work:
        address = member.student.address
        here = into / folders[address]
        work, files = _collected(room, member, place, staging / folders[address], here)
        arrived[address] = files
        return {**work, "folder": str(here)} if files else work

    try:
        outcomes = _each(room, people, DOWNLOAD, fetch)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _note_hashes(room, into, place, arrived, folders)
    _note(room, _handout_of(room, place), people, outcomes, "collected")
    remarks = [*_early(known), *_missing(outcomes), *_conflicts(outcomes)]
    remarks += [*starting(people), *without_project(others)]
    return CourseResult(
        outcomes, "collect", summary=_files_done(outcomes, "new"), remarks=remarks, **room.shown
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
    record = _record(room).get(_key(folder), {})
    place = in_project(to or _graded(str(record.get("path") or ""), folder))
    people, others = members(room, room.read(), group)
    folders = folder_names(room.course.students)
    chosen = [member for member in people if (folder / folders[member.student.address]).is_dir()]
    without = [member.student.name for member in people if member not in chosen]

    def send(member: Member) -> Work:
        here = folder / folders[member.student.address]
        return _sent(room.client.upload(member.project.project_id, here, place, force=force))

    outcomes = _each(room, chosen, UPLOAD, send)
    _note(room, _handout_of(room, str(record.get("path") or place)), chosen, outcomes, "returned")
    remarks = [f"Without a folder in {folder}: {listed(without)}."] if without else []
    remarks += [*starting(chosen), *without_project(others)]
    return CourseResult(
        outcomes, "return", summary=_files_done(outcomes, "sent"), remarks=remarks, **room.shown
    )


# -- one student -----------------------------------------------------------------------------------


def _each(room: Classroom, people: Sequence[Member], event: str, do: Callable[[Member], Work]) -> Outcomes:
    """Do something for each student, several at a time."""
    by_project = {member.project.project_id: member for member in people}

    def send(row: RowMessage) -> Response:
        member = by_project[row.options["project_id"]]
        return room.client.router.response_of(do(member), Request(event, dict(row.options)), None, 0.0)

    return room.send_each([message(member, event) for member in people], send, idempotent=True)


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


def _collected(
    room: Classroom, member: Member, path: str, staged: Path, here: Path
) -> tuple[Work, list[Arrival]]:
    """Fetch a student's files, and move them to those that are here. Raises its failure."""
    try:
        transfer, remarks = _fetched(room, member, path, staged)
    except NothingThere:
        return {"files": 0, "missing": path}, []
    try:
        files = merge(staged, here)
    except OSError as problem:
        raise CoCalcError(f"{here} can't be written: {problem.strerror or problem}.") from None
    left = [f"{name}: {reason}" for name, reason in transfer.left]
    work = {
        "files": sum(file.new for file in files),
        "unchanged": sum(not file.new for file in files),
        "conflicts": ", ".join(file.path for file in files if file.conflict),
        "note": "; ".join([*remarks, *left]),
    }
    return work, files


def _fetched(room: Classroom, member: Member, path: str, staged: Path) -> tuple[Transfer, list[str]]:
    """Fetch files, again where they change meanwhile, and return what was there at first and is not now."""
    staged.mkdir(parents=True, exist_ok=True)
    task = Download(carrier_of(room.client.router, member.project.project_id), force=True)
    first: tuple[str, ...] = ()
    for attempt in range(_ATTEMPTS):
        try:
            transfer = task.run([path], staged, into=False)
        except _FINAL:
            raise
        except CoCalcError:
            first = first or task.listed
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            break
    gone = sorted(set(first) - set(task.listed))
    return transfer, [f"vanished meanwhile: {listed(gone)}"] if gone else []


# -- what is said and noted ------------------------------------------------------------------------


def _files_done(outcomes: Outcomes, word: str) -> str:
    files = sum(outcome.fields.get("files") or 0 for outcome in outcomes)
    same = sum(outcome.fields.get("unchanged") or 0 for outcome in outcomes)
    people = sum(bool(outcome.fields.get("files") or outcome.fields.get("unchanged")) for outcome in outcomes)
    words = f"{files:,} file{'' if files == 1 else 's'} {word}, {people:,} of {len(outcomes):,} students"
    return f"{words}; {same:,} were there already" if same else words


def _early(handout: Handout | None) -> list[str]:
    """Return a sentence for a handout that is collected before it is due."""
    if handout is None or handout.due is None or is_over(handout.due):
        return []
    return [
        f"{handout.name} is due {handout.due:%Y-%m-%d %H:%M}: what comes until then, the same line collects."
    ]


def _missing(outcomes: Outcomes) -> list[str]:
    names = [outcome.row.name for outcome in outcomes if outcome.fields.get("missing")]
    return [f"Missing from {len(names):,}: {listed(names, 30)}."] if names else []


def _conflicts(outcomes: Outcomes) -> list[str]:
    names = [outcome.row.name for outcome in outcomes if outcome.fields.get("conflicts")]
    return [f"Kept beside files with other content, as NAME (2): {listed(names, 30)}."] if names else []


def _note(room: Classroom, name: str, people: Sequence[Member], outcomes: Outcomes, step: str) -> None:
    """Note when something was done with a handout for whom."""
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    for member, outcome in zip(people, outcomes, strict=False):
        if outcome.ok and not outcome.fields.get("missing"):
            room.notes.note(name, member.student.address, **{step: moment})
    room.save_notes()


def _handout_of(room: Classroom, path: str) -> str:
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


def _staging(into: Path) -> Path:
    """Make the folder, and in it one for files that are on their way. Raises `CoCalcError`."""
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in into.glob(".collecting-*"):
            _remove_old(old)
        return Path(tempfile.mkdtemp(dir=into, prefix=".collecting-"))
    except OSError as problem:
        raise CoCalcError(f"{into} can't be written: {problem.strerror}.") from None


def _remove_old(folder: Path) -> None:
    """Remove what a run has left that was killed: it is in the projects still."""
    with suppress(OSError):
        if folder.stat().st_mtime < time.time() - _DAY:
            shutil.rmtree(folder, ignore_errors=True)


def _key(into: Path) -> str:
    return str(into.resolve())


def _record(room: Classroom) -> dict[str, Any]:
    content = notes.read_json(notes.folder_of(room.file) / _COLLECTED)
    return content if isinstance(content, dict) else {}


def _note_hashes(
    room: Classroom, into: Path, path: str, arrived: Mapping[str, list[Arrival]], folders: Mapping[str, str]
) -> None:
    """Note the hash of each file that was collected, by student."""
    record = _record(room)
    entry = record.setdefault(_key(into), {"path": path, "students": {}})
    entry["path"] = path
    for address, files in arrived.items():
        known = entry["students"].setdefault(address, {"folder": folders[address], "files": {}})
        known["files"] |= {file.path: file.hash for file in files}
    notes.write_json(notes.folder_of(room.file) / _COLLECTED, record)
