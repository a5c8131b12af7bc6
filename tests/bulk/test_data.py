"""The rows that `--each` takes, and what is said of data that has none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.bulk.data import rows_of
from cocalc_magic.errors import InvalidValue
from cocalc_magic.response import Request, Response

if TYPE_CHECKING:
    from pathlib import Path

ADA = {"name": "Ada", "mail": "ada@x.edu"}


def values(data: Any) -> list[dict[str, Any]]:
    return [dict(row.values) for row in rows_of(data)]


def written(folder: Path, name: str, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.mark.parametrize(
    "text",
    [
        "name,mail\nAda,ada@x.edu\n",
        "name;mail\r\nAda;ada@x.edu\r\n",
        "name\tmail\nAda\tada@x.edu",
        "name|mail\n\n \nAda|ada@x.edu\n\n",
        "\ufeffname,mail\nAda,ada@x.edu\n",
        'sep=;\r\n"name";"mail"\r\n"Ada";"ada@x.edu"\r\n',
        "name , mail,,\nAda,ada@x.edu,,\n",
        'mail,"name"\rada@x.edu,Ada\r',
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    assert values(written(tmp_path, "class.csv", text)) == [ADA]


def test_csv_in_utf_16_is_known_by_its_mark(tmp_path: Path) -> None:
    assert values(written(tmp_path, "class.csv", "name\tmail\nAda\tada@x.edu\n".encode("utf-16"))) == [ADA]


def test_another_encoding_stands_behind_a_colon(tmp_path: Path) -> None:
    path = written(tmp_path, "class.csv", "name\nJürgen\n".encode("latin-1"))

    assert values(f"{path}:latin-1") == [{"name": "Jürgen"}]
    with pytest.raises(InvalidValue, match=r"class.csv, line 2: this is not UTF-8 text\.") as error:
        values(path)
    assert f"--each {path}:latin-1" in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n3\n", r"class.csv, line 3: 1 fields, where the first line names 2 columns\."),
        ("a,b\n1,2,3\n", r"class.csv, line 2: 3 fields, where the first line names 2 columns\."),
        ('a,b\n"x\ny",2\n1\n', r"class.csv, line 4: 1 fields"),
        ("a,,b\n", r"class.csv, line 1: column 2 has no name\."),
        ("a,b,a\n", r"class.csv, line 1: columns 1 and 3 are both called 'a'\."),
        ('a,b\n"x"y,2\n', r"class.csv, line 2: "),
        ('a,b\n1,2\n"x,2\n', r"class.csv, line 3: unexpected end of data\."),
    ],
)
def test_csv_that_is_none_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        values(written(tmp_path, "class.csv", text))


def test_json_is_an_object_a_line_or_an_array(tmp_path: Path) -> None:
    line = '{"name": "Ada", "mail": "ada@x.edu"}'

    assert values(written(tmp_path, "class.jsonl", f"{line}\n\n{line}\n")) == [ADA, ADA]
    assert values(written(tmp_path, "class.json", f"\n [{line},\n {line}]")) == [ADA, ADA]
    assert values(written(tmp_path, "lines.json", f"{line}\n{line}\n")) == [ADA, ADA]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.jsonl", '{"a": 1}\n{"a": }\n', r"x.jsonl, line 2, column 7: this is not JSON"),
        ("x.jsonl", '{"a": 1}\n[1]\n', r"x.jsonl, line 2: a row is an object of its columns"),
        ("x.jsonl", '{"a": 1, "a": 2}\n', r"x.jsonl, line 1: a stands twice\."),
        ("x.json", '[{"a": 1},\n {"a": x}]', r"x.json, line 2, column 8: this is not JSON"),
        ("x.json", "[1]", r"x.json, row 1: a row is an object"),
        ("x.jsonl", b'{"a": 1}\n"\xe4"\n', r"x.jsonl, line 2: this is not UTF-8 text"),
    ],
)
def test_json_that_is_none_is_told_with_its_line_and_column(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    with pytest.raises(InvalidValue, match=said):
        values(written(tmp_path, name, text))


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.json"])
def test_a_file_that_vanishes_before_it_is_read_is_told(tmp_path: Path, name: str) -> None:
    rows = rows_of(written(tmp_path, name, "[]"))
    (tmp_path / name).unlink()

    with pytest.raises(InvalidValue, match=rf"{name} can't be read: No such file"):
        list(rows)


def test_json_has_the_encoding_that_its_byte_order_mark_names(tmp_path: Path) -> None:
    line = '{"name": "Zoë"}'

    for name, text in (("x.jsonl", line), ("x.json", f"[{line}]")):
        assert values(written(tmp_path, name, text.encode("utf-16"))) == [{"name": "Zoë"}]


def test_a_file_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    written(tmp_path, "students.csv", "name\n")

    with pytest.raises(InvalidValue, match=r"No such file.*\n.*Did you mean students.csv\?"):
        rows_of(tmp_path / "student.csv")
    with pytest.raises(InvalidValue, match="is not a file"):
        rows_of(tmp_path)


def test_a_spreadsheet_says_how_it_becomes_a_table(tmp_path: Path) -> None:
    path = written(tmp_path, "class.xlsx", b"PK")

    with pytest.raises(InvalidValue, match=r"neither CSV.*\n.*pandas.read_excel\('.*class.xlsx'\)"):
        rows_of(path)


def test_a_data_frame_gives_its_rows_without_missing_values() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"name": ["Ada", None], "age": [36.0, float("nan")], 7: pandas.to_datetime(["2026-01-01", None])}
    )

    first, second = values(frame)

    assert (first["name"], first["age"], first["7"].year) == ("Ada", 36.0, 2026)
    assert second == {"name": None, "age": None, "7": None}
    assert rows_of(frame).count == 2
    with pytest.raises(InvalidValue, match="two columns 'a'"):
        rows_of(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize(("package", "kind"), [("polars", "DataFrame"), ("pyarrow", "table")])
def test_a_frame_of_polars_and_a_table_of_arrow_give_theirs(package: str, kind: str) -> None:
    frame = getattr(pytest.importorskip(package), kind)({"name": ["Ada", None], "age": [36.5, float("nan")]})

    assert values(frame) == [{"name": "Ada", "age": 36.5}, {"name": None, "age": None}]
    assert rows_of(frame).count == 2
    assert values(frame[:0]) == []


def test_a_table_of_arrow_has_each_column_once() -> None:
    arrow = pytest.importorskip("pyarrow")
    with pytest.raises(InvalidValue, match="two columns 'a'"):
        rows_of(arrow.table([[1], [2]], names=["a", "a"]))


def test_a_response_gives_its_one_table() -> None:
    asked = Request("query", {"query": {"projects": [{"title": None}]}})

    assert values(Response({"query": {"projects": [{"title": "a"}]}}, asked)) == [{"title": "a"}]
    assert values(Response({"query": {"projects": []}}, asked)) == []
    assert values(Response({"results": [ADA]}, Request("user_search"))) == [ADA]
    with pytest.raises(InvalidValue, match="the response pong is not one table"):
        rows_of(Response({"event": "pong", "now": "x"}, Request("ping")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([ADA, "Bob"], r"row 2 is a str, not a dict of columns\.\n.*\{'name': name\}"),
        (ADA, r"a dict has no rows\.\n.*--each takes a DataFrame"),
        (7, r"a int has no rows|an int has no rows"),
        (SimpleNamespace(columns=1), "has no rows"),
    ],
)
def test_what_has_no_rows_says_what_there_is(data: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        rows_of(data)


def test_the_rows_of_an_iterator_are_kept() -> None:
    data = rows_of(iter([ADA]))

    assert [row.name for row in data] == [row.name for row in data] == ["Ada"]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"id": 7, "Name": "Ada"}, "Ada"),
        ({"id": 7, "first_name": "Ada", "Last Name": "Lovelace"}, "Ada Lovelace"),
        ({"group": "A", "email": "ada@x.edu"}, "ada@x.edu"),
        ({"points": 3, "group": "A"}, "A"),
        ({"points": 3}, "row 1"),
        ({"name": ""}, "row 1"),
        ({"name": "A\nb\x1b[31m" + "x" * 100}, "A⏎b" + "x" * 56 + "…"),
    ],
)
def test_a_row_is_called_as_people_call_it(row: dict[str, Any], name: str) -> None:
    assert [row.name for row in rows_of([row])] == [name]
