"""Two answers beside each other, without any server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cocalc_magic.conformance.answer import MAX_DEPTH, Answer
from cocalc_magic.conformance.compare import (
    DIFFERENT,
    MAX_LINE,
    MAX_LINES,
    SAME,
    SHAPE,
    difference,
    header_difference,
    usual_headers,
    verdict,
)

ID, OTHER, THIRD = (f"{digit * 8}-1111-4222-8333-444444444444" for digit in "abc")


def of(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, value, {name.replace("_", "-"): text for name, text in headers.items()})


SAMES = {
    "ids that are made up": ({"id": ID}, {"id": OTHER}),
    "ids in texts": ({"error": f"user {ID} is not in {THIRD}"}, {"error": f"user {OTHER} is not in {THIRD}"}),
    "ids as names": ({"users": {ID: {"group": "owner"}}}, {"users": {OTHER: {"group": "owner"}}}),
    "two ids as names, in another order": (
        {ID: {"first": "Ada"}, OTHER: {"first": "Bob"}},
        {THIRD: {"first": "Bob"}, ID.replace("a", "d"): {"first": "Ada"}},
    ),
    "times": ({"now": "2026-11-26T02:37:50.045Z"}, {"now": "2024-01-02T00:00:00Z"}),
    "names of the time": ({"last_name": "User-1795750211"}, {"last_name": "User-1795750212"}),
    "milliseconds": ({"now": 1795660673379}, {"now": 1795660676697}),
    "keys": ({"key": "sk-abcdefghij0123456789ab"}, {"key": "sk_0123456789abcdefghij"}),
    "temporary paths": ("/tmp/x1/y", "/tmp/z"),
    "where projects lie": (f"/home/user/projects/{ID}/a", f"/var/lib/{ID}/a"),
    "what is measured": ({"elapsed_s": 0.12}, {"elapsed_s": 0.3}),
    "the order of fields": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "records in the order of ids": (
        [{"id": ID, "name": "Ada"}, {"id": OTHER, "name": "Bob"}],
        [{"id": OTHER, "name": "Bob"}, {"id": THIRD, "name": "Ada"}],
    ),
    "pages": ("<html>a", "<html>b"),
}
SHAPES = {
    "texts": ({"title": "a"}, {"title": "b"}),
    "numbers": ({"cores": 3}, {"cores": 4}),
    "errors of other words": ({"error": "no"}, {"error": "never"}),
    "more records of a kind": ([{"title": "a"}], [{"title": "b"}, {"title": "c"}]),
    "no records": ([], [{"title": "b"}]),
    "nothing where something may be": ({"name": None}, {"name": "x"}),
    "a record for each id": ({ID: {"title": "a"}}, {OTHER: {"title": "b"}, THIRD: {"title": "c"}}),
}
DIFFERENTS = {
    "a field is missing": ({"a": 1, "b": 2}, {"a": 1}),
    "a field is added": ({"a": 1}, {"a": 1, "b": None}),
    "a number as text": ({"a": 1}, {"a": "1"}),
    "true for 1": ({"a": 1}, {"a": True}),
    "an object for a list": ([1], {"0": 1}),
    "an error for a success": ({"event": "pong"}, {"event": "error"}),
    "an error for nothing": (None, {"error": "no"}),
    "another event": ({"event": "a"}, {"event": "b"}),
    "text for JSON": ({"a": 1}, "a: 1"),
    "a page for text": ("no", "<p>no"),
    "a field of a record": ([{"title": "a"}], [{"name": "a"}]),
    "the text of an empty object": ({}, "{}"),
    "the text of a number": (7, "7"),
    "the text of null": (None, "null"),
}
HARDLY = {
    "an end of line more": ("a\n", "a"),
    "another end of line": ("a\r\nb", "a\nb"),
    "an end of line of Unicode": ("a\u2028b", "a\nb"),
    "a fraction for an integer": ({"a": 1.0}, {"a": 1}),
    "far behind": ("x" * 1_000, "x" * 999),
}


@pytest.mark.parametrize(("due", "came"), SAMES.values(), ids=SAMES)
def test_what_a_server_makes_up_is_no_difference(due: Any, came: Any) -> None:
    assert verdict(of(due), of(came)) == SAME


@pytest.mark.parametrize(("due", "came"), SHAPES.values(), ids=SHAPES)
def test_other_values_in_the_same_fields_are_the_same_shape(due: Any, came: Any) -> None:
    assert verdict(of(due), of(came)) == SHAPE


@pytest.mark.parametrize(("due", "came"), DIFFERENTS.values(), ids=DIFFERENTS)
def test_other_fields_and_types_are_different(due: Any, came: Any) -> None:
    assert verdict(of(due), of(came)) == DIFFERENT


@pytest.mark.parametrize(
    ("due", "came"),
    [*SHAPES.values(), *DIFFERENTS.values(), *HARDLY.values()],
    ids=[*SHAPES, *DIFFERENTS, *HARDLY],
)
def test_of_two_answers_that_differ_the_difference_is_told(due: Any, came: Any) -> None:
    for answers in ((of(due), of(came)), (of(came), of(due))):
        assert verdict(*answers) != SAME
        assert any(line.startswith(("-", "+")) for line in difference(*answers).split("\n"))


def test_another_status_and_no_answer_are_different() -> None:
    assert verdict(of({}), of({}, 400)) == DIFFERENT
    assert verdict(of({}), Answer(None, problem="it took too long")) == DIFFERENT


def test_an_id_in_the_place_of_another_is_a_difference() -> None:
    due, came = {"owner": ID, "project": OTHER, "by": ID}, {"owner": THIRD, "project": THIRD, "by": THIRD}

    assert verdict(of(due), of(came)) != SAME


def test_an_id_that_was_sent_has_to_come_back() -> None:
    assert verdict(of({"id": ID, "sent": OTHER}), of({"id": THIRD, "sent": OTHER})) == SAME
    assert verdict(of({"id": ID, "sent": OTHER}), of({"id": OTHER, "sent": OTHER})) != SAME


def test_the_order_of_a_list_counts() -> None:
    assert verdict(of(["a", "b"]), of(["b", "a"])) != SAME
    assert (
        verdict(
            of([{"id": OTHER, "t": 1}, {"id": ID, "t": 2}]), of([{"id": OTHER, "t": 2}, {"id": ID, "t": 1}])
        )
        != SAME
    )


def test_headers_are_compared_but_not_those_of_the_way() -> None:
    due = of({}, content_type="application/json", date="today", server="a")

    assert (
        header_difference(due, of({}, content_type="application/json", date="now", server="b"), frozenset())
        == ""
    )
    assert header_difference(due, of({}, content_type="text/plain"), frozenset()) == (
        "-content-type: application/json\n+content-type: text/plain"
    )


def test_a_header_that_comes_with_every_answer_says_nothing_of_one() -> None:
    answers = [of({}, x_powered_by="Express", x_own="1") for _ in range(20)] + [of({}, x_other="1")]
    usual = usual_headers(answers, [of({}, x_own="2")])

    assert usual == {"x-powered-by"}
    assert header_difference(of({}), of({}, x_powered_by="Express"), usual) == ""
    assert header_difference(of({}), of({}, x_other="1"), usual) == "+x-other: 1"


def test_a_difference_is_told_line_by_line() -> None:
    assert difference(of({"event": "pong", "now": 1}), of({"event": "pong", "then": 1}, 201)).split("\n") == [
        "-HTTP 200",
        "+HTTP 201",
        " {",
        '  "event": "pong",',
        '- "now": 1',
        '+ "then": 1',
        " }",
    ]


def nested_by_id(depth: int) -> Any:
    value: Any = 1
    for number in range(depth):
        value = {f"{number:08x}{ID[8:]}": value}
    return value


HOSTILE = {
    "many lines": ["x"] * 100_000,
    "a line of a million characters": "x" * 1_000_000,
    "a thousand fields": {f"name{number}": number for number in range(1_000)},
    "a tree of many levels": json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH),
    "a path without an end": "/a" * 500_000 + ID,
    "records by id in records by id": nested_by_id(MAX_DEPTH - 1),
    "many records by id": {f"{number:08x}{ID[8:]}": {"a": number} for number in range(20_000)},
    "many ids": f"/a/{ID}" * 25_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_difference_is_small_whatever_is_sent(value: Any) -> None:
    lines = difference(of({"event": "pong"}), of(value)).split("\n")

    assert len(lines) <= MAX_LINES + 1
    assert max(map(len, lines)) <= MAX_LINE
