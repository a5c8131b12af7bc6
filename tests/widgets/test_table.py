"""The kernel's half of the table: windows of rows in the order and with the words that a page asks for."""

from __future__ import annotations

import contextlib
import csv
import io
import time
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from ipywidgets import Widget

from cocalc_magic.render import Rendered
from cocalc_magic.response import Request, Response
from cocalc_magic.widgets import response_view
from cocalc_magic.widgets.row_source import FAILED
from cocalc_magic.widgets.table import RecordsTable
from tests.render.hostile import VALUES
from tests.timing import within
from tests.widgets.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator


PEOPLE = [
    {"name": "Bo", "age": 7, "created": 1_795_423_161_012},
    {"name": "ada", "age": 36, "api_key": "sk-0123456789abcdefghij"},
    {"name": "Cy", "age": None},
]


class WatchedTable(Watched, RecordsTable):
    """A table that notes what it sends to pages."""

    def names(self, **content: Any) -> list[str]:
        answer = self.asked(do="rows", start=0, count=100, **content)
        return [row[0][0] for row in answer["rows"]]


@pytest.fixture
def table() -> Iterator[WatchedTable]:
    yield WatchedTable(PEOPLE)
    Widget.close_all()


def test_a_window_of_rows(table: WatchedTable) -> None:
    answer = table.asked(do="rows", start=1, count=1, ticket=7)

    assert (answer["start"], answer["found"], answer["ticket"]) == (1, 3, 7)
    assert answer["rows"] == [[["ada"], ["36"], [""], ["•••"]]]


def test_a_time_is_given_by_its_age_or_date_with_the_exact_value() -> None:
    old, lately = 1_495_423_161_012, int(1000 * (time.time() - 125))
    ids = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"
    table = WatchedTable([{"created": old, "id": ids}, {"created": lately}])

    (first, second) = table.asked(do="rows", start=0, count=2)["rows"]
    assert first == [["2017-05-22 03:19 UTC", str(old)], [ids, "", "id"]]
    assert second[0][0] == "2 min ago"
    assert second[0][1].endswith(f" UTC, {lately}")
    Widget.close_all()


def test_all_fields_of_a_row_without_what_is_secret(table: WatchedTable) -> None:
    answer = table.asked(do="row", place=0, order=[0, False], ticket=3)

    assert (answer["place"], answer["ticket"]) == (0, 3)
    for part in ("ada", "36", "•••"):
        assert part in answer["html"]
    assert "sk-0123" not in answer["html"]
    assert table.asked(do="row", place=99)["html"] == ""


def test_nothing_of_the_records_is_in_the_state(table: WatchedTable) -> None:
    state = table.get_state()

    assert state["columns"][1] == {"name": "age", "numeric": True}
    assert "ada" not in str({name: state[name] for name in state.keys() - {"layout"} if name[0] != "_"})


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
def test_rows_are_sorted_and_what_is_missing_comes_last(
    table: WatchedTable, order: Any, names: list[str]
) -> None:
    assert table.names(order=order) == names


@pytest.mark.parametrize(
    ("words", "names"), [("ADA", ["ada"]), ("a 36", ["ada"]), ("7 bo", ["Bo"]), ("x", []), ("0123456789", [])]
)
def test_rows_are_found_by_their_words_but_not_by_secrets(
    table: WatchedTable, words: str, names: list[str]
) -> None:
    assert table.names(words=words) == names


def test_csv_has_all_that_was_found_and_no_secret(table: WatchedTable) -> None:
    answer = table.asked(do="csv", words="a", order=[0, True])

    assert list(csv.DictReader(answer["csv"].splitlines())) == [
        {"name": "ada", "age": "36", "created": "", "api_key": "•••"}
    ]


