"""What bulk work returns: rows, columns, tables, files, and data of the next job."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.bulk.data import rows_of
from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.rows import Row
from cocalc_magic.errors import BulkFailed, CoCalcError
from cocalc_magic.render.bulk import RenderedResult

if TYPE_CHECKING:
    from pathlib import Path


def result(*outcomes: tuple[dict[str, Any], str, dict[str, Any], str]) -> BulkResult:
    kept = Outcomes()
    for number, (values, status, fields, error) in enumerate(outcomes, 1):
        row = Row(number, values, str(values.get("name", "")))
        kept.put(number - 1, Outcome(row, status, fields, error, "create_project"))  # type: ignore[arg-type]
    return BulkResult(kept, "create_project", server="lab")


MADE = result(
    ({"name": "Ada", "title": "a"}, "ok", {"project_id": "P1", "title": "A"}, ""),
    ({"name": "Bob", "title": "b"}, "failed", {}, "no space"),
    ({"name": "Cyd", "title": "c"}, "done before", {"project_id": "P3", "title": "C"}, ""),
)


@pytest.mark.parametrize(
    "value", ["Ada", print, lambda: None], ids=["a text", "a function", "what can't be kept"]
)
def test_outcomes_are_kept_whole_and_values_that_cannot_be_as_texts(value: Any) -> None:
    outcome = Outcome(Row(7, {"name": value}, "Ada"), "failed", {"code": 3}, "no space", "ping", 0.25)
    kept = Outcomes()
    kept.put(0, outcome)

    assert replace(kept[0], row=outcome.row) == outcome
    assert kept[0].row.values["name"] in (value, str(value))


def test_it_is_a_sequence_of_rows() -> None:
    assert len(MADE) == 3
    assert MADE[0] == {
        "name": "Ada", "title": "a", "status": "ok", "error": "", "project_id": "P1", "response_title": "A",
    }  # fmt: skip
    assert [row["name"] for row in MADE] == ["Ada", "Bob", "Cyd"]
    assert MADE[-1]["name"] == "Cyd"
    assert [row["name"] for row in MADE[1:]] == ["Bob", "Cyd"]
    with pytest.raises(IndexError):
        MADE[3]


def test_it_tells_in_one_line_how_it_went() -> None:
    assert repr(MADE) == "<BulkResult create_project · 3 rows · 1 ok · 1 done before · 1 failed>"


def test_what_is_done_and_what_is_not_are_apart() -> None:
    assert [row["name"] for row in MADE.ok] == ["Ada", "Cyd"]
    assert [row["error"] for row in MADE.failed] == ["no space"]
    assert [row["name"] for row in MADE.failed_first] == ["Bob", "Ada", "Cyd"]


def test_the_columns_are_those_of_rows_then_status_then_fields() -> None:
    pytest.importorskip("pandas")

    frame = MADE.to_frame()

    assert list(frame.columns) == ["name", "title", "status", "error", "project_id", "response_title"]
    assert list(MADE.failed.to_frame().columns) == list(frame.columns)


def test_names_that_are_taken_get_the_prefix() -> None:
    taken = result(({"status": "x", "response_status": "y"}, "ok", {"status": "z", "error": "e"}, ""))

    assert taken[0] == {
        "status": "x",
        "response_status": "y",
        "response_response_status": "ok",
        "error": "",
        "response_response_response_status": "z",
        "response_error": "e",
    }


def test_rows_with_other_columns_do_not_mix_with_fields() -> None:
    ragged = result(({"a": 1}, "ok", {"b": 2}, ""), ({"b": 3}, "ok", {"b": 4}, ""))

    assert ragged[0] == {"a": 1, "status": "ok", "error": "", "response_b": 2}


def test_it_is_data_of_the_next_job_without_what_failed() -> None:
    data = rows_of(MADE)

    assert [dict(row.values) for row in data] == [
        {"name": "Ada", "title": "a", "project_id": "P1", "response_title": "A"},
        {"name": "Cyd", "title": "c", "project_id": "P3", "response_title": "C"},
    ]
    assert (data.count, data.left_out) == (2, 1)


def test_a_file_of_it_is_for_its_owner_and_holds_no_formula_and_no_key(tmp_path: Path) -> None:
    key = "sk-" + "a1B2" * 12
    made = result(({"name": "=1+1", "password": "pass-word"}, "ok", {"project_id": "P", "note": key}, ""))

    file = made.to_csv(tmp_path / "made.csv")

    text = file.read_text()
    assert text.splitlines()[0] == "name,password,status,error,project_id,note"
    assert text.splitlines()[1].startswith("'=1+1,•••,ok,,P,")
    assert key not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made.to_csv(tmp_path / "raw.csv", raw=True).read_text().splitlines()[1].startswith("=1+1,")


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "made.csv").mkdir()

    with pytest.raises(CoCalcError, match=r"made.csv can't be written: "):
        MADE.to_csv(tmp_path / "made.csv")


def test_failures_are_grouped_by_their_text() -> None:
    failed = result(
        ({"name": "Ada"}, "failed", {}, "no space"),
        ({"name": "Bob"}, "failed", {}, "no such project"),
        ({"name": "Cyd"}, "failed", {}, "no space"),
        ({"name": "Eve"}, "unknown", {}, "the connection was lost"),
    )

    assert [(one.error, one.count, one.rows) for one in failed.problems(most_names=1)] == [
        ("no space", 2, "Ada (row 1) and 1 more"),
        ("no such project", 1, "Bob (row 2)"),
        ("the connection was lost", 1, "Eve (row 4)"),
    ]


def test_it_shows_itself_as_a_table_with_what_failed_first() -> None:
    text = RenderedResult(MADE).text

    assert text.splitlines()[0].startswith("create_project · lab · 3 rows")
    assert "failed: 1 done before, 1 sent, 1 failed" in text
    assert "no space" in text
    places = [text.index(name) for name in ("Bob  ", "Ada  ", "Cyd  ")]
    assert places == sorted(places)
    assert "The same line again sends what is missing, and nothing twice." in text


def test_in_html_nothing_of_a_row_is_markup_and_no_secret_is_shown() -> None:
    key = "sk-" + "a1B2" * 12
    hostile = result(({"name": "<b>x", "password": "pass-word", "note": key}, "failed", {}, f"<i>{key}</i>"))

    html = RenderedResult(hostile).html

    assert "<b>x" not in html
    assert "<i>" not in html
    assert key not in html + RenderedResult(hostile).text
    assert "pass-word" not in html


def test_the_failure_names_counts_rows_and_errors() -> None:
    failure = MADE.failure

    assert isinstance(failure, BulkFailed)
    assert failure.result is MADE
    assert str(failure) == (
        "create_project: 1 of 3 rows failed (1 done before, 1 sent, 1 failed).\n"
        "  Bob (row 2): no space\n"
        "  The same line again sends what is missing, and nothing twice."
    )
    assert result(({"a": 1}, "ok", {}, "")).failure is None


def test_failures_that_differ_in_ids_are_of_one_kind() -> None:
    first, second = "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10", "7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"
    failed = result(
        ({"name": "Ada"}, "failed", {}, f"no project {first}"),
        ({"name": "Bob"}, "failed", {}, f"no project {second}"),
        ({"name": "Cyd"}, "failed", {}, f"no file in {first}"),
    )

    assert [(problem.error, problem.count) for problem in failed.problems()] == [
        ("no project …", 2),
        (f"no file in {first}", 1),
    ]
