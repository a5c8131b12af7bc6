"""The plan: what differs between a class file and the server, student by student. Pure functions.

A student is known by the e-mail address; where that has changed, by the name. A project is the student's that
the file names, or that is noted as theirs, or else one of the teacher's with the right title and nobody else
in it: so a run that was killed after it had made a project finds it again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cocalc_magic.course.server_state import OWNER, CourseProject, ServerState
from cocalc_magic.course.title import titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.course.definition import Course, Person, Student
    from cocalc_magic.course.notes import Notes

Sign = Literal["+", "~", "-", "="]
Kind = Literal["create", "rename", "add", "remove", "prepare", "delete"]
SIGNS: tuple[Sign, ...] = ("+", "~", "-", "=")


@dataclass(frozen=True)
class Step:
    """One thing to do for a student.

    Args:
        kind: What to do.
        what: To `create` and `rename` the title, to `add` and `remove` an address, to `prepare` a digest
            of the commands, to `delete` the id of the project.
        account_id: The account of the address; empty where it has none, and gets an invitation.
        before: What it was: the title of a project that is renamed.
        by_hand: Whether only a person can do it, in a browser.
    """

    kind: Kind
    what: str
    account_id: str = ""
    before: str = ""
    by_hand: bool = False

    @property
    def invites(self) -> bool:
        """Whether it writes to a person."""
        return self.kind == "add" and not self.account_id and not self.by_hand

    @property
    def way(self) -> str:
        """How it is done: by the message of a stage, or `by hand`."""
        return "by hand" if self.by_hand else "invite" if self.invites else self.kind

    @property
    def identity(self) -> tuple[str, str]:
        """What it is, however it is done: who is invited today may have an account tomorrow."""
        return self.kind, self.what

    def words(self) -> str:
        """Return what it does, for people."""
        texts = {
            "create": f"make {self.what!r}",
            "rename": f"title {self.before!r} becomes {self.what!r}",
            "add": f"{'invite' if self.invites else 'add'} {self.what}",
            "remove": f"remove {self.what}",
            "prepare": "run the commands that prepare it",
            "delete": "delete the project",
        }
        return texts[self.kind] + " by hand" * self.by_hand


@dataclass(frozen=True)
class Change:
    """What is to be done for one student.

    `note` is a remark on one that nothing is done for; `usable`: the key may do something in the project.
    """

    sign: Sign
    name: str
    email: str
    title: str
    project_id: str = ""
    steps: tuple[Step, ...] = ()
    note: str = ""
    usable: bool = True

    @property
    def key(self) -> str:
        """What identifies it among the changes of a plan."""
        return self.email.lower() if self.sign != "-" else f"- {self.project_id}"

    def needed_before(self, step: Step) -> set[Step]:
        """Return what must be done before a step: the new address is let in before the old one goes."""
        if step.kind != "remove":
            return set()
        return {each for each in self.steps if each.kind == "add" and each.what == self.email.lower()}

    def words(self) -> str:
        """Return what is done, for people who see name, address and title beside it."""
        return "; ".join(map(self._brief, self.steps)) or self.note

    def _brief(self, step: Step) -> str:
        if step.kind == "create":
            return "make the project"
        if step.kind == "add" and step.what == self.email.lower():
            return ("invite the student" if step.invites else "add the student") + " by hand" * step.by_hand
        return f"new title, was {step.before!r}" if step.kind == "rename" else step.words()


def changes(course: Course, server: ServerState, notes: Notes, *, delete: bool = False) -> tuple[Change, ...]:
    """Return what is to be done for each student, then for those who have left.

    Args:
        course: The class.
        server: What the server has.
        notes: What was noted at earlier runs.
        delete: Delete the projects of those who have left.
    """
    owners = assigned(course, server, notes)
    staff = [person for person in course.staff if server.accounts.get(person.address) != server.account_id]
    wanted = titles(course)
    planned = [
        _change(student, owners.get(student.address), wanted[student.address], staff, course, server, notes)
        for student in course.students
    ]
    taken = {project.project_id for project in owners.values()}
    return (*planned, *_left(server, notes, taken, delete=delete))


def counts(planned: tuple[Change, ...]) -> dict[str, int]:
    """Return how many changes there are of each sign."""
    counted = Counter(change.sign for change in planned)
    return {sign: counted[sign] for sign in SIGNS}


def digest(commands: tuple[str, ...]) -> str:
    """Return what identifies commands that prepare a project; empty where there are none."""
    return hashlib.sha256("\0".join(commands).encode()).hexdigest()[:16] if commands else ""


# -- whose project is which ------------------------------------------------------------------------


def assigned(course: Course, server: ServerState, notes: Notes) -> dict[str, CourseProject]:
    """Return the project of each student who has one, by address."""
    owners: dict[str, CourseProject] = {}
    for pairs in (_named(course), _noted(course, notes), _renamed(course, notes), _titled(course, server)):
        taken = {project.project_id for project in owners.values()}
        for address, project_id in pairs:
            if address not in owners and project_id not in taken and project_id in server.projects:
                owners[address] = server.projects[project_id]
                taken.add(project_id)
    return owners


def _named(course: Course) -> Iterator[tuple[str, str]]:
    return ((student.address, student.project) for student in course.students if student.project)


def _noted(course: Course, notes: Notes) -> Iterator[tuple[str, str]]:
    students = {student.address for student in course.students}
    return (
        (known.email, project_id) for project_id, known in notes.projects.items() if known.email in students
    )


def _renamed(course: Course, notes: Notes) -> Iterator[tuple[str, str]]:
    """Yield students whose address has changed: those whose name alone is noted, once on both sides."""
    noted = {known.email for known in notes.projects.values()}
    new = [student for student in course.students if student.address not in noted]
    current = {student.address for student in course.students}
    gone = {key: known.name for key, known in notes.projects.items() if known.email not in current}
    students, names = Counter(student.name for student in new), Counter(gone.values())
    addresses = {student.name: student.address for student in new}
    for project_id, name in gone.items():
        if students[name] == 1 and names[name] == 1:
            yield addresses[name], project_id


def _titled(course: Course, server: ServerState) -> Iterator[tuple[str, str]]:
    """Yield projects of the teacher's with a student's title and nobody else in them, the student's first."""
    known = {server.account_id, *(server.accounts.get(person.address) for person in course.staff)}
    by_title: dict[str, list[CourseProject]] = {}
    for project in server.projects.values():
        if project.users.get(server.account_id) == OWNER:
            by_title.setdefault(project.title, []).append(project)
    wanted = titles(course)
    for student in course.students:
        account_id = server.accounts.get(student.address)
        candidates = [
            project
            for project in by_title.get(wanted[student.address], ())
            if project.users.keys() - known <= {account_id}
        ]
        candidates.sort(key=lambda project: (account_id not in project.users, project.project_id))
        yield from ((student.address, project.project_id) for project in candidates)


