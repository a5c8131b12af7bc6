"""Nothing and truth: what each word of each language means in each place, and that none of them writes.

A record of a query without a null is written, so that a word taken for text overwrites what was to be read.
"""

from __future__ import annotations

import json
import math
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

if TYPE_CHECKING:
    from collections.abc import Callable

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
REFUSED = object()

# What an unquoted word of a YAML body is inside of an object; a text option takes all of them as written.
MEANINGS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "None": REFUSED, "none": REFUSED, "nil": REFUSED, "Nil": REFUSED, "undefined": REFUSED, "NaN": REFUSED,
    "nan": REFUSED, ".nan": REFUSED, ".NaN": REFUSED, "NaT": REFUSED, "<NA>": REFUSED, "nullptr": REFUSED,
    "Infinity": REFUSED, "-Infinity": REFUSED, ".inf": REFUSED, "-.inf": REFUSED, "inf": REFUSED,
    "nULL": "nULL", "tRUE": "tRUE", "yes": "yes", "No": "No", "on": "on", "y": "y",
    "7": 7, "-7": -7, "1.5": 1.5, "1e5": 1e5, "007": "007", "1_000": "1_000", "0x1F": "0x1F", "+7": "+7",
    "1e999": REFUSED, "-1e999": REFUSED, "1" * 500: REFUSED, "٧": "٧",
    "2026-01-01": "2026-01-01", "1:30": "1:30",
}  # fmt: skip
PLACES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "a record of a query": ("query", "query: {projects: {title: %s}}", lambda sent: sent["query"]["projects"]["title"]),
    "records of a query": ("query", "query: {projects: [{title: %s}]}", lambda sent: sent["query"]["projects"][0]["title"]),
    "a record on lines": ("query", "query:\n  projects:\n    title: %s\n", lambda sent: sent["query"]["projects"]["title"]),
    "its options": ("query", "query: {t: null}\noptions: [{set: %s}]", lambda sent: sent["options"][0]["set"]),
    "an object": ("user_tracking", "evt: x\nvalue: {a: %s}", lambda sent: sent["value"]["a"]),
    "an option that takes anything": ("ping", "id: %s", lambda sent: sent["id"]),
}  # fmt: skip


def options(line: str, body: str | None = None, **names: object) -> dict[str, object]:
    return read(parse(line), body, names).options


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", MEANINGS)
def test_a_word_of_yaml_has_one_meaning_in_all_objects(place: str, word: str) -> None:
    event, body, value = PLACES[place]
    if MEANINGS[word] is REFUSED:
        with pytest.raises(CoCalcError) as caught:
            options(event, body % word)
        assert word[:20] in caught.value.problem
        assert caught.value.hints, "and what to write"
    else:
        found = value(options(event, body % word))
        assert (type(found), found) == (type(MEANINGS[word]), MEANINGS[word])


@pytest.mark.parametrize("word", MEANINGS)
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quoted_word_is_text(word: str, quote: str) -> None:
    assert options("query", f"query: {{t: {quote}{word}{quote}}}")["query"] == {"t": word}


@pytest.mark.parametrize("word", MEANINGS)
def test_a_text_option_takes_every_word_as_written(word: str) -> None:
    assert options("create_project", f"title: {word}") == {"title": word}
    assert options(f"create_project title='{word}'") == {"title": word}


@pytest.mark.parametrize("word", [word for word in MEANINGS if word])
def test_an_array_of_texts_takes_every_word_as_written(word: str) -> None:
    sent = options(f"project_exec project_id={PID} command=x", f"args: [{word}]\n")
    assert sent["args"] == [word]
    sent = options(f"project_exec project_id={PID} command=x args[]='{word}'")
    assert sent["args"] == [word]


@pytest.mark.parametrize("word", ["None", "nil", "undefined", "NaN", "null", "~", "nullptr"])
@pytest.mark.parametrize("item", ["start", "timeout", "project_id", "args", "query"])
def test_no_word_for_nothing_is_a_truth_a_number_an_id_an_array_or_an_object(item: str, word: str) -> None:
    event = {"start": "create_project", "query": "query"}.get(item, "project_exec")
    for line, body in [(f"{event} {item}={word}", None), (event, f"{item}: {word}")]:
        with pytest.raises(CoCalcError, match=rf"{item} takes "):
            options(line, body)


# -- JSON and Python ---------------------------------------------------------------------------------

QUERY = '{"query": {"projects": {"title": %s}}}'


@pytest.mark.parametrize(
    ("word", "value"), [("null", None), ("true", True), ("false", False), ("7", 7), ("1e5", 1e5)]
)
def test_a_word_of_json_is_that(word: str, value: object) -> None:
    record = {"projects": {"title": value}}

    assert options("query", QUERY % word)["query"] == record
    assert options(f'query query:={{"projects":{{"title":{word}}}}}')["query"] == record
    assert options(f'query query=\'{{"projects":{{"title":{word}}}}}\'')["query"] == record


