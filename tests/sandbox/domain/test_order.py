"""`order_by`: what a text means, and that nothing of it gets into SQL."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_magic.sandbox.domain.query import order
from cocalc_magic.sandbox.errors import Failed

ROWS: list[dict[str, Any]] = [
    {"title": "b", "size": 3, "kind": None},
    {"title": "A", "size": 10, "kind": "x"},
    {"title": "c", "size": 2, "kind": "x"},
    {"title": "B", "size": 3, "kind": "y"},
]
COLUMNS = ("title", "size", "kind")


def titles(text: str) -> str:
    return "".join(row["title"] for row in order.sort(ROWS, order.parse(text, COLUMNS, ["size"])))


@pytest.mark.parametrize(
    ("text", "sorted_titles"),
    [
        ("title", "ABbc"),
        ("TITLE", "ABbc"),
        ('"title" DESC', "cbBA"),
        ("lower(title)", "AbBc"),
        ("lower(title) desc, size", "cbBA"),
        ("size, title", "cBbA"),
        ("1 desc", "AbBc"),
        ("-size", "AbBc"),
        ("size % 2, size * -1", "AcbB"),
        ("length(title || title), title desc", "cbBA"),
        ("kind", "AcBb"),
        ("kind desc, title", "bBAc"),
        ("kind nulls first", "bAcB"),
        ("kind is null, title", "ABcb"),
        ("not (size > 2 and size < 10), title", "BbAc"),
        ("coalesce(kind, title), title", "bAcB"),
        ("size::text", "AcbB"),
    ],
)
def test_rows_are_sorted_by_expressions(text: str, sorted_titles: str) -> None:
    assert titles(text) == sorted_titles


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", 'syntax error at or near "LIMIT"'),
        ("title,", 'syntax error at or near "LIMIT"'),
        ("title title", 'syntax error at or near "title"'),
        ("(title", 'syntax error at or near "LIMIT"'),
        ("nosuch", 'column "nosuch" does not exist'),
        ("lower(nosuch)", 'column "nosuch" does not exist'),
        ('"Title"', 'column "Title" does not exist'),
        ("pg_sleep(9)", "function pg_sleep(unknown) does not exist"),
        ("2", "ORDER BY position 2 is not in select list"),
        ("title; DROP TABLE accounts", "cannot insert multiple commands into a prepared statement"),
        ("(" * 60 + "title" + ")" * 60, "stack depth limit exceeded"),
    ],
)
def test_an_order_that_is_none_fails_in_the_databases_words(text: str, error: str) -> None:
    with pytest.raises(Failed) as failed:
        titles(text)

    assert failed.value.error == f"postgresql error: {error}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("title", "title"),
        ("title desc", "-title"),
        ("title nulls first", None),
        ("lower(title)", None),
        ("true", None),
    ],
)
def test_the_store_sorts_by_columns_alone(text: str, name: str | None) -> None:
    [key] = order.parse(text, COLUMNS)

    assert key.plain == name
