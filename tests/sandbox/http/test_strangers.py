"""Who is heard, and how much of it is held: hosts, targets, bodies with and without a key."""

from __future__ import annotations

import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.timing import granted

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running, Start

MB = 1_000_000
MANY = 50  # connections
LARGE = 60 * MB


def memory(running: Running) -> float:
    """The most memory that it has had, in MB."""
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def connection(running: Running) -> socket.socket:
    parts = urlsplit(running.url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=60)


def talk(running: Running, data: bytes) -> bytes:
    """Sends bytes as they stand; gives the first of what comes back."""
    with connection(running) as talking:
        talking.sendall(data)
        return talking.recv(65_536)


def send_large(running: Running, head: str, body: bytes, chunked: bool = False) -> bytes:
    """Sends a request whose body is repeated up to its size, answered or not; gives the answer."""
    size = LARGE // len(body) * len(body)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    piece = b"%x\r\n%s\r\n" % (len(body), body) if chunked else body
    said = b""
    with connection(running) as sending:
        try:
            sending.sendall(f"POST {head}\r\n{length}\r\n\r\n".encode())
            for _ in range(size // len(body)):
                sending.sendall(piece)
                if select.select([sending], [], [], 0)[0]:
                    said += sending.recv(65_536)
            said = said or sending.recv(65_536)
        except ConnectionError:
            pass  # it has had enough
    return said


def all_at_once(running: Running, head: str, chunked: bool = False) -> list[bytes]:
    body = b"x" * 100_000
    with ThreadPoolExecutor(MANY) as threads:
        sent = [threads.submit(send_large, running, head, body, chunked) for _ in range(MANY)]
        return [one.result() for one in sent]


# -- without a key ---------------------------------------------------------------------------------

HOST = "HTTP/1.1\r\nHost: 127.0.0.1"
FORM = "Content-Type: multipart/form-data; boundary=x"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "answers", "chunked"),
    [
        (f"/upload {HOST}\r\n{FORM}", {b"401"}, False),
        (f"/upload {HOST}\r\n{FORM}\r\nAuthorization: Bearer sk-0000000000000000000009", {b"401"}, True),
        (f"/upload {HOST}\r\n{FORM}\r\nCookie: remember_me=sha512$a$1000$b", {b"401"}, False),
        (f"/upload HTTP/1.1\r\nHost: evil.example\r\n{FORM}", {b"403"}, False),
        (f"/api/v1/ping {HOST}\r\nContent-Type: application/x-www-form-urlencoded", {b"413", b"503"}, True),
        (f"/api/v2/auth/sign-in {HOST}\r\nContent-Type: application/json", {b"413"}, False),
        (f"/app?get_api_key=x {HOST}\r\nContent-Type: application/x-www-form-urlencoded", {b"413"}, True),
    ],
    ids=["upload", "a wrong key", "a wrong cookie", "a foreign host", "a form", "sign-in", "the page"],
)
def test_fifty_large_bodies_of_strangers_take_no_memory(
    start_sandbox: Start, head: str, answers: set[bytes], chunked: bool
) -> None:
    running = start_sandbox("--empty")
    running.session.post(f"{running.url}/upload", timeout=10)  # what is loaded late is loaded
    before = memory(running)

    answered = {said[9:12] for said in all_at_once(running, head, chunked) if said}

    assert answered
    assert answered <= answers
    assert memory(running) - before < 30
    assert running.send("ping")["event"] == "pong"


def test_the_answer_comes_before_the_body(sandbox: Running) -> None:
    with connection(sandbox) as waiting:
        waiting.sendall(f"POST /upload {HOST}\r\n{FORM}\r\nContent-Length: {LARGE}\r\n\r\n".encode())

        assert b"user must be signed in to upload files" in waiting.recv(65_536)


def test_who_waits_to_be_asked_for_the_body_is_not_asked(sandbox: Running) -> None:
    head = f"POST /upload {HOST}\r\n{FORM}\r\nContent-Length: {LARGE}\r\nExpect: 100-continue\r\n\r\n"

    assert talk(sandbox, head.encode())[:12] == b"HTTP/1.1 401"


def test_who_is_refused_and_goes_on_slowly_is_cut_off(sandbox: Running) -> None:
    began = time.monotonic()
    with connection(sandbox) as slow:
        slow.sendall(f"POST /upload {HOST}\r\n{FORM}\r\nContent-Length: {LARGE}\r\n\r\n".encode())
        slow.settimeout(0.1)
        while True:
            try:
                slow.sendall(b"x")
                if slow.recv(65_536) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break

    assert 3 < time.monotonic() - began < granted(10, time.monotonic)


