"""Queries from what a person chooses, and that the sandbox takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidValue
from cocalc_magic.syntax.query_builder import (
    Condition,
    needed,
    query_options,
    read_value,
    settable,
    signs,
    write_options,
)

if TYPE_CHECKING:
    from cocalc_magic import Client


PROJECTS = catalog.tables()["projects"]


def test_conditions() -> None:
    made = query_options(
        PROJECTS, ["title"], [Condition("last_edited", ">", "2026-01-01")], limit=10, order=["-last_edited"]
    )

    assert made == {
        "query": {"projects": [{"title": None, "last_edited": {">": "2026-01-01"}}]},
        "options": [{"limit": 10}, {"order_by": "-last_edited"}],
    }


def test_one_record_has_no_brackets_and_no_limit() -> None:
    assert query_options(PROJECTS, ["title"], many=False) == {"query": {"projects": {"title": None}}}


def test_a_limit_brings_the_order_that_it_needs(client: Client) -> None:
    """A server drops a lone limit where the table has its own with an order."""
    client.create_project(title="one more")
    made = query_options(PROJECTS, ["title"], limit=1)

    assert made["options"] == [{"limit": 1}, {"order_by": "-last_edited"}]
    assert len(client.send("query", **made)["query"]["projects"]) == 1


def test_a_query_of_nothing_but_conditions_is_no_write(client: Client) -> None:
    """A record without a null is written, unless the options say that it is read."""
    project_id = client.create_project(title="before")["project_id"]
    conditions = [Condition("project_id", "=", project_id), Condition("title", "=", "after")]
    made = query_options(PROJECTS, [], conditions)
    assert made["options"][-1] == {"set": False}
    client.send("query", **made)

    told = client.send("query", query={"projects_all": {"project_id": project_id, "title": None}})
    assert told["query"]["projects_all"]["title"] == "before"


def test_contains_finds_a_part_in_any_case(client: Client) -> None:
    client.create_project(title="A Needle in hay")
    made = query_options(PROJECTS, ["title"], [Condition("title", "contains", "needle")])

    assert client.send("query", **made)["query"]["projects"] == [{"title": "A Needle in hay"}]


@pytest.mark.parametrize(
    ("fields", "conditions", "said"),
    [
        ([], [], "names no field"),
        (["nope"], [], "has no field 'nope'"),
        ([], [Condition("title", "=", "a"), Condition("title", "!=", "b")], "compared twice"),
    ],
)
def test_what_is_no_query_is_refused(fields: Any, conditions: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        query_options(PROJECTS, fields, conditions)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("title", "7", "7"),
        ("title", '""', ""),
        ("deleted", "yes", True),
        ("last_edited", "2026-01-31T14:30Z", "2026-01-31T14:30Z"),
        ("last_edited", "{now}", "{now}"),
        ("users", '{"a": {}}', {"a": {}}),
    ],
)
def test_a_value_is_of_its_fields_kind(name: str, text: str, value: Any) -> None:
    assert read_value(PROJECTS, name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("last_edited", "yesterday", "Write 2026-01-31"),
        ("project_id", "7", "takes a uuid"),
        ("users", "me", "takes an object"),
        ("deleted", "perhaps", "takes true or false"),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        read_value(PROJECTS, name, text)


def test_comparisons_by_kind() -> None:
    assert signs("map") == signs("boolean") == ("=", "!=")
    assert signs("text")[-1] == "contains"
    assert "<" in signs("timestamp")


def test_a_write_names_its_record_first() -> None:
    assert settable(PROJECTS)[0] == "project_id"
    assert needed(catalog.tables()["accounts"]) == ()
    assert needed(catalog.tables()["project_log"]) == ("project_id",)
    assert "account_id" not in settable(catalog.tables()["accounts"])
    with pytest.raises(InvalidValue, match="needs project_id"):
        write_options(PROJECTS, {"title": "x"})
    with pytest.raises(InvalidValue, match="nothing is to be written"):
        write_options(catalog.tables()["accounts"], {})


def test_a_write_is_one() -> None:
    account = catalog.tables()["accounts"]

    assert write_options(account, {"font_size": "15"}) == {
        "query": {"accounts": {"font_size": 15}},
        "options": [{"set": True}],
    }
