"""The board in a page: its state is always the whole, and little is sent for an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic.bulk.outcome import Outcome
from cocalc_magic.bulk.rows import Row
from cocalc_magic.render.live_board import LiveBoard
from cocalc_magic.widgets.board_view import MAX_CHANGES, BoardView, live_board

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [Row(number, {}, f"Student {number}") for number in range(100)]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    Widget.close_all()


@pytest.fixture
def board() -> LiveBoard:
    live = LiveBoard("student")
    live.begin(ROWS, ["create", "add"])
    return live


def take(board: LiveBoard, *numbers: int) -> None:
    board.take([Outcome(ROWS[number], "ok", {}, "", "create_project") for number in numbers])


def seen(view: BoardView) -> list[Any]:
    """What a page shows that has the state of this moment."""
    state = view.get_state(["rows", "changes"])
    return [state["changes"].get(str(place), row)[2][0][0] for place, row in enumerate(state["rows"])]


def test_a_page_has_all_rows_whenever_it_comes(board: LiveBoard) -> None:
    take(board, 5)
    view = live_board(board)
    for number in range(MAX_CHANGES * 2 + 3):
        take(board, number)

        assert seen(view) == ["done" if place <= number or place == 5 else "waiting" for place in range(100)]


def test_for_an_outcome_the_rows_that_have_changed_are_sent(board: LiveBoard) -> None:
    view = live_board(board)
    take(board, 7, 9)

    assert sorted(view.changes) == ["7", "9"]
    assert all(row[0] == 0 for row in view.rows)


def test_a_view_that_was_closed_does_not_disturb_the_work(board: LiveBoard) -> None:
    view = live_board(board)
    view.close()

    take(board, 1)

    assert board.rows[1].cells[0].word == "done"
