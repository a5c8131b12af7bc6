"""What holds for every message and every text: there and back again, and never anything but an answer."""

from __future__ import annotations

import gc
import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax import words
from cocalc_magic.syntax.format import format_magic
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read
from tests.timing import granted

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    st.sampled_from("\"'$${}[]()\\@-=:;#? \n\t\r%&*!|>abcxé🐴\u2028\ue0cc"), max_size=40
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
UUIDS = st.uuids().map(str)


def is_nothing(name: str) -> bool:
    """Whether this is some language's word for nothing, which is the name of no project."""
    return words.MEANINGS.get(name, name) is None or name.lower() in words.NOTHINGS


BY_TYPE = {
    "text": TEXT,
    "uuid": UUIDS,
    "project": UUIDS | TEXT.map(str.strip).filter(lambda name: not is_nothing(name)),
    "integer": st.integers(-(10**9), 10**9),
    "number": st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9),
    "boolean": st.booleans(),
    "object": st.dictionaries(TEXT, JSON, max_size=3),
    "array": st.lists(JSON, max_size=3),
    "any": TEXT,
}


def values(type_: str) -> st.SearchStrategy[object]:
    """Values of one of the catalog's types."""
    first = type_.split(" or ")[0]
    if first.startswith("array of "):
        return st.lists(values(first.removeprefix("array of ")), max_size=3)
    return BY_TYPE[first]


def messages_of(event: str) -> st.SearchStrategy[dict[str, object]]:
    """Options that make a message of this event."""
    required: dict[str, st.SearchStrategy[object]] = {}
    free: dict[str, st.SearchStrategy[object]] = {}
    for option in catalog.find(event).options:
        chosen = st.sampled_from(option.choices) if option.choices else values(option.type)
        (required if option.required else free)[option.name] = chosen
    return st.fixed_dictionaries(required, optional=free)


def as_typed(text: str) -> tuple[str, str | None]:
    """Line and body, as IPython gives them to the magic."""
    first, newline, body = text.partition("\n")
    return first.lstrip("%").removeprefix("cocalc "), body if newline else None


@pytest.mark.slow
@pytest.mark.parametrize("event", list(catalog.messages()))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_message_written_as_magic_reads_as_itself(event: str, data: st.DataObject) -> None:
    options = data.draw(messages_of(event))

    line, body = as_typed(format_magic(event, options))
    call = read(parse(line), body, {"x": "expanded"})

    assert (call.message.event, call.options) == (event, options)


def as_python(value: object) -> str:
    """What Python prints of a value, with every text in single quotes, where nothing is expanded."""
    if isinstance(value, str):
        return "'" + repr('"' + value)[2:]
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_python(name)}: {as_python(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_python, value)) + "]"
    return repr(value)


@pytest.mark.slow
@pytest.mark.parametrize("event", list(catalog.messages()))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_message_of_python_reads_as_itself(event: str, data: st.DataObject) -> None:
    """Printed and pasted, and as a variable: on the line, as the cell, option by option."""
    options = data.draw(messages_of(event))
    names = {"message": {"event": event, **options}, "options": options, "x": "expanded"}

    calls = [
        read(parse(event), as_python(options), names),
        read(parse(event), f"# pasted\n{as_python(options)}\n".replace("\n", "\r\n"), names),
        read(parse(f"{event} ${{options}}"), None, names),
        read(parse("event"), "${message}", names),
        read(parse("event **message"), None, names),
    ]

    assert [(call.message.event, call.options) for call in calls] == [(event, options)] * len(calls)


BLANKS = st.text(st.sampled_from(" \t\u00a0\u2009\u202f\u3000\u2003"), min_size=1, max_size=3)


