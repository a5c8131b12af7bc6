"""A class at work: its file, what was noted of it, and the client of the server that it is on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, executors
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.bulk.run import run
from cocalc_magic.catalog import generations
from cocalc_magic.client.many import DEFAULT_JOBS
from cocalc_magic.client.whose import account_and_world
from cocalc_magic.client.wire.translate import outlook
from cocalc_magic.course import class_file, collected, notes, plan, scoped_state, server_state
from cocalc_magic.course.result import DONE, NOTHING, WAITING
from cocalc_magic.course.stages import INVITE
from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from cocalc_magic.bulk.loop import Stop
    from cocalc_magic.bulk.outcome import Outcomes, Progress
    from cocalc_magic.client.client import Client
    from cocalc_magic.client.whose import Owner
    from cocalc_magic.course.definition import Course, Student
    from cocalc_magic.course.notes import Notes
    from cocalc_magic.course.result import State
    from cocalc_magic.course.server_state import CourseProject, ServerState
    from cocalc_magic.render.live_board import LiveBoard
    from cocalc_magic.response import Response

_SANDBOX = "sandbox"  # in place of an address, which a sandbox has anew at each start


@dataclass(frozen=True)
class Work:
    """How messages are sent: how many at once, who is told how far it is, what ends it; and its board."""

    jobs: int = DEFAULT_JOBS
    on_progress: Callable[[Progress], None] | None = None
    stop: Stop | None = None
    board: LiveBoard | None = None


@dataclass
class Classroom:
    """A class with its server.

    Args:
        client: Sends its messages.
        file: The class file.
        course: What that says.
        notes: What was noted at earlier runs.
        work: How messages are sent.
        owner: Whose key the client has, as far as the server was read.
        listed: The ids of the projects that there were then.
    """

    client: Client
    file: Path
    course: Course
    notes: Notes
    work: Work = field(default_factory=Work)
    owner: Owner | None = None
    listed: Collection[str] | None = None

    @property
    def server(self) -> str:
        """What names the server in what is kept."""
        return _SANDBOX if self.client.server.sandbox else self.client.server.url

    @property
    def shown(self) -> dict[str, Any]:
        """Name and kind of the server, for a result."""
        return {"server": self.client.server.name, "sandbox": self.client.server.sandbox}

    def read(self) -> ServerState:
        """Return what the server has; nothing that writes or starts a project is sent."""
        people = plan.people(self.course, self.notes)
        spoken = self.client.router.generations()
        if not generations.scoped(spoken):
            how, _ = outlook(catalog.find(INVITE.event).event, spoken)
            state = server_state.read(self.client.send, self._account, people)
            self.listed = state.listed
            return replace(state, invites=how != "no")
        known = [student.project for student in self.course.students if student.project]
        return scoped_state.read(self.client.send, people, [*known, *self.notes.projects])

    def _account(self) -> str:
        self.owner = account_and_world(self.client.router)
        return self.owner[0]

    def save_notes(self) -> None:
        """Keep what was noted since the class was opened."""
        notes.save(self.file, self.notes)

    def readdress(self, moved: Mapping[str, str]) -> None:
        """Give what was done for students, and their folders here, to their new addresses."""
        if moved:
            collected.readdress(self.file, moved)
            self.notes.readdress(moved)

    def send_each(
        self, messages: list[RowMessage], send: Callable[[RowMessage], Response], step: str = "", **how: Any
    ) -> Outcomes:
        """Send messages whose repetition does no harm, or is for the person to decide; no journal is kept.

        `step` is what the board calls this, unless it has steps of its own; without, there is none.
        """
        work = self.work
        if step and work.board is not None and not work.board.rows:
            work.board.begin([message.row for message in messages], [step])
        how |= {"jobs": work.jobs, "on_progress": work.on_progress, "stop": work.stop}
        with executors.executor(work.jobs, "course") as threads:
            return run(messages, send, executor=threads, **how)


def opened(client: Client, file: Path, work: Work | None = None) -> Classroom:
    """Return the class of a file. Raises `CoCalcError` where the file is missing or wrong."""
    room = Classroom(client, file, class_file.load(file), notes.load(file), work or Work())
    for tape in client.router.tapes:  # titles of projects have names in them that no field gives away
        tape.know_people(plan.people(room.course, room.notes).values())
    return room


@dataclass(frozen=True)
class Member:
    """A student with a project: one row of what is done with all of them."""

    student: Student
    project: CourseProject
    row: Row


def members(room: Classroom, server: ServerState, group: str = "") -> tuple[list[Member], list[Student]]:
    """Return the students who have a project that the key may use, and the others.

    Args:
        group: Only the students of this group.

    Raises:
        InvalidValue: Nobody is in the group.
    """
    owners = plan.assigned(room.course, server, room.notes)
    students = [student for student in room.course.students if not group or student.group == group]
    if group and not students:
        groups = sorted({student.group for student in room.course.students if student.group})
        raise InvalidValue(f"nobody is in the group {group!r}.", f"There are: {', '.join(groups) or 'none'}.")
    with_project = [
        student for student in students if student.address in owners and owners[student.address].usable
    ]
    rows = [
        Member(student, owners[student.address], row_of(number, student, owners[student.address].project_id))
        for number, student in enumerate(with_project, 1)
    ]
    return rows, [student for student in students if student not in with_project]


def row_of(number: int, student: Student, project_id: str = "") -> Row:
    """Return a student as a row: name, address, group, own columns, project."""
    values: dict[str, Any] = {"name": student.name, "email": student.email}
    values |= {"group": student.group} if student.group else {}
    values |= student.columns
    return Row(number, {**values, **({"project_id": project_id} if project_id else {})}, student.name)


def starting(members: Iterable[Member]) -> list[str]:
    """Return a sentence that says how many projects are started; none where none is known not to run."""
    stopped = sum(member.project.stopped for member in members)
    return (
        [f"{stopped:,} project{' was' if stopped == 1 else 's were'} not running and started."]
        if stopped
        else []
    )


def without_project(students: list[Student]) -> list[str]:
    """Return a sentence that names students without a project; none where all have one."""
    if not students:
        return []
    names = listed(student.name for student in students)
    return [f"Without a project that the key may use: {names}. course apply says more."]


def outcome_state(done: int, others: int) -> State:
    """Return how far something was done that was asked for all: for how many it was, and was not."""
    return DONE if not others else WAITING if done else NOTHING


def listed(names: Iterable[str], most: int = 10) -> str:
    """Return names as a list in a sentence."""
    known = list(names)
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def how_many(count: int, noun: str) -> str:
    """Return a number with its noun: `1 project`, `30 projects`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def message(member: Member, event: str, options: Mapping[str, Any] | None = None) -> RowMessage:
    """Return the message of a member; with options of its own, or none but the project."""
    return RowMessage(member.row, event, {"project_id": member.project.project_id, **(options or {})})
