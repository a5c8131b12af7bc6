"""Methods of the hub over conat: a project's life, its people, messages, organizations, queries, code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.conftest import start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running

NOBODY = "00000000-0000-4000-8000-000000000000"
PEOPLE = {
    "ada": "11111111-1111-4111-8111-111111111111",
    "bob": "22222222-2222-4222-8222-222222222222",
    "eve": "33333333-3333-4333-8333-333333333333",
}
KEYS = {name: f"sk-{name.title()}000000000000{number:07}" for number, name in enumerate(PEOPLE, 1)}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox with an administrator (ada) and two others."""
    world: Path = tmp_path_factory.mktemp("world") / "world.yaml"
    accounts = [
        f"- {{handle: {name}, first_name: {name.title()}, last_name: Test, email_address: {name}@example.com, "
        f"account_id: {account_id}, keys: [{KEYS[name]}]{', admin: true' if name == 'ada' else ''}}}"
        for name, account_id in PEOPLE.items()
    ]
    world.write_text("accounts:\n" + "\n".join(accounts) + "\nprojects: []\n")
    running = start("--world", str(world))
    yield running
    stop(running)


def ask(hub: Running, name: str, options: Any = None, by: str = "bob", **more: Any) -> Any:
    return hub.call(name, {} if options is None else options, key=KEYS[by], **more)


# -- projects --------------------------------------------------------------------------------------


def test_a_project_is_made_started_stopped_and_deleted(hub: Running) -> None:
    project_id = ask(hub, "projects.createProject", {"title": "Life", "description": "of one"})
    which = {"project_id": project_id}

    def state() -> str:
        return str(ask(hub, "projects.state", which)["state"])

    assert (state(), ask(hub, "projects.status", which)) == ("opened", {})
    assert ask(hub, "projects.start", which) is None
    assert (state(), ask(hub, "projects.status", which)["start_ts"] > 0) == ("running", True)
    assert ask(hub, "projects.stop", which) is None
    assert state() == "opened"
    assert ask(hub, "projects.deleteProject", which) is None
    query = {"query": {"projects_all": [{"project_id": project_id, "title": None, "deleted": None}]}}
    shown = {"project_id": project_id, "title": "Life", "deleted": True}
    assert ask(hub, "db.userQuery", query) == {"projects_all": [shown]}


def test_a_project_without_a_title_has_one(hub: Running) -> None:
    project_id = ask(hub, "projects.createProject")

    found = ask(hub, "db.userQuery", {"query": {"projects": {"project_id": project_id, "title": None}}})

    assert found["projects"]["title"] == "No Title"


def test_only_administrators_choose_an_id_and_each_once(hub: Running) -> None:
    chosen = {"project_id": "44444444-4444-4444-8444-444444444444"}

    assert ask(hub, "projects.createProject", chosen)["error"].endswith(
        "only admins can specify the project_id"
    )
    assert ask(hub, "projects.createProject", chosen, "ada") == chosen["project_id"]
    assert "duplicate key" in ask(hub, "projects.createProject", chosen, "ada")["error"]


@pytest.mark.parametrize("method", ["start", "stop", "touch", "state", "status", "deleteProject"])
@pytest.mark.parametrize("by", ["eve", "ada"])
def test_a_stranger_has_no_say_and_an_administrator_may_but_delete(
    hub: Running, method: str, by: str
) -> None:
    project_id = ask(hub, "projects.createProject")

    answer = ask(hub, f"projects.{method}", {"project_id": project_id}, by)

    assert answer is None if (method, by) == ("deleteProject", "ada") else "error" in answer


