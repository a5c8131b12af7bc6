"""Names for what a click has made."""

from __future__ import annotations

from typing import Any

from cocalc_magic.session.namespace import keep_frame


def test_a_name_of_the_persons_own_is_not_written_over() -> None:
    names: dict[str, Any] = {"df": "mine", "df2": "mine too"}

    assert keep_frame(names, "new") == "df3"
    assert names == {"df": "mine", "df2": "mine too", "df3": "new"}


def test_the_name_of_an_earlier_one_is_used_again_while_it_stands_there() -> None:
    first, second, third = ["first"], ["second"], ["third"]
    names: dict[str, Any] = {}

    assert keep_frame(names, first) == "df"
    assert keep_frame(names, second, first) == "df"
    names["df"] = "changed by hand"
    assert keep_frame(names, third, second) == "df2"
