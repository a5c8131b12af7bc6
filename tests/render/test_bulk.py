"""A result of bulk work as HTML and text, whatever stands in its rows and in what a server has said."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from cocalc_magic.bulk.outcome import Outcome, Outcomes, Progress, Status
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.rows import Row
from cocalc_magic.render.bulk import ProgressWords, RenderedResult
from tests.render.hostile import VALUES
from tests.render.test_html import ATTRIBUTES, HARMFUL, TAGS, Page


def result(value: Any) -> BulkResult:
    """One row of each status, with the value in all of its places."""
    outcomes = Outcomes()
    for position, status in enumerate(get_args(Status)):
        row = Row(position + 1, {str(value): value, "name": value}, str(value))
        outcomes.put(position, Outcome(row, status, {str(value): value, "title": value}, str(value), "ping"))
    outcomes.stopped = str(value)
    return BulkResult(outcomes, str(value), server=str(value), left_out=2)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_nothing_of_a_row_or_a_server_gets_through(value: Any) -> None:
    rendered = RenderedResult(result(value))
    page = Page(rendered.html)

    assert (page.open, page.other) == ([], [])
    assert set(page.tags) <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert not [style for style in page.styles if "url" in style or "\\" in style]
    assert "$" not in rendered.html
    for shown in (page.text, rendered.text, repr(result(value)), str(result(value).failure)):
        assert not HARMFUL.search(shown)
        assert "sk-0123456789abcdefghij" not in shown
        shown.encode()
    assert len(rendered.html) < 200_000
    assert len(rendered.text) < 100_000


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress("checking", 0, None), "checking the rows"),
        (Progress("sending", 17, 30, 2, 0, 5.04, 2.6), "17/30 · 2 failed · 5.04/s · 3 s left"),
        (Progress("sending", 28, 30, 0, 28), "28/30 · 28 done before"),
        (
            Progress("waiting", 1_000, 20_000, 0, 0, 90.0, 211.0),
            "1,000/20,000 · 90/s · 3 min 31 s left · the server asks to wait",
        ),
    ],
)
def test_progress_is_one_line(progress: Progress, line: str) -> None:
    words = ProgressWords()
    words(progress)

    assert words.line == line
