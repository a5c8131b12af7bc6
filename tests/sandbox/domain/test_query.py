"""The query message on accounts and projects: shapes, rights, defaults, options, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.domain.queries import ADMIN, STRANGER, ask, of_three_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Running


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from of_three_accounts(tmp_path_factory)


def test_nulls_are_what_is_wanted_and_values_are_conditions(sandbox: Running) -> None:
    project = sandbox.project("Wanted")

    assert ask(sandbox, {"projects": {"title": "Wanted", "project_id": None, "description": None}}) == {
        "projects": {"title": "Wanted", "project_id": project, "description": ""}
    }


def test_a_list_gives_all_and_one_record_the_first_or_nothing(sandbox: Running) -> None:
    projects = [sandbox.project("Twin") for _ in range(2)]

    listed = ask(sandbox, {"projects_all": [{"project_id": None, "title": "Twin"}]})["projects_all"]
    assert {row["project_id"] for row in listed} == set(projects)
    assert ask(sandbox, {"projects_all": {"project_id": None, "title": "None such"}}) == {}
    assert ask(sandbox, {"projects_all": [{"project_id": None, "title": "None such"}]}) == {
        "projects_all": []
    }


def test_nulls_are_left_out_of_lists_and_kept_in_single_records(sandbox: Running) -> None:
    project = sandbox.project()

    assert ask(sandbox, {"projects": {"project_id": project, "deleted": None}})["projects"]["deleted"] is None
    assert ask(sandbox, {"projects": [{"project_id": project, "deleted": None}]}) == {
        "projects": [{"project_id": project}]
    }


def test_a_write_changes_and_a_map_is_merged(sandbox: Running) -> None:
    before = ask(sandbox, {"accounts": {"editor_settings": None}})["accounts"]["editor_settings"]
    assert before["tab_size"] == 4

    assert ask(sandbox, {"accounts": {"editor_settings": {"tab_size": 7}}}) == {}

    after = ask(sandbox, {"accounts": {"editor_settings": None}})["accounts"]["editor_settings"]
    assert after == {**before, "tab_size": 7}


def test_an_account_is_always_ones_own(sandbox: Running) -> None:
    other = ask(sandbox, {"accounts": {"account_id": None}}, key=STRANGER)["accounts"]["account_id"]

    assert ask(sandbox, {"accounts": {"account_id": other, "first_name": "Hacked"}}) == {}
    assert ask(sandbox, {"accounts": {"account_id": other, "first_name": None}}) == {}
    assert ask(sandbox, {"accounts": {"first_name": None}}, key=STRANGER) == {
        "accounts": {"first_name": "Bob"}
    }
    assert ask(sandbox, {"accounts": {"first_name": "Ann"}}) == {}


def test_a_project_is_its_members_and_the_admins(sandbox: Running) -> None:
    project = sandbox.project("Mine")
    read, write = (
        {"projects": {"project_id": project, "title": None}},
        {"projects": {"project_id": project, "title": "Yours"}},
    )

    assert ask(sandbox, read, key=STRANGER) == "FATAL: you do not have read access to this project"
    assert ask(sandbox, write, key=STRANGER) == "FATAL: user must be an admin"
    assert ask(sandbox, read, key=ADMIN) == {"projects": {"project_id": project, "title": "Mine"}}
    assert ask(sandbox, {"projects_all": [{"project_id": None}]}, key=STRANGER) == {"projects_all": []}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        ({"accounts": {"account_id": None}, "projects": {"title": None}}, "FATAL: must specify exactly one key in the query"),
        ({"accounts": [{"a": None}, {"b": None}]}, "FATAL: array of length > 1 not yet implemented"),
        ({"accounts": "x"}, "FATAL: invalid user_query of 'accounts' -- query must be an object"),
        ({"nope": {"x": None}}, "FATAL: get queries not allowed for table 'nope'"),
        ({"nope": {"x": 1}}, "FATAL: table 'nope' does not exist"),
        ({"accounts; drop table accounts": {"x": None}}, "FATAL: get queries not allowed for table 'accounts; drop table accounts'"),
        ({"accounts": {"password": None}}, "FATAL: user get query not allowed for accounts.password"),
        ({"accounts": {"groups": ["admin"]}}, "FATAL: changing accounts.groups not allowed"),
        ({"projects": {"title": "x"}}, "FATAL: must specify projects.project_id"),
        ({"projects": {"project_id": "abc", "title": "x"}}, 'postgresql error: invalid input syntax for type uuid: "abc"'),
        ({"projects": {"project_id": "b11e1358-b2a2-498a-ae44-e45c617f6c0f", "title": "x"}}, "FATAL: unknown project_id 'b11e1358-b2a2-498a-ae44-e45c617f6c0f'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_the_recorded_words(sandbox: Running, query: Any, words: str) -> None:
    assert ask(sandbox, query) == words


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"evil": 1}, "Error: unknown field 'evil"),
        ({"group": "king"}, "Error: invalid value for field 'group'"),
        ({"hide": "yes"}, "Error: invalid type for field 'hide'"),
        ({"upgrades": {"gold": 1}}, "Error: invalid upgrades field 'gold'"),
        ("text", "Error: unknown field '0"),
    ],
)
def test_the_members_of_a_project_are_checked(sandbox: Running, entry: Any, words: str) -> None:
    """What could not be read again would lock the project for everybody."""
    project = sandbox.project("Kept")
    me = ask(sandbox, {"accounts": {"account_id": None}})["accounts"]["account_id"]

    answer = ask(sandbox, {"projects": {"project_id": project, "users": {me: entry}}})

    assert answer == f"FATAL: error setting 'users' -- {words}"
    assert ask(sandbox, {"projects": {"project_id": project, "title": None}})["projects"]["title"] == "Kept"


def test_an_unknown_action_shows_as_an_err_and_a_later_good_one_takes_it_away(sandbox: Running) -> None:
    project = sandbox.project()
    for time, action in (("1", "explode"), ("2", "start")):
        request = {"action": action, "time": time}
        assert ask(sandbox, {"projects": {"project_id": project, "action_request": request}}) == {}
        row = ask(sandbox, {"projects": {"project_id": project, "action_request": None}})["projects"]

        assert row["action_request"].get("err") == ({} if action == "explode" else None)


def test_a_request_with_the_time_of_the_last_is_not_carried_out_again(sandbox: Running) -> None:
    project = sandbox.project()

    ask(sandbox, {"projects": {"project_id": project, "action_request": {"action": "start"}}})

    row = ask(sandbox, {"projects": {"project_id": project, "action_request": None, "state": None}})[
        "projects"
    ]
    assert row["action_request"] == {"action": "start"}
    assert row["state"]["state"] == "opened"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("font_size", 1.5, 'invalid input syntax for type integer: "1.5"'),
        ("font_size", 3_000_000_000, 'value "3000000000" is out of range for type integer'),
        ("unlisted", "maybe", 'invalid input syntax for type boolean: "maybe"'),
        ("tags", "x", 'malformed array literal: "x"'),
    ],
)
def test_a_value_of_another_type_is_refused_in_the_databases_words(
    sandbox: Running, field: str, value: Any, words: str
) -> None:
    assert ask(sandbox, {"accounts": {field: value}}) == f"postgresql error: {words}"


def test_options_choose_order_and_number(sandbox: Running) -> None:
    for title in ("zz1", "zz3", "zz2"):
        sandbox.project(title)
    query: dict[str, list[dict[str, Any]]] = {
        "projects_all": [
            {"title": {">=": "zz"}},
        ][:1]
    }
    query["projects_all"][0]["project_id"] = None

    rows = ask(sandbox, query, [{"order_by": "-title"}, {"limit": 2}])["projects_all"]

    assert [row["title"] for row in rows] == ["zz3", "zz2"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": 2}, 'FATAL: options (={"limit":2}) must be an array'),
        ([{"foo": 1}], "unknown option 'foo'"),
        ([{"order_by": "nonexistent"}], 'postgresql error: column "nonexistent" does not exist'),
        ([{"account_id": "x"}], "user must be admin to sudo"),
    ],
)
def test_a_wrong_option_is_told(sandbox: Running, options: Any, words: str) -> None:
    assert ask(sandbox, {"projects": [{"title": None}]}, options) == words


def test_options_come_back_as_they_were_sent(sandbox: Running) -> None:
    answer = sandbox.send("query", query={"accounts": {"first_name": None}}, options=[{"limit": 1}], id="i")

    assert answer == {
        "event": "query",
        "id": "i",
        "query": {"accounts": {"first_name": "Ann"}},
        "multi_response": False,
        "options": [{"limit": 1}],
    }


def test_a_user_name_is_one_persons(sandbox: Running) -> None:
    assert ask(sandbox, {"accounts": {"name": "ann"}}) == {}
    assert (
        ask(sandbox, {"accounts": {"name": "ann"}}, key=STRANGER)
        == 'name "ann" is already taken by another organization or account'
    )
    assert ask(sandbox, {"accounts": {"name": "a-n"}}, key=STRANGER) == {}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ann", ["Ann"]),
        ("BAK bo", ["Bob"]),
        ("bob@example.com", ["Bob"]),
        ("nobody@example.com", []),
        ("bob@example.com; ann", ["Ann", "Bob"]),
        ("'; drop table accounts", []),
    ],
)
def test_people_are_found_by_name_and_by_address(sandbox: Running, query: str, names: list[str]) -> None:
    assert sorted(hit["first_name"] for hit in sandbox.send("user_search", query=query)["results"]) == names


def test_an_address_is_shown_only_of_who_was_found_by_it(sandbox: Running) -> None:
    assert "email_address" not in sandbox.send("user_search", query="bob")["results"][0]
    assert (
        sandbox.send("user_search", query="bob@example.com")["results"][0]["email_address"]
        == "bob@example.com"
    )
