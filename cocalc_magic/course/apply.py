"""Do what a plan says, stage by stage: projects are made, renamed, given people, prepared.

A project that is made is given its people at once, while others are still being made. What can't be done
twice goes through the journal of bulk work, known by the plan and the student, so that a run that was killed
is taken up where it ended. All else is decided by what the server shows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.bulk.outcome import GOOD, Outcome, Outcomes
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.client.many import send_many
from cocalc_magic.course import by_hand, class_folder, plan
from cocalc_magic.course.classroom import how_many, listed, row_of
from cocalc_magic.course.notes import KnownProject
from cocalc_magic.course.result import DONE, EQUAL, EVENT, WAITING, CourseResult, worst
from cocalc_magic.course.stages import ADD, CREATE, STAGES, Stage
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.loop import Then
    from cocalc_magic.bulk.outcome import Status
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.course.plan import Change, Step
    from cocalc_magic.course.result import State
    from cocalc_magic.course.saved_plan import SavedPlan
    from cocalc_magic.response import Response


def planned_only(planned: SavedPlan, now: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return what is still to be done of a plan: nothing that it did not have."""
    steps = {change.key: {step.identity for step in change.steps} for change in planned.changes}
    return tuple(
        replace(
            change,
            steps=tuple(step for step in change.steps if step.identity in steps.get(change.key, ())),
        )
        for change in now
    )


def removals(changes: tuple[Change, ...], *, invite: bool = True) -> int:
    """Return how many people and projects are removed by messages."""
    due = [step for change in changes for step in due_steps(change, invite=invite)]
    return sum(step.kind in ("remove", "delete") for step in due)


def invitations(changes: tuple[Change, ...]) -> int:
    """Return how many people are written to."""
    return sum(step.invites for change in changes for step in change.steps)


def apply(
    room: Classroom, planned: SavedPlan, changes: tuple[Change, ...], *, invite: bool = True
) -> CourseResult:
    """Do what is still to be done of a plan, and return what became of each student.

    Args:
        room: The class.
        planned: The plan, which messages are known by.
        changes: What is still to be done.
        invite: Write to people without an account.

    Raises:
        CoCalcError: The journal or the notes can't be written; nothing more was sent then.
    """
    room.notes.ended = ""
    run = _Run(room, planned, changes, invite=invite)
    run.begin_board()
    for stage in STAGES:
        if not run.stopped:
            run.carry_out(stage)
    run.note_all()
    return run.result()


