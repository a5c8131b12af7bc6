"""The plan: what is to be done for whom, and when a saved one no longer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.course import notes as notes_file
from cocalc_magic.course import plan, saved_plan
from cocalc_magic.course.definition import Course, Person, Student
from cocalc_magic.course.notes import KnownProject, Notes
from cocalc_magic.course.saved_plan import StalePlan
from cocalc_magic.course.server_state import CourseProject, ServerState
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from pathlib import Path

ME, ADA, BOB, TOM = "me", "ada-account", "bob-account", "tom-account"
ACCOUNTS = {"iris@x": ME, "ada@x": ADA, "bob@x": BOB, "tom@x": TOM}
MINE = {ME: "owner"}


def course(*students: Student, **more: object) -> Course:
    return Course("C", "${course}: ${name}", students or (student("Ada"), student("Bob")), **more)  # type: ignore[arg-type]


def student(name: str, email: str = "", **more: str) -> Student:
    return Student(name, email or f"{name}@x", **more)  # type: ignore[arg-type]


def project(project_id: str, title: str, *accounts: str, invited: str = "", owner: str = ME) -> CourseProject:
    users = {owner: "owner", **dict.fromkeys(accounts, "collaborator")}
    return CourseProject(project_id, title, users, frozenset(filter(None, [invited])))


def server(*projects: CourseProject) -> ServerState:
    return ServerState({item.project_id: item for item in projects}, ACCOUNTS, ME)


def noted(**owners: str) -> Notes:
    return Notes({key: KnownProject(f"{name.lower()}@x", name) for key, name in owners.items()})


def told(*given: object, **more: bool) -> list[str]:
    planned = plan.changes(*given, **more)  # type: ignore[arg-type]
    return [f"{change.sign} {change.name}: {change.words()}".rstrip(": ") for change in planned]


DONE = (project("a", "C: Ada", ADA), project("b", "C: Bob", BOB))


def test_a_new_class_is_made() -> None:
    new = course(student("Ada"), student("Zoe"))

    assert told(new, server(), Notes()) == [
        "+ Ada: make the project; add the student", "+ Zoe: make the project; invite the student"
    ]  # fmt: skip


def test_a_class_that_is_there_is_left_alone() -> None:
    waiting = project("z", "C: Zoe", invited="zoe@x")
    planned = told(course(student("Ada"), student("Zoe")), server(DONE[0], waiting), Notes())

    assert planned == ["= Ada", "= Zoe: invited, without an account so far"]


def test_staff_and_commands_are_for_every_project() -> None:
    more = course(student("Ada"), staff=(Person("Tom", "tom@x"), Person("Iris", "Iris@X")), prepare=("ls",))

    assert told(more, server(DONE[0]), Notes()) == ["~ Ada: add tom@x; run the commands that prepare it"]


def test_who_is_student_and_staff_is_let_in_once() -> None:
    both = course(student("Zoe"), staff=(Person("Zoe", "Zoe@x"), Person("Zoe", "zoe@x")))

    assert told(both, server(), Notes()) == ["+ Zoe: make the project; invite the student"]


def test_commands_run_once_and_again_when_they_change() -> None:
    known = Notes({"a": KnownProject("ada@x", "Ada", plan.digest(("ls",)))})
    state = server(DONE[0])

    assert told(course(student("Ada"), prepare=("ls",)), state, known) == ["= Ada"]
    assert told(course(student("Ada"), prepare=("ls -l",)), state, known) == [
        "~ Ada: run the commands that prepare it"
    ]


def test_a_student_who_left_is_left_unless_deletion_is_asked_for() -> None:
    known = noted(a="Ada", b="Bob")

    assert told(course(student("Ada")), server(*DONE), known) == [
        "= Ada", "- Bob: no longer in the file; the project is left as it is"
    ]  # fmt: skip
    assert told(course(student("Ada")), server(*DONE), known, delete=True)[1] == "- Bob: delete the project"


def test_a_new_name_is_a_new_title() -> None:
    assert told(course(student("Ada King", "ADA@x")), server(DONE[0]), noted(a="Ada")) == [
        "~ Ada King: new title, was 'C: Ada'"
    ]


def test_a_new_address_is_another_person_in_the_same_project() -> None:
    assert told(course(student("Ada", "tom@x")), server(DONE[0]), noted(a="Ada")) == [
        "~ Ada: add the student; remove ada@x"
    ]


def test_a_new_address_of_a_name_that_two_have_is_a_new_student() -> None:
    pattern = Course("C", "${email}", (student("Kim", "k1@x"), student("Kim", "k3@x")))
    known = Notes({"a": KnownProject("k1@x", "Kim"), "b": KnownProject("k2@x", "Kim")})
    state = server(project("a", "k1@x", invited="k1@x"), project("b", "k2@x", invited="k2@x"))

    assert [change.sign for change in plan.changes(pattern, state, known)] == ["=", "~"]
    known.projects["c"] = KnownProject("k4@x", "Kim")
    assert [change.sign for change in plan.changes(pattern, state, known)] == ["=", "+", "-"]


def test_swapped_addresses_stay_with_their_people() -> None:
    """Who has worked in a project is known by the address: the names move."""
    swapped = course(student("Ada", "bob@x"), student("Bob", "ada@x"))

    assert told(swapped, server(*DONE), noted(a="Ada", b="Bob")) == [
        "~ Ada: new title, was 'C: Bob'", "~ Bob: new title, was 'C: Ada'"
    ]  # fmt: skip


def test_a_project_with_the_title_is_taken_if_nobody_else_is_in_it() -> None:
    """What a run that was killed has made; not what somebody else, or another term, has."""
    ada = course(student("Ada"))

    assert told(ada, server(project("n", "C: Ada")), Notes()) == ["~ Ada: add the student"]
    for other in (project("n", "C: Ada", BOB), project("n", "C: Ada", ADA, ME, owner=TOM)):
        assert told(ada, server(other), Notes())[0].startswith("+ Ada: make")


def test_the_project_that_the_student_is_in_comes_first() -> None:
    planned = plan.changes(
        course(student("Ada")), server(project("1", "C: Ada"), project("2", "C: Ada", ADA)), Notes()
    )

    assert [(change.sign, change.project_id) for change in planned] == [("=", "2")]


def test_a_project_that_the_file_names_is_the_students() -> None:
    named = course(student("Ada", project="p"))

    assert told(named, server(project("p", "Old", ADA), DONE[0]), noted(a="Ada")) == [
        "~ Ada: new title, was 'Old'",
        "- Ada: no longer in the file; the project is left as it is",
    ]
    assert told(named, server(), Notes()) == ["+ Ada: make the project; add the student"]


def test_a_noted_project_that_is_gone_is_made_anew() -> None:
    assert told(course(student("Ada")), server(), noted(a="Ada")) == [
        "+ Ada: make the project; add the student"
    ]


# -- saved plans -----------------------------------------------------------------------------------


def saved(of: Course, state: ServerState, notes: Notes, **more: bool) -> saved_plan.SavedPlan:
    planned = plan.changes(of, state, notes, delete=more.get("delete", False))
    return saved_plan.of(of, planned, "sandbox", delete=more.get("delete", False), reviewed=True)


def present(of: Course, state: ServerState, notes: Notes) -> saved_plan.Present:
    return saved_plan.Present(of, plan.changes(of, state, notes), "sandbox", state.projects, notes)


def stale(kept: saved_plan.SavedPlan, of: Course, state: ServerState, notes: Notes) -> str:
    with pytest.raises(StalePlan) as raised:
        saved_plan.require_current(kept, present(of, state, notes))
    return str(raised.value)


def test_a_plan_is_kept_as_it_is_and_for_its_owner_alone(tmp_path: Path) -> None:
    kept = saved(course(prepare=("ls",)), server(DONE[0]), noted(a="Ada"))
    (tmp_path / "class.yaml").write_text("students: []\n")
    saved_plan.save(tmp_path / "class.yaml", kept)

    assert saved_plan.load(tmp_path / "class.yaml") == kept
    folder = tmp_path / ".class"
    assert {path.name for path in folder.iterdir()} == {"plan.json", ".gitignore", "class-file", "lock"}
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, folder / "plan.json")] == ["0o700", "0o600"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 1, "changes": [{}]}', '{"projects": 1, "handouts": {}}']
)
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / ".class").mkdir()
    (tmp_path / ".class/plan.json").write_text(text)
    (tmp_path / ".class/notes.json").write_text(text)

    with pytest.raises(CoCalcError, match="is damaged"):
        saved_plan.load(tmp_path / "class.yaml")
    with pytest.raises(CoCalcError, match="is damaged"):
        notes_file.load(tmp_path / "class.yaml")


def test_a_plan_holds_through_every_moment_of_its_own_apply() -> None:
    of = course(student("Ada"), student("Bob"), student("Zoe"))
    kept = saved(of, server(), Notes())
    moments = [
        server(project("a", "C: Ada")),
        server(DONE[0], project("b", "C: Bob")),
        server(*DONE, project("z", "C: Zoe")),
        server(*DONE, project("z", "C: Zoe", invited="zoe@x")),
    ]

    for state in moments:
        saved_plan.require_current(kept, present(of, state, Notes()))


def test_a_plan_holds_when_somebody_who_was_to_be_invited_gets_an_account() -> None:
    of = course(student("Zoe"))
    kept = saved(of, server(), Notes())
    state = ServerState({}, {**ACCOUNTS, "zoe@x": "zoe-account"}, ME)

    saved_plan.require_current(kept, present(of, state, Notes()))


def test_what_else_has_changed_on_the_server_is_told() -> None:
    of, known = course(), noted(a="Ada", b="Bob")
    kept = saved(of, server(*DONE), known)

    renamed = server(project("a", "Mine!", ADA), DONE[1])
    assert "on the server, Ada (Ada@x): title 'Mine!' becomes 'C: Ada'" in stale(kept, of, renamed, known)
    assert "on the server, Bob (Bob@x): make 'C: Bob'" in stale(kept, of, server(DONE[0]), known)
    assert "on the server, Ada (Ada@x): add ada@x" in stale(
        kept, of, server(project("a", "C: Ada"), DONE[1]), known
    )


def test_what_has_changed_in_the_file_is_told() -> None:
    of = course()
    kept = saved(of, server(*DONE), Notes())

    assert "the file has Zoe (Zoe@x) now" in stale(
        kept, course(*of.students, student("Zoe")), server(*DONE), Notes()
    )
    assert "the file no longer has Bob (Bob@x)" in stale(kept, course(student("Ada")), server(*DONE), Notes())
    assert "the staff in the file has changed" in stale(
        kept, course(staff=(Person("Tom", "tom@x"),)), server(*DONE), Notes()
    )
    assert "is to be called 'C: Ada B' now" in stale(
        kept, course(student("Ada B", "Ada@x"), student("Bob")), server(*DONE), Notes()
    )
    many = stale(kept, course(*(student(f"S{at}") for at in range(20))), server(*DONE), Notes())
    assert "and 14 more" in many


def test_what_has_changed_in_the_file_is_not_told_of_the_server_too() -> None:
    of = course()
    kept = saved(of, server(*DONE), Notes())
    changed = course(
        student("Ada B", "Ada@x"), student("Bob"), staff=(Person("Tom", "tom@x"),), prepare=("ls",)
    )

    assert "on the server" not in stale(kept, changed, server(*DONE), Notes())
    assert "on the server, Bob (Bob@x): add bob@x" in stale(
        kept, changed, server(DONE[0], project("b", "C: Bob")), Notes()
    )


def test_a_project_that_the_plan_has_made_and_that_is_gone_again_is_told() -> None:
    """The journal would have it that it was made."""
    of = course()
    kept = saved(of, server(), Notes())
    known = noted(a="Ada", b="Bob")
    known.projects["a"].plan = kept.plan_id

    assert "Ada (ada@x): the project that was made is gone" in stale(kept, of, server(DONE[1]), known)
