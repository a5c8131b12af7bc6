"""`collect`: work out of all projects, into a folder for each student, without loss."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.client.transfer.carrier import carrier_of
from cocalc_magic.client.transfer.download import Download, NothingThere
from cocalc_magic.client.transfer.names import in_project
from cocalc_magic.course import collected
from cocalc_magic.course.classroom import listed, members, outcome_state, starting, without_project
from cocalc_magic.course.definition import is_over
from cocalc_magic.course.handing import each, files_done, handout_of, note
from cocalc_magic.course.local_files import Arrival, merge
from cocalc_magic.course.result import CourseResult
from cocalc_magic.errors import (
    CoCalcError,
    InvalidValue,
    KeyRefused,
    NotSent,
    ServerUnreachable,
    TimeLimitReached,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.bulk.outcome import Outcomes
    from cocalc_magic.client.transfer.report import Transfer
    from cocalc_magic.course.classroom import Classroom, Member
    from cocalc_magic.course.definition import Handout
    from cocalc_magic.course.handing import Work

DOWNLOAD = "download"
_ATTEMPTS = 3  # to fetch files that change meanwhile
_FINAL = (NothingThere, KeyRefused, NotSent, ServerUnreachable, TimeLimitReached)
_DAY = 86_400  # seconds


def collect(room: Classroom, path: str, into: Path, *, group: str = "") -> CourseResult:
    """Copy a file or folder out of every project into a folder for each student, with the name on it.

    What is here already with other content stays, and what comes is kept beside it. Hashes are noted.

    Args:
        room: The class.
        path: In the projects: a path, a pattern, or a handout of the class file.
        into: The folder here.
        group: Only from the students of this group.

    Raises:
        CoCalcError: The folder can't be made, or it holds what was collected from another path.
    """
    known = room.course.handout(path)
    place = in_project(known.to if known else path)
    _require_same(into, collected.path_in(room.file, into), place)
    people, others = members(room, room.read(), group)
    folders = collected.folders_of(room.file, into, room.course.students)
    arrived: dict[str, list[Arrival]] = {}
    staging = _staging(into)

    def fetch(member: Member) -> Work:
        address = member.student.address
        here = into / folders[address]
        work, files = _collected(room, member, place, staging / folders[address], here)
        arrived[address] = files
        return {**work, "folder": str(here)} if files else work

    try:
        outcomes = each(room, people, DOWNLOAD, fetch, "collect")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    collected.note(room.file, into, place, arrived, folders)
    note(room, handout_of(room, place), people, outcomes, "collected")
    missing = [outcome.row.name for outcome in outcomes if outcome.fields.get("missing")]
    remarks = [*_early(known), *_missing(missing), *_conflicts(outcomes)]
    remarks += [*starting(people), *without_project(others)]
    return CourseResult(
        outcomes, "collect", summary=files_done(outcomes, "new", len(others)), remarks=remarks,
        state=outcome_state(len(people) - len(missing), len(others) + len(missing)), **room.shown,
    )  # fmt: skip


def _require_same(into: Path, before: str, now: str) -> None:
    """Let a folder have files from one path, where `return` knows to send them from."""
    if before and before != now and into.exists():
        raise InvalidValue(f"{into} holds {before}.", f"For {now} name another folder: --into FOLDER")


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


def _early(handout: Handout | None) -> list[str]:
    """Return a sentence for a handout that is collected before it is due."""
    if handout is None or handout.due is None or is_over(handout.due):
        return []
    return [
        f"{handout.name} is due {handout.due:%Y-%m-%d %H:%M}: what comes until then, the same line collects."
    ]


def _missing(names: Sequence[str]) -> list[str]:
    return [f"Missing from {len(names):,}: {listed(names, 30)}."] if names else []


def _conflicts(outcomes: Outcomes) -> list[str]:
    names = [outcome.row.name for outcome in outcomes if outcome.fields.get("conflicts")]
    return [f"Kept beside files with other content, as NAME (2): {listed(names, 30)}."] if names else []


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
