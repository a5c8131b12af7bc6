"""The fixture for pytest, in a pytest of its own: records when it is asked to, and else reaches no network."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.sandbox.testing import FakeServer, json_response
from tests.cassette.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

TESTS = '''
import socket, pytest
from cocalc_magic import Client
from cocalc_magic.errors import NotRecorded

def test_ping(cocalc_cassette):
    with cocalc_cassette.client({url!r}, "sk-OwnKeyOfTheClient0123456") as client:
        print("NOW", client.ping()["now"])

def test_own_client(cocalc_cassette):
    """A client that the code under test makes for itself is answered, too."""
    with Client({url!r}, "sk-OwnKeyOfTheClient0123456") as client:
        client.ping()
        {more}

@pytest.mark.parametrize("way", ["a/b c"])
def test_network(cocalc_cassette, way):
    if cocalc_cassette.replays:
        with pytest.raises(NotRecorded, match="a test that replays .* may not connect to 192.0.2.1"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
    else:
        cocalc_cassette.client({url!r}, "sk-OwnKeyOfTheClient0123456").ping()
'''


@pytest.fixture
def server() -> Iterator[FakeServer]:
    numbers = iter(range(1, 1_000))
    with FakeServer(lambda _: json_response(200, {"event": "pong", "now": next(numbers)})) as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, server: FakeServer) -> Callable[..., str]:
    """Run the tests above with these arguments, and return what pytest prints."""

    def run(*arguments: str, more: str = "pass") -> str:
        (tmp_path / "test_it.py").write_text(TESTS.format(url=server.url, more=more), "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "cocalc_magic.pytest_plugin",
            "-p",
            "no:cacheprovider",
        ]
        done = subprocess.run(
            [*command, "-rA", *arguments, "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        )
        return done.stdout + done.stderr

    return run


def test_it_records_when_asked_and_replays_without_a_server(
    run: Callable[..., str], tmp_path: Path, server: FakeServer
) -> None:
    assert "there is no recording" in run()
    assert server.take() == []

    assert "3 passed" in run("--record-mode=once")
    folder = tmp_path / "cassettes" / "test_it"
    assert sorted(path.name for path in folder.iterdir()) == [
        "test_network-a-b-c.jsonl",
        "test_own_client.jsonl",
        "test_ping.jsonl",
    ]
    assert len(server.take()) == 3

    for mode in ([], ["--record-mode=once"]):
        printed = run(*mode)
        assert "3 passed" in printed
        assert "NOW 1" in printed
    assert server.take() == []


def test_what_is_new_is_an_error_or_added(
    run: Callable[..., str], tmp_path: Path, server: FakeServer
) -> None:
    run("--record-mode=once")
    path = tmp_path / "cassettes" / "test_it" / "test_own_client.jsonl"
    before = path.read_text()
    server.take()

    printed = run(more='client.touch_project(project_id="14850763-f11f-4a2b-8f6c-ab5b55ad2df1")')
    assert "test_own_client.jsonl does not have this touch_project." in printed
    assert server.take() == []
    assert path.read_text() == before

    printed = run(
        "--record-mode=new", more='client.touch_project(project_id="14850763-f11f-4a2b-8f6c-ab5b55ad2df1")'
    )
    assert "3 passed" in printed
    assert [request.path for request in server.take()] == ["/api/v1/touch_project"]
    assert [line["event"] for line in lines_of(path)] == ["ping", "touch_project"]
    assert path.read_text().startswith(before)


def test_rewrite_records_anew(run: Callable[..., str], tmp_path: Path, server: FakeServer) -> None:
    run("--record-mode=once")
    assert "NOW 4" in run("--record-mode=rewrite")
    assert "NOW 4" in run()