class _Run:
    """One apply: the changes, with the ids of the projects that were made, and what became of their steps."""

    def __init__(
        self, room: Classroom, planned: SavedPlan, changes: tuple[Change, ...], *, invite: bool
    ) -> None:
        self.room, self.planned, self.changes = room, planned, list(changes)
        self.due = [due_steps(change, invite=invite) for change in changes]
        self.outcomes: dict[int, list[tuple[Step, Outcome]]] = defaultdict(list)
        self.stopped, self.invite = "", invite

    def begin_board(self) -> None:
        """Show who waits for which steps."""
        if (board := self.room.work.board) is not None:
            rows = [self._row(position) for position, due in enumerate(self.due) if due]
            ways = [{step.way for step in due} for due in self.due if due]
            steps = [stage.way for stage in STAGES if any(stage.way in its for its in ways)]
            board.begin(rows, steps, ways)

    def _row(self, position: int) -> Row:
        change = self.changes[position]
        return Row(position + 1, {"name": change.name, "email": change.email}, change.name)

    def carry_out(self, stage: Stage) -> None:
        """Send the messages of a stage, and note what came of them."""
        steps = [
            (position, step)
            for position, change in enumerate(self.changes)
            if change.project_id or stage is CREATE
            for step in self._open_steps(position, stage)
        ]
        if not steps:
            return
        if self.room.work.board is not None:
            self.room.work.board.go_to(stage.way)
        messages = [self._message(stage, position, step) for position, step in steps]
        outcomes = self._send(stage, messages, partial(self._follow, steps))
        self.stopped = outcomes.stopped
        for (position, step), outcome in zip(steps, outcomes, strict=False):
            self.outcomes[position].append((step, outcome))
            if outcome.ok and step.kind == "delete":
                self.room.notes.projects.pop(self.changes[position].project_id, None)
        if stage is CREATE:
            self.room.save_notes()

    def _open_steps(self, position: int, stage: Stage) -> list[Step]:
        """Return the steps of a stage that nothing has come of yet, and that wait for no other."""
        settled = [step for step, _ in self.outcomes[position]]
        return [
            step
            for step in self.due[position]
            if step.way == stage.way and step not in settled and not self._waits(position, step)
        ]

    def _kept(self, position: int) -> list[Step]:
        """Return the removals that were left out because the new address is not in the project."""
        steps = self.changes[position].steps
        return [step for step in steps if not step.by_hand and self._waits(position, step)]

    def _waits(self, position: int, step: Step) -> bool:
        """Return whether something must be done before a step, and is not."""
        before = self.changes[position].needed_before(step)
        return bool(before) and not before <= self._done(position)

    def _done(self, position: int) -> set[Step]:
        return {step for step, outcome in self.outcomes[position] if outcome.ok}

    def _follow(self, steps: list[tuple[int, Step]], outcome: Outcome) -> Iterator[RowMessage]:
        """Note a project that was made; add its people to the steps, and yield their messages."""
        position, project_id = outcome.row.number - 1, outcome.fields.get("project_id")
        if outcome.event != CREATE.event or not isinstance(project_id, str):
            return
        change = self.changes[position] = replace(self.changes[position], project_id=project_id)
        known = KnownProject(change.email.lower(), change.name, plan=self.planned.plan_id)
        self.room.notes.projects[project_id] = known
        for step in self._open_steps(position, ADD):
            steps.append((position, step))
            yield self._message(ADD, position, step)

    def _message(self, stage: Stage, position: int, step: Step) -> RowMessage:
        change, message = self.changes[position], catalog.find(stage.event)
        options = check(message, stage.options(self.room.course, change, step))
        key = f"{self.planned.plan_id} {change.key} {step.kind} {step.what}"
        return RowMessage(self._row(position), stage.event, options, key)

    def _send(self, stage: Stage, messages: list[RowMessage], then: Then) -> Outcomes:
        room, work = self.room, self.room.work
        router = room.client.router
        if not stage.journaled:
            return room.send_each(messages, partial(_exchange, room), idempotent=True)
        folder = class_folder.folder_of(room.file)
        return send_many(
            router, stage.event, messages,
            jobs=work.jobs, folder=folder, on_progress=work.on_progress, stop=work.stop,
            then=then, owner=room.owner, listed=room.listed,
        )  # fmt: skip

    def note_all(self) -> None:
        """Note whose project is which, of all students for whom nothing went wrong."""
        moved: dict[str, str] = {}
        for position, change in enumerate(self.changes):
            if change.sign == "-" or not change.project_id or not self._is_done(position):
                continue
            known = self.room.notes.projects.setdefault(change.project_id, KnownProject("", ""))
            if known.email and known.email != change.email.lower():
                moved[known.email] = change.email.lower()
            known.email, known.name = change.email.lower(), change.name
            if any(step.kind == "prepare" for step, _ in self.outcomes[position]):
                known.prepared = plan.digest(self.room.course.prepare)
        self.room.readdress(moved)
        self.room.save_notes()

    def _is_done(self, position: int) -> bool:
        """Return whether nothing went wrong for a student, and nobody is still to be let out."""
        left = {*self.changes[position].steps} - self._done(position)
        return self._status(position) in GOOD and not any(step.kind == "remove" for step in left)

    def _status(self, position: int) -> Status:
        """Return what became of a student: that of the worst step; skipped where a step was not reached."""
        statuses: list[Status] = [outcome.status for _, outcome in self.outcomes[position]]
        return worst(statuses if len(statuses) >= len(self.due[position]) else [*statuses, "skipped"])

    def result(self) -> CourseResult:
        """Return the result: a row a student."""
        outcomes = Outcomes()
        students = {student.address: student for student in self.room.course.students}
        order = sorted(range(len(self.changes)), key=lambda position: not self.due[position])
        for place, position in enumerate(order):  # what was changed comes first
            change = self.changes[position]
            student = students.get(change.key)
            row = row_of(position + 1, student) if student else self._row(position)
            errors = [outcome.error for _, outcome in self.outcomes[position] if outcome.error]
            fields = {"project_id": change.project_id, "title": change.title, **self._words(position)}
            outcomes.put(place, Outcome(row, self._status(position), fields, "; ".join(errors), EVENT))
        outcomes.stopped = self.stopped
        return CourseResult(
            outcomes, "apply", summary=self._summary(), remarks=list(self._remarks()), state=self._state(),
            **self.room.shown,
        )  # fmt: skip

    def _state(self) -> State:
        """Return `in part` where something of the plan is still to be done, by hand or later."""
        if any(change.steps != due for change, due in zip(self.changes, self.due, strict=True)):
            return WAITING
        return DONE if any(self.outcomes.values()) else EQUAL

    def _words(self, position: int) -> dict[str, str]:
        """Return what was done for a student, and what is left to do, if anything is."""
        change, done = self.changes[position], self._done(position)
        left = tuple(step for step in change.steps if step not in done)
        words = replace(change, steps=tuple(step for step in change.steps if step in done)).words()
        if not left:
            return {"done": words}
        return {"done": words if done else "", "left": replace(change, steps=left).words()}

    def _summary(self) -> str:
        done = sum(bool(self.outcomes[position]) for position in range(len(self.changes)))
        if done:
            return f"{how_many(done, 'student')} changed"
        left = [step for change in self.changes for step in change.steps]
        if any(step.by_hand for step in left):
            return "nothing to send: the rest is done by hand"
        return "nothing sent: the rest is left" if left else "nothing to do: all is as planned"

    def _remarks(self) -> Iterator[str]:
        waiting = [step.what for change in self.changes for step in change.steps if step.invites]
        if waiting and not self.invite:
            yield f"Not invited, without an account: {listed(waiting)}."
        kept = [step.what for position in range(len(self.changes)) for step in self._kept(position)]
        if kept:
            yield f"Not taken out before the new address is in: {listed(kept)}."
        yield from by_hand.remarks(self.changes, self.room.client.server.url)


def due_steps(change: Change, *, invite: bool = True) -> tuple[Step, ...]:
    """Return the steps that can be taken now: no invitations unless wanted, and none that is for a person.

    Where the key may do nothing in a project, that is to make it alone. Nobody is taken out for an address
    that is not let in.
    """
    due = {
        step
        for step in change.steps
        if not step.by_hand and (invite or not step.invites) and (change.usable or step.kind == "create")
    }
    return tuple(step for step in change.steps if step in due and change.needed_before(step) <= due)


def _exchange(room: Classroom, message: RowMessage) -> Response:
    return room.client.router.exchange(catalog.find(message.event), message.options)