def test_people_come_become_owners_and_go(hub: Running) -> None:
    which = {"project_id": ask(hub, "projects.createProject")}

    def act(method: str, by: str = "bob", **options: Any) -> Any:
        return ask(hub, f"projects.{method}", {"opts": {**which, **options}}, by)

    assert act("addCollaborator", account_id=PEOPLE["eve"]) == {"project_id": [which["project_id"]]}
    assert "error" not in ask(hub, "projects.state", which, "eve")
    change = {"target_account_id": PEOPLE["eve"], "new_group": "owner"}
    assert act("changeUserType", by="eve", **change) == {
        "error": "OwnershipError: Only project owners can change user types"
    }
    assert act("changeUserType", **change) is None
    assert act("removeCollaborator", account_id=PEOPLE["eve"]) == {
        "error": "OwnershipError: Cannot remove an owner. Demote to collaborator first."
    }
    assert act("changeUserType", **{**change, "new_group": "collaborator"}) is None
    last = {"target_account_id": PEOPLE["bob"], "new_group": "collaborator"}
    assert "At least one owner is required" in act("changeUserType", **last)["error"]
    assert act("removeCollaborator", account_id=PEOPLE["eve"]) is None
    assert "error" in ask(hub, "projects.state", which, "eve")


def test_options_that_are_not_in_opts_are_missed(hub: Running) -> None:
    words = "TypeError: Cannot read properties of undefined (reading 'project_id')"

    assert ask(hub, "projects.addCollaborator", {"project_id": NOBODY}) == {"error": words}


def test_a_file_is_copied_into_another_project(hub: Running) -> None:
    source, target = (ask(hub, "projects.createProject") for _ in range(2))
    written = {"path": "deep/a.txt", "content": "hello"}
    assert ask(hub, "system.writeTextFileToProject", written, project_id=source) is None
    copy = {
        "src_project_id": source,
        "src_path": "deep/a.txt",
        "target_project_id": target,
        "target_path": "b",
    }

    assert ask(hub, "projects.copyPathBetweenProjects", copy) is None

    assert ask(hub, "system.readTextFileFromProject", {"path": "b"}, project_id=target) == "hello"
    assert ask(hub, "projects.copyPathBetweenProjects", copy, "eve") == {
        "error": "Error: user must be collaborator on source project"
    }


# -- people and keys -------------------------------------------------------------------------------


def test_names_of_those_there_are_and_are_not(hub: Running) -> None:
    names = hub.call("system.getNames", [PEOPLE["ada"], NOBODY], key=KEYS["bob"])

    assert names[PEOPLE["ada"]] == {"first_name": "Ada", "last_name": "Test", "profile": None}
    assert names[NOBODY] == {"first_name": "Deleted", "last_name": "User"}


def test_search_shows_an_address_to_who_knows_it(hub: Running) -> None:
    by_name = ask(hub, "system.userSearch", {"query": "eve"})
    by_address = ask(hub, "system.userSearch", {"query": "eve@example.com"})

    assert [one["account_id"] for one in by_name] == [PEOPLE["eve"]]
    assert "email_address" not in by_name[0]
    assert by_address[0]["email_address"] == "eve@example.com"
    assert ask(hub, "system.userSearch") == []


def test_a_key_is_made_listed_and_deleted(hub: Running) -> None:
    [made] = ask(hub, "system.manageApiKeys", {"action": "create", "name": "mine"})

    assert hub.call("system.test", key=made["secret"])["account_id"] == PEOPLE["bob"]
    listed = ask(hub, "system.manageApiKeys", {"action": "get"})
    assert made["id"] in [entry["id"] for entry in listed]
    assert "secret" not in listed[0]
    assert ask(hub, "system.manageApiKeys", {"action": "delete", "id": made["id"]}) is None
    assert "error" in hub.call("system.test", key=made["secret"])


def test_a_token_that_was_revoked_signs_nobody_in(hub: Running) -> None:
    tokens = [
        ask(hub, "system.generateUserAuthToken", {"user_account_id": PEOPLE["eve"]}, "ada") for _ in range(2)
    ]
    assert hub.call("system.revokeUserAuthToken", tokens[0], key=KEYS["bob"]) is None

    opened = [
        requests.get(f"{hub.url}/auth/impersonate", params={"auth_token": token}, timeout=9).status_code
        for token in tokens
    ]

    assert opened == [403, 200]


