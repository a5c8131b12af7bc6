"""Arguments as a line of the magic: what a shell hands over comes out as it went in."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_magic import catalog
from cocalc_magic.cli import arguments
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read


def options(*argv: str, body: str | None = None) -> dict[str, object]:
    """The options that a message has for these arguments."""
    return read(parse(arguments.read(list(argv)).line), body, {"x": "a variable"}).options


@given(st.text(min_size=1).filter(lambda text: text[0] != "@" and text != "-"))
def test_every_text_arrives_as_it_is(text: str) -> None:
    text = text.replace("\r", "")
    assert options("create_project", f"title={text}").get("title", "") == text


@pytest.mark.parametrize("text", ["$x", "${x}", "$$x", "a # b", "a;", "'", '"', "\\", "line\nline", " "])
def test_signs_of_the_magic_mean_nothing_in_a_value(text: str) -> None:
    assert options("create_project", f"title={text}")["title"] == text


def test_json_and_elements_are_as_in_the_magic() -> None:
    project = "14850763-0ee9-40b5-8d54-1d4d4c1b2df1"
    given = options("project_exec", f"project_id={project}", 'args:=["a b", "$x"]', "command=ls")

    assert given["args"] == ["a b", "$x"]
    assert options("project_exec", f"project_id={project}", "args[]=a b", "args[]=$x", "command=ls")[
        "args"
    ] == [
        "a b",
        "$x",
    ]


def test_a_dash_is_standard_input() -> None:
    project = "14850763-0ee9-40b5-8d54-1d4d4c1b2df1"
    typed = ["project_exec", f"project_id={project}", "command=-"]

    assert arguments.read(typed).takes_input
    assert options(*typed, body="echo $HOME\n")["command"] == "echo $HOME\n"
    assert arguments.read(["query", "-"]).takes_input
    assert not arguments.read(["query", "query:=[]"]).takes_input
    assert options("create_project", "-", body="title: from a body")["title"] == "from a body"


def test_flags_take_their_values_in_both_forms() -> None:
    for flags in (["--as", "json"], ["--as=json"]):
        assert read(parse(arguments.read(["ping", *flags]).line), None, {}).flags == {"as": "json"}


@pytest.mark.parametrize("generation", catalog.GENERATIONS)
def test_examples_come_out_of_a_shell_as_they_are(generation: str) -> None:
    for message in catalog.messages(generation).values():
        if catalog.get(message.event) is not message:
            continue  # servers of another generation have an event of the same name
        example = message.example.options
        _, *words = shlex.split(arguments.shell_line(message.event, example))

        assert options(*words) == {**example}, message.event
        assert not arguments.read(words).takes_input
