"""`end`: at the end of a term projects are listed and stopped, students leave, names are forgotten."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.bulk import journal_file
from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.bulk.rows import RowMessage
from cocalc_magic.client.many import job_of
from cocalc_magic.course import notes, report
from cocalc_magic.course.classroom import members
from cocalc_magic.course.result import EVENT, CourseResult, all_ok, worst
from cocalc_magic.course.stages import STAGES
from cocalc_magic.errors import AlreadyThere
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
        self.people, _ = members(room, self.server)

    @property
    def running(self) -> list[Member]:
        """The projects that run."""
        return [member for member in self.people if member.project.running]

    @property
    def inside(self) -> list[Member]:
        """The students who are in their projects."""
        return [member for member in self.people if self._account(member) in member.project.users]

    def _account(self, member: Member) -> str:
        account_id = self.server.accounts.get(member.student.address, "")
        return "" if account_id == self.server.account_id else account_id

    def outlook(self, due: datetime) -> CourseResult:
        """Return what there is to do, and do nothing."""
        remarks = [
            f"{len(self.running):,} projects are running: --stop stops them.",
            f"{len(self.inside):,} students are in their projects: --remove-students takes them out.",
            "--archive FILE writes the list of projects; --forget removes all files with names of people.",
        ]
        words = f"ends on {due:%Y-%m-%d %H:%M}; nothing was done"
        rows = all_ok(member.row for member in self.people)
        return CourseResult(rows, "end", summary=words, remarks=remarks, **self.room.shown)

    def archive(self, path: Path, *, force: bool = False) -> Path:
        """Write the list of projects with all that is known of the students, and return its path.

        Raises:
            AlreadyThere: There is such a file.
        """
        if path.exists() and not force:
            raise AlreadyThere(f"{path} is there already.", "--force writes over it.")
        report.report(self.room, path)
        return path

    def carry_out(self, *, stop: bool, remove: bool) -> CourseResult:
        """Stop the projects that run, and take the students out of theirs, as far as that is asked for."""
        done: dict[str, list[Outcome]] = {member.student.address: [] for member in self.people}
        stopped = self._send(self.running if stop else [], self._stop_message, done)
        removed = self._send(self.inside if remove and not stopped else [], self._remove_message, done)
        if remove:
            self.room.notes.ended = datetime.now(timezone.utc).isoformat(timespec="seconds")
            self.room.save_notes()
        outcomes = Outcomes()
        for position, member in enumerate(self.people):
            steps = done[member.student.address]
            error = "; ".join(outcome.error for outcome in steps if outcome.error)
            status = worst(outcome.status for outcome in steps)
            outcomes.put(position, Outcome(member.row, status, {"title": member.project.title}, error, EVENT))
        outcomes.stopped = stopped or removed
        words = [f"{len(self.running):,} projects stopped"] if stop else []
        words += [f"{len(self.inside):,} students out of their projects"] if remove else []
        return CourseResult(
            outcomes, "end", summary=", ".join(words) or f"{len(self.people):,} projects", **self.room.shown
        )

    def _send(self, people: list[Member], message: Any, done: dict[str, list[Outcome]]) -> str:
        """Send a message for each, and return why that ended early."""
        if not people:
            return ""
        outcomes = self.room.send_each(
            [message(member) for member in people], partial(_exchange, self.room), idempotent=True
        )
        for member, outcome in zip(people, outcomes, strict=False):
            done[member.student.address].append(outcome)
        return outcomes.stopped

    def _stop_message(self, member: Member) -> RowMessage:
        project_id = member.project.project_id
        if "v2" in self.room.client.router.generations():
            return _row(member, "projects/stop", {"project_id": project_id})
        action = {"action": "stop", "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds")}
        return _row(
            member, "query", {"query": {"projects": {"project_id": project_id, "action_request": action}}}
        )

    def _remove_message(self, member: Member) -> RowMessage:
        options = {"project_id": member.project.project_id, "account_id": self._account(member)}
        return _row(member, "remove_collaborator", options)


def forget(room: Classroom) -> list[Path]:
    """Remove the class file, what was noted, reports and journals, and return what was removed.

    Raises:
        CoCalcError: Something can't be removed.
    """
    folder = notes.folder_of(room.file)
    events = dict.fromkeys(stage.event for stage in STAGES if stage.journaled)
    for event in events:
        journal_file.forget(job_of(room.client.router, catalog.find(event), folder).path())
    return notes.forget(room.file, [*room.notes.files, str(room.file)])


def kept_files(room: Classroom) -> Iterable[str]:
    """Return the names of the files that `forget` removes, besides the journals."""
    return [*room.notes.files, str(room.file), str(notes.folder_of(room.file))]


def _row(member: Member, event: str, options: dict[str, Any]) -> RowMessage:
    return RowMessage(member.row, event, check(catalog.find(event), options))


def _exchange(room: Classroom, message: RowMessage) -> Response:
    return room.client.router.exchange(catalog.find(message.event), message.options)
