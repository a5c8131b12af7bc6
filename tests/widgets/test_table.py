"""The kernel's half of the table: windows of rows in the order and with the words that a page asks for."""

from __future__ import annotations

import csv
import time

import pytest
from ipywidgets import Widget

from cocalc_magic.response import Request, Response
from cocalc_magic.widgets import response_view
from cocalc_magic.widgets.table import RecordsTable
from tests.render.hostile import VALUES

PEOPLE = [
    {"name": "Bo", "age": 7, "created": 1_795_423_161_012},
    {"name": "ada", "age": 36, "api_key": "sk-0123456789abcdefghij"},
    {"name": "Cy", "age": None},
]


class Watched(RecordsTable):
    """A table that notes what it sends to pages."""

    def __init__(self, records):
        self.sent = []
        super().__init__(records)

    def send(self, content, buffers=None):
        self.sent.append(content)

    def asked(self, **content):
        self._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        return self.sent[-1] if self.sent else None

    def names(self, **content):
        answer = self.asked(do="rows", start=0, count=100, **content)
        return [row[0][0] for row in answer["rows"]]


@pytest.fixture
def table():
    yield Watched(PEOPLE)
    Widget.close_all()


def test_a_window_of_rows(table):
    answer = table.asked(do="rows", start=1, count=1, ticket=7)

    assert (answer["start"], answer["found"], answer["ticket"]) == (1, 3, 7)
    assert answer["rows"] == [[["ada"], ["36"], [""], ["•••"]]]


def test_the_exact_value_comes_with_its_words(table):
    assert table.asked(do="rows", start=0, count=1)["rows"][0][2] == ["2026-11-23 08:39 UTC", "1795423161012"]


def test_nothing_of_the_records_is_in_the_state(table):
    state = table.get_state()

    assert state["columns"][1] == {"name": "age", "numeric": True}
    assert "ada" not in str({name: value for name, value in state.items() if not name.startswith("_")})


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (None, ["Bo", "ada", "Cy"]),
        ([0, False], ["ada", "Bo", "Cy"]),
        ([0, True], ["Cy", "Bo", "ada"]),
        ([1, False], ["Bo", "ada", "Cy"]),
        ([1, True], ["ada", "Bo", "Cy"]),
        ([9, True], ["Bo", "ada", "Cy"]),
        ("name", ["Bo", "ada", "Cy"]),
    ],
)
def test_rows_are_sorted_and_what_is_missing_comes_last(table, order, names):
    assert table.names(order=order) == names


@pytest.mark.parametrize(
    ("words", "names"), [("ADA", ["ada"]), ("a 36", ["ada"]), ("7 bo", ["Bo"]), ("x", []), ("0123456789", [])]
)
def test_rows_are_found_by_their_words_but_not_by_secrets(table, words, names):
    assert table.names(words=words) == names


def test_csv_has_all_that_was_found_and_no_secret(table):
    answer = table.asked(do="csv", words="a", order=[0, True])

    assert list(csv.DictReader(answer["csv"].splitlines())) == [
        {"name": "ada", "age": "36", "created": "", "api_key": "•••"}
    ]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"do": "drop"},
        {"do": ["rows"]},
        {"do": "rows", "start": "x", "count": []},
        {"do": "rows", "count": -1},
    ],
)
def test_other_messages_do_nothing(table, content):
    answer = table.asked(**content)

    assert answer is None or answer["rows"] == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_values_are_cut_and_visible(value):
    table = Watched([{"a": value, str(value): value}, {"a": [value]}])
    answer = table.asked(do="rows", start=0, count=10, order=[0, True], words="")
    Widget.close_all()

    shown = str(answer["rows"]) + str(table.columns)
    assert len(shown) < 20_000
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_hundred_thousand_rows_are_sorted_and_found_in_no_time():
    records = [
        {f"c{column}": f"{row * 7919 % 100_003}-{column}" for column in range(8)} for row in range(100_000)
    ]
    began = time.perf_counter()
    table = Watched(records)
    first = table.asked(do="rows", start=99_900, count=100)
    assert time.perf_counter() - began < 1
    assert len(str(first)) < 50_000

    table.asked(do="rows", start=0, count=100, order=[3, True])
    table.asked(do="rows", start=0, count=100, words="999")
    assert time.perf_counter() - began < 4
    Widget.close_all()


def test_records_are_a_live_table_in_their_view():
    records = [{"n": number} for number in range(50)]
    response = Response({"event": "user_search_results", "results": records}, Request("user_search"))
    view = response_view(response)

    heading, table = view.children[0].children
    assert "user_search" in heading.value
    assert isinstance(table, RecordsTable)
    assert table.total == 50
    Widget.close_all()