@pytest.mark.parametrize("word", ["None", "nil", "undefined", "NaN", "nan", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize(
    ("line", "body"),
    [
        ('query query:={"projects":{"title":%s}}', None),
        ('query query:={"projects": [{"title": %s}]}', None),
        ('query query:=\'{"projects":{"title":%s}}\'', None),
        ('query query=\'{"projects":{"title":%s}}\'', None),
        ("query query={projects:{title:%s}}", None),
    ],
)
def test_no_other_word_passes_for_json_on_a_line(line: str, body: str | None, word: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        options(line % word, body)
    if word != "1e999":
        said = "JSON has no Infinity." if "Inf" in word else f"JSON writes null for {word}."
        assert said in str(caught.value)


@pytest.mark.parametrize("word", ["nil", "undefined", "NaN", "nan", "Infinity", "-Infinity", "1e999"])
def test_no_other_word_passes_for_json_in_a_body(word: str) -> None:
    with pytest.raises(CoCalcError):
        options("query", QUERY % word)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("None", None), ("True", True), ("False", False), ("7", 7), ("-1.5", -1.5), ("1_000", 1000), ("0x1F", 31),
        ("'None'", "None"), ('"null"', "null"), ("['a', None]", ["a", None]), ("(1, 2)", [1, 2]), ("{}", {}),
        ("{'>=': None}", {">=": None}), ("$nothing", None), ("${[1, True]}", [1, True]), ("{1: 'a'}", {"1": "a"}),
    ],
)  # fmt: skip
def test_a_python_literal_is_read_as_python(word: str, value: object) -> None:
    """A dict that was printed and pasted: single quotes, or None among double ones."""
    for body in ("{'query': {'projects': {'title': %s, 'last': None}}}", '{"query": {"projects": {"title": %s, "last": None}}}'):  # fmt: skip
        assert options("query", body % word, nothing=None)["query"] == {"projects": {"title": value, "last": None}}  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [
        {"query": {"projects": {"project_id": PID, "title": None}}},
        {"query": {"projects": [{"title": None, "users": None, "hide": True}]}, "options": [{"limit": 2}]},
        {"query": {"t": {"a": "it's", "b": 'say "hi"', "c": "\\d\n\u2028é$x ${y} 🐴", "d": -1e-7, "e": [], "f": False}}},
    ],
)  # fmt: skip
def test_what_python_prints_is_read_as_it_was(payload: dict[str, object]) -> None:
    names = {"x": "7", "y": "8"}
    printed = repr(payload)

    assert read(parse("query"), printed, names).options == payload
    assert read(parse("query"), json.dumps(payload).replace("$", "$$"), names).options == payload


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"UUID('{PID}')", "UUID("),
        ("datetime.date(2026, 1, 2)", "datetime.date(2026, 1, 2) is not a literal"),
        ("Decimal('1.5')", "Decimal('1.5') is not a literal"),
        ("f'{x}'", "f'{x}' is not a literal"),
        ("b'x'", "b'x' cannot be sent"),
        ("...", "... cannot be sent"),
        ("1j", "1j cannot be sent"),
        ("{None: 1}", "None is not a name"),
        ("{True: 1}", "True is not a name"),
        ("nan", "nan is another language's nothing"),
        ("1e999", "inf is not a number"),
        ("{'a': 1, 'a': 2}", "a stands twice"),
    ],
)
def test_python_that_is_not_a_plain_value_is_not_taken_for_text(value: str, said: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        options("query", f"{{'query': {{'t': {{'a': {value}}}}}}}")

    assert said in caught.value.problem


def test_nothing_leaves_no_option_unset() -> None:
    """None as the value of an option is told: leaving out is another thing than an empty text."""
    for body in ("{'title': None}", '{"title": null}', "title: $nothing", "${ {'title': None} }"):
        with pytest.raises(CoCalcError, match=r"title (is None|takes text, not null)") as caught:
            options("create_project", body, nothing=None)
        assert "eave it out" in str(caught.value)


# -- values of the notebook -----------------------------------------------------------------------------


def test_a_missing_value_of_the_notebook_is_nothing_or_refused_and_never_text() -> None:
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    missing = [math.nan, math.inf, numpy.nan, numpy.float32("nan"), pandas.NA, pandas.NaT]
    for value in missing:
        for line, body in [
            ("query query:=${ {'t': {'a': x}} }", None),
            ('query query:={"t":{"a":$x}}', None),
            ("query", "query: {t: {a: $x}}"),
            ("query", "{'query': {'t': {'a': $x}}}"),
            ("create_project title=$x", None),
        ]:
            with pytest.raises(CoCalcError):
                options(line, body, x=value)
    assert options("query", "query: {t: {a: $x}}", x=None)["query"] == {"t": {"a": None}}


def test_keys_of_a_python_value_are_texts_or_whole_numbers() -> None:
    value = {uuid.UUID(PID): {7: "a"}}

    assert options("query query=$x", x={"t": value})["query"] == {"t": {PID: {"7": "a"}}}
    for key in (None, True, 1.5, math.nan, (1,)):
        with pytest.raises(CoCalcError, match=r"is not a name|not a number that JSON knows"):
            options("query query=$x", x={"t": {key: 1}})