@pytest.mark.slow
@pytest.mark.parametrize("event", list(catalog.messages()))
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_any_blanks_part_items_and_any_line_ends_part_lines(event: str, data: st.DataObject) -> None:
    options = data.draw(messages_of(event))
    line, body = as_typed(format_magic(event, options))
    if body is None:
        items = [
            format_magic(event, {name: value}).removeprefix(f"%cocalc {event}")
            for name, value in options.items()
        ]
        line = event + "".join(data.draw(BLANKS) + item[1:] for item in items) + data.draw(BLANKS)
    else:
        body = body.replace("\n", data.draw(st.sampled_from(["\r\n", "\r"])))

    assert read(parse(line), body, {"x": "expanded"}).options == options


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXT, JSON, max_size=4), st.sampled_from(["json", "python", "yaml", "line"]))
def test_names_of_objects_are_what_the_notebook_says(value: dict[str, object], form: str) -> None:
    names: dict[str, object] = {f"k{number}": name for number, name in enumerate(value)}
    names |= {f"v{number}": item for number, item in enumerate(value.values())}
    pairs = ", ".join(f"${{k{number}}}: $v{number}" for number in range(len(value)))
    line, body = {
        "json": ("query", f'{{"query": {{"t": {{{pairs}}}}}}}'),
        "python": ("query", f"{{'query': {{'t': {{{pairs}}}}}}}"),
        "yaml": ("query", f"query:\n  t: {{{pairs}}}\n"),
        "line": (f'query query:={{"t":{{{pairs}}}}}', None),
    }[form]

    assert read(parse(line), body, names).options == {"query": {"t": value}}


NOTHINGS = ["None", "null", "~", "nil", "undefined", "NaN", "NaT", "NULL", "Null", "none", ".nan", ""]
AROUND = st.text(st.sampled_from(" \t\u00a0\u2009\u3000\u200b\ufeff\u2060\r"), max_size=3)


@settings(max_examples=1_000, deadline=None)
@given(
    st.sampled_from(NOTHINGS),
    AROUND,
    AROUND,
    st.sampled_from(
        [
            "query: {t: {a: %s}}",
            "query: {t: [{a: %s, b: null}]}",
            "query:\n  t:\n    a: %s\n",
            '{"query": {"t": {"a": %s}}}',
            "{'query': {'t': {'a': %s}}}",
        ]
    ),
)
def test_no_word_for_nothing_becomes_a_text_that_is_written(
    word: str, before: str, after: str, body: str
) -> None:
    """Whatever stands around it: it is a null, or nothing is sent."""
    try:
        sent = read(parse("query"), body % f"{before}{word}{after}", {}).options["query"]["t"]
    except CoCalcError:
        return
    assert (sent[0] if isinstance(sent, list) else sent)["a"] is None


def test_a_megabyte_reads_as_itself() -> None:
    content = "é$x'\"\n{}" * 130_000
    options = {"project_id": "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833", "path": "a", "content": content}

    line, body = as_typed(format_magic("write_text_file_to_project", options))

    assert read(parse(line), body, {}).options == options


PIECES = [
    *"\"'$${}[]()\\@-=:;#? \n\t%&*!|>,", "ping", "create_project", "project_exec", "query", "title", "start", "args",
    "command", "[]=", ":=", "=@", "=-", "${", "$x", "$d[", '$d["k"]', "--quiet", "-o", "--timeout", "true", "7", "1e5",
    "null", "None", "nan", "{'", "': '", "'}", "**x", "${d}", "\u00a0", "\u200b", "“", "\r\n", "@x:latin-1", "curl ",
    "- ", ": ", "\n", "? ", "<<: ", "&a ", "*a", "!!x ", "---", "\ue0cc", "é", "\x00", "\u2028",
]  # fmt: skip


def hostile(random_: random.Random) -> str:
    """A line or body of pieces that mean something, and of noise."""
    pieces = random_.choices(PIECES, k=random_.randint(0, 14))
    pieces += random_.choices(string.printable, k=random_.randint(0, 3))
    random_.shuffle(pieces)
    start = random_.choice(["", "ping ", "create_project ", "query ", "event "])
    return start + random_.choice(["", " "]).join(pieces)


@pytest.mark.no_cover
@pytest.mark.slow
def test_whatever_is_typed_gives_a_message_or_an_error_of_ours_and_does_not_hang() -> None:
    """100,000 lines, half of them with a body, from a fixed seed; the slowest within 50 ms of the processor's time."""
    random_ = random.Random(20261123)  # noqa: S311 - no secret
    names = {"x": 1, "d": {"k": "v"}}
    slowest = 0.0
    gc.freeze()  # what other tests have left is not ours to look through in each collection
    for _ in range(100_000):
        line = hostile(random_)
        body = hostile(random_) if random_.random() < 0.5 else None
        began = time.thread_time()
        try:
            read(parse(line), body, names)
        except CoCalcError:
            pass
        except Exception as problem:
            raise AssertionError((line, body)) from problem
        slowest = max(slowest, time.thread_time() - began)

    gc.unfreeze()
    assert slowest < granted(0.050)
