"""`end`: at the end of a term projects are listed and stopped, students leave, names are forgotten."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.bulk import journal_file, journals
from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.course import by_hand, class_folder, notes, report
from cocalc_magic.course.classroom import how_many, listed, members, outcome_state, without_project
from cocalc_magic.course.result import EVENT, NOW, CourseResult, all_ok, worst
from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from cocalc_magic.course.classroom import Classroom, Member
    from cocalc_magic.course.server_state import ServerState
    from cocalc_magic.response import Response


class Ending:
    """The end of a class: whom and what it is about, as the server has it now.

    Args:
        room: The class.
    """

    def __init__(self, room: Classroom) -> None:
        self.room = room
        self.server: ServerState = room.read()
        self.people, self.others = members(room, self.server)

    @property
    def running(self) -> list[Member]:
        """The projects that run, or may: those that are not known to be stopped."""
        return [member for member in self.people if not member.project.stopped]

    @property
    def inside(self) -> list[Member]:
        """The students who are in their projects."""
        return [member for member in self.people if self._account(member) in member.project.users]

    @property
    def removable(self) -> list[Member]:
        """Those of them whom a key can take out; where keys are scoped, only a person can."""
        return [] if self.server.scoped else self.inside

    def _account(self, member: Member) -> str:
        account_id = self.server.accounts.get(member.student.address, "")
        return "" if account_id == self.server.account_id else account_id

    def outlook(self, due: datetime) -> CourseResult:
        """Return what there is to do, and do nothing."""
        known = "Not known to be stopped" if self.server.scoped else "Running"
        remarks = [
            f"{known}: {how_many(len(self.running), 'project')}. --stop stops them.",
            f"In their projects: {how_many(len(self.inside), 'student')}. {self._removal}.",
            "--archive FILE writes the list of projects; --forget removes all files with names of people.",
        ]
        words = f"ends on {due:%Y-%m-%d %H:%M}; nothing was done"
        rows, remarks = (
            all_ok(member.row for member in self.people),
            [*remarks, *without_project(self.others)],
        )
        return CourseResult(rows, "end", summary=words, remarks=remarks, state=NOW, **self.room.shown)

    @property
    def _removal(self) -> str:
        how = "lists them, to be taken out by hand" if self.server.scoped else "takes them out"
        return f"--remove-students {how}"

    def archive(self, path: Path, *, force: bool = False) -> Path:
        """Write the list of projects with all that is known of the students, and return its path.

        Raises:
            AlreadyThere: There is such a file.
        """
        report.report(self.room, path, force=force, archive=True)
        return path

    def carry_out(self, *, stop: bool, remove: bool) -> CourseResult:
        """Stop the projects that run, and take the students out of theirs, as far as that is asked for."""
        done: dict[str, list[Outcome]] = {member.student.address: [] for member in self.people}
        stopped = self._send(self.running if stop else [], self._stop_message, done)
        leaving = self.removable if remove and not stopped.stopped else []
        removed = self._send(leaving, self._remove_message, done)
        if any(outcome.ok for outcome in removed):
            self.room.notes.ended = datetime.now(timezone.utc).isoformat(timespec="seconds")
            self.room.save_notes()
        outcomes = self._outcomes(done)
        outcomes.stopped = stopped.stopped or removed.stopped
        words = [f"{how_many(len(stopped), 'project')} stopped"] if stop else []
        words += [f"{how_many(len(removed), 'student')} out of their projects"] if remove else []
        left = self._left() if remove else []
        acted = len(self.people) if stop or not left else 0
        return CourseResult(
            outcomes, "end", summary=", ".join(words) or how_many(len(self.people), "project"),
            remarks=[*without_project(self.others), *left],
            state=outcome_state(acted, len(self.others) + len(left)), **self.room.shown,
        )  # fmt: skip

    def _left(self) -> list[str]:
        """Return a remark on whom only a person can take out."""
        left = [member for member in self.inside if member not in self.removable]
        people = [f"remove {each.student.address}: {each.project.title}" for each in left]
        return [by_hand.in_and_out(people, self.room.client.server.url)] if people else []

    def _outcomes(self, done: dict[str, list[Outcome]]) -> Outcomes:
        """Return what became of each student, from what became of the messages."""
        outcomes = Outcomes()
        for position, member in enumerate(self.people):
            steps = done[member.student.address]
            error = "; ".join(outcome.error for outcome in steps if outcome.error)
            status = worst(outcome.status for outcome in steps)
            outcomes.put(position, Outcome(member.row, status, {"title": member.project.title}, error, EVENT))
        return outcomes

    def _send(self, people: list[Member], message: Any, done: dict[str, list[Outcome]]) -> Outcomes:
        """Send a message for each, and return what became of them."""
        if not people:
            return Outcomes()
        outcomes = self.room.send_each(
            [message(member) for member in people], partial(_exchange, self.room), idempotent=True
        )
        for member, outcome in zip(people, outcomes, strict=False):
            done[member.student.address].append(outcome)
        return outcomes

    def _stop_message(self, member: Member) -> RowMessage:
        project_id = member.project.project_id
        if self.server.scoped or "v2" in self.room.client.router.generations():
            return _row(member, "projects/stop", {"project_id": project_id})
        action = {"action": "stop", "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds")}
        return _row(
            member, "query", {"query": {"projects": {"project_id": project_id, "action_request": action}}}
        )

    def _remove_message(self, member: Member) -> RowMessage:
        options = {"project_id": member.project.project_id, "account_id": self._account(member)}
        return _row(member, "remove_collaborator", options)


_LEFT = "folders that work was collected into, the list of students, and all that is on the server."


def forget(file: Path) -> CourseResult:
    """Remove the class file, what was noted, reports and journals, and return what was removed: a row a file.

    No server is asked, so that it goes when the key or the server is gone.

    Raises:
        CoCalcError: Something can't be removed, or there is nothing of a class.
    """
    files, remarks = kept_files(file)
    kept = [journal for journal in journals.kept() if journal.about.folder in _folders(file)]
    for journal in kept:
        journal_file.forget(journal.path)
    removed = class_folder.forget(file, files)
    rows = all_ok(Row(number, {"removed": str(path)}, str(path)) for number, path in enumerate(removed, 1))
    words = f"{how_many(len(removed), 'file')} and folders removed, and {how_many(len(kept), 'journal')}"
    return CourseResult(rows, "end", summary=words, remarks=remarks, noun="file")


def kept_files(file: Path) -> tuple[list[str], list[str]]:
    """Return what `forget` removes besides the journals, and for people what it leaves or does not know.

    Raises:
        CoCalcError: There is nothing of a class.
    """
    folder = class_folder.folder_of(file)
    is_own = class_folder.is_own(file)
    own = [str(path) for path in (file, *([folder] if is_own else [])) if os.path.lexists(path)]
    if not own:
        raise CoCalcError(f"there is no {file}, and nothing was noted of one.", f"Looked in {Path.cwd()}.")
    if not is_own:
        return own, [f"Left: {folder}, which something else made, {_LEFT}"]
    try:
        kept = notes.load(file)
    except CoCalcError as problem:
        unknown = f"{problem.problem} Which reports were written elsewhere is not known."
        return own, [unknown, f"Left: {_LEFT}"]
    paths = [class_folder.path_of(file, name) for name in dict.fromkeys(kept.files)]
    archives = [class_folder.path_of(file, name) for name in kept.archives]
    files = [str(path) for path in paths if os.path.lexists(path)]
    gone = [str(path) for path in paths if not os.path.lexists(path)]
    remarks = [f"Not where they were written, and to be removed by hand if they were moved: {listed(gone)}."]
    left = "".join(f"{path}, " for path in dict.fromkeys(archives) if path.exists())
    return [*files, *own], [*(remarks if gone else []), f"Left: {left}{_LEFT}"]


def _folders(file: Path) -> set[str]:
    """Return where the notes of a class are and were, by which its journals are known."""
    here = str(class_folder.folder_of(file).resolve())
    try:
        return {here, *(each for each in notes.load(file).folders if not os.path.lexists(each))}
    except CoCalcError:
        return {here}


def _row(member: Member, event: str, options: dict[str, Any]) -> RowMessage:
    return RowMessage(member.row, event, check(catalog.find(event), options))


def _exchange(room: Classroom, message: RowMessage) -> Response:
    return room.client.router.exchange(catalog.find(message.event), message.options)