# -- messages --------------------------------------------------------------------------------------


def test_a_message_reaches_whom_it_is_for_by_id_or_address(hub: Running) -> None:
    to = [PEOPLE["ada"], "eve@example.com", "unknown@example.com"]

    number = ask(hub, "messages.send", {"to_ids": to, "subject": "Hi", "body": "**hello**"})

    for reader, kind in (("ada", "received"), ("eve", "new"), ("bob", "sent")):
        first = ask(hub, "messages.get", {"type": kind, "limit": 1}, reader)[0]
        assert (first["id"], first["subject"], first["from_id"]) == (number, "Hi", PEOPLE["bob"])
        assert first["to_ids"] == [PEOPLE["ada"], PEOPLE["eve"]]
        assert ("read" in first) == (kind != "new")


def test_an_answer_belongs_to_the_thread_of_what_it_answers(hub: Running) -> None:
    def send(by: str, to: str, **more: Any) -> int:
        fields = {"to_ids": [PEOPLE[to]], "subject": "s", "body": "b", **more}
        return int(ask(hub, "messages.send", fields, by))

    first = send("bob", "eve")
    second = send("eve", "bob", reply_id=first)
    send("bob", "eve", reply_id=second)

    assert [one["thread_id"] for one in ask(hub, "messages.get", {"limit": 2}, "eve")[:1]] == [first]
    assert ask(hub, "messages.get", {"limit": 1}, "bob")[0]["thread_id"] == first


@pytest.mark.parametrize(
    ("method", "options", "words"),
    [
        ("send", {}, "TypeError: Cannot read properties of undefined (reading 'filter')"),
        ("send", {"to_ids": [NOBODY], "subject": "", "body": ""}, f"Error: invalid account_id -- {NOBODY}"),
        ("send", {"to_ids": ["x"]}, 'error: invalid input syntax for type uuid: "x"'),
        ("get", {"type": "zap"}, 'error: syntax error at or near "undefined"'),
        ("get", {"limit": 501}, "Error: limit must be at most 500"),
    ],
)
def test_a_message_that_can_not_be_is_refused(
    hub: Running, method: str, options: dict[str, Any], words: str
) -> None:
    assert ask(hub, f"messages.{method}", options) == {"error": words}


def test_a_message_for_nobody_is_none(hub: Running) -> None:
    fields = {"to_ids": ["unknown@example.com"], "subject": "s", "body": "b"}

    assert ask(hub, "messages.send", fields) is None


# -- organizations ---------------------------------------------------------------------------------


def test_an_organization_its_people_and_who_looks_after_it(hub: Running) -> None:
    def org(method: str, by: str = "ada", **options: Any) -> Any:
        return ask(hub, f"org.{method}", options, by)

    assert len(org("create", name="acme")) == 36
    assert org("getUsers", name="acme") == []
    new = org("createUser", name="acme", email="new@example.com", firstName="New")
    assert org("addAdmin", name="acme", user="eve@example.com") is None
    assert {one["account_id"] for one in org("getUsers", "eve", name="acme")} == {new, PEOPLE["eve"]}
    assert org("set", "eve", name="acme", title="Acme") is None
    known = org("get", "eve", name="acme")
    assert (known["title"], known["link"], known["admin_account_ids"]) == ("Acme", None, [PEOPLE["eve"]])
    assert org("message", "eve", name="acme", subject="s", body="b") is None
    assert ask(hub, "messages.get", {}, "eve")[0]["subject"] == "s"
    assert org("removeAdmin", name="acme", user=PEOPLE["eve"]) is None
    assert org("get", "eve", name="acme") == {
        "error": "Error: user must be an admin of the organization or site-admin"
    }
    assert org("removeUser", name="acme", user=new) is None
    assert [one["account_id"] for one in org("getUsers", name="acme")] == [PEOPLE["eve"]]
    assert {"name": "acme", "title": "Acme", "admin_account_ids": []} in org("getAll")


