"""The plugin for pytest: the fixture `cocalc_cassette` answers a test from a recording, or records it.

    def test_report(cocalc_cassette):
        with cocalc_cassette.client() as client:
            assert report(client) == …

    pytest --record-mode=once      # records what has no recording yet, against the server that is configured
    pytest                         # replays, and reaches no network

The recording of `test_report` in `tests/test_class.py` is `tests/cassettes/test_class/test_report.jsonl`.
"""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.cassette.modes import SavedTape
    from cocalc_magic.client.client import Client

_OF_OTHERS = {"new_episodes": "new", "all": "rewrite"}  # modes of pytest-recording, by ours
_UNUSUAL = re.compile(r"[^\w.-]+")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--record-mode`, unless pytest-recording has it."""
    if find_spec("pytest_recording") is None:
        parser.getgroup("cocalc", "recordings of CoCalc").addoption(
            "--record-mode",
            choices=("none", "once", "new", "rewrite"),
            help="What cocalc_cassette does: none (replay alone, without a network; the default), once "
            "(record where there is no recording), new (add what is not in it), rewrite (record anew).",
        )


@dataclass(frozen=True)
class CassetteOfTest:
    """The recording of one test.

    Args:
        path: Its file.
        mode: `none`, `once`, `new` or `rewrite`.
        tape: What records, or answers.
    """

    path: Path
    mode: str
    tape: SavedTape

    @property
    def replays(self) -> bool:
        """Whether the recording answers, and nothing is sent."""
        return self.tape.offline

    def client(self, *arguments: Any, **options: Any) -> Client:
        """Return a client: as `Client(…)` where it records; where it replays, without a server and a key."""
        from cocalc_magic.cassette.player import Player  # late, both: most tests have no cassette
        from cocalc_magic.client.client import Client

        if isinstance(self.tape, Player):
            return Client.answered_by(self.tape)
        return Client(*arguments, **options)


@pytest.fixture
def cocalc_cassette(request: pytest.FixtureRequest) -> Iterator[CassetteOfTest]:
    """Answer all clients of the test from its recording, or record them, as `--record-mode` says."""
    from cocalc_magic.cassette.modes import tape_for  # late, all of it: this module is loaded by every pytest
    from cocalc_magic.client.routing import Router

    mode = request.config.getoption("--record-mode", None) or "none"
    mode, path = _OF_OTHERS.get(mode, mode), _path(request)
    tape = tape_for(path, mode)
    Router.everywhere.append(tape)
    try:
        if tape.offline:
            with _no_network(path):
                yield CassetteOfTest(path, mode, tape)
        else:
            yield CassetteOfTest(path, mode, tape)
    finally:
        Router.everywhere.remove(tape)
    tape.save()


def _path(request: pytest.FixtureRequest) -> Path:
    name = _UNUSUAL.sub("-", request.node.name).strip("-")
    return request.path.parent / "cassettes" / request.path.stem / f"{name}.jsonl"


@contextmanager
def _no_network(path: Path) -> Iterator[None]:
    """Let no connection of Python's leave this machine while a recording answers."""
    from cocalc_magic.config.server import is_loopback  # late: pytest loads this in every project
    from cocalc_magic.errors import NotRecorded

    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
            raise NotRecorded(
                f"a test that replays {path.name} may not connect to {address[0]}.",
                "pytest --record-mode=once records, and may.",
            )
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]  # for the test
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]  # as it was
