"""JavaScript's ways with values; what is expected here was printed by Node 20."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cocalc_magic.sandbox.js_compat import as_number, as_text, stringify, well_formed


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0x10", 16), ("Infinity", math.inf), (" 12 ", 12), ([2], 2), ("", 0), (None, 0), (True, 1), ("1e3", 1000), (".5", 0.5),
    ],
)  # fmt: skip
def test_a_value_is_read_as_a_number(value: Any, number: float) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize("value", ["1_000", "inf", "nan", "abc", "1 2", {}, [1, 2], "٣"])
def test_what_is_no_number_is_nan(value: Any) -> None:
    assert math.isnan(as_number(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"), (2.5, "2.5"), (1.0, "1"), (1e21, "1e+21"), (1e-7, "1e-7"), (True, "true"), (None, "null"),
        ([1, [2, None]], "1,2,"), ({"a": 1}, "[object Object]"), ("\ud83dx", "\ufffdx"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_json_has_no_blanks_and_no_escapes() -> None:
    assert stringify({"a": [1, "ž"]}) == '{"a":[1,"ž"]}'


def test_whole_surrogate_pairs_stay() -> None:
    assert well_formed("🐴\ud83d") == "🐴\ufffd"
