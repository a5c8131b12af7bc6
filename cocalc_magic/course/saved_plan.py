"""A plan that is kept until it is applied, and whether it still holds.

It holds as long as what is to be done now is part of what was planned: its own apply only takes away from
that, and anybody else's change of the file or of the server adds to it.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cocalc_magic.course import class_folder
from cocalc_magic.course.plan import Change, Step, digest
from cocalc_magic.course.title import titles
from cocalc_magic.errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from cocalc_magic.course.definition import Course
    from cocalc_magic.course.notes import Notes

VERSION = 1
MAX_SHOWN = 8  # differences in an error


class StalePlan(NotSent):
    """The file or the server is not what it was when the plan was made."""


@dataclass(frozen=True)
class SavedPlan:
    """A plan on disk.

    Args:
        changes: What is to be done for each student.
        server: Address of the server it was made for.
        staff: Addresses of the staff, and `prepare` the digest of the commands.
        delete: Whether projects of those who have left are deleted.
        reviewed: Whether a person asked for it; else `apply` has made it.
        plan_id: What the rows of its messages are known by.
        created: When, in seconds.
    """

    changes: tuple[Change, ...]
    server: str
    staff: tuple[str, ...] = ()
    prepare: str = ""
    delete: bool = False
    reviewed: bool = True
    plan_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    created: float = field(default_factory=time.time)

    def is_before(self, moment: str) -> bool:
        """Return whether it was made before a moment in ISO form."""
        return self.created < datetime.fromisoformat(moment).timestamp()


def of(
    course: Course, changes: tuple[Change, ...], server: str, *, delete: bool, reviewed: bool
) -> SavedPlan:
    """Return a new plan for a class."""
    staff = tuple(sorted(person.address for person in course.staff))
    return SavedPlan(changes, server, staff, digest(course.prepare), delete, reviewed)


def save(class_file: Path, plan: SavedPlan) -> None:
    """Keep a plan beside the class file. Raises `CoCalcError` where it can't be written."""
    with class_folder.changing(class_file):
        class_folder.write_json(class_file, class_folder.PLAN, {"version": VERSION, **asdict(plan)})


def load(class_file: Path) -> SavedPlan | None:
    """Return the plan that is kept; `None` where there is none. Raises `CoCalcError` for a damaged one."""
    content = class_folder.read_json(_path(class_file))
    if content is None:
        return None
    try:
        content.pop("version")
        changes = tuple(_change(entry) for entry in content.pop("changes"))
        return SavedPlan(changes, **{**content, "staff": tuple(content["staff"])})
    except (KeyError, TypeError, AttributeError):
        raise class_folder.damaged(_path(class_file)) from None


def _path(class_file: Path) -> Path:
    return class_folder.folder_of(class_file) / class_folder.PLAN


def _change(entry: dict[str, Any]) -> Change:
    return Change(**{**entry, "steps": tuple(Step(**step) for step in entry["steps"])})


@dataclass(frozen=True)
class Present:
    """What a plan is compared with: the class, what is to be done now, and what the server has."""

    course: Course
    changes: tuple[Change, ...]
    server: str
    projects: Collection[str]
    notes: Notes


def differences(plan: SavedPlan, now: Present) -> list[str]:
    """Return what else than the plan's own apply has changed since it was made, for people."""
    if plan.server != now.server:
        return [f"it was made for {plan.server}, and this is {now.server}"]
    return [*_of_file(plan, now.course), *_of_server(plan, now), *_gone(plan, now)]


def _of_file(plan: SavedPlan, course: Course) -> Iterator[str]:
    planned = {change.key: change for change in plan.changes if change.sign != "-"}
    students = {student.address: student for student in course.students}
    wanted = titles(course)
    for address in students.keys() - planned.keys():
        yield f"the file has {students[address].name} ({students[address].email}) now"
    for address in planned.keys() - students.keys():
        yield f"the file no longer has {planned[address].name} ({planned[address].email})"
    for address in students.keys() & planned.keys():
        if planned[address].title != wanted[address]:
            yield f"the project of {students[address].email} is to be called {wanted[address]!r} now"
    if plan.staff != tuple(sorted(person.address for person in course.staff)):
        yield "the staff in the file has changed"
    if plan.prepare != digest(course.prepare):
        yield "the commands in the file that prepare a project have changed"


def _of_server(plan: SavedPlan, now: Present) -> Iterator[str]:
    """Yield the steps that are new, and not for something that was changed in the file."""
    planned = {change.key: change for change in plan.changes}
    people = {*plan.staff, *planned}
    prepare = digest(now.course.prepare)
    for change in now.changes:
        before = planned.get(change.key, change)
        known = {step.identity for step in before.steps}
        for step in change.steps:
            of_file = (
                (before.title != change.title and (step.kind == "rename" or not change.project_id))
                or (step.kind == "add" and step.what not in people)
                or (step.kind == "prepare" and plan.prepare != prepare)
            )
            if step.identity not in known and change.key in planned and not of_file:
                yield f"on the server, {change.name} ({change.email}): {step.words()}"


def _gone(plan: SavedPlan, now: Present) -> Iterator[str]:
    """Yield the projects that this plan has made and that are not there any more."""
    deleted = {step.what for change in plan.changes for step in change.steps if step.kind == "delete"}
    for project_id, known in now.notes.projects.items():
        if known.plan == plan.plan_id and project_id not in now.projects and project_id not in deleted:
            yield f"on the server, {known.name} ({known.email}): the project that was made is gone"


def require_current(plan: SavedPlan, now: Present) -> None:
    """Raise `StalePlan`, with the differences, where the plan no longer holds."""
    if different := differences(plan, now):
        lines = sorted(different)[:MAX_SHOWN]
        more = [f"and {len(different) - MAX_SHOWN} more"] if len(different) > MAX_SHOWN else []
        raise StalePlan(
            "the plan no longer holds: something else has changed since it was made.",
            *lines,
            *more,
            "%cocalc course plan makes a new one",
        )
