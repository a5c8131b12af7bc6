"""A recording on the disk: whole or not at all, its owner's alone, and read as if anybody had written it."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.cassette import file
from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidCassette
from cocalc_magic.sandbox.testing import FakeServer
from tests.cassette.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-OwnKeyOfTheClient0123456"
HEAD = (
    '{"cassette": 1, "recorded": "2026-03-01T09:30:00Z", "servers": [{"name": "lab", "url": "https://lab"}]}'
)
PING = '{"event": "ping", "options": {}, "status": 200, "response": {"event": "pong"}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo.jsonl"


@pytest.fixture
def large() -> Iterator[Client]:
    """A client of a server whose answers are larger than a line should be."""
    with (
        FakeServer({"event": "pong", "now": "x" * 3_000_000}) as server,
        Client(server.url, KEY) as client,
    ):
        yield client


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of Unix")
def test_its_owner_alone_can_read_it(large: Client, path: Path) -> None:
    with large.recording(path):
        large.ping()

    for place in (path, *file.folder_of(path).iterdir()):
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.folder_of(path).stat().st_mode) == 0o700


def test_what_is_large_stands_beside_it_and_goes_with_it(large: Client, path: Path) -> None:
    with large.recording(path):
        large.ping()
        large.ping()

    assert path.stat().st_size < 2_000
    assert [len(list(file.folder_of(path).iterdir())), *(line["response"] for line in lines_of(path))] == [
        1,
        *2 * [{"$file": next(file.folder_of(path).iterdir()).name}],
    ]
    with Client.of_recording(path) as client:
        assert client.ping()["now"] == "x" * 3_000_000
    with large.recording(path):
        pass
    assert not file.folder_of(path).exists()


def test_what_looks_like_a_reference_is_none(path: Path) -> None:
    value = {"$file": "0" * 64 + ".json"}
    with FakeServer(value) as server, Client(server.url, KEY) as client, client.recording(path):
        client.send("raw GET /stats")

    with Client.of_recording(path) as client:
        assert client.send("raw GET /stats").value == value


def test_another_file_is_not_written_over(large: Client, path: Path) -> None:
    path.write_text("my notes\n")
    with pytest.raises(AlreadyThere, match="is there, and is not a recording"), large.recording(path):
        pass
    assert path.read_text() == "my notes\n"
    with pytest.raises(CoCalcError, match="there is no folder"), large.recording(path.parent / "no" / "x"):
        pass


def test_every_text_comes_back_as_it_was(path: Path) -> None:
    texts = ["\ud800 alone", "\u2028 and \x85", "\r\n", "\0", "Σ", "😀", '"\\', "𝒳" * 10]
    answer = {"event": "pong", "now": texts}
    with FakeServer(answer) as server, Client(server.url, KEY) as client, client.recording(path):
        client.ping()

    with Client.of_recording(path) as client:
        assert client.ping()["now"] == texts


def hostile(**fields: Any) -> str:
    return json.dumps({**json.loads(PING), **fields})


DAMAGED = {
    "nothing": ("", "line 1: it is not JSON"),
    "no JSON": ("not JSON", "line 1: it is not JSON: Expecting value"),
    "no head": (PING, "line 1: it is not the beginning of a recording"),
    "a list": ("[1]", "line 1: it is not the beginning of a recording"),
    "of tomorrow": (HEAD.replace('": 1', '": 2', 1), "line 1: it is of version 2, and this package reads version 1"),
    "no servers": (HEAD.replace('[{"name": "lab", "url": "https://lab"}]', "[]"), "line 1: its servers are not a list"),
    "no date": (HEAD.replace("2026-03-01T09:30:00Z", "soon"), "line 1: it does not say when it was recorded"),
    "half a line": (f"{HEAD}\n{PING}\n{PING[:40]}", "line 3: it is not JSON"),
    "not UTF-8": (f"{HEAD}\n\udcff", "line 2: it is not JSON"),
    "no event": (f'{HEAD}\n{{"options": {{}}}}', 'line 2: it is not {"event"'),
    "no outcome": (f'{HEAD}\n{{"event": "ping", "options": {{}}}}', "line 2: it has neither a status nor an error"),
    "a status of words": (f"{HEAD}\n{hostile(status='200')}", "line 2: status is of a wrong type"),
    "a status of truth": (f"{HEAD}\n{hostile(status=True)}", "line 2: status is of a wrong type"),
    "options in a list": (f"{HEAD}\n{hostile(options=[1])}", "line 2: options is of a wrong type"),
    "a header of numbers": (f"{HEAD}\n{hostile(headers={'a': 1})}", "line 2: a header is not a text"),
    "an unknown error": (
        f"{HEAD}\n{hostile(error={'type': 'KeyboardInterrupt', 'problem': 'x'})}",
        "line 2: its error is of an unknown type",
    ),
    "an error of another kind": (
        f"{HEAD}\n{hostile(error={'type': 'InvalidValue', 'problem': 'x'})}",
        "line 2: its error is of an unknown type",
    ),
    "an error without words": (
        f"{HEAD}\n{hostile(error={'type': 'MessageFailed', 'problem': None})}",
        "line 2: problem of its error is of a wrong type",
    ),
    "hints of numbers": (
        f"{HEAD}\n{hostile(error={'type': 'MessageFailed', 'problem': 'x', 'hints': [1]})}",
        "line 2: a hint is not a text",
    ),
    "sent words": (f"{HEAD}\n{hostile(sent=['ping'])}", "line 2: sent is not a list of messages"),
    "too deep": (f"{HEAD}\n{hostile(response=0).replace('0}', '[' * 200 + ']' * 200 + '}')}", "line 2: it is nested"),
    "far too deep": (f"{HEAD}\n{'[' * 100_000}", "line 2: it is not JSON: it is nested too deep"),
    "a huge number": (f"{HEAD}\n{hostile(response=0).replace('0}', '9' * 9_000 + '}')}", "line 2: it is not JSON"),
    "options elsewhere": (
        f"{HEAD}\n{hostile(options={'$file': '../../etc/passwd'})}",
        "line 2: it names a file that is not one of a recording",
    ),
    "options that are gone": (f"{HEAD}\n{hostile(options={'$file': '0' * 64 + '.json'})}", "line 2: 0000"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_recording_is_an_error_that_names_the_line(path: Path, name: str) -> None:
    text, words = DAMAGED[name]
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(InvalidCassette) as caught:
        Client.of_recording(path)

    assert str(caught.value).startswith(f"demo.jsonl, {words}")


def test_a_line_without_an_end_is_not_read_whole(path: Path) -> None:
    path.write_text(f"{HEAD}\n{'x' * (file.MAX_LINE + 10)}")
    with pytest.raises(InvalidCassette, match=f"line 2: it is longer than {file.MAX_LINE:,} bytes"):
        Client.of_recording(path)


@pytest.mark.parametrize("name", ["/etc/passwd", "../demo.jsonl", "0" * 64 + ".json", 7, None])
def test_nothing_elsewhere_is_read(path: Path, name: Any) -> None:
    path.write_text(f"{HEAD}\n{hostile(response={'$file': name})}\n")
    with Client.of_recording(path) as client, pytest.raises(InvalidCassette, match=r"demo\.jsonl, line 2"):
        client.ping()


def test_what_stands_beside_it_is_what_was_recorded(large: Client, path: Path) -> None:
    with large.recording(path):
        large.ping()
    beside = next(file.folder_of(path).iterdir())
    beside.write_bytes(beside.read_bytes().replace(b"x", b"y"))

    with (
        Client.of_recording(path) as client,
        pytest.raises(InvalidCassette, match="beside it is not what was recorded"),
    ):
        client.ping()


def test_there_is_no_such_file(path: Path) -> None:
    with pytest.raises(InvalidCassette, match="can't be read: No such file or directory"):
        Client.of_recording(path)


def test_texts_with_many_stand_ins_take_no_time_to_match(path: Path) -> None:
    """A pattern of a hostile file is not searched back and forth."""
    options = {"title": "".join(f"<key {number}>a" for number in range(1, 20_000))}
    path.write_text(f"{HEAD}\n{hostile(event='create_project', options=options)}\n")
    with (
        Client.of_recording(path) as client,
        pytest.raises(CoCalcError, match="does not have this create_project"),
    ):
        client.create_project(title="a" * 200_000 + "b")


def test_a_response_that_is_nested_too_deep_is_told(path: Path) -> None:
    deep = json.loads("[" * 300 + "]" * 300)
    with (
        FakeServer({"event": "pong", "now": deep}) as server,
        Client(server.url, KEY) as client,
        pytest.raises(CoCalcError, match="nested deeper than 100 levels"),
        client.recording(path),
    ):
        client.ping()
