"""Charts: which columns are charted, what is counted, and that texts of others stay texts in them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.bulk.outcome import Outcome, Outcomes
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.rows import Row
from cocalc_magic.errors import InvalidValue
from cocalc_magic.render.plots import has_chart, of_history, of_records
from tests.render.responses import found

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.bulk.outcome import Status

pytest.importorskip("vl_convert")

HOUR = 3_600_000
UNSAFE = "</text><script>alert(1)</script>"
KEY = "sk-" + "Marked0Marked0Mark00001n"


def values(chart: Any, place: int = 0) -> list[dict[str, Any]]:
    spec = chart.spec["vconcat"][place] if "vconcat" in chart.spec else chart.spec
    return list(spec["data"]["values"])


def result(*rows: tuple[Status, dict[str, Any], float]) -> BulkResult:
    outcomes = Outcomes()
    for place, (status, fields, seconds) in enumerate(rows):
        error = "" if status == "ok" else "refused"
        row = Row(place + 1, {"name": "x"}, "x")
        outcomes.put(place, Outcome(row, status, fields, error, "project_exec", seconds))
    return BulkResult(outcomes, "project_exec")


def test_numbers_are_drawn_over_the_first_column_of_times() -> None:
    chart = of_records(
        [{"name": "x", "time": 1_760_000_000_000 + hour * HOUR, "size": hour} for hour in range(3)], "x"
    )

    assert [point["y"] for point in values(chart)] == [0.0, 1.0, 2.0]
    assert values(chart)[1]["x"] - values(chart)[0]["x"] == HOUR
    assert "size over time, 3 points" in repr(chart)


def test_records_with_times_alone_are_counted_and_so_are_numbers() -> None:
    times = of_records([{"time": 1_760_000_000_000 + hour % 2 * HOUR} for hour in range(10)], "x")
    numbers = of_records([{"size": number % 4} for number in range(100)], "x")

    assert [part["count"] for part in values(times)] == [5, 5]
    assert [part["count"] for part in values(numbers)] == [25, 25, 25, 25]


def test_numbers_as_far_apart_as_numbers_can_be_are_counted_too() -> None:
    chart = of_records([{"size": -1.7e308}, {"size": 0}, {"size": 1.7e308}], "x")

    assert [part["count"] for part in values(chart)] == [1, 1, 1]
    assert all(math.isfinite(end) for part in values(chart) for end in (part["from"], part["to"]))
    assert chart.svg.startswith("<svg")


@pytest.mark.parametrize("records", [[], [{"name": "x"}, {"name": "y"}], [{"api_key": 1}, {"api_key": 2}]])
def test_records_without_numbers_and_times_have_no_chart(records: list[dict[str, Any]]) -> None:
    assert not has_chart(records)
    with pytest.raises(InvalidValue, match="no numbers and no times"):
        of_records(records, "x")


def test_a_result_shows_its_statuses_how_long_they_took_and_what_came_back() -> None:
    chart = result(
        ("ok", {"stdout": "7\n"}, 0.2), ("ok", {"stdout": "7\n"}, 0.3), ("ok", {"stdout": ""}, 0.3),
        ("failed", {}, 0.1),
    ).plot()  # fmt: skip

    assert {row["name"]: row["count"] for row in values(chart, 0)} == {"ok": 3, "failed": 1}
    assert sum(row["count"] for row in values(chart, 1)) == 4
    assert {row["name"]: row["count"] for row in values(chart, 2)} == {"7": 2, "no output": 1}


def test_many_different_numbers_as_answers_are_a_histogram() -> None:
    chart = result(*(("ok", {"stdout": f"{number}\n"}, 0.1) for number in range(60))).plot()

    assert sum(row["count"] for row in values(chart, 2)) == 60
    assert len(values(chart, 2)) <= 30


def test_texts_stay_texts_and_no_key_is_in_a_chart() -> None:
    column = f"{UNSAFE}.a[0]"
    charts = [
        of_records([{column: 1, "api_key": 3}, {column: 2, "api_key": 4}], f"{UNSAFE} {KEY}"),
        of_history([(1.0, UNSAFE, 0.1), (2.0, KEY, 0.2)]),
        result(("ok", {"stdout": UNSAFE}, 0.1), ("ok", {"stdout": KEY}, 0.1)).plot(),
    ]

    for chart in charts:
        assert "<script" not in chart.svg
        assert "&lt;/text&gt;" in chart.svg
        assert KEY not in chart.svg + json.dumps(chart.spec) + repr(chart)


def test_a_chart_is_small_however_many_records_there_are() -> None:
    records = [{"time": 1_760_000_000_000 + number, "size": number} for number in range(20_000)]

    chart = found(records).plot()

    assert len(values(chart)) <= 500
    assert "(1 of 40 is drawn)" in chart.spec["title"]["text"]


def test_a_chart_is_one_of_altair_to_go_on_with_and_is_saved(tmp_path: Path) -> None:
    chart = of_history([(1.0, "ping", 0.1), (2.0, "ping", 0.2)])
    bundle, metadata = chart._repr_mimebundle_()

    assert chart.to_altair().properties(width=500).to_dict()["width"] == 500
    assert chart.save(tmp_path / "c.svg").read_text() == bundle["image/svg+xml"]
    assert (
        json.loads(chart.save(tmp_path / "c.json").read_text()) == bundle["application/vnd.vegalite.v5+json"]
    )
    assert metadata["application/vnd.vegalite.v5+json"]["embed_options"]["actions"] is False
    with pytest.raises(InvalidValue, match=r"\.svg or \.json"):
        chart.save(tmp_path / "c.exe")
