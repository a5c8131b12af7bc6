"""Hostile requests: refused in bounded memory and time, and never answered with a traceback."""

from __future__ import annotations

import gzip
import http.client
import json
import random
import socket
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from cocalc_magic import catalog
from cocalc_magic.sandbox import Sandbox
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from tests.sandbox.conftest import Running

ELSEWHERE = Path("/tmp/of-no-cocalc-project")
PATHS = [
    "../x", "../../etc/passwd", "a/../../x", "/etc/passwd", str(ELSEWHERE), "//etc/passwd", "./../x", "..", "a/../..",
    "link/x", "link", "deep/link/x", "link/../../x", "a/./../../x", "\0", "a\0b", "../x\0", "~/../../x",
]  # fmt: skip
ODD = [
    "é" * 100,
    "x" * 255,
    "日本語/ファイル.txt",
    "a b/ c.txt",
    "-rf",
    "*",
    "$HOME",
    "`id`",
    "\u202e.txt",
    "😀" * 30,
]


def memory(running: Running) -> float:
    """Resident memory in MB."""
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def talk(running: Running, data: bytes, wait: float = 5) -> bytes:
    """Sends bytes as they stand and gives the beginning of what comes back."""
    parts = urlsplit(running.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=wait) as connection:
        try:
            connection.sendall(data)
            return connection.recv(4096)
        except (ConnectionError, TimeoutError):
            return b""


# -- paths -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trap(sandbox: Running, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A project with links that lead out of it, and the folder they lead to."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x").write_text("outside")
    project_id = sandbox.project()
    sandbox.run(project_id, f"mkdir -p deep a; ln -s {outside} link; ln -s {outside} deep/link; echo in > in")
    return project_id, outside


@pytest.mark.parametrize("path", PATHS)
def test_no_message_reads_or_writes_outside_a_project(
    sandbox: Running, trap: tuple[str, Path], path: str
) -> None:
    project_id, outside = trap
    before = sorted(outside.rglob("*"))

    read = sandbox.send("read_text_file_from_project", project_id=project_id, path=path)
    written = sandbox.send("write_text_file_to_project", project_id=project_id, path=path, content="written")
    for source, target in ((path, "copied"), ("in", path)):
        sandbox.send(
            "copy_path_between_projects",
            src_project_id=project_id,
            target_project_id=project_id,
            src_path=source,
            target_path=target,
        )

    assert "content" not in read
    assert "error" in written
    assert sorted(outside.rglob("*")) == before
    assert (outside / "x").read_text() == "outside"
    assert not ELSEWHERE.exists()
    shown = sandbox.run(project_id, "cat copied copied/* 2>/dev/null; true")["stdout"]
    assert "outside" not in shown
    assert "root:" not in shown


@pytest.mark.parametrize("path", ODD)
def test_odd_names_are_names_within_the_project(sandbox: Running, trap: tuple[str, Path], path: str) -> None:
    project_id, _ = trap

    written = sandbox.send("write_text_file_to_project", project_id=project_id, path=path, content=path)
    read = sandbox.send("read_text_file_from_project", project_id=project_id, path=path)

    assert written["event"] == "file_written_to_project"
    assert read["content"] == path


# -- bodies and headers ----------------------------------------------------------------------------


def head(running: Running, more: str) -> bytes:
    text = (
        f"POST /api/v1/ping HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {running.key}\r\n{more}\r\n"
    )
    return text.encode()


