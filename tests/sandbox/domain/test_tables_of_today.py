"""The tables by generation: those of 2024 over v1, those of 2026 over API v2 and conat, in one database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.catalog import tables
from tests.sandbox.api_v2 import Person, ask, person

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

NOBODY = "00000000-0000-4000-8000-00000000abcd"


@pytest.fixture
def sam(sandbox: Running) -> Person:
    return person(sandbox, "Sam")


@pytest.fixture
def una(sandbox: Running) -> Person:
    return person(sandbox, "Una")


def query(sandbox: Running, who: Person, record: Any) -> Any:
    reply = ask(sandbox, "user-query", key=who.key, query=record)
    return reply.get("query", reply)


def old_query(sandbox: Running, who: Person, record: Any) -> Any:
    return sandbox.post("query", {"query": record}, key=who.key).json()


@pytest.mark.parametrize("name", sorted(tables("v2")))
def test_no_table_of_today_stumbles_when_all_of_its_fields_are_asked_for(
    sandbox: Running, sam: Person, name: str
) -> None:
    fields = {column.name: None for column in tables("v2")[name].columns if column.readable}

    for record in (fields, [fields]):
        assert set(ask(sandbox, "user-query", key=sam.key, query={name: record})) <= {"query", "error"}


def test_a_column_of_today_is_unknown_to_the_older_api(sandbox: Running, sam: Person) -> None:
    project = ask(sandbox, "projects/create", key=sam.key)["project_id"]
    assert query(sandbox, sam, {"projects": {"project_id": project, "color": "#ff8800"}}) == {}

    asked = {"projects": {"project_id": project, "color": None}}

    assert query(sandbox, sam, asked) == {"projects": {"project_id": project, "color": "#ff8800"}}
    refused = "FATAL: user get query not allowed for projects.color"
    assert old_query(sandbox, sam, asked)["error"] == refused
    hub = sandbox.call("db.userQuery", {"query": asked}, key=sam.key)
    assert hub == {"projects": {"project_id": project, "color": "#ff8800"}}


def test_defaults_are_those_of_the_generation_that_asks(sandbox: Running, sam: Person) -> None:
    asked = {"accounts": {"terminal": None, "other_settings": None}}

    today, before = (answer["accounts"] for answer in (
        query(sandbox, sam, asked), old_query(sandbox, sam, asked)["query"]
    ))  # fmt: skip

    assert (today["terminal"]["color_scheme"], before["terminal"]["color_scheme"]) == (
        "cocalc-light",
        "default",
    )
    assert "dark_mode_grayscale" not in today["other_settings"]
    assert before["other_settings"]["dark_mode_grayscale"] == 0
    assert today["other_settings"]["i18n"] == "en"


def test_what_is_gone_is_a_table_that_nobody_reads(sandbox: Running, sam: Person) -> None:
    refused = "FATAL: get queries not allowed for table 'project_info'"

    assert query(sandbox, sam, {"project_info": [{"project_id": None}]}) == {"error": refused}
    assert "event" in old_query(sandbox, sam, {"project_info": [{"project_id": None}]})


def test_what_has_not_changed_is_not_there_twice() -> None:
    old, new = tables("v1"), tables("conat")

    assert new["site_licenses"] is old["site_licenses"]
    assert new["accounts"] is not old["accounts"]
    assert old["vouchers"].column("cart")
    assert new["vouchers"].column("cart") is None


def test_a_list_within_a_map_that_is_there_is_merged_by_its_positions(sandbox: Running, sam: Person) -> None:
    query(sandbox, sam, {"accounts": {"profile": {"marks": ["a", "b"]}}})
    query(sandbox, sam, {"accounts": {"profile": {"marks": ["c"]}}})

    profile = query(sandbox, sam, {"accounts": {"profile": None}})["accounts"]["profile"]

    assert profile["marks"] == {"0": "c", "1": "b"}


# -- messages and groups ---------------------------------------------------------------------------


def test_a_message_is_written_by_what_looks_like_a_read(sandbox: Running, sam: Person, una: Person) -> None:
    record = {"to_ids": [una.account_id], "subject": "s", "body": "b", "sent": "2026-01-02T03:04:05.006Z"}

    made = query(sandbox, sam, {"create_message": {"id": None, **record}})["create_message"]

    assert made["from_id"] == sam.account_id
    fields = {"id": None, "subject": None, "sent": None}
    expected = {"id": made["id"], "subject": "s", "sent": "2026-01-02T03:04:05.006Z"}
    assert query(sandbox, una, {"messages": [fields]}) == {"messages": [expected]}
    assert query(sandbox, sam, {"sent_messages": [fields]}) == {"sent_messages": [expected]}
    assert query(sandbox, sam, {"messages": [fields]}) == {"messages": []}


def test_a_message_to_an_account_that_is_not_there_is_refused(sandbox: Running, sam: Person) -> None:
    record = {"id": None, "to_ids": [NOBODY], "subject": "s", "body": "b"}

    expected = f'Error: every target account_id must exist -- these accounts do not exist: ["{NOBODY}"]'
    assert query(sandbox, sam, {"create_message": record}) == {"error": expected}


def test_a_reader_marks_a_message_by_its_bit(sandbox: Running, sam: Person, una: Person) -> None:
    record = {"to_ids": [una.account_id], "subject": "s", "body": "b", "sent": "2026-01-02T03:04:05Z"}
    number = query(sandbox, sam, {"create_message": {"id": None, **record}})["create_message"]["id"]

    assert query(sandbox, una, {"messages": {"id": number, "read": "01"}}) == {}

    inbox = sandbox.call("messages.get", {"type": "received"}, key=una.key)
    assert [(each["id"], each["read"]) for each in inbox] == [(number, True)]
    assert sandbox.call("messages.get", {"type": "new"}, key=una.key) == []
    stranger = "Error: you do not have permission to edit this message"
    assert query(sandbox, sam, {"messages": {"id": number, "read": "11"}}) == {"error": stranger}
    assert query(sandbox, una, {"messages": {"id": 987654, "read": "01"}}) == {
        "error": "use the sent_messages table to create a new message"
    }


def test_a_draft_is_nobody_s_mail_until_it_is_sent(sandbox: Running, sam: Person, una: Person) -> None:
    record = {"to_ids": [una.account_id], "subject": "draft", "body": "b", "id": None}
    number = query(sandbox, sam, {"create_message": record})["create_message"]["id"]
    assert query(sandbox, una, {"messages": [{"id": None}]}) == {"messages": []}

    change = {"id": number, "subject": "final", "sent": "2026-01-02T03:04:05Z"}
    assert query(sandbox, sam, {"sent_messages": change}) == {}

    found = query(sandbox, una, {"messages": [{"id": None, "subject": None}]})
    assert found == {"messages": [{"id": number, "subject": "final"}]}
    assert query(sandbox, una, {"sent_messages": {"id": number, "subject": "mine"}}) == {}
    assert query(sandbox, una, {"messages": [{"subject": None}]}) == {"messages": [{"subject": "final"}]}


def test_a_group_belongs_to_its_owners(sandbox: Running, sam: Person, una: Person) -> None:
    made = query(sandbox, sam, {"create_group": {"group_id": None, "owner_account_ids": [], "title": "g"}})
    group_id = made["create_group"]["group_id"]

    assert made["create_group"]["owner_account_ids"] == [sam.account_id]
    listed = {"groups": [{"group_id": None, "title": None}]}
    assert query(sandbox, sam, listed) == {"groups": [{"group_id": group_id, "title": "g"}]}
    assert query(sandbox, una, listed) == {"groups": []}
    refused = {"error": "Error: user must be an owner of the group"}
    assert query(sandbox, una, {"groups": {"group_id": group_id, "title": "x"}}) == refused
    assert query(sandbox, sam, {"groups": {"group_id": group_id, "title": "x"}}) == {}
