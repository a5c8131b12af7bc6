"""The fields of forms: one for each option by its type, the text that is meant, their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Checkbox, Dropdown, Text, Textarea, Widget

from cocalc_magic import catalog
from cocalc_magic.catalog import Option
from cocalc_magic.syntax.form_values import field_text, read_draft
from cocalc_magic.widgets.fields import Field
from cocalc_magic.widgets.fieldset import MAX_OPTIONAL, FieldSet, arrange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.syntax.form_values import Draft


PROJECT = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    Widget.close_all()


def field(option: Option) -> Field:
    return Field(catalog.find("ping"), option, {})


def draft(event: str, **texts: str) -> Draft:
    return read_draft(catalog.find(event), texts)


def test_an_empty_text_is_sent_as_on_a_line() -> None:
    texts = {"project_id": PROJECT, "path": "empty.txt", "content": '""'}

    assert draft("write_text_file_to_project", **texts).options["content"] == ""
    assert draft("write_text_file_to_project", **texts | {"content": ""}).missing == ("content",)


@pytest.mark.parametrize("text", ["", '"', '""', '"""', "a", '"a"', " ", "[", "x\ny"])
def test_any_text_can_be_filled_in(text: str) -> None:
    option = Option("content", "text", "What is written.", required=True)
    made = field(option)
    made.fill(text)
    message = catalog.find("write_text_file_to_project")

    assert read_draft(message, {"content": made.text}).options["content"] == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-l\n-a", ["-l", "-a"]),
        ("one word", ["one word"]),
        ('["-l", "a\\nb"]', ["-l", "a\nb"]),
        ('a\n\n""\n', ["a", ""]),
        ("[]", []),
    ],
)
def test_an_array_of_texts_is_lines_or_json(text: str, value: Any) -> None:
    assert draft("project_exec", args=text).options["args"] == value


@pytest.mark.parametrize("value", [["-l", "-a"], [], [""], ["[x"], ["a\nb", "c"], [" "], ['""', "b"]])
def test_an_array_of_texts_can_be_filled_in(value: Any) -> None:
    option = catalog.find("project_exec").option("args")

    assert draft("project_exec", args=field_text(option, value)).options["args"] == value


def test_json_that_is_none_is_told() -> None:
    assert "array" in str(draft("project_exec", args='["a"').problems["args"])


def test_a_boolean_without_a_known_default_has_three_states() -> None:
    made = field(Option("start", "boolean", "Whether it starts."))
    assert isinstance(made.input, Dropdown)
    assert [value for _, value in made.input.options] == ["", "true", "false"]
    assert made.text == ""
    made.fill(False)

    assert made.text == "false"


@pytest.mark.parametrize("default", [True, False])
def test_one_with_a_default_is_a_box_with_that(default: bool) -> None:
    made = field(Option("start", "boolean", "Whether it starts.", default=default))
    assert isinstance(made.input, Checkbox)
    assert (made.input.value, made.text) == (default, "")
    made.input.value = not default

    assert made.text == str(not default).lower()


def test_choices_show_the_default() -> None:
    made = field(Option("type", "text", "Which.", default="received", choices=("received", "sent")))

    assert made.input.options[0] == ("not set (received)", "")


def test_a_label_says_in_words_what_is_required() -> None:
    made = field(Option("title", "text", "Its name.", required=True))

    assert "required</span>" in made.input.description
    assert made.input.tooltip.startswith("Its name. (text, required)")


def test_numbers_are_short_and_texts_wide() -> None:
    number = field(Option("timeout", "number", "Seconds.", default=60))
    text = field(Option("title", "text", "Its name."))

    assert isinstance(number.input, Text)
    assert (number.input.placeholder, text.input.placeholder) == ("60", "text")
    assert number.input.layout.max_width != text.input.layout.max_width
    assert isinstance(field(Option("args", "array of text", "Words.")).input, Textarea)


@pytest.mark.parametrize("generation", catalog.GENERATIONS)
def test_what_is_required_is_never_folded(generation: str) -> None:
    for message in catalog.messages(generation).values():
        shown, rare = arrange(message)
        assert {option.name for option in (*shown, *rare)} == {option.name for option in message.options}
        assert [option.required for option in shown] == sorted(
            (option.required for option in shown), reverse=True
        )
        assert not any(option.required for option in rare)
        assert len(rare) == 0 or len(shown) == len(message.required) + MAX_OPTIONAL


def test_what_is_rare_is_behind_a_button_that_opens_for_a_value_or_a_problem() -> None:
    message = catalog.find("project:system.exec")
    made = FieldSet(message, {})
    assert made.folded.layout.display == "none"
    rare = made.folded.children[0].children[0].description
    made.put({rare: ""})
    assert made.folded.layout.display == "none"
    made.fill({rare: 7})

    assert made.folded.layout.display == ""
