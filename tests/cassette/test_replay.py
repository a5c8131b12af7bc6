"""Messages that were recorded come back without a server: by their content, in their order, as their errors."""

from __future__ import annotations

import json
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.errors import (
    CoCalcError,
    CommandFailed,
    ConnectionLost,
    Interrupted,
    InvalidCassette,
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NotCoCalc,
    NotRecorded,
)
from cocalc_magic.sandbox.testing import Connection, FakeServer, Request, json_response
from tests.cassette.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-OwnKeyOfTheClient0123456"
PROJECT = "14850763-f11f-4a2b-8f6c-ab5b55ad2df1"
OTHER = "7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo.jsonl"


@pytest.fixture
def counting() -> Iterator[Client]:
    """A client of a server that counts: the second answer to the same message is another one."""
    numbers = iter(range(1, 10_000))
    with (
        FakeServer(lambda _: json_response(200, {"event": "pong", "now": next(numbers)})) as server,
        Client(server.url, KEY) as client,
    ):
        yield client


def echo(request: Request) -> Any:
    """Answer with what was asked, and with its id."""
    options = json.loads(request.body)
    return {"event": "done", "id": options.pop("id", None), "options": options, "path": request.path}


def test_a_message_is_found_by_its_options_in_any_order(path: Path) -> None:
    with FakeServer(echo) as server, Client(server.url, KEY) as client, client.recording(path):
        first = client.create_project(title="One")
        client.create_project(title="Two", description="d")

    with Client.of_recording(path) as client:
        again = client.create_project(description="d", title="Two")
        assert again["options"] == {"title": "Two", "description": "d"}
        assert client.create_project(title="One")["options"] == first["options"]
        assert again.server == server.url.removeprefix("http://")
        assert not server.take()[2:]


def test_equal_messages_are_answered_in_their_order_and_the_last_answer_stays(
    counting: Client, path: Path
) -> None:
    with counting.recording(path):
        assert [counting.ping()["now"] for _ in range(3)] == [1, 2, 3]

    with Client.of_recording(path) as client:
        assert [client.ping()["now"] for _ in range(5)] == [1, 2, 3, 3, 3]


def test_an_id_tells_answers_apart_and_is_none_of_what_is_asked(path: Path) -> None:
    with FakeServer(echo) as server, Client(server.url, KEY) as client, client.recording(path):
        client.ping(id="mine")
        client.ping()

    assert "mine" not in path.read_text()
    assert [line["response"]["id"] for line in lines_of(path)] == ["<id>", "<id>"]
    with Client.of_recording(path) as client:
        assert client.ping(id="another").id == "another"
        response = client.ping()
        assert response.id == response.request.options["id"]


