"""Every table of `query`: whose rows one gets, who may write, what is filled in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.catalog import tables
from tests.sandbox.domain.test_members import account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running, Start

ADMIN = "sk_Admin0000000000D"


@pytest.fixture(scope="module")
def with_admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose world has an administrator."""
    from tests.sandbox.conftest import start, stop

    world: Path = tmp_path_factory.mktemp("world") / "world.yaml"
    world.write_text(
        "accounts:\n"
        "- {first_name: Ann, email_address: ann@example.edu}\n"
        f"- {{first_name: Ada, email_address: ada@example.edu, admin: true, keys: [{ADMIN}]}}\n"
    )
    running = start("--world", str(world))
    yield running
    stop(running)


def ask(running: Running, query: Any, key: str | None = None, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = running.post("query", {"query": query, **more}, key=key).json()
    return answer


@pytest.mark.parametrize("name", sorted(tables()))
def test_no_table_stumbles_when_all_of_its_fields_are_asked_for(with_admin: Running, name: str) -> None:
    fields = {column.name: None for column in tables()[name].columns if column.readable}
    project_id = with_admin.project()

    for key in (None, ADMIN):
        for record in (fields, {**fields, "project_id": project_id}):
            for asked in (record, [record]):
                reply = with_admin.post("query", {"query": {name: asked}}, key=key)

                assert reply.status_code == 200
                assert reply.json()["event"] in ("query", "error")


@pytest.mark.parametrize(
    "name", [name for name, table in tables().items() if table.read and table.read.admin]
)
def test_tables_of_administrators_are_refused_to_others(with_admin: Running, name: str) -> None:
    fields = {column.name: None for column in tables()[name].columns if column.readable}

    assert ask(with_admin, {name: [fields]})["error"] == "FATAL: user must be an admin"


@pytest.mark.parametrize("name", [name for name, table in tables().items() if table.write is None])
def test_tables_that_nobody_writes_say_so(with_admin: Running, name: str) -> None:
    answer = ask(with_admin, {name: {"title": "x"}}, ADMIN)

    assert answer["error"] == f"FATAL: user set queries not allowed for table '{name}'"


def test_the_log_of_a_project_is_its_members_and_gets_its_writers_name(sandbox: Running) -> None:
    project_id = sandbox.project()
    _, _, stranger = account(sandbox)
    record = {"project_id": project_id, "event": {"event": "open"}, "time": "{now}"}

    ask(sandbox, {"project_log": record})

    wanted = {"project_log": [{"project_id": project_id, "id": None, "account_id": None, "event": None}]}
    [row] = ask(sandbox, wanted)["query"]["project_log"]
    assert row["event"] == {"event": "open"}
    assert (
        row["account_id"]
        == ask(sandbox, {"accounts": {"account_id": None}})["query"]["accounts"]["account_id"]
    )
    refused = "FATAL: you do not have read access to this project"
    assert ask(sandbox, wanted, stranger)["error"] == refused
    assert ask(sandbox, {"project_log": record}, stranger)["error"] == "FATAL: user must be an admin"


def test_what_is_old_shows_only_in_the_table_of_all(sandbox: Running) -> None:
    project_id = sandbox.project()
    ask(
        sandbox,
        {"project_log": {"project_id": project_id, "time": "2020-01-01T00:00:00Z", "event": {"a": 1}}},
    )

    for table, count in (("project_log", 0), ("project_log_all", 1)):
        found = ask(sandbox, {table: [{"project_id": project_id, "event": None}]})["query"][table]
        assert len(found) == count


def test_the_id_of_a_published_path_is_its_hash_and_anybody_sees_it(sandbox: Running) -> None:
    project_id = sandbox.project()
    _, _, stranger = account(sandbox)

    ask(
        sandbox, {"public_paths": {"project_id": project_id, "path": "pub", "description": "x", "id": "mine"}}
    )
    ask(sandbox, {"public_paths": {"project_id": project_id, "path": "pub", "description": "y"}})

    wanted = {"public_paths": [{"project_id": project_id, "id": None, "description": None}]}
    found = ask(sandbox, wanted, stranger)["query"]["public_paths"]
    expected = hashlib.sha1(f"{project_id}pub".encode(), usedforsecurity=False).hexdigest()
    assert found == [{"project_id": project_id, "id": expected, "description": "y"}]
    named = ask(sandbox, {"public_projects": [{"project_id": project_id, "title": None}]}, stranger)
    assert named["query"]["public_projects"][0]["title"] == "test"


def test_collaborators_are_those_of_any_project_or_of_one(sandbox: Running) -> None:
    project_id = sandbox.project()
    other, _, _ = account(sandbox, "Zoe")
    sandbox.send("add_collaborator", project_id=project_id, account_id=other)

    everybody = ask(sandbox, {"collaborators": [{"account_id": None, "first_name": None}]})
    of_one = ask(
        sandbox,
        {"collaborators_one_project": [{"project_id": project_id, "account_id": None, "first_name": None}]},
    )

    assert {"Iris", "Sam", "Sue", "Zoe"} <= {one["first_name"] for one in everybody["query"]["collaborators"]}
    assert [(set(one), one["first_name"]) for one in of_one["query"]["collaborators_one_project"]] == [
        ({"account_id", "first_name"}, "Iris"),
        ({"account_id", "first_name"}, "Zoe"),
    ]


def test_only_the_owner_sets_the_course_of_a_project(sandbox: Running) -> None:
    project_id = sandbox.project()
    other, _, key = account(sandbox)
    sandbox.send("add_collaborator", project_id=project_id, account_id=other)
    write = {"projects_owner": {"project_id": project_id, "course": {"type": "student"}}}

    assert ask(sandbox, write, key)["error"] == "FATAL: user must be an admin"
    ask(sandbox, write)
    course = ask(sandbox, {"projects_all": {"project_id": project_id, "course": None}})
    assert course["query"]["projects_all"]["course"] == {"type": "student"}


def test_a_lone_limit_of_projects_is_overruled_by_the_tables_own(start_sandbox: Start) -> None:
    running = start_sandbox("--empty")
    for title in "abc":
        running.project(title)
    wanted = {"projects": [{"title": None}]}

    alone = ask(running, wanted, options=[{"limit": 1}])["query"]["projects"]
    both = ask(running, wanted, options=[{"limit": 1}, {"order_by": "title"}])["query"]["projects"]

    assert len(alone) == 3
    assert both == [{"title": "a"}]


def test_an_administrator_adds_and_clears_fields_of_the_staffs_tables(with_admin: Running) -> None:
    ask(with_admin, {"crm_tags": {"id": 7, "name": "new", "color": "red", "last_edited": "{now}"}}, ADMIN)
    ask(with_admin, {"crm_tags": {"id": 7, "color": None}}, ADMIN, options=[{"set": True}])

    found = ask(with_admin, {"crm_tags": [{"id": 7, "name": None, "color": None}]}, ADMIN)

    assert found["query"]["crm_tags"] == [{"id": 7, "name": "new"}]


def test_a_row_without_its_key_is_the_databases_error(with_admin: Running) -> None:
    answer = ask(with_admin, {"system_notifications": {"text": "x"}}, ADMIN)

    assert answer["error"] == (
        'postgresql error: null value in column "id" of relation "system_notifications" '
        "violates not-null constraint"
    )
