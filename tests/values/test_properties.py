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
from cocalc_magic.values.formatting import format_magic
from cocalc_magic.values.line import parse
from cocalc_magic.values.reading import read

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
BY_TYPE = {
    "text": TEXT,
    "uuid": UUIDS,
    "project": UUIDS | TEXT.map(str.strip).filter(bool),
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
    required, free = {}, {}
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


def test_a_megabyte_reads_as_itself() -> None:
    content = "é$x'\"\n{}" * 130_000
    options = {"project_id": "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833", "path": "a", "content": content}

    line, body = as_typed(format_magic("write_text_file_to_project", options))

    assert read(parse(line), body, {}).options == options


PIECES = [
    *"\"'$${}[]()\\@-=:;#? \n\t%&*!|>,", "ping", "create_project", "project_exec", "query", "title", "start", "args",
    "command", "[]=", ":=", "=@", "=-", "${", "$x", "$d[", '$d["k"]', "--quiet", "-o", "--timeout", "true", "7", "1e5",
    "null", "- ", ": ", "\n", "? ", "<<: ", "&a ", "*a", "!!x ", "---", "\ue0cc", "é", "\x00", "\u2028",
]  # fmt: skip


def hostile(random_: random.Random) -> str:
    """A line or body of pieces that mean something, and of noise."""
    pieces = random_.choices(PIECES, k=random_.randint(0, 14))
    pieces += random_.choices(string.printable, k=random_.randint(0, 3))
    random_.shuffle(pieces)
    start = random_.choice(["", "ping ", "create_project ", "query ", "event "])
    return start + random_.choice(["", " "]).join(pieces)


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
        began = time.process_time()
        try:
            read(parse(line), body, names)
        except CoCalcError:
            pass
        except Exception as problem:
            raise AssertionError((line, body)) from problem
        slowest = max(slowest, time.process_time() - began)

    gc.unfreeze()
    assert slowest < 0.050
