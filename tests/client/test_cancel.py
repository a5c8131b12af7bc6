"""A message that another thread stops: at once, as Ctrl-C does, and nothing else is touched."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic import Client, catalog
from cocalc_magic.client.cancel import Cancelled, CancelToken, sleep
from cocalc_magic.config import Server
from cocalc_magic.errors import Interrupted
from cocalc_magic.sandbox.testing import Connection, FakeServer
from tests.certificates import certificate
from tests.sandbox.conftest import sandbox, start_sandbox  # noqa: F401 - fixtures
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cocalc_magic.response import Response
    from tests.sandbox.conftest import Running, Start


@pytest.fixture
def client(sandbox: Running) -> Iterator[Client]:  # noqa: F811
    with Client(sandbox.url, sandbox.key) as made:
        yield made


def exchanges() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "cocalc-wait"]


def sent(
    client: Client, stop: CancelToken, event: str, on_job: Callable[[], None] | None = None, **options: Any
) -> Response:
    with stop.active():
        return client.router.exchange(catalog.find(event), options, on_job=on_job)


def under_way(running: Running, project: str) -> None:
    """Returns when the command has begun."""
    while running.run(project, "cat begun 2>/dev/null || true")["stdout"] == "":
        pass


def test_it_ends_at_once_and_says_what_may_go_on(sandbox: Running, client: Client) -> None:  # noqa: F811
    project, stop = sandbox.project(), CancelToken()
    options: dict[str, Any] = {
        "project_id": project,
        "command": "echo x >> begun; sleep 30",
        "bash": True,
        "timeout": 60,
    }

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sent, client, stop, "project_exec", **options)
        under_way(sandbox, project)
        with within(0.5, time.monotonic):
            stop.cancel()
            with pytest.raises(
                Interrupted, match=r"project_exec \(at most 60 s\) may still be going on there"
            ):
                future.result(5)

    for thread in exchanges():
        thread.join(25)  # of the 30 seconds that the command takes
    assert exchanges() == []  # its connection was ended, so that it waits for nothing
    assert client.ping().ok
    assert sandbox.run(project, "wc -l < begun")["stdout"].strip() == "1"


def test_a_job_is_ended_on_the_server(start_sandbox: Start) -> None:  # noqa: F811
    running, stop = start_sandbox("--generation", "v2"), CancelToken()
    with Client(running.url, running.key) as client:
        project = client.create_project(title="x")["project_id"]
        asked = {"project_id": project, "command": "sleep 771", "bash": True, "timeout": 1000}
        with pytest.raises(Interrupted, match="which was ended on the server"):
            sent(client, stop, "project_exec", on_job=stop.cancel, **asked)

        left = client.project_exec(project_id=project, command="pgrep -f [s]leep.771 || echo gone", bash=True)
        assert left["stdout"] == "gone\n"


def test_what_is_stopped_before_it_begins_is_not_sent(sandbox: Running, client: Client) -> None:  # noqa: F811
    project, stop = sandbox.project(), CancelToken()
    stop.cancel()

    with pytest.raises(Interrupted):
        sent(client, stop, "write_text_file_to_project", project_id=project, path="a", content="x")

    assert sandbox.run(project, "ls")["stdout"] == ""


def test_a_call_ends_one_wait(client: Client) -> None:
    stop = CancelToken()
    stop.cancel()
    with pytest.raises(Interrupted):
        sent(client, stop, "ping")

    assert sent(client, stop, "ping").ok


def test_it_ends_at_once_with_a_session_that_can_not_be_hung_up(sandbox: Running) -> None:  # noqa: F811
    project, stop, session = sandbox.project(), CancelToken(), requests.Session()
    until = "echo x >> begun; while [ ! -e go ]; do sleep 0.05; done"
    asked: dict[str, Any] = {"project_id": project, "command": until, "bash": True}
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            sent, Client(sandbox.url, sandbox.key, session=session), stop, "project_exec", **asked
        )
        under_way(sandbox, project)
        stop.cancel()
        with pytest.raises(Interrupted):
            future.result(60)
    sandbox.run(project, "touch go")
    for thread in exchanges():
        thread.join()
    session.close()


def test_a_connection_over_tls_is_ended_too(tmp_path: Path) -> None:
    """The server sees it: it reads the end of the connection, and not after the time limit."""
    file, context = certificate(tmp_path)
    stop, ended = CancelToken(), threading.Event()

    def play(connection: Connection) -> None:
        connection.read_request()
        stop.cancel()
        try:
            while connection.socket.recv(100_000):
                pass
        except OSError:  # an end without TLS's goodbye
            pass
        ended.set()

    with (
        FakeServer(play=play, tls=context) as server,
        Client(Server("lab", server.url, ca=str(file)), "sk-Aaaaaaaaaaaaaaaaaaaa01") as client,
    ):
        with pytest.raises(Interrupted):
            sent(client, stop, "ping")
        with within(5, time.monotonic):
            assert ended.wait(20)


def test_what_others_send_meanwhile_is_not_touched(sandbox: Running, client: Client) -> None:  # noqa: F811
    """Many threads on one client, some of whose messages are stopped as they are answered."""

    def stopped(number: int) -> bool:
        stop = CancelToken()
        timer = threading.Timer(0.0005 * (number % 10), stop.cancel)
        timer.start()
        try:
            return sent(client, stop, "ping").ok
        except Interrupted:
            return True
        finally:
            timer.join()

    with ThreadPoolExecutor(8) as pool:
        ends = [pool.submit(stopped, number) for number in range(200)]
        answers = [pool.submit(client.ping) for _ in range(200)]
        assert all(end.result(30) for end in ends)
        assert all(answer.result(30).ok for answer in answers)


def test_a_stop_is_heeded_where_it_was_said_alone() -> None:
    stop = CancelToken()
    stop.cancel()
    sleep(0)
    with stop.active(), pytest.raises(Cancelled):
        sleep(60)


def test_what_the_work_raises_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        CancelToken().run(lambda: 1 // 0)


def test_what_takes_too_long_is_not_waited_for() -> None:
    over = threading.Event()
    with pytest.raises(TimeoutError):
        CancelToken().run(over.wait, 0.1)
    over.set()