def test_a_body_of_a_hundred_megabytes_is_refused_in_little_memory(start_sandbox: Any) -> None:
    running = start_sandbox("--empty")
    before = memory(running)
    size = 100_000_000
    parts = urlsplit(running.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=10) as connection:
        connection.sendall(head(running, f"Content-Type: application/json\r\nContent-Length: {size}\r\n"))
        try:
            for _ in range(size // 1_000_000):
                connection.sendall(b"x" * 1_000_000)
            said = connection.recv(100)
        except ConnectionError:
            said = b""

    assert said[:12] in (b"", b"HTTP/1.1 413", b"HTTP/1.1 400")
    assert memory(running) - before < 30
    assert running.send("ping")["event"] == "pong"


def test_ten_thousand_headers_are_refused(sandbox: Running) -> None:
    said = talk(sandbox, head(sandbox, "".join(f"X-{number}: x\r\n" for number in range(10_000))))

    assert said[:9] in (b"", b"HTTP/1.1 ")
    assert b"pong" not in said
    assert sandbox.send("ping")["event"] == "pong"


def test_slow_senders_hold_nobody_up(start_sandbox: Any) -> None:
    running = start_sandbox("--empty")
    parts = urlsplit(running.url)
    slow = []
    for _ in range(200):
        connection = socket.create_connection((parts.hostname, parts.port or 0), timeout=5)
        connection.sendall(b"POST /api/v1/ping HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        slow.append(connection)

    with within(1, time.monotonic):
        answer = running.send("ping")

        assert answer["event"] == "pong"

    for connection in slow:
        connection.close()


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"query":{"accounts":'])
def test_deep_json_is_refused_or_answered_at_once(sandbox: Running, opening: str) -> None:
    data = (opening * (90_000 // len(opening))).encode()

    with within(2, time.monotonic):
        reply = sandbox.post("query", data=data, headers={"Content-Type": "application/json"})

        assert reply.status_code == 400


def test_deep_json_that_closes_does_not_stumble(sandbox: Running) -> None:
    for depth in (50, 180, 500, 5_000, 15_000):
        data = b'{"query":{"accounts":' + b'{"a":' * depth + b"null" + b"}" * depth + b"}}"
        reply = sandbox.post("query", data=data, headers={"Content-Type": "application/json"})

        assert reply.status_code in (200, 400)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compression_bomb_is_not_unpacked(start_sandbox: Any, encoding: str) -> None:
    running = start_sandbox("--empty")
    plain = b'{"id":"' + b"x" * 100_000_000 + b'"}'
    packed = gzip.compress(plain, 9) if encoding == "gzip" else zlib.compress(plain, 9)
    before = memory(running)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": encoding}

    reply = running.post("ping", data=packed, headers=headers)

    assert reply.status_code == 413
    assert memory(running) - before < 30


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "sandbox", "", "[::2]", "localhost.x"]
)
def test_a_foreign_host_is_not_served(sandbox: Running, host: str) -> None:
    said = talk(
        sandbox, head(sandbox, "Content-Length: 0\r\n").replace(b"Host: 127.0.0.1", f"Host: {host}".encode())
    )

    assert b" 403 " in said.split(b"\r\n")[0] or b" 400 " in said.split(b"\r\n")[0]


# -- any options -----------------------------------------------------------------------------------

EVENTS = sorted(event for event, message in catalog.messages().items() if message.availability == "open")
# A kernel takes its time to start; tests/sandbox/domain/test_jupyter.py has hostile code.
CALM = [event for event in EVENTS if event != "jupyter_execute"]


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[Sandbox, requests.Session, str]]:
    with Sandbox() as sandbox, sandbox.session() as session:
        session.headers["Authorization"] = f"Bearer {sandbox.key}"
        made = session.post(f"{sandbox.url}/api/v1/create_project", json={}, timeout=5).json()
        yield sandbox, session, made["project_id"]


class Maker:
    """Makes messages that are nearly right, from one seed."""

    def __init__(self, seed: int, project_id: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret
        self.near = [
            project_id, project_id.upper(), [project_id], "", "x", "../x", "é\ud800", "a" * 300, 0, -1, 7, 1e308, 0.5,
            2**60, True, False, None, [], {}, {"a": None}, {"==": None}, {">=": []}, [[[]]], "2024-01-01", "{now}",
        ]  # fmt: skip

    def value(self, depth: int = 0) -> Any:
        kind = self._random.random()
        if kind < 0.7 or depth > 3:
            return self._random.choice(self.near)
        inner = [self.value(depth + 1) for _ in range(self._random.randrange(3))]
        return inner if kind < 0.85 else {str(self._random.choice(self.near)): one for one in inner}

    def message(self) -> tuple[str, dict[str, Any]]:
        if self._random.random() < 0.4:
            return "query", self.query()
        event = self._random.choice(CALM)
        options = catalog.find(event).options
        return event, {
            option.name: self.value() for option in options if option.required or self._random.random() < 0.4
        }

    def query(self) -> dict[str, Any]:
        table = catalog.tables()[self._random.choice(sorted(catalog.tables()))]
        names = self._random.sample(table.columns, min(len(table.columns), self._random.randrange(1, 5)))
        record = {column.name: self.value() for column in names}
        if self._random.random() < 0.1:
            record[str(self.value())] = self.value()
        options = [
            {
                self._random.choice(
                    ["limit", "order_by", "set", "delete", "only_changes", "slice"]
                ): self.value()
            }
            for _ in range(self._random.randrange(3))
        ]
        asked = {table.name: [record] if self._random.random() < 0.5 else record}
        return {"query": asked, "options": options}


def none_stumbles(box: tuple[Sandbox, requests.Session, str], seeds: range) -> None:
    sandbox, session, project_id = box
    for seed in seeds:
        event, options = Maker(seed, project_id).message()
        reply = session.post(
            f"{sandbox.url}/api/v1/{event}",
            data=json.dumps(options),
            timeout=10,
            headers={"Content-Type": "application/json"},
        )

        assert reply.status_code in (200, 400), (seed, event, options)
        assert "Traceback" not in reply.text
        assert "sqlite" not in reply.text.lower()
        assert isinstance(reply.json(), dict)


def test_no_options_make_it_stumble(box: tuple[Sandbox, requests.Session, str]) -> None:
    none_stumbles(box, range(2_000))


@pytest.mark.long
def test_twenty_thousand_requests_do_not_make_it_stumble(box: tuple[Sandbox, requests.Session, str]) -> None:
    none_stumbles(box, range(2_000, 22_000))


def test_two_hundred_kept_connections_are_all_answered(start_sandbox: Any) -> None:
    running = start_sandbox("--empty")
    parts = urlsplit(running.url)
    kept = [http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10) for _ in range(200)]

    for _ in range(3):
        for connection in kept:
            connection.request("POST", "/api/v1/ping", b"{}", {"Authorization": f"Bearer {running.key}"})
        for connection in kept:
            answer = connection.getresponse()
            assert (answer.status, json.load(answer)["event"]) == (200, "pong")

    for connection in kept:
        connection.close()
