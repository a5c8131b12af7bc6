"""Who is in a project: added, invited, let in later, by token, removed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running


def account(sandbox: Running, name: str = "New") -> tuple[str, str, str]:
    """A new account: its id, its address, and a key of it."""
    address = f"{name.lower()}-{secrets.token_hex(6)}@example.edu"
    answer = sandbox.send(
        "create_account", first_name=name, last_name="User", email_address=address, get_api_key=True
    )
    return answer["account_id"], address, answer["api_key"]


def groups(sandbox: Running, project_id: str) -> dict[str, str]:
    found = sandbox.send("query", query={"projects": {"project_id": project_id, "users": None}})
    return {name: entry["group"] for name, entry in found["query"]["projects"]["users"].items()}


def error(sandbox: Running, event: str, key: str, **options: Any) -> str:
    return str(sandbox.post(event, options, key=key).json()["error"])


def test_an_invited_account_is_in_the_project_at_once(sandbox: Running) -> None:
    project_id, (account_id, _, key) = sandbox.project(), account(sandbox)

    sandbox.send("invite_collaborator", project_id=project_id, account_id=account_id)

    assert groups(sandbox, project_id)[account_id] == "collaborator"
    answer = sandbox.post("project_exec", {"project_id": project_id, "command": "true"}, key=key).json()
    assert answer["exit_code"] == 0


def test_inviting_the_owner_leaves_them_owner(sandbox: Running) -> None:
    project_id = sandbox.project()
    [owner] = groups(sandbox, project_id)

    sandbox.send("invite_collaborator", project_id=project_id, account_id=owner)
    sandbox.send("remove_collaborator", project_id=project_id, account_id=owner)

    assert groups(sandbox, project_id) == {owner: "owner"}


def test_who_was_removed_has_no_access_any_more(sandbox: Running) -> None:
    project_id, (account_id, _, key) = sandbox.project(), account(sandbox)
    sandbox.send("add_collaborator", project_id=project_id, account_id=account_id)

    sandbox.send("remove_collaborator", project_id=project_id, account_id=account_id)

    assert account_id not in groups(sandbox, project_id)
    words = error(sandbox, "project_exec", key, project_id=project_id, command="true")
    assert words == f"User {account_id} does not have write access to project {project_id}"


def test_an_address_without_account_is_let_in_when_it_makes_one(sandbox: Running) -> None:
    project_id = sandbox.project("for later")
    address = f"later-{secrets.token_hex(6)}@example.edu"
    words = {"email": "Please join", "title": "for later", "link2proj": "https://x.example"}

    answer = sandbox.send(
        "invite_noncloud_collaborators", project_id=project_id, to=f"{address.upper()};", **words
    )
    new = sandbox.send("create_account", first_name="L", email_address=address)["account_id"]

    assert answer["mesg"] == f"Invited {address.upper()}; to collaborate on a project."
    assert groups(sandbox, project_id)[new] == "collaborator"
    letters = sandbox.session.post(
        f"{sandbox.url}/sandbox/status", headers={"Authorization": f"Bearer {sandbox.key}"}, timeout=5
    ).json()["outbox"]
    [letter] = [one for one in letters if one["to"] == address]
    assert letter["body"] == "Please join"
    assert "for later" in letter["subject"]


def test_no_second_letter_within_a_week(sandbox: Running) -> None:
    project_id, address = sandbox.project(), f"twice-{secrets.token_hex(6)}@example.edu"
    options = {"project_id": project_id, "to": address, "email": "x", "title": "T", "link2proj": "y"}

    for _ in range(2):
        sandbox.send("invite_noncloud_collaborators", **options)

    letters = sandbox.session.post(
        f"{sandbox.url}/sandbox/status", headers={"Authorization": f"Bearer {sandbox.key}"}, timeout=5
    ).json()["outbox"]
    assert [one["to"] for one in letters].count(address) == 1


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("nobody", "invalid email address 'nobody'"),
        ("x" * 1025, "Specify less recipients when adding collaborators to project."),
        (f"{'y' * 130}@example.edu", "email address must be at most 128 characters: "),
    ],
)
def test_what_is_no_address_is_refused(sandbox: Running, to: str, words: str) -> None:
    answer = sandbox.send(
        "invite_noncloud_collaborators",
        project_id=sandbox.project(),
        to=to,
        email="x",
        title="T",
        link2proj="y",
    )

    assert answer["error"].startswith(words)


def test_a_token_lets_in_whoever_has_it_as_often_as_it_says(sandbox: Running) -> None:
    project_id, token = sandbox.project(), secrets.token_hex(8)
    sandbox.send(
        "query",
        query={"project_invite_tokens": {"token": token, "project_id": project_id, "usage_limit": 1}},
    )
    (first, _, first_key), (second, _, second_key) = account(sandbox), account(sandbox)

    answer = sandbox.post("add_collaborator", {"account_id": first, "token_id": token}, key=first_key).json()

    assert answer["project_id"] == project_id
    assert groups(sandbox, project_id)[first] == "collaborator"
    words = error(sandbox, "add_collaborator", second_key, account_id=second, token_id=token)
    assert words == "Error: Project invite token is not valid - the token can only be used 1 times"


def test_an_expired_token_lets_nobody_in(sandbox: Running) -> None:
    project_id, token = sandbox.project(), secrets.token_hex(8)
    record = {"token": token, "project_id": project_id, "expires": "2020-01-01T00:00:00Z"}
    sandbox.send("query", query={"project_invite_tokens": record})
    account_id, _, key = account(sandbox)

    words = error(sandbox, "add_collaborator", key, account_id=account_id, token_id=token)

    assert words == "Error: Project invite token is not valid - the token already expired"


def test_a_teacher_may_join_the_projects_of_the_course(sandbox: Running) -> None:
    course, student = sandbox.project("course"), sandbox.project("student's")
    teacher, _, key = account(sandbox, "Teacher")
    sandbox.send("add_collaborator", project_id=course, account_id=teacher)
    words = error(sandbox, "add_collaborator", key, project_id=student, account_id=teacher)

    sandbox.send("query", query={"projects_owner": {"project_id": student, "course": {"project_id": course}}})
    answer = sandbox.post("add_collaborator", {"project_id": student, "account_id": teacher}, key=key).json()

    assert words == f'Error: cannot add self to "{student}" -- must be an admin'
    assert answer["event"] == "success"


def test_adding_pair_by_pair_checks_all_before_the_first(sandbox: Running) -> None:
    project_id, (account_id, _, _) = sandbox.project(), account(sandbox)

    answer = sandbox.send(
        "add_collaborator", project_id=[project_id, project_id], account_id=[account_id, "abc"]
    )

    assert answer["error"] == "Error: all account id's must be valid uuid's, but \"abc\" is not"
    assert account_id not in groups(sandbox, project_id)