def test_in_strict_order_every_message_comes_once(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.ping()
        counting.touch_project(project_id=PROJECT)

    with Client.of_recording(path, strict=True) as client:
        with pytest.raises(NotRecorded) as caught:
            client.touch_project(project_id=PROJECT)
        assert str(caught.value).splitlines()[:2] == [
            "demo.jsonl does not have this touch_project next.",
            "  The next one is line 2: ping.",
        ]
        client.ping()
        client.touch_project(project_id=PROJECT)
        with pytest.raises(NotRecorded, match="The recording has ended with its 2 messages"):
            client.ping()


def test_a_message_that_is_not_there_is_told_with_what_comes_nearest(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.create_project(title="Seminar", description="of 2026")
        counting.create_project(title="Lecture")

    with Client.of_recording(path) as client:
        with pytest.raises(NotRecorded) as caught:
            client.create_project(title="Seminars", description="of 2026", start=True)
        assert str(caught.value).splitlines() == [
            "demo.jsonl does not have this create_project.",
            "  The nearest is line 2. It has title='Seminar', not 'Seminars', no start.",
        ]
        with pytest.raises(NotRecorded) as caught:
            client.query(query={"accounts": {"account_id": None}})
        assert str(caught.value).splitlines() == [
            "demo.jsonl does not have this query.",
            "  It has create_project.",
        ]


def test_a_password_that_is_not_there_is_not_told(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.change_password(account_id=PROJECT, old_password="of-old-9", new_password="of-new-9")

    with Client.of_recording(path) as client, pytest.raises(NotRecorded) as caught:
        client.change_password(account_id=OTHER, old_password="hunter2-9", new_password="hunter3-9")
    assert "hunter" not in str(caught.value)


FAILURES: dict[str, tuple[Any, type[CoCalcError]]] = {
    "it failed": ({"event": "error", "error": "no such project"}, MessageFailed),
    "refused": (json_response(400, {"error": "bad options"}), MessageRefused),
    "an unknown key": (json_response(400, {"error": "No account found. Is your API key wrong?"}), KeyRefused),
    "a page": (b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<h1>down", NotCoCalc),
    "busy": (json_response(429, {"error": "slow down"}, (("Retry-After", "7"),)), MessageRefused),
    "cut off": (b"", ConnectionLost),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_comes_back_as_it_was(path: Path, name: str) -> None:
    answer, kind = FAILURES[name]
    with (
        FakeServer(answer) as server,
        Client(server.url, KEY) as client,
        client.recording(path),
        pytest.raises(kind) as real,
    ):
        client.ping()

    with Client.of_recording(path) as client, pytest.raises(kind) as replayed:
        client.ping()

    assert type(replayed.value) is type(real.value)
    assert _without_time(str(replayed.value)) == _without_time(str(real.value))
    for attribute in ("problem", "status", "reason", "server", "server_text", "retry_after"):
        assert getattr(replayed.value, attribute, None) == getattr(real.value, attribute, None), attribute


def _without_time(text: str) -> str:
    return text.partition(" (at ")[0]


def test_a_failed_command_comes_back_with_what_it_printed(
    client: Client, project_id: str, path: Path
) -> None:
    options: dict[str, Any] = {"project_id": project_id, "bash": True}
    with client.recording(path), pytest.raises(CommandFailed) as real:
        client.project_exec(command="echo oh no >&2; exit 3", **options)

    with Client.of_recording(path) as replaying, pytest.raises(CommandFailed) as replayed:
        replaying.project_exec(command="echo oh no >&2; exit 3", **options)

    assert (replayed.value.exit_code, replayed.value.stderr) == (3, real.value.stderr)
    assert str(replayed.value) == str(real.value)
    assert replayed.value.response.sandbox


def test_what_is_done_to_a_response_does_not_change_the_recording(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.ping().value["now"] = "changed"

    with Client.of_recording(path) as client:
        client.ping().value["now"] = "changed"
        assert client.ping()["now"] == 1


def test_secrets_that_are_asked_fit_their_stand_ins_each_its_own(path: Path) -> None:
    people = [("Ada", "Lovelace", "ada@lab.example.edu"), ("Alan", "Turing", "alan@lab.example.edu")]

    def create(client: Client, first: str, last: str, address: str) -> Any:
        return client.create_account(
            first_name=first,
            last_name=last,
            email_address=address,
            password=f"{first}-secret-1",
            agreed_to_terms=True,
        )["options"]

    with FakeServer(echo) as server, Client(server.url, KEY) as client, client.recording(path):
        for person in people:
            create(client, *person)

    text = path.read_text()
    assert not any(word in text for person in people for word in person)
    with Client.of_recording(path) as client:
        alan = create(client, *people[1])  # the first one that it may be
        ada = create(client, *people[0])
        assert create(client, *people[1]) == alan
        assert (alan["first_name"], alan["email_address"]) == ("Alan", "alan@lab.example.edu")
        assert (ada["last_name"], ada["password"]) == ("Lovelace", "Ada-secret-1")
        with pytest.raises(NotRecorded):
            create(client, "Grace", "Hopper", "grace@lab.example.edu")


def test_stand_ins_themselves_are_found(path: Path) -> None:
    with FakeServer(echo) as server, Client(server.url, KEY) as client, client.recording(path):
        client.user_search(query="ada@lab.example.edu")

    with Client.of_recording(path) as client:
        assert client.user_search(query="person1@example.com")["options"] == {"query": "person1@example.com"}


def test_a_project_is_named_by_its_title_as_from_the_server(client: Client, path: Path) -> None:
    client.create_project(title="Topology of the cassette")
    client.project_exec(project_id="Topology of the cassette", command="true")  # its id is known by now
    with client.recording(path):
        client.project_exec(project_id="Topology of the cassette", command="pwd")

    with Client.of_recording(path) as replaying:
        response = replaying.project_exec(project_id="Topology of the cassette", command="pwd")
        assert response.titles[response.request.options["project_id"]] == "Topology of the cassette"


def test_nothing_reaches_a_server_while_a_recording_answers(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.ping()

    with counting.replaying(path) as player:
        assert counting.ping()["now"] == 1
        with pytest.raises(NotRecorded):
            counting.user_search(query="x")
        with pytest.raises(NotRecorded, match="/sandbox/status is not asked while a recording answers"):
            counting.control("status")
        assert player.answered == 1
    assert counting.ping()["now"] == 2


def test_a_replay_is_recorded_and_the_last_of_two_answers(counting: Client, tmp_path: Path) -> None:
    for name in ("first", "second"):
        with counting.recording(tmp_path / name):
            counting.ping()
    with counting.recording(tmp_path / "outer"), counting.recording(tmp_path / "inner"):
        with counting.replaying(tmp_path / "first"), counting.replaying(tmp_path / "second"):
            assert counting.ping()["now"] == 2
        assert counting.ping()["now"] == 3
    with counting.replaying(tmp_path / "first"), counting.recording(tmp_path / "within"):
        assert counting.ping()["now"] == 1

    for name in ("outer", "inner"):
        assert [line["response"]["now"] for line in lines_of(tmp_path / name)] == [2, 3]
    assert [line["response"]["now"] for line in lines_of(tmp_path / "within")] == [1]


def test_a_recording_of_threads_reads_the_same_each_time_and_answers_as_many(tmp_path: Path) -> None:
    titles = [f"Student {number:03}" for number in range(300)]
    others, has_begun, all_are_done = threading.Semaphore(0), threading.Event(), threading.Event()

    def answer(request: Request) -> Any:
        if json.loads(request.body)["title"] == titles[0]:  # under way as long as any other is
            has_begun.set()
            assert all_are_done.wait(60)
        return echo(request)

    def create(title: str) -> None:
        client.create_project(title=title)
        others.release()

    with FakeServer(answer) as server, Client(server.url, KEY) as client:
        for name in ("one", "two"):
            has_begun.clear()
            all_are_done.clear()
            with client.recording(tmp_path / name), ThreadPoolExecutor(32) as pool:
                running = [pool.submit(create, titles[0])]
                assert has_begun.wait(60)
                running += [pool.submit(create, title) for title in titles[1:]]
                for _ in titles[1:]:
                    assert others.acquire(timeout=60)
                all_are_done.set()
                assert [future.result() for future in running] == [None] * len(titles)
                assert others.acquire(timeout=60)

    one, two = (lines_of(tmp_path / name) for name in ("one", "two"))
    assert [line["options"]["title"] for line in one] == titles
    assert one == two
    with Client.of_recording(tmp_path / "one") as client, ThreadPoolExecutor(32) as pool:
        answers = pool.map(lambda title: client.create_project(title=title)["options"]["title"], titles)
        assert list(answers) == titles


def test_threads_that_ask_the_same_get_every_answer_once(counting: Client, path: Path) -> None:
    with counting.recording(path):
        for _ in range(64):
            counting.ping()

    with Client.of_recording(path) as client, ThreadPoolExecutor(32) as pool:
        answers = [future.result()["now"] for future in [pool.submit(client.ping) for _ in range(64)]]
    assert sorted(answers) == list(range(1, 65))


def test_an_interrupted_message_is_counted_and_not_in_it(path: Path) -> None:
    token = CancelToken()

    def never_answer(connection: Connection) -> None:
        connection.read_request()
        connection.wait()

    def stop_once_it_is_there() -> None:
        server.arrived.wait()
        token.cancel()

    with (
        FakeServer(play=never_answer) as server,
        Client(server.url, KEY) as client,
        client.recording(path) as recorder,
    ):
        threading.Thread(target=stop_once_it_is_there).start()
        with token.active(), pytest.raises(Interrupted):
            client.ping()
        assert len(recorder) == 0
        assert recorder.save().unfinished == 1


def test_a_block_that_raises_saves_nothing(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.ping()
    before = path.read_bytes()

    with pytest.raises(NotRecorded), counting.recording(path), counting.replaying(path):
        counting.user_search(query="x")

    assert path.read_bytes() == before


def test_an_old_recording_warns_or_is_an_error(counting: Client, path: Path) -> None:
    with counting.recording(path):
        counting.ping()
    head, _, rest = path.read_text().partition("\n")
    old = json.loads(head) | {"recorded": "2020-01-01T00:00:00Z"}
    path.write_text(f"{json.dumps(old)}\n{rest}")

    with (
        pytest.warns(UserWarning, match=r"demo.jsonl was recorded [\d,]+ days ago, and is good for 90d."),
        counting.replaying(path, expires="90d"),
    ):
        assert counting.ping()["now"] == 1
    with (
        pytest.raises(InvalidCassette, match="days ago"),
        counting.replaying(path, expires="12h", on_expiry="error"),
    ):
        pass
    with (
        pytest.raises(InvalidValue, match="takes a number of days"),
        counting.replaying(path, expires="soon"),
    ):
        pass
    with warnings.catch_warnings(), counting.replaying(path, expires="99999d"):
        warnings.simplefilter("error")
