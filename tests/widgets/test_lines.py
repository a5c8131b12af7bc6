"""The kernel's half of a long text: windows of its lines, found by their words, harmless and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic.render import Rendered
from cocalc_magic.render.line_model import MAX_LINE, LineModel
from cocalc_magic.response import Request, Response
from cocalc_magic.widgets import response_view
from cocalc_magic.widgets.lines import MAX_COPY, LinesBox
from tests.render.hostile import VALUES
from tests.timing import within
from tests.widgets.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator


class WatchedLines(Watched, LinesBox):
    """Lines that note what they send."""

    def texts(self, **content: Any) -> list[str]:
        return [
            "".join(run[0] for run in runs)
            for _, runs, _ in self.asked(do="lines", start=0, count=100, **content)["lines"]
        ]


def shown(text: str, *numbers: int, language: str = "") -> list[tuple[int, str, int]]:
    return [
        (number, "".join(run[0] for run in runs), hidden)
        for number, runs, hidden in LineModel(text, language).lines(numbers)
    ]


@pytest.fixture
def lines() -> Iterator[WatchedLines]:
    yield WatchedLines("".join(f"line {number}\n" for number in range(1_000)), "make", "error")
    Widget.close_all()


@pytest.mark.parametrize(
    ("text", "total"),
    [("", 0), ("a", 1), ("a\n", 1), ("\n", 1), ("a\nb", 2), ("a\r\nb\rc", 3), ("\n" * 9_000, 9_000)],
)
def test_lines_are_counted_as_people_count_them(text: str, total: int) -> None:
    assert LineModel(text).total == total


def test_any_line_is_found_by_its_number() -> None:
    text = "".join(f"{'x' * (number % 300)}{number}\n" for number in range(30_000))
    wanted = [0, 1, 2, 777, 29_998, 29_999, 12_345]

    assert shown(text, *wanted) == [(number, f"{'x' * (number % 300)}{number}", 0) for number in wanted]


def test_a_line_without_end_is_cut_and_says_by_how_much() -> None:
    (line,) = shown("x" * 10_000_000, 0)

    assert line == (0, "x" * MAX_LINE, 10_000_000 - MAX_LINE)


def test_a_key_at_the_cut_is_not_shown() -> None:
    key = "sk-0123456789abcdefghij"

    assert "01234" not in str(shown("x" * (MAX_LINE - 10) + " " + key, 0))
    assert "01234" not in str(shown(f"a\n{key}\n", 1))


def test_colours_go_on_from_line_to_line() -> None:
    text = "a\n\x1b[31mred\nred too\n\x1b[0;1mbold\n"

    assert [runs for _, runs, _ in LineModel(text, "ansi").lines([2])] == [[["red too", "red", "", ""]]]
    assert [runs for _, runs, _ in LineModel(text, "ansi").lines(range(4))] == [
        [["a"]],
        [["red", "red", "", ""]],
        [["red too", "red", "", ""]],
        [["bold", "", "", "b"]],
    ]


@pytest.mark.parametrize(("words", "count"), [("LINE 99", 19), ("", 1_000), ("99 line 5", 2), ("none", 0)])
def test_lines_are_found_by_their_words(lines: WatchedLines, words: str, count: int) -> None:
    answer = lines.asked(do="lines", start=0, count=3, words=words, ticket=7)

    assert (answer["found"], answer["searched"], answer["ticket"]) == (count, 1_000, 7)
    assert len(answer["lines"]) == min(3, count)


def test_words_are_found_across_colours() -> None:
    lines = WatchedLines("a \x1b[31mre\x1b[1md\x1b[0m line\nred\n31m\n", "", "", "ansi")

    assert lines.texts(words="red") == ["a red line", "red"]
    assert lines.texts(words="31m") == ["31m"]
    Widget.close_all()


def test_all_or_what_was_found_is_copied(lines: WatchedLines) -> None:
    assert lines.asked(do="copy", words="line 99 8")["text"] == "line 899\nline 998\n"
    assert lines.asked(do="copy", words="")["text"].startswith("line 0\nline 1\n")


def test_what_is_too_long_is_not_copied() -> None:
    lines = WatchedLines(("x" * 999 + "\ny\n") * (MAX_COPY // 999))

    answer = lines.asked(do="copy", words="x")
    assert (answer["text"], answer["problem"]) == ("", "too long; the response has it all")
    Widget.close_all()


def test_nothing_of_the_text_is_in_the_state(lines: WatchedLines) -> None:
    state = {name: value for name, value in lines.get_state().items() if not name.startswith("_")}

    assert "line 1" not in str(state)
    assert (state["total"], state["label"], state["tone"]) == (1_000, "make", "error")


@pytest.mark.parametrize(
    "content", [{}, {"do": "drop"}, {"do": ["lines"]}, {"do": "lines", "start": "x", "count": []}]
)
def test_other_messages_do_nothing(lines: WatchedLines, content: Any) -> None:
    answer = lines.asked(**content)

    assert answer is None or answer["lines"] == []


@pytest.mark.parametrize("language", ["", "ansi"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_lines_are_bounded_and_visible(value: Any, language: str) -> None:
    lines = WatchedLines(f"{value}\n" * 3, str(value), "", language)
    answer = str(lines.asked(do="lines", start=0, count=10)) + lines.label
    Widget.close_all()

    assert "\x1b" not in answer
    assert "\u202e" not in answer
    assert len(answer) < 200_000


@pytest.mark.no_cover
@pytest.mark.usefixtures("own_heap")
def test_fifty_megabytes_are_counted_shown_and_searched_in_no_time() -> None:
    text = "a line of output, coloured \x1b[31mred\x1b[0m\n" * 1_200_000
    with within(1):
        lines = WatchedLines(text, "", "", "ansi")
        answer = lines.asked(do="lines", start=1_199_900, count=100)

    assert len(str(answer)) < 50_000

    with within(4):
        answer = lines.asked(do="lines", start=0, count=60, words="red line")

    assert answer["found"] == answer["searched"] > 100_000
    Widget.close_all()


def output(text: str) -> Any:
    fields = {"event": "project_exec_output", "stdout": text, "stderr": "", "exit_code": 0}
    return response_view(Rendered(Response(fields, Request("project_exec"))))


def test_long_output_is_shown_by_its_lines_and_short_output_as_it_is() -> None:
    (lines,) = output("a line\n" * 10_000).children
    assert isinstance(lines, LinesBox)
    assert lines.total == 10_000
    assert not output("a line\n" * 20).children

    bit_longer = output("".join(f"{number}\n" for number in range(310)))
    assert "309" in bit_longer.markup[0]
    Widget.close_all()