def test_an_account_is_in_one_organization_and_moves_only_by_a_site_administrator(hub: Running) -> None:
    for name in ("one", "two"):
        ask(hub, "org.create", {"name": name}, "ada")
    user = ask(hub, "org.createUser", {"name": "one"}, "ada")

    refused = ask(hub, "org.addAdmin", {"name": "two", "user": user}, "ada")
    moved = ask(hub, "org.addUser", {"name": "two", "user": user}, "ada")

    assert refused == {"error": f"Error: User '{user}' is already member of another organization"}
    assert moved is None
    assert [one["account_id"] for one in ask(hub, "org.getUsers", {"name": "two"}, "ada")] == [user]


def test_a_token_of_a_member_opens_the_sandbox_until_it_expires(hub: Running) -> None:
    ask(hub, "org.create", {"name": "tokens"}, "ada")
    user = ask(hub, "org.createUser", {"name": "tokens", "email": "t@example.com"}, "ada")

    first, second = (ask(hub, "org.createToken", {"user": user}, "ada") for _ in range(2))
    assert ask(hub, "org.expireToken", {"token": first["token"]}) is None

    assert requests.get(first["url"], timeout=9).status_code == 403
    assert requests.get(second["url"], timeout=9).status_code == 200
    assert ask(hub, "org.createToken", {"user": PEOPLE["bob"]}, "ada") == {
        "error": "Error: user is not in an org"
    }
    assert "error" in hub.call("system.ping", key=second["token"])


@pytest.mark.parametrize(
    "method", ["getAll", "create", "addUser", "createUser", "getUsers", "message", "set"]
)
def test_others_do_nothing_with_organizations(hub: Running, method: str) -> None:
    assert "error" in ask(hub, f"org.{method}", {"name": "acme", "user": PEOPLE["bob"]})


# -- the rest --------------------------------------------------------------------------------------


def test_code_is_run_once_and_has_a_number_the_second_time(hub: Running) -> None:
    project_id = ask(hub, "projects.createProject")
    code = {"project_id": project_id, "kernel": "python3", "input": "import time; time.time_ns()"}

    first, second = (ask(hub, "jupyter.execute", code, timeout=60_000) for _ in range(2))
    fresh = ask(hub, "jupyter.execute", {**code, "noCache": True}, timeout=60_000)

    assert second == {**first, "id": second["id"]}
    assert "id" not in first
    assert fresh["output"] != first["output"]
    assert "python3" in [one["name"] for one in ask(hub, "jupyter.kernels", {"project_id": project_id})]


def test_a_kernel_that_there_is_not_is_told_by_name(hub: Running) -> None:
    code = {"project_id": ask(hub, "projects.createProject"), "kernel": "nope", "input": "1"}

    words = ask(hub, "jupyter.execute", code, timeout=60_000)["error"]

    assert words.startswith("Error: Error: **Unable to Spawn Jupyter Kernel:**")
    assert '"nope"' in words


def test_a_file_has_no_history_and_a_stranger_learns_not_even_that(hub: Running) -> None:
    which = {"project_id": ask(hub, "projects.createProject"), "path": "a.txt"}

    assert ask(hub, "sync.history", which) == {"patches": [], "info": {}}
    assert ask(hub, "sync.history", which, "eve") == {
        "error": "Error: user must be collaborator on source project"
    }


def test_a_trace_of_use_starts_no_project(hub: Running) -> None:
    which = {"project_id": ask(hub, "projects.createProject")}

    assert ask(hub, "db.touch", which) is None
    assert ask(hub, "projects.state", which)["state"] == "opened"
    assert ask(hub, "db.touch", which, "eve") == {"error": "Error: user must be collaborator on project"}
    assert ask(hub, "db.fileUseTimes", {**which, "path": "a"})["access_times"] == []