FORMULAS = [
    '=HYPERLINK("http://evil.example","click")', "=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "\0=1", " =1", "＝1+1", "＠SUM(A1)", "--1", "+", "-x", "-1 1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_compute_is_copied_as_text(text: str) -> None:
    table = WatchedTable([{"a": text, text: 1}])

    copied, raw = (table.asked(do="csv", raw=raw)["csv"] for raw in (False, True))

    Widget.close_all()
    assert list(csv.reader(io.StringIO(copied, newline=""))) == [["a", f"'{text}"], [f"'{text}", "1"]]
    assert list(csv.reader(io.StringIO(raw, newline=""))) == [["a", text], [text, "1"]]


@pytest.mark.parametrize("value", [-5, -0.5, "-5", "+3.25", "-1,5", "-1e-7", "x=1", "'=1", "a\n=1", ""])
def test_numbers_and_other_texts_are_copied_as_they_are(value: Any) -> None:
    table = WatchedTable([{"a": value, "b": 1}])

    copied = table.asked(do="csv")["csv"]

    Widget.close_all()
    assert list(csv.reader(io.StringIO(copied, newline="")))[1] == [str(value), "1"]


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
def test_other_messages_do_nothing(table: WatchedTable, content: Any) -> None:
    answer = table.asked(**content)

    assert answer is None or answer["rows"] == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_values_are_cut_and_visible(value: Any) -> None:
    table = WatchedTable([{"a": value, str(value): value}, {"a": [value]}])
    answer = table.asked(do="rows", start=0, count=10, order=[0, True], words="")
    Widget.close_all()

    shown = str(answer["rows"]) + str(table.columns)
    assert len(shown) < 20_000
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.no_cover
@pytest.mark.usefixtures("own_heap")
def test_a_hundred_thousand_rows_are_sorted_and_found_in_no_time() -> None:
    records = [
        {f"c{column}": f"{row * 7919 % 100_003}-{column}" for column in range(8)} for row in range(100_000)
    ]
    with within(1):
        table = WatchedTable(records)
        first = table.asked(do="rows", start=99_900, count=100)

    assert len(str(first)) < 50_000

    with within(3):
        table.asked(do="rows", start=0, count=100, order=[3, True])
        table.asked(do="rows", start=0, count=100, words="999")
    Widget.close_all()


def test_the_frame_is_what_is_shown_whole_and_by_name(table: WatchedTable) -> None:
    kept = {}

    def keep(frame: Any, earlier: Any) -> str:
        kept["df"], kept["earlier"] = frame, earlier
        return "df"

    assert not table.frames
    named = WatchedTable(PEOPLE, keep)
    said = named.asked(do="frame", words="a", order=[0, True])["frame"]

    assert said == "df: 1 row × 3 columns"
    assert kept["df"].to_dict("records") == [PEOPLE[1]]
    first = kept["df"]
    assert named.asked(do="frame")["frame"] == "df: 3 rows × 4 columns"
    assert kept["earlier"] is first
    assert list(named.to_frame()["name"]) == ["Bo", "ada", "Cy"]


def test_what_fails_is_said_in_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    def keep(frame: Any, earlier: Any) -> NoReturn:
        raise OSError("no room")

    table = WatchedTable(PEOPLE, keep)
    with contextlib.suppress(OSError):
        table.asked(do="frame", ticket=3)

    assert table.sent == [{"do": "frame", "ticket": 3, "problem": FAILED}]


def test_a_column_of_few_values_is_known_for_numbers_and_null_is_marked() -> None:
    records = [{"n": None, "empty": None} for _ in range(1_000)] + [{"n": 7}, {"n": 8, "empty": "x"}]
    table = WatchedTable(records)

    assert [column["numeric"] for column in table.columns] == [True, False]
    assert table.asked(do="rows", start=0, count=1)["rows"] == [[["null", "", "null"], ["null", "", "null"]]]
    assert table.asked(do="rows", start=0, count=1, order=[0, True])["rows"] == [[["8"], ["x"]]]
    Widget.close_all()


def test_of_many_columns_the_first_are_shown_and_the_rest_is_found() -> None:
    table = WatchedTable([{f"c{number}": f"{row}-{number}" for number in range(70)} for row in range(3)])

    assert (len(table.columns), table.hidden) == (60, 10)
    assert table.asked(do="rows", start=0, count=9, words="1-69")["found"] == 1
    assert "c69" in table.asked(do="csv")["csv"].splitlines()[0]
    assert table.to_frame().shape == (3, 70)
    Widget.close_all()


def test_records_are_a_live_table_in_their_view() -> None:
    records = [{"n": number} for number in range(50)]
    response = Response({"event": "user_search_results", "results": records}, Request("user_search"))
    view = response_view(Rendered(response))

    (table,) = view.children
    assert "user_search" in view.heading
    assert isinstance(table, RecordsTable)
    assert table.total == 50
    Widget.close_all()