# -- with one --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_with_a_key_the_bodies_of_all_connections_have_a_bound_that_is_told(start_sandbox: Start) -> None:
    running = start_sandbox("--empty")
    project_id = running.project()
    key = f"Authorization: Bearer {running.key}"

    answers = all_at_once(running, f"/upload?project_id={project_id}&path= {HOST}\r\n{FORM}\r\n{key}")

    assert {said[9:12] for said in answers} == {b"503", b"500"}  # no room; room, and it is no form
    refused = next(said for said in answers if said[9:12] == b"503")
    assert b"Retry-After: 1" in refused
    assert b'{"error":"the sandbox holds 128 MB of requests already; try again in a moment"}' in refused
    assert memory(running) < 600
    assert running.send("ping")["event"] == "pong"


def test_strangers_that_hold_all_their_room_keep_nobody_with_a_key_out(start_sandbox: Start) -> None:
    """And nobody without one who says little, as to sign in."""
    running = start_sandbox("--empty")
    head = f"POST /api/v2/accounts/search {HOST}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(20):
            stranger = stack.enter_context(connection(running))
            stranger.sendall(head.encode() + b"x" * 999_000)
        late = stack.enter_context(connection(running))
        late.sendall(head.encode() + b"x" * 900_000)
        late.settimeout(10)

        assert b"503" in late.recv(65_536)[:12]
        assert running.post("ping", {"id": "x" * 50_000}).json()["event"] == "pong"
        signed_in = running.session.post(
            f"{running.url}/api/v2/auth/sign-in", json={"email": "a@b.edu", "password": "x"}, timeout=10
        )
        assert "no account with email address" in signed_in.json()["error"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and b"503" in talk(running, head.encode() + b"x" * 1_000_000)[:12]:
        time.sleep(0.05)

    assert talk(running, head.encode() + b"x" * 1_000_000)[:12] == b"HTTP/1.1 400"  # not JSON, and read


def test_too_many_connections_end_those_that_rest_longest(start_sandbox: Start) -> None:
    running = start_sandbox("--empty")
    with ExitStack() as stack:
        resting = [stack.enter_context(connection(running)) for _ in range(600)]
        for one in resting:
            one.setblocking(False)

        assert running.send("ping")["event"] == "pong"
        ended = []
        for one in resting:
            try:
                ended.append(one.recv(1) == b"")
            except BlockingIOError:
                ended.append(False)
            except ConnectionError:
                ended.append(True)

    assert ended[:80] == [True] * 80
    assert ended[-100:] == [False] * 100


# -- hosts and targets -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:evil.com", "localhost:evil.com", "[::1]:x", "[::1]evil.com", "[::1]", "127.0.0.1:",
        "127.0.0.1:1:2", "127.0.0.1:99999", "127.0.0.1:٣", "127.0.0.1 evil.com", "evil.com@127.0.0.1",
        "127.0.0.1/evil.com", "localhost.", "127.0.0.1.", "127.1", "2130706433", "0", "::1",
        "xlocalhost", "127.0.0.1\tx", "localhost,evil.com", "evil.com,localhost",
    ],
)  # fmt: skip
def test_only_the_very_names_of_this_machine_are_served(sandbox: Running, host: str) -> None:
    said = talk(sandbox, f"GET /alive HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    assert said[9:12] in ((b"200",) if host == "[::1]" else (b"403", b"400"))


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ("Host: 127.0.0.1\r\nHost: evil.com\r\n", b"400"),
        ("Host: evil.com\r\nHost: 127.0.0.1\r\n", b"400"),
        ("Host: 127.0.0.1\r\nhost: 127.0.0.1\r\n", b"400"),
        ("Host: 127.0.0.1\r\n evil.com\r\n", b"400"),
        ("", b"403"),
    ],
)
def test_a_request_has_one_host(sandbox: Running, hosts: str, status: bytes) -> None:
    assert talk(sandbox, f"GET /alive HTTP/1.1\r\n{hosts}\r\n".encode())[9:12] in (status, b"400", b"403")
    assert talk(sandbox, b"GET /alive HTTP/1.1\r\nHost: LOCALHOST:80\r\n\r\n")[9:12] == b"200"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://127.0.0.1/alive", b"200"),
        ("HTTP://localhost:8080/alive?x", b"200"),
        ("http://evil.com/alive", b"403"),
        ("http://127.0.0.1:evil.com/alive", b"403"),
        ("http://127.0.0.1@evil.com/alive", b"403"),
        ("http:///alive", b"403"),
        ("//evil.com/alive", b"404"),
        ("ftp://127.0.0.1/alive", b"400"),
        ("alive", b"400"),
        ("*", b"400"),
    ],
)
def test_a_target_that_names_a_server_must_name_this_one(
    sandbox: Running, target: str, status: bytes
) -> None:
    assert talk(sandbox, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())[9:12] == status


def test_a_target_of_this_machine_does_not_make_up_for_a_foreign_host(sandbox: Running) -> None:
    said = talk(sandbox, b"GET http://127.0.0.1/alive HTTP/1.1\r\nHost: evil.com\r\n\r\n")

    assert said[9:12] == b"403"
