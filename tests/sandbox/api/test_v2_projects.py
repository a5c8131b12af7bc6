"""`projects/*` of API v2: their life, their people, their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.api_v2 import Person, ask, person, post

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def owner(sandbox: Running) -> Person:
    return person(sandbox, "Olga")


@pytest.fixture
def project(sandbox: Running, owner: Person) -> str:
    return str(ask(sandbox, "projects/create", key=owner.key, title="Seminar")["project_id"])


def titles(sandbox: Running, someone: Person, **options: Any) -> list[str]:
    return [found["title"] for found in ask(sandbox, "projects/get", key=someone.key, **options)]


def test_a_list_has_the_project_edited_last_first(sandbox: Running, owner: Person) -> None:
    made = [ask(sandbox, "projects/create", key=owner.key, title=title) for title in ("one", "two", "three")]
    ask(sandbox, "projects/touch", key=owner.key, project_id=made[0]["project_id"])

    assert titles(sandbox, owner) == ["one", "three", "two"]
    assert titles(sandbox, owner, limit=1) == ["one"]


def test_one_who_has_no_project_gets_one(sandbox: Running, owner: Person) -> None:
    made = ask(sandbox, "projects/get-one", key=owner.key)

    assert made["title"] == "Untitled Project"
    assert ask(sandbox, "projects/get-one", key=owner.key)["project_id"] == made["project_id"]


def test_a_deleted_project_is_in_no_list_until_it_is_restored(
    sandbox: Running, owner: Person, project: str
) -> None:
    assert ask(sandbox, "projects/delete", key=owner.key, project_id=project) == {"status": "ok"}
    assert titles(sandbox, owner) == []
    assert ask(sandbox, "projects/restore", key=owner.key, project_id=project) == {"status": "ok"}
    assert titles(sandbox, owner) == ["Seminar"]


@pytest.mark.parametrize("what", ["delete", "restore"])
def test_a_collaborator_deletes_and_restores_as_an_owner_does(
    sandbox: Running, owner: Person, project: str, what: str
) -> None:
    """Whatever the words for others say."""
    other = person(sandbox)
    answer = ask(sandbox, f"projects/{what}", key=other.key, project_id=project)
    assert answer == {"error": f"must be an owner to {what} a project"}

    added = {"project_id": project, "account_id": other.account_id}
    ask(sandbox, "projects/collaborators/add", key=owner.key, **added)
    assert ask(sandbox, f"projects/{what}", key=other.key, project_id=project) == {"status": "ok"}


@pytest.mark.parametrize("what", ["start", "stop", "touch"])
def test_only_who_is_in_a_project_starts_stops_and_touches_it(
    sandbox: Running, owner: Person, project: str, what: str
) -> None:
    stranger = ask(sandbox, f"projects/{what}", key=person(sandbox).key, project_id=project)

    named = "stop" if what == "touch" else what  # the server's own words
    assert stranger == {"error": f"must be a collaborator to {named} project"}
    assert ask(sandbox, f"projects/{what}", key="", project_id=project) == {"error": "must be signed in"}
    assert "error" not in ask(sandbox, f"projects/{what}", key=owner.key, project_id=project)


def test_an_update_changes_what_is_given_and_leaves_what_is_empty(
    sandbox: Running, owner: Person, project: str
) -> None:
    ask(sandbox, "projects/update", key=owner.key, project_id=project, title="", description="d", name="n.1")
    found = ask(sandbox, "projects/get", key=owner.key)[0]

    assert found == {"project_id": project, "title": "Seminar", "description": "d", "name": "n.1"}


def test_two_projects_of_one_owner_have_two_names(sandbox: Running, owner: Person, project: str) -> None:
    second = ask(sandbox, "projects/create", key=owner.key)["project_id"]
    ask(sandbox, "projects/update", key=owner.key, project_id=project, name="seminar")
    answer = ask(sandbox, "projects/update", key=owner.key, project_id=second, name="Seminar")

    assert "already a project with the same owner" in answer["error"]


def test_nobody_acts_as_another_account(sandbox: Running, owner: Person, project: str) -> None:
    other = person(sandbox)
    taken = {"account_id": owner.account_id}
    words = "The `account_id` field may only be specified by account administrators."

    assert ask(sandbox, "projects/get", key=other.key, **taken) == {"error": words}
    changed = {"project_id": project, "title": "taken", **taken}
    assert ask(sandbox, "projects/update", key=other.key, **changed) == {"error": words}
    assert ask(sandbox, "accounts/set-name", key=other.key, first_name="X", **taken) == {"error": words}


# -- people ----------------------------------------------------------------------------------------


def test_people_come_become_owners_and_go(sandbox: Running, owner: Person, project: str) -> None:
    other, place = person(sandbox, "Otto"), {"project_id": project}

    def people() -> set[str]:
        listed = ask(sandbox, "projects/collaborators/list", key=owner.key, **place)
        return {one["account_id"] for one in listed}

    added = ask(sandbox, "projects/collaborators/add", key=owner.key, account_id=other.account_id, **place)
    assert (added, people()) == ({"status": "ok"}, {owner.account_id, other.account_id})
    change = {"target_account_id": other.account_id, "new_group": "owner", **place}
    assert ask(sandbox, "projects/collaborators/change-user-type", key=owner.key, **change) == added
    removed = {"account_id": other.account_id, **place}
    refused = ask(sandbox, "projects/collaborators/remove", key=owner.key, **removed)
    assert refused == {"error": "Cannot remove an owner. Demote to collaborator first."}
    change["new_group"] = "collaborator"
    assert ask(sandbox, "projects/collaborators/change-user-type", key=owner.key, **change) == added
    assert ask(sandbox, "projects/collaborators/remove", key=owner.key, **removed) == added
    assert people() == {owner.account_id}


def test_a_stranger_adds_removes_and_sees_nobody(sandbox: Running, owner: Person, project: str) -> None:
    stranger = person(sandbox)
    me = {"project_id": project, "account_id": stranger.account_id}

    assert "must be an admin" in ask(sandbox, "projects/collaborators/add", key=stranger.key, **me)["error"]
    him = {"project_id": project, "account_id": owner.account_id}
    answer = ask(sandbox, "projects/collaborators/remove", key=stranger.key, **him)
    assert "does not have write access" in answer["error"]
    assert ask(sandbox, "projects/collaborators/list", key=stranger.key, project_id=project) == []


# -- files and messages to the project -------------------------------------------------------------


def test_a_file_is_written_read_copied_and_found(sandbox: Running, owner: Person, project: str) -> None:
    def read(project_id: str, path: str) -> Any:
        mesg = {"event": "read_text_file_from_project", "path": path, "id": "r1"}
        return ask(sandbox, "projects/call", key=owner.key, project_id=project_id, mesg=mesg)

    second = ask(sandbox, "projects/create", key=owner.key)["project_id"]
    written = {"project_id": project, "path": "a/b.txt", "content": "line ∑\n"}
    assert ask(sandbox, "projects/write-text-file", key=owner.key, **written) == {"status": "ok"}
    copied = {"src_project_id": project, "target_project_id": second, "path": "a", "target_path": "c"}
    assert ask(sandbox, "projects/copy-path", key=owner.key, **copied) == {"copy_id": ""}

    expected = {"event": "text_file_read_from_project", "id": "r1", "content": "line ∑\n"}
    assert read(project, "a/b.txt") == read(second, "c/b.txt") == expected
    missing = {"event": "error", "id": "r1", "error": "ENOENT: no such file or directory, open 'no'"}
    assert read(second, "no") == missing


@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "a/../../x"])
def test_no_file_outside_of_the_project_is_touched(
    sandbox: Running, owner: Person, project: str, path: str
) -> None:
    written = {"project_id": project, "path": path, "content": "x"}
    assert "leads out of it" in ask(sandbox, "projects/write-text-file", key=owner.key, **written)["error"]
    mesg = {"event": "read_text_file_from_project", "path": path}
    called = ask(sandbox, "projects/call", key=owner.key, project_id=project, mesg=mesg)
    assert "leads out of it" in called["error"]
    copied = {"src_project_id": project, "target_project_id": project, "path": "a", "target_path": path}
    assert "error" in ask(sandbox, "projects/copy-path", key=owner.key, **copied)


def test_a_copy_needs_both_projects(sandbox: Running, owner: Person, project: str) -> None:
    stranger = person(sandbox)
    own = ask(sandbox, "projects/create", key=stranger.key)["project_id"]
    copied = {"src_project_id": project, "target_project_id": own, "path": "a"}

    answer = ask(sandbox, "projects/copy-path", key=stranger.key, **copied)
    assert answer == {"error": "must be a collaborator on source project"}
    answer = ask(sandbox, "projects/copy-path", key=owner.key, **copied)
    assert answer == {"error": "must be a collaborator on target project"}


def test_what_is_published_is_copied_by_anybody(sandbox: Running, owner: Person, project: str) -> None:
    stranger = person(sandbox)
    own = ask(sandbox, "projects/create", key=stranger.key)["project_id"]
    written = {"project_id": project, "path": "open/a.txt", "content": "x"}
    ask(sandbox, "projects/write-text-file", key=owner.key, **written)
    published = {"public_paths": {"project_id": project, "path": "open", "disabled": False}}
    ask(sandbox, "user-query", key=owner.key, query=published)
    query = {"public_paths": [{"project_id": project, "id": None}]}
    found = ask(sandbox, "user-query", key=owner.key, query=query)["query"]["public_paths"][0]
    copied = {"src_project_id": project, "target_project_id": own, "public_id": found["id"]}

    assert ask(sandbox, "projects/copy-path", key=stranger.key, path="open/a.txt", **copied) == {
        "copy_id": ""
    }
    refused = ask(sandbox, "projects/copy-path", key=stranger.key, path="other", **copied)
    assert refused == {"error": "source path must be a public path"}


def test_a_project_answers_its_own_messages(sandbox: Running, owner: Person, project: str) -> None:
    def call(**mesg: Any) -> Any:
        return ask(sandbox, "projects/call", key=owner.key, project_id=project, mesg=mesg)

    assert call(event="ping", id="p") == {"event": "pong", "id": "p"}
    ran = call(event="project_exec", id="e", command="echo hi")
    said = {"type": "blocking", "stdout": "hi\n", "stderr": "", "exit_code": 0}
    assert ran == {"event": "project_exec_output", "id": "e", **said}
    unknown = call(event="print_it", id="u")
    words = f"Project {project} does not implement handling mesg with event='print_it'"
    assert unknown == {"event": "error", "id": "u", "error": words}
    assert call(id="n")["error"].endswith("handling mesg with event='undefined'")
    assert call(event="hello")["event"] == "version"
    assert call(event="heartbeat") == {}
    assert call(event="print_to_pdf", id="d", path="a/b.tex") == {
        "event": "error", "id": "d", "error": "Error: unable to print file of type 'tex'",
    }  # fmt: skip
    for signal in ({}, {"pid": 999_999_999}, {"pid": 999_999_999, "signal": 15}):
        assert call(event="send_signal", **signal)["error"] == "invalid pid or signal (must be 2,3,9)"
    assert call(event="send_signal", id="s", pid=999_999_999, signal=9) == {"event": "signal_sent", "id": "s"}
    call(event="write_text_file_to_project", path="bytes", content="abc")
    read = call(event="read_file_from_project", id="r", path="bytes")
    expected = "a9993e36-4706-416a-ba3e-25717850c26c"  # of the SHA-1 a9993e364706816aba3e25717850c26c9cd0d89d
    assert read["event"] == "file_read_from_project"
    assert read["data_uuid"][:13] == expected[:13]


def test_with_a_key_of_a_project_its_own_commands_run(sandbox: Running, owner: Person, project: str) -> None:
    made = {"action": "create", "project_id": project}
    key = post(sandbox, "api-keys", made, owner.key).json()["response"][0]["secret"]

    assert ask(sandbox, "exec", key=key, project_id=project, command="echo hi")["stdout"] == "hi\n"
    assert ask(sandbox, "projects/start", key=key, project_id=project) == {"status": "ok"}
    assert ask(sandbox, "projects/delete", key=key, project_id=project) == {}
    assert titles(sandbox, owner) == ["Seminar"]
