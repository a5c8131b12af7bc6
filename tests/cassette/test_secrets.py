"""No secret is in a recording, whatever form it has and wherever it stands, and none goes missing unsaid."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest

from cocalc_magic import Client
from cocalc_magic.cassette.recorder import Recorder
from cocalc_magic.errors import CoCalcError, SecretsFound
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.leaks.examples import EXAMPLES, KEYS, core
from tests.leaks.search import found as key_found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWN_KEY = "sk-OwnKeyOfTheClient0123456"
PROJECT = "14850763-f11f-4a2b-8f6c-ab5b55ad2df1"

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(f"got {text}".encode()).decode(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(f">>??{text}~~".encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(f"{'x' * 50} {text} {'y' * 50}".encode()).decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "percent signs": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "an address": lambda text: f"https://x.test/?q={quote(text, safe='')}",
    "JSON": lambda text: json.dumps({"inside": json.dumps({"text": text})}),
    "JSON escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "Python escapes": lambda text: "".join(f"\\x{ord(letter):02x}" for letter in text),
    "HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "hexadecimal": lambda text: text.encode().hex(),
    "a list of numbers": lambda text: str(list(text.encode())),
    "backwards": lambda text: text[::-1],
}


class Planted(NamedTuple):
    """A secret, and the text that it stands in."""

    text: str
    secret: str


PLANTED = {
    **{
        f"{name}, {encoding}": Planted(encode(key), core(key))
        for name, key in KEYS.items()
        for encoding, encode in ENCODINGS.items()
        if encoding != "backwards"
    },
    **{name: Planted(*example) for name, example in EXAMPLES.items()},
    "password": Planted('{"user": "iris", "password": "hunter2-and-more"}', "hunter2-and-more"),
    "password in settings": Planted("db_password=hunter2-and-more\n", "hunter2-and-more"),
}  # fmt: skip


class Recorded(NamedTuple):
    """What came of a recording: all that is on the disk, the places of secrets, what was replaced."""

    written: bytes
    places: tuple[str, ...]
    replaced: int


def recorded(folder: Path, answer: Response, event: str = "ping", **options: Any) -> Recorded:
    """Record one message to a server that answers so, and save it."""
    with FakeServer(lambda _: answer) as server, Client(server.url, OWN_KEY) as client:
        recorder = Recorder(folder / "demo.jsonl")
        client.router.tapes.append(recorder)
        with contextlib.suppress(CoCalcError):
            client.send(event, **options)
        return saved(recorder, folder)


def saved(recorder: Recorder, folder: Path) -> Recorded:
    places: tuple[str, ...] = ()
    replaced = 0
    try:
        replaced = sum(recorder.save().replaced.values())
    except SecretsFound as problem:
        places = problem.places
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert bool(written) == (not places)
    return Recorded(written, places, replaced)


def json_answer(value: Any, **headers: str) -> Response:
    return Response(200, "application/json", json.dumps(value).encode(), tuple(headers.items()))


MASKED = "•••".encode()  # by the client, before it is recorded


def assert_kept_out(what: Recorded, planted: Planted) -> None:
    assert planted.secret.encode() not in what.written
    assert key_found(what.written, f"sk-{planted.secret}zz") == [] or len(planted.secret) < 16
    assert what.places or what.replaced or MASKED in what.written


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("place", ["option", "field", "error", "name of a field"])
def test_a_planted_secret_is_replaced_or_told(tmp_path: Path, planted: Planted, place: str) -> None:
    done = json_answer({"event": "success"})
    if place == "option":
        what = recorded(
            tmp_path, done, "write_text_file_to_project", project_id=PROJECT, path="a", content=planted.text
        )
    elif place == "field":
        what = recorded(tmp_path, json_answer({"event": "pong", "now": [{"deep": planted.text}]}))
    elif place == "error":
        what = recorded(tmp_path, json_answer({"event": "error", "error": f"it failed: {planted.text}"}))
    else:
        what = recorded(tmp_path, json_answer({"event": "pong", "by": {planted.text: 1}}))

    assert_kept_out(what, planted)
    assert all("message 1 (" in told for told in what.places)


def test_there_are_many_planted_secrets() -> None:
    assert 4 * len(PLANTED) > 200


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("header", ["X-Note", "X-Api-Key", "Set-Cookie", "Warning"])
def test_a_secret_in_a_header_is_replaced(tmp_path: Path, name: str, header: str) -> None:
    text = f"session={KEYS[name]}; path=/" if header == "Set-Cookie" else f"seen {KEYS[name]}"

    what = recorded(tmp_path, json_answer({"event": "pong"}, **{header: text}))

    assert core(KEYS[name]).encode() not in what.written
    assert header.encode() in what.written
    assert not what.places


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("content", ["text", "binary", "compressed"])
def test_a_file_with_a_secret_is_told(tmp_path: Path, name: str, content: str) -> None:
    data = f"KEY={KEYS[name]}\n".encode()
    data = {"text": data, "binary": b"\xff\x00\x9a" + data, "compressed": gzip.compress(data)}[content]

    def answer(request: Request) -> Response:
        if request.path.endswith("/files/key.bin"):
            return Response(200, "application/octet-stream", data)
        return Response(404, "text/plain", b"not here")

    with FakeServer(answer) as server, Client(server.url, OWN_KEY) as client:
        recorder = Recorder(tmp_path / "demo.jsonl")
        client.router.tapes.append(recorder)
        assert client.download(PROJECT, "key.bin") == data
        what = saved(recorder, tmp_path)

    assert what.written == b""
    assert [told.partition(", ")[0] for told in what.places] == ["message 1 (download)"]
    assert what.places[0].endswith("content: a key")


def test_the_key_of_the_client_is_in_no_recording_even_where_it_has_no_form(tmp_path: Path) -> None:
    key = "self-hosted-servers-give-what-they-like"
    answer = json_answer({"event": "pong", "now": base64.b64encode(f"it is: {key}".encode()).decode()})
    with FakeServer(lambda _: answer) as server, Client(server.url, key) as client:
        recorder = Recorder(tmp_path / "demo.jsonl")
        client.router.tapes.append(recorder)
        client.ping()
        what = saved(recorder, tmp_path)

    assert what.places == ("message 1 (ping), response.now: a secret of the recording in Base64",)


def test_a_password_that_a_server_repeats_is_the_same_stand_in_everywhere(tmp_path: Path) -> None:
    echoed = {"event": "error", "error": "wrong password correct-horse-9 for ada@lab.example.edu"}
    with FakeServer(echoed) as server, Client(server.url, OWN_KEY) as client:
        recorder = Recorder(tmp_path / "demo.jsonl")
        client.router.tapes.append(recorder)
        with pytest.raises(CoCalcError):
            client.change_password(
                account_id=PROJECT, old_password="correct-horse-9", new_password="Zx9-quasar-Limerick"
            )
        recorder.save()

    text = (tmp_path / "demo.jsonl").read_text()
    line = json.loads(text.splitlines()[1])
    assert line["options"]["old_password"] == "<password 1>"
    assert line["options"]["new_password"] == "<password 2>"
    assert line["response"]["error"] == "wrong password <password 1> for person1@example.com"
    assert "correct-horse" not in text
    assert "quasar" not in text


def test_names_and_addresses_are_replaced_so_that_joins_still_work(tmp_path: Path) -> None:
    rows = [
        {
            "account_id": "a1",
            "first_name": "Grace",
            "last_name": "Hopper",
            "email_address": "grace@navy.example.edu",
        },
        {"account_id": "a2", "first_name": "Grace", "last_name": "Kelly", "name": "kelly"},
    ]
    answer = {
        "event": "user_search_results",
        "results": rows,
        "note": "Grace Hopper (Grace@navy.example.edu) and her notes",
        "kernels": [{"name": "python3", "display_name": "Python 3"}],
    }
    with (
        FakeServer(answer) as server,
        Client(server.url, OWN_KEY) as client,
        client.recording(tmp_path / "demo.jsonl"),
    ):
        client.user_search(query="grace")

    value = json.loads((tmp_path / "demo.jsonl").read_text().splitlines()[1])["response"]
    first, second = value["results"]
    assert first["first_name"] == second["first_name"] == "Person1"
    assert (first["last_name"], second["last_name"], second["name"]) == ("Person2", "Person3", "Person4")
    assert first["email_address"] == "person1@example.com"
    assert value["note"] == "Person1 Person2 (person1@example.com) and her notes"
    assert value["kernels"] == [{"name": "python3", "display_name": "Python 3"}]


def test_what_has_a_secret_that_stays_can_be_left_out(tmp_path: Path) -> None:
    answers = iter(["fine", KEYS["sk-"].encode().hex(), "fine too"])
    with (
        FakeServer(lambda _: json_answer({"event": "pong", "now": next(answers)})) as server,
        Client(server.url, OWN_KEY) as client,
    ):
        recorder = Recorder(tmp_path / "demo.jsonl")
        client.router.tapes.append(recorder)
        for _ in range(3):
            client.ping()
        recording = recorder.save(leave_out=True)

    assert recording.messages == 2
    assert recording.left_out == ["message 2 (ping), response.now: a key in hexadecimal"]
    assert [
        line["response"]["now"] for line in map(json.loads, recorder.path.read_text().splitlines()[1:])
    ] == [
        "fine",
        "fine too",
    ]


def test_all_places_are_in_the_error_and_no_secret(tmp_path: Path) -> None:
    hidden = KEYS["sk-cc-v2"].encode().hex()
    with FakeServer({"event": "pong", "now": hidden}) as server, Client(server.url, OWN_KEY) as client:
        recorder = Recorder(tmp_path / "demo.jsonl")
        client.router.tapes.append(recorder)
        for _ in range(12):
            client.ping()
    with pytest.raises(SecretsFound) as caught:
        recorder.save()

    text = str(caught.value)
    assert text.startswith("demo.jsonl would contain a secret that can't be replaced, and was not written.")
    assert "message 1 (ping), response.now: a key in hexadecimal" in text
    assert "and 4 more" in text
    assert "--leave-out" in text
    assert core(KEYS["sk-cc-v2"]) not in text
    assert hidden not in text
    assert not (tmp_path / "demo.jsonl").exists()


def test_a_place_does_not_repeat_a_secret_that_is_the_name_of_a_field(tmp_path: Path) -> None:
    hidden = KEYS["sk-"].encode().hex()
    what = recorded(tmp_path, json_answer({"event": "pong", "by": {hidden: {"inner": hidden}}}))

    assert what.places == (
        "message 1 (ping), response.by, in a name: a key in hexadecimal",
        "message 1 (ping), response.by.….inner: a key in hexadecimal",
    )


def test_a_password_that_looks_like_a_stand_in_is_replaced(tmp_path: Path) -> None:
    what = recorded(
        tmp_path,
        json_answer({"event": "error", "error": "Person12 is wrong"}),
        "change_password",
        account_id=PROJECT,
        old_password="Person12",
        new_password="Zx9-quasar-Limerick",
    )

    assert b"Person12" not in what.written
    assert what.replaced == 2


def test_a_class_of_many_is_scrubbed_by_its_own_names(tmp_path: Path) -> None:
    people = [{"first_name": f"Given{number}", "last_name": f"Family{number}"} for number in range(2_000)]
    notes = [f"Given{number} Family{number} was here" for number in range(2_000)]
    what = recorded(tmp_path, json_answer({"event": "pong", "people": people, "notes": notes}))

    assert b"Given" not in what.written
    assert b"Family" not in what.written
    assert what.replaced == 4_000


def test_a_harmless_recording_is_not_refused(tmp_path: Path) -> None:
    harmless = [
        html.escape("<b>notes on sk-learn</b>"),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        base64.b64encode(bytes(range(256)) * 40).decode(),
        "AverageLongIdentifierWithoutAnything_in_it",
        "auth_token = get_token(20)",
        "/home/user/sk-learn/lecture-03/data.csv",
        "password = input()",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]",
    ]

    what = recorded(tmp_path, json_answer({"event": "pong", "now": harmless}))

    assert what.places == ()
    assert json.loads(what.written.splitlines()[1])["response"]["now"] == harmless
