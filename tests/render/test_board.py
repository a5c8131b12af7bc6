"""A board: what outcomes make of its cells, and its HTML, which is small and harmless."""

from __future__ import annotations

from typing import Any

from cocalc_magic.bulk.outcome import Outcome, Status
from cocalc_magic.bulk.rows import Row
from cocalc_magic.render import format_html, format_text
from cocalc_magic.render.blocks import Board, BoardRow, Cell
from cocalc_magic.render.live_board import MAX_ROWS, LiveBoard

ROWS = [Row(1, {}, "Ada"), Row(2, {}, "Bob"), Row(3, {}, "Cy")]
KEY = "sk-" + "Marked0Marked0Mark00001n"


def outcome(number: int, status: Status, error: str = "", **fields: Any) -> Outcome:
    return Outcome(ROWS[number - 1], status, fields, error, "project_exec")


def begun(*steps: str) -> LiveBoard:
    board = LiveBoard("student")
    board.begin(ROWS, steps)
    return board


def words(board: LiveBoard) -> list[list[str]]:
    return [[cell.word for cell in row.cells] for row in board.rows]


def test_a_row_waits_until_its_outcome_is_there_at_the_step_that_is_taken() -> None:
    board = begun("create", "add")
    board.take([outcome(1, "ok")])
    board.go_to("add")
    board.take([outcome(1, "failed", "no such account"), outcome(2, "skipped")])

    assert words(board) == [["done", "failed"], ["waiting", "not sent"], ["waiting", "waiting"]]
    assert board.changed_since(1) == [0, 1]
    assert "add: failed, no such account" in board.rows[0].messages[-1]


def test_a_step_that_is_not_due_is_empty_and_not_counted() -> None:
    board = LiveBoard()
    board.begin(ROWS, ["create", "add"], [{"create"}, {"add"}, {"create", "add"}])
    board.take([outcome(1, "ok")])

    assert words(board)[0] == ["done", ""]
    assert board.picture().counts() == ("1/2", "0/2")


def test_a_failure_stays_where_a_step_has_several_messages() -> None:
    board = begun("add")
    board.take([outcome(1, "failed", "refused"), outcome(1, "ok")])

    assert words(board)[0] == ["failed"]
    assert len(board.rows[0].messages) == 2


def test_words_say_how_many_files_what_is_missing_and_other_exit_codes() -> None:
    board = begun("collect")
    board.take([outcome(1, "ok", files=2), outcome(2, "ok", files=0, missing="week1")])
    board.take([outcome(3, "ok", exit_code=3, stdout="one\ntwo")])

    assert words(board) == [["2 files"], ["missing"], ["exit code 3"]]
    assert board.rows[2].messages[0].endswith("collect: exit code 3, one two")


def test_more_rows_than_a_page_shows_are_none() -> None:
    board = LiveBoard()
    board.begin([Row(number, {}, "") for number in range(MAX_ROWS + 1)], ["create"])
    board.take([outcome(1, "ok")])

    assert board.rows == []


def test_names_and_errors_stay_text_and_no_key_is_shown() -> None:
    board = LiveBoard("<i>")
    board.begin([Row(1, {}, "<script>")], ["<b>step"])
    board.take([outcome(1, "failed", f"<img src=x onerror=alert(1)> {KEY}")])

    html, text = format_html([board.picture()]), format_text([board.picture()])

    assert not {"<script", "<img", "<b>", "<i>"} & {
        html[place : place + 7].rstrip(" s") for place in range(len(html))
    }
    assert "&lt;script&gt;" in html
    assert KEY not in html + text
    assert KEY not in "".join(board.rows[0].messages)


def test_the_html_of_300_students_is_small_and_says_how_many_it_leaves_out() -> None:
    cells = tuple(Cell("exit code 255", tone) for tone in ("good", "warning", "error"))
    few = Board(
        ("a", "b", "c"), tuple(BoardRow("x" * 80, cells, ("y" * 240,)) for _ in range(300)), "student"
    )
    many = Board(("a", "b", "c"), few.rows * 10, "student")

    assert len(format_html([few]).encode()) < 200_000
    assert "300 students" in format_html([few])
    assert len(format_html([many]).encode()) < 200_000
    assert " of 3,000 students" in format_html([many])
