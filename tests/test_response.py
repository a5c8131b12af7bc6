"""What came back is a read-only mapping that knows its message."""

from __future__ import annotations

import pytest

from cocalc_magic.response import Request, Response

PONG = {"event": "pong", "id": "i", "now": "2026-01-01T00:00:00.000Z"}


def test_its_fields_are_items() -> None:
    response = Response(PONG, Request("ping"))

    assert response["now"] == PONG["now"]
    assert dict(response) == response.to_dict() == PONG
    assert "now" in response
    assert len(response) == 3
    assert (response.event, response.id) == ("pong", "i")


def test_a_missing_field_is_told_with_what_there_is() -> None:
    with pytest.raises(KeyError, match="'then'; the fields are event, id, now"):
        Response(PONG, Request("ping"))["then"]


def test_it_can_not_be_written_to() -> None:
    with pytest.raises(TypeError):
        Response(PONG, Request("ping"))["now"] = 1  # type: ignore[index]


def test_a_bare_value_stands_under_value() -> None:
    response = Response([1, 2], Request("projects.list"))

    assert response.to_dict() == {"value": [1, 2]}
    assert (response.event, response.id) == ("projects.list", None)


def test_its_repr_is_one_line() -> None:
    response = Response(PONG, Request("ping"), elapsed=0.0123, sandbox=True)

    assert repr(response) == "<Response pong · 200 · 12 ms · sandbox>"


def test_tab_in_the_brackets_offers_the_fields() -> None:
    assert Response(PONG, Request("ping"))._ipython_key_completions_() == ["event", "id", "now"]


@pytest.mark.parametrize(
    ("value", "records"),
    [
        ({"results": [{"a": 1}]}, [{"a": 1}]),
        ({"query": {"projects": [{"a": 1}, {"a": 2}]}}, [{"a": 1}, {"a": 2}]),
        ([{"a": 1}], [{"a": 1}]),
        ({"results": []}, None),
        ({"one": [{"a": 1}], "two": [{"b": 1}]}, None),
        (PONG, None),
    ],
)
def test_its_one_list_of_objects_is_its_records(value: object, records: object) -> None:
    assert Response(value, Request("query")).records() == records


def test_records_become_a_frame() -> None:
    pytest.importorskip("pandas")

    frame = Response({"results": [{"a": 1, "b": "x"}, {"a": 2}]}, Request("user_search")).to_frame()

    assert list(frame.columns) == ["a", "b"]
    assert len(frame) == 2
    assert len(Response(PONG, Request("ping")).to_frame()) == 1


def test_a_secret_option_is_not_shown() -> None:
    request = Request("user_auth", {"password": "hunter2", "account_id": "a"}, secret=("password",))

    assert request.to_dict() == {"event": "user_auth", "password": "•••", "account_id": "a"}
    assert "hunter2" not in repr(request)
    assert request.options["password"] == "hunter2"


def test_what_the_server_only_repeats_is_no_record() -> None:
    options = [{"limit": 5}, {"order_by": "title"}]
    rows = [{"title": "a"}, {"title": "b"}]
    request = Request("query", {"query": {"projects": [{"title": None}]}, "options": options})
    response = Response({"event": "query", "query": {"projects": rows}, "options": options}, request)

    assert response.records() == rows