# -- what is to be done ----------------------------------------------------------------------------


def _change(
    student: Student,
    project: CourseProject | None,
    title: str,
    staff: list[Person],
    course: Course,
    server: ServerState,
    notes: Notes,
) -> Change:
    steps = list[Step]()
    if project is None:
        steps.append(Step("create", title))
    elif project.title != title:
        steps.append(Step("rename", title, before=project.title))
    people = [student] if server.accounts.get(student.address) != server.account_id else []
    steps += _to_add(project, [*people, *staff], server)
    known = notes.projects.get(project.project_id) if project else None
    if project and known and known.email != student.address:
        steps += _to_remove(project, known.email, {server.account_id, *_accounts(staff, server)}, server)
    commands = digest(course.prepare)
    if commands and (known is None or known.prepared != commands):
        steps.append(Step("prepare", commands))
    sign: Sign = "+" if project is None else "~" if steps else "="
    waiting = project is not None and student.address not in server.accounts
    usable = project.usable if project else not server.scoped
    return Change(
        sign,
        student.name,
        student.email,
        title,
        project.project_id if project else "",
        tuple(steps),
        "invited, without an account so far" if waiting and not steps else "",
        usable,
    )


def _to_add(project: CourseProject | None, people: list[Person], server: ServerState) -> Iterator[Step]:
    for person in {each.address: each for each in people}.values():  # one may be student and staff
        account_id = server.accounts.get(person.address, "")
        there = project is not None and (
            account_id in project.users if account_id else person.address in project.invited
        )
        if not there:
            by_hand = server.scoped or not (account_id or server.invites)
            yield Step("add", person.address, account_id, by_hand=by_hand)


def _to_remove(project: CourseProject, address: str, stay: set[str], server: ServerState) -> Iterator[Step]:
    """Yield the removal of the student whose address this project had before."""
    account_id = server.accounts.get(address, "")
    if account_id in project.users and account_id not in stay:
        yield Step("remove", address, account_id, by_hand=server.scoped)


def _accounts(people: list[Person], server: ServerState) -> list[str]:
    return [server.accounts.get(person.address, "") for person in people]


def _left(server: ServerState, notes: Notes, taken: set[str], *, delete: bool) -> Iterator[Change]:
    """Yield the projects of students who are not in the file any more."""
    for project_id, known in notes.projects.items():
        if project_id in server.projects and project_id not in taken:
            steps = (Step("delete", project_id),) if delete else ()
            title = server.projects[project_id].title
            note = "no longer in the file; the project is left as it is"
            usable = server.projects[project_id].usable
            yield Change("-", known.name, known.email, title, project_id, steps, note, usable)


def people(course: Course, notes: Notes) -> dict[str, str]:
    """Return the names of those whose accounts a plan needs to know, by their addresses in lower case."""
    noted = {known.email: known.name for known in notes.projects.values()}
    listed: list[Person] = [*course.students, *course.staff]
    return noted | {person.address: person.name for person in listed}
