"""The messages of rows: what is filled in, what of it is checked, and which row a problem is in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cocalc_magic import catalog
from cocalc_magic.bulk.data import rows_of
from cocalc_magic.bulk.template import Condition, LineTemplate, Messages, OptionsTemplate
from cocalc_magic.errors import CoCalcError, InvalidSyntax, InvalidValue, UndefinedName, UnknownEvent
from cocalc_magic.syntax.line import parse

CLASS = [{"name": "Ada", "odd name": 7, "tags": ["x"]}, {"name": "Bob", "odd name": 8, "tags": []}]


def made(line: str, body: str | None = None, rows: Any = CLASS, **names: Any) -> list[dict[str, Any]]:
    template = LineTemplate(parse(line), body, names)
    return [dict(message.options) for message in Messages(rows_of(rows), template)]


def said(line: str, body: str | None = None, rows: Any = CLASS, **names: Any) -> str:
    with pytest.raises(CoCalcError) as error:
        made(line, body, rows, **names)
    return str(error.value)


def test_columns_stand_in_any_value_of_the_line() -> None:
    assert made(
        'create_project title="${row.name}\'s $course" description=$row["odd name"]', course="maths"
    ) == [
        {"title": "Ada's maths", "description": "7"},
        {"title": "Bob's maths", "description": "8"},
    ]


def test_columns_stand_in_any_value_of_the_cell() -> None:
    body = "project_id: $pid\ncommand: echo\nargs: ['$x', $row.name, \"${row.name.upper()}!\"]\n"

    first, second = made("project_exec", body, pid="P")

    assert first["args"] == ["$x", "Ada", "ADA!"]
    assert second["args"] == ["$x", "Bob", "BOB!"]


def test_a_whole_value_keeps_its_type() -> None:
    first, _ = made("project_exec project_id=P command=x args=$row.tags timeout=${row['odd name']}")

    assert (first["args"], first["timeout"]) == (["x"], 7)


def test_a_row_may_be_all_options() -> None:
    assert made("create_project ${dict(row)}", rows=[{"title": "a"}]) == [{"title": "a"}]
    assert made("create_project **row", rows=[{"title": "a", "description": "b"}]) == [
        {"title": "a", "description": "b"}
    ]


def test_what_a_column_holds_is_not_read_again() -> None:
    assert made("create_project title=$row.name", rows=[{"name": "${row.x} $HOME"}]) == [
        {"title": "${row.x} $HOME"}
    ]


def test_a_column_wins_over_a_method_of_the_row() -> None:
    rows = [{"keys": "k", "items": "i", "get": "g"}]

    assert made('create_project title="$row.keys$row.items$row.get"', rows=rows) == [{"title": "kig"}]
    assert made("create_project title=${row.get('b', 'none')}", rows=[{"a": 1}]) == [{"title": "none"}]


@pytest.mark.parametrize("value", ["$row.nmae", "${row.nmae}", '$row["nmae"]', "x${row['nmae']}"])
def test_an_unknown_column_is_told_with_those_there_are(value: str) -> None:
    text = said(f"create_project title={value}")

    assert text.startswith("Ada (row 1): the row has no column 'nmae'.")
    assert "Did you mean name?" in text
    assert "Its columns: name, odd name, tags." in text
    assert "^^^" in text


def test_a_value_that_does_not_fit_is_told_with_its_row() -> None:
    rows = [{"n": "5"}, {"n": "five"}]

    text = said("project_exec project_id=P command=x timeout=$row.n", rows=rows)

    assert text.startswith("five (row 2): timeout takes")


def test_a_missing_value_is_never_the_text_none() -> None:
    rows = [{"n": 1, "name": None}]

    assert said("create_project title=$row.name", rows=rows).startswith("row 1: title is None.")
    assert said('create_project title="${row.name}!"', rows=rows).startswith("row 1: ${row.name} is None")


def test_a_mistake_of_the_line_is_not_one_of_a_row() -> None:
    assert said("create_project titel=$row.name").startswith("create_project takes no option 'titel'.")
    with pytest.raises(UnknownEvent, match="creat_project"):
        made("creat_project title=$row.name")


def test_the_event_may_stand_in_the_cell() -> None:
    data = rows_of(CLASS)
    messages = Messages(data, LineTemplate(parse(""), "event: create_project\ntitle: $row.name", {}))

    assert [message.event for message in messages] == ["create_project"] * 2


def test_an_option_that_is_left_out_is_asked_for_once() -> None:
    asked: list[str] = []

    def ask(_: Any, option: Any) -> Any:
        def answer() -> str:
            asked.append(option.name)
            return "secret"

        return answer if option.name == "password" else None

    people = [{"id": str(uuid4())}, {"id": str(uuid4())}]
    template = LineTemplate(parse("user_auth account_id=$row.id"), None, {}, ask)

    assert [message.options["password"] for message in Messages(rows_of(people), template)] == ["secret"] * 2
    assert asked == ["password"]


def test_rows_are_chosen_by_python() -> None:
    template = LineTemplate(parse("create_project title=$row.name"), None, {})
    condition = Condition("row['odd name'] > limit", {"limit": 7})

    assert [message.row.number for message in Messages(rows_of(CLASS), template, condition)] == [2]


@pytest.mark.parametrize(
    ("code", "rows", "kind", "words"),
    [
        ("row.age >", CLASS, InvalidSyntax, "--where takes Python of row"),
        ("row.age > 3", CLASS, UndefinedName, r"Ada \(row 1\): the row has no column 'age'"),
        (
            "row.age > 3",
            [{"age": "4"}],
            InvalidValue,
            r"(?s)4 \(row 1\): --where has no answer: TypeError.*int\(row.age\)",
        ),
        ("nothing", CLASS, InvalidValue, r"Ada \(row 1\): --where has no answer: NameError"),
    ],
)
def test_a_condition_without_an_answer_says_so(
    code: str, rows: Any, kind: type[Exception], words: str
) -> None:
    template = LineTemplate(parse("create_project title=x"), None, {})

    with pytest.raises(kind, match=words):
        list(Messages(rows_of(rows), template, Condition(code, {})))


def test_a_key_is_a_column() -> None:
    template = LineTemplate(parse("create_project title=x"), None, {})

    assert [m.key for m in Messages(rows_of(CLASS), template, key="odd name")] == ["7", "8"]
    with pytest.raises(UndefinedName, match="no column 'mail'"):
        list(Messages(rows_of(CLASS), template, key="mail"))


def test_python_values_are_a_template_too() -> None:
    options = {
        "project_id": "P",
        "command": "echo $HOME $$ ${row.name} ${HOME##*/}",
        "args": ["${row['odd name']}", lambda row: row.name],
        "timeout": lambda row: row["odd name"],
    }

    template = OptionsTemplate(catalog.find("project_exec"), options)
    first, _ = (message.options for message in Messages(rows_of(CLASS), template))

    assert first == {
        "project_id": "P",
        "command": "echo $HOME $$ Ada ${HOME##*/}",
        "args": ["7", "Ada"],
        "timeout": 7,
    }


def test_the_rows_are_made_anew_each_time() -> None:
    messages = Messages(rows_of(CLASS), LineTemplate(parse("create_project title=$row.name"), None, {}))

    assert list(messages) == list(messages)
