"""HTTP with servers that mean no good: each exchange ends in time, within bounds, and says what was."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic import Client
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.client.transport import KeyAuth, NoAuth, Transport
from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.config import Server
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import (
    AnswerTooLarge,
    ConnectionLost,
    Interrupted,
    NotCoCalc,
    ServerUnreachable,
    TimeLimitReached,
)
from cocalc_magic.sandbox.testing import Connection, FakeServer, Sandbox
from tests.certificates import certificate
from tests.timing import granted, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-Marked0Marked0Mark00001n"
PONG = b'{"event":"pong","now":1}'
LIMIT = 1.0
LATE = 0.5  # seconds that are granted after the limit
ROOM = 50_000  # kB of memory
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"


@cache
def packed(window: int) -> tuple[bytes, bytes]:
    """The begin of a stream that grows a thousandfold when it is decompressed, and what goes on for ever."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, window)
    begin, again = (compressor.compress(b" " * 1_000_000) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in "12")
    return begin, again


def bomb(encoding: bytes, window: int) -> Callable[[Connection], None]:
    begin, again = packed(window)
    return after_request(floods(again, JSON + b"Content-Encoding: " + encoding + b"\r\n\r\n" + begin))


@cache
def twice_packed() -> bytes:
    return gzip.compress(gzip.compress(b" " * 60_000_000, 1), 1)


def bomb_in_a_bomb(connection: Connection) -> None:
    connection.read_request()
    answer(connection, twice_packed(), JSON + b"Content-Encoding: gzip, gzip\r\n")


def answer(connection: Connection, body: bytes, head: bytes = JSON) -> None:
    connection.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def after_request(*steps: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """What happens after a request was read."""

    def play(connection: Connection) -> None:
        connection.read_request()
        for step in steps:
            step(connection)

    return play


def sends(data: bytes) -> Callable[[Connection], None]:
    return lambda connection: connection.send(data)


def trickles(data: bytes) -> Callable[[Connection], None]:
    return lambda connection: connection.trickle(data)


def floods(data: bytes, before: bytes = b"") -> Callable[[Connection], None]:
    def flood(connection: Connection) -> None:
        connection.send(before)
        connection.flood(data)

    return flood


AWAY = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n"
TOO_LARGE = "AnswerTooLarge: the answer of {} is larger than 40 MB"
NOT_DONE = "TimeLimitReached: {} began to answer, and was not done within 1 s"
NO_ANSWER = "TimeLimitReached: {} did not answer within 1 s"
Shapes = dict[str, tuple[Callable[[Connection], None], str]]

SLOW: Shapes = {
    "silent": (after_request(Connection.wait), NO_ANSWER),
    "100 Continue, slowly": (after_request(trickles(b"HTTP/1.1 100 Continue\r\n\r\n" * 99)), NO_ANSWER),
    "status line, slowly": (after_request(trickles(b"HTTP/1.1 200 OK" + b" " * 999)), NO_ANSWER),
    "header line, slowly": (after_request(sends(JSON), trickles(b"X-Slow: " + b"x" * 999)), NO_ANSWER),
    "body, slowly": (after_request(sends(JSON + b"Content-Length: 99\r\n\r\n"), trickles(b" " * 99)), NOT_DONE),
    "body until the end, slowly": (after_request(sends(JSON + b"\r\n"), trickles(b" " * 99)), NOT_DONE),
    "one large chunk, slowly": (after_request(sends(CHUNKED + b"fffffff\r\n"), trickles(b" " * 99)), NOT_DONE),
    "small chunks, slowly": (after_request(sends(CHUNKED), trickles(b"1\r\n \r\n" * 99)), NOT_DONE),
    "size of a chunk, slowly": (after_request(sends(CHUNKED), trickles(b"0" * 999)), NOT_DONE),
    "trailers, slowly": (after_request(sends(CHUNKED + b"1\r\n \r\n0\r\n"), trickles(b"X: y\r\n" * 99)), NOT_DONE),
}  # fmt: skip

LARGE: Shapes = {
    "100 Continue, again and again": (after_request(floods(b"HTTP/1.1 100 Continue\r\n\r\n" * 999)), "AnswerTooLarge: {} sent more than 1 MB and no answer"),
    "103 Early Hints, again and again": (after_request(floods(b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 9000 + b"\r\n\r\n")), "AnswerTooLarge: {} sent more than 1 MB and no answer"),
    "headers, without end": (after_request(floods(b"X-More: x\r\n", JSON)), "NotCoCalc: what {} answers is not HTTP: got more than 100 headers"),
    "a header, without end": (after_request(floods(b"x" * 65_536, JSON + b"X: ")), "NotCoCalc: what {} answers is not HTTP: got more than 65536 bytes"),
    "redirect with a body without end": (after_request(floods(b"x" * 65_536, AWAY + b"\r\n")), "NotCoCalc: HTTP 302 Found: the server sends elsewhere, to https://evil.example/"),
    "redirect with chunks without end": (after_request(floods(b"5\r\nhello\r\n", AWAY + b"Transfer-Encoding: chunked\r\n\r\n")), "NotCoCalc: HTTP 302 Found: the server sends elsewhere"),
    "redirect with a slow body": (after_request(sends(AWAY + b"Content-Length: 99\r\n\r\n"), trickles(b"x" * 99)), "NotCoCalc: HTTP 302 Found: the server sends elsewhere"),
    "body without end": (after_request(floods(b" " * 65_536, JSON + b"\r\n")), TOO_LARGE),
    "error without end": (after_request(floods(b" " * 65_536, b"HTTP/1.1 500 Oh\r\n\r\n")), TOO_LARGE),
    "chunks without end": (after_request(floods(b"10000\r\n" + b" " * 65_536 + b"\r\n", CHUNKED)), TOO_LARGE),
    "gzip bomb": (bomb(b"gzip", 31), TOO_LARGE),
    "deflate bomb": (bomb(b"deflate", 15), TOO_LARGE),
    "bomb in a bomb": (bomb_in_a_bomb, TOO_LARGE),
}  # fmt: skip

PROGRAM = """
import json, resource, sys, time
from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError, Interrupted
for line in sys.stdin:
    url, key, limit = json.loads(line)
    began = time.monotonic()
    try:
        with Client(url, key, timeout=limit) as client:
            said = repr(client.ping())
    except (CoCalcError, Interrupted) as problem:
        said = f"{type(problem).__name__}: {problem}"
    took = time.monotonic() - began
    print(json.dumps([said, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), flush=True)
"""


class Asking:
    """A process that asks servers, whose time and memory are its own."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=pipe, stdout=pipe, text=True)
        with FakeServer(json.loads(PONG)) as good:
            self.memory = self.ping(good.url)[2]

    def ask(self, url: str, limit: float = LIMIT) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps([url, KEY, limit]) + "\n")
        self.process.stdin.flush()

    def told(self) -> tuple[str, float, int]:
        """What was said, how many seconds it took, and the most kB of memory so far."""
        assert self.process.stdout
        said, took, memory = json.loads(self.process.stdout.readline())
        return said, took, memory

    def ping(self, url: str, limit: float = LIMIT) -> tuple[str, float, int]:
        self.ask(url, limit)
        return self.told()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    if sys.platform != "linux":
        pytest.skip("memory is counted in another way elsewhere")
    started = Asking()
    yield started
    started.close()


# -- time and memory -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SLOW)
def test_an_answer_that_comes_slowly_ends_in_time(asking: Asking, shape: str) -> None:
    play, words = SLOW[shape]
    with FakeServer(play=play) as server:
        said, took, memory = asking.ping(server.url, LIMIT)

    assert said.startswith(words.format(server.url[7:]))
    assert took < granted(LIMIT + LATE, time.monotonic)
    assert memory - asking.memory < ROOM


@pytest.mark.parametrize("shape", LARGE)
def test_an_answer_without_end_is_left_within_bounds(asking: Asking, shape: str) -> None:
    play, words = LARGE[shape]
    with FakeServer(play=play) as server:
        said, took, memory = asking.ping(server.url, 10 * LIMIT)

    assert said.startswith(words.format(server.url[7:]))
    assert took < granted(10 * LIMIT + LATE, time.monotonic)
    assert memory - asking.memory < ROOM


@pytest.mark.parametrize("shape", ["silent", "100 Continue, slowly", "header line, slowly", "body, slowly",
                                   "one large chunk, slowly", "trailers, slowly"])  # fmt: skip
def test_ctrl_c_ends_it_at_once(asking: Asking, shape: str) -> None:
    with FakeServer(play=SLOW[shape][0]) as server:
        asking.ask(server.url, 60)
        assert server.arrived.wait(20)
        with within(0.5, time.monotonic):
            asking.interrupt()
            said, _, _ = asking.told()
    assert said == (f"Interrupted: stopped waiting for {server.url[7:]}; ping may still be going on there.")


@pytest.mark.parametrize("shape", ["silent", "100 Continue, slowly", "header line, slowly", "body, slowly",
                                   "one large chunk, slowly", "trailers, slowly"])  # fmt: skip
@pytest.mark.parametrize("session", [None, requests.Session()], ids=["ours", "another's session"])
def test_stop_ends_it_at_once(shape: str, session: requests.Session | None) -> None:
    stop = CancelToken()
    with FakeServer(play=SLOW[shape][0]) as server, ThreadPoolExecutor(1) as pool:

        def ping() -> None:
            with stop.active():
                Client(server.url, KEY, timeout=60, session=session).ping()

        future = pool.submit(ping)
        assert server.arrived.wait(20)
        with within(0.5, time.monotonic):
            stop.cancel()
            with pytest.raises(Interrupted):
                future.result(5)


def test_after_a_failure_the_next_exchange_has_a_connection_of_its_own() -> None:
    def play(connection: Connection) -> None:
        connection.read_request()
        if server.connections == 1:
            connection.send(JSON + b"Content-Length: 99\r\n\r\n" + PONG)
            connection.wait()
        answer(connection, PONG)

    with FakeServer(play=play) as server, Client(server.url, KEY, timeout=0.3) as client:
        with pytest.raises(TimeLimitReached):
            client.ping()
        assert client.ping()["now"] == 1


# -- how it is told --------------------------------------------------------------------------------

SESSIONS = pytest.mark.parametrize("session", [None, requests.Session()], ids=["ours", "another's session"])


@SESSIONS
@pytest.mark.parametrize(
    ("play", "kind", "words"),
    [
        (after_request(sends(JSON + b"Content-Length: 93\r\n\r\n" + PONG[:10])), ConnectionLost, "{} answered, but the answer broke off after 10 of 93 bytes."),
        (after_request(sends(JSON + b"Content-Length: 93\r\n\r\n")), ConnectionLost, "{} answered, but the answer broke off after 0 of 93 bytes."),
        (after_request(sends(CHUNKED + b"ff\r\n" + PONG)), ConnectionLost, "{} answered, but the answer broke off after"),
        (after_request(sends(CHUNKED)), ConnectionLost, "{} answered, but the answer broke off after 0 bytes."),
        (after_request(sends(JSON + b"Content-Length: 93\r\n\r\n" + PONG), Connection.reset), ConnectionLost, "{} answered, but the answer broke off after"),
        (after_request(), ConnectionLost, "{} ended the connection without an answer"),
        (after_request(Connection.reset), ConnectionLost, "{} ended the connection without an answer"),
        (after_request(sends(b"220 mail.example ESMTP\r\n")), NotCoCalc, "what {} answers is not HTTP"),
        (after_request(sends(JSON + b"Content-Encoding: gzip\r\n\r\n" + PONG)), NotCoCalc, "the answer of {} can't be read"),
        (after_request(sends(CHUNKED + b"hello\r\n")), NotCoCalc, "the answer of {} can't be read"),
        (after_request(floods(b" " * 65_536, AWAY + b"\r\n")), NotCoCalc, "the server sends elsewhere, to https://evil.example/"),
        (after_request(sends(AWAY + b"Content-Length: 99\r\n\r\n"), Connection.wait), NotCoCalc, "the server sends elsewhere"),
        (after_request(floods(b" " * 65_536, JSON + b"\r\n")), AnswerTooLarge, "the answer of {} is larger than 40 MB"),
        (after_request(Connection.wait), TimeLimitReached, "{} did not answer within 1 s."),
        (after_request(sends(JSON + b"Content-Length: 99\r\n\r\n"), trickles(b" " * 99)), TimeLimitReached, "1 s"),
    ],
    ids=["cut off", "cut off at once", "chunk cut off", "chunks cut off", "reset in the answer", "closed", "reset", "no http", "no gzip",
         "no chunk", "endless redirect", "slow redirect", "too large", "silent", "slow"],
)  # fmt: skip
def test_what_went_wrong_is_told(
    play: Callable[[Connection], None], kind: type[Exception], words: str, session: requests.Session | None
) -> None:
    limit = 10 if kind is AnswerTooLarge else 1
    with FakeServer(play=play) as server, pytest.raises(kind) as caught:
        Client(server.url, KEY, timeout=limit, session=session).ping()

    assert words.format(server.url[7:]) in str(caught.value).splitlines()[0]


def test_a_lost_connection_says_what_may_have_happened() -> None:
    with FakeServer(play=after_request()) as server, pytest.raises(ConnectionLost) as caught:
        Client(server.url, KEY).ping()

    assert "What was asked may have been done there all the same." in str(caught.value)


def test_what_is_not_taken_in_time_is_told() -> None:
    def read_a_little(connection: Connection) -> None:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while not connection.server.closed.wait(0.1):
            connection.socket.recv(100)

    letter = WireRequest("/api/v1/ping", {}, b"x" * 20_000_000)
    with FakeServer(play=read_a_little) as server:
        transport = Transport(Server("lab", server.url))
        refused = pytest.raises(TimeLimitReached, match="lab did not take the whole message within 1 s")
        with within(LIMIT + LATE, time.monotonic), refused:
            transport.request(letter, LIMIT, KeyAuth(Secret(KEY)))


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """An address where connections are not refused, but never made either: its queue is full."""
    with socket.socket() as listening_:
        listening_.bind(("127.0.0.1", 0))
        listening_.listen(0)
        address = listening_.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="queues are full in another way elsewhere")
def test_a_connection_that_is_not_made_ends_in_time(asking: Asking) -> None:
    with nobody_accepts() as url:
        said, took, _ = asking.ping(url)

    assert said.startswith(f"ServerUnreachable: {url[7:]} can't be reached: no connection within 1 s.")
    assert took < granted(LIMIT + LATE, time.monotonic)


def test_a_name_that_nobody_knows_is_told_in_time(asking: Asking) -> None:
    said, took, _ = asking.ping("https://cocalc.invalid")

    assert said.startswith("ServerUnreachable: cocalc.invalid can't be reached: ")
    assert took < granted(LIMIT + LATE, time.monotonic)


@pytest.mark.skipif(sys.platform != "linux", reason="queues are full in another way elsewhere")
def test_who_stops_before_there_is_a_connection_is_told_that_nothing_was_sent() -> None:
    stop = CancelToken()
    with nobody_accepts() as url, Client(url, KEY, timeout=60) as client, ThreadPoolExecutor(1) as pool:

        def ping() -> None:
            with stop.active():
                client.ping()

        future = pool.submit(ping)
        stop.cancel()
        with pytest.raises(Interrupted, match="stopped before anything was sent to 127"):
            future.result(5)


# -- TLS -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """A certificate that nobody knows, and a server's context with it."""
    file, context = certificate(tmp_path_factory.mktemp("tls"))
    return str(file), context


@pytest.mark.parametrize(
    "play", [Connection.wait, trickles(b"\x16\x03\x03\x40\x00" + b"\2" * 99)], ids=["silent", "slow"]
)
def test_a_handshake_that_hangs_ends_in_time(play: Callable[[Connection], None]) -> None:
    refused = pytest.raises(ServerUnreachable, match=r"did not finish the TLS handshake within 1 s")
    with (
        FakeServer(play=play) as server,
        Client(f"https://{server.url[7:]}", KEY, timeout=1) as client,
        within(LIMIT + LATE, time.monotonic),
        refused as caught,
    ):
        client.ping()

    assert f"Does it speak plain http? Then its address is {server.url}" in str(caught.value)


def test_a_server_of_plain_http_is_offered_as_such() -> None:
    with (
        FakeServer(play=sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server,
        pytest.raises(ServerUnreachable, match="the TLS handshake failed") as caught,
    ):
        Client(f"https://{server.url[7:]}", KEY).ping()

    assert f"Does it speak plain http? Then its address is {server.url}" in str(caught.value)


def test_plain_http_to_another_machine_is_offered_with_what_it_means() -> None:
    """0.0.0.0 stands for another machine: it is not an address that only this one has."""
    with socket.create_server(("0.0.0.0", 0)) as silent:  # noqa: S104 - gone with the test
        address = f"0.0.0.0:{silent.getsockname()[1]}"
        with pytest.raises(ServerUnreachable, match="TLS handshake") as caught:
            Client(f"https://{address}", KEY, timeout=0.3).ping()

    assert "whoever listens on the way can read the key" in str(caught.value)
    assert f"%cocalc server add NAME http://{address} --insecure" in str(caught.value)


def test_a_handshake_that_is_broken_off_is_told() -> None:
    def play(connection: Connection) -> None:
        connection.socket.recv(1)
        connection.reset()

    with FakeServer(play=play) as server, pytest.raises(ServerUnreachable, match="the TLS handshake failed"):
        Client(f"https://{server.url[7:]}", KEY).ping()


def test_ctrl_c_ends_a_handshake_at_once_and_nothing_was_sent(asking: Asking) -> None:
    def play(connection: Connection) -> None:
        connection.socket.recv(1)
        connection.server.arrived.set()
        connection.wait()

    with FakeServer(play=play) as server:
        asking.ask(f"https://{server.url[7:]}", 60)
        assert server.arrived.wait(20)
        with within(0.5, time.monotonic):
            asking.interrupt()
            said, _, _ = asking.told()
    assert said == f"Interrupted: stopped before anything was sent to {server.url[7:]}."


@pytest.mark.parametrize("insecure", [False, True])
def test_a_certificate_that_is_not_known_can_be_named(campus: tuple[str, Any], insecure: bool) -> None:
    with FakeServer(json.loads(PONG), tls=campus[1]) as server:
        where = Server("lab", server.url, insecure=insecure)
        with pytest.raises(ServerUnreachable, match="the certificate of lab is not trusted") as caught:
            Client(where, KEY).ping()
        with Client(Server("lab", server.url, ca=campus[0]), KEY) as client:
            assert client.ping().ok

    assert f"%cocalc server add NAME {server.url} --ca FILE" in str(caught.value)
    assert ("certificates are checked all the same" in str(caught.value)) is insecure
    assert "plain http" not in str(caught.value)


def test_a_certificate_of_another_name_is_told(tmp_path: Path) -> None:
    file, context = certificate(tmp_path, "-addext", "subjectAltName=DNS:cocalc.example.edu")
    with (
        FakeServer(json.loads(PONG), tls=context) as server,
        pytest.raises(ServerUnreachable, match="is for another name"),
    ):
        Client(Server("lab", server.url, ca=str(file)), KEY).ping()


def test_the_deadline_holds_over_tls(campus: tuple[str, Any]) -> None:
    slow = after_request(sends(JSON + b"Content-Length: 99\r\n\r\n"), trickles(b" " * 99))
    refused = pytest.raises(TimeLimitReached, match="began to answer")
    with FakeServer(play=slow, tls=campus[1]) as server, within(LIMIT + LATE, time.monotonic), refused:
        Client(Server("lab", server.url, ca=campus[0]), KEY, timeout=1).ping()


def test_through_a_socks_proxy_the_limits_hold_too() -> None:
    pytest.importorskip("socks")
    slow = after_request(sends(JSON + b"Content-Length: 99\r\n\r\n"), trickles(b" " * 99))

    def proxy(connection: Connection) -> None:
        connection.socket.recv(3)
        connection.send(b"\5\0")
        connection.socket.recv(300)
        connection.send(b"\5\0\0\1\0\0\0\0\0\0")
        slow(connection)

    with FakeServer(play=proxy) as server:
        where = Server("lab", "http://cocalc.lan", proxy=f"socks5h://{server.url[7:]}", insecure=True)
        with (
            within(LIMIT + LATE, time.monotonic),
            Client(where, KEY, timeout=1) as client,
            pytest.raises(TimeLimitReached, match="began to answer"),
        ):
            client.ping()


# -- what goes through besides ---------------------------------------------------------------------


def test_interim_answers_are_passed_over() -> None:
    early = sends(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    with FakeServer(play=after_request(early, lambda connection: answer(connection, PONG))) as server:
        assert Client(server.url, KEY).ping()["now"] == 1


def test_the_key_is_not_printed_by_the_debugging_of_http(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with FakeServer(json.loads(PONG)) as server:
        Client(server.url, KEY).ping()

    assert capsys.readouterr().out == ""


class Pieces:
    """A body that is made as it is sent."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


class Unreadable(Pieces):
    def __iter__(self) -> Iterator[bytes]:
        yield self.pieces[0]
        raise OSError(5, "Input/output error")


LETTER = WireRequest("/upload", {"Content-Type": "text/plain"}, b"")


@SESSIONS
def test_a_body_is_sent_piece_by_piece(session: requests.Session | None) -> None:
    pieces = [b"a", b"b" * 100_000, b"c"]
    with FakeServer() as server:
        transport = Transport(Server("lab", server.url), session)
        reply = transport.request(LETTER, 5, NoAuth(Secret(KEY)), body=Pieces(*pieces))
        transport.close()

    assert reply.status == 200
    assert server.requests[0].headers["content-length"] == "100002"
    assert server.requests[0].body == b"".join(pieces)


@SESSIONS
def test_an_answer_goes_into_a_sink(session: requests.Session | None) -> None:
    sink = io.BytesIO()
    data = os.urandom(300_000)
    with FakeServer(play=after_request(lambda connection: answer(connection, data))) as server:
        letter = WireRequest("/file", {}, b"", "GET")
        reply = Transport(Server("lab", server.url), session).request(
            letter, 5, KeyAuth(Secret(KEY)), sink=sink, max_bytes=400_000
        )

    assert sink.getvalue() == data
    assert (reply.status, reply.body) == (200, "")


def test_an_answer_that_is_no_file_does_not_go_into_a_sink() -> None:
    sink = io.BytesIO()
    gone = after_request(
        lambda connection: answer(connection, b"no such file", b"HTTP/1.1 404 Not Found\r\n")
    )
    with FakeServer(play=gone) as server:
        reply = Transport(Server("lab", server.url)).request(LETTER, 5, KeyAuth(Secret(KEY)), sink=sink)

    assert sink.getvalue() == b""
    assert (reply.http, reply.body) == ("HTTP 404 Not Found", "no such file")


def test_a_sink_has_its_limit() -> None:
    class Counting:
        written = 0

        def write(self, data: bytes, /) -> None:
            self.written += len(data)

    sink = Counting()
    with (
        FakeServer(play=after_request(floods(b" " * 65_536, JSON + b"\r\n"))) as server,
        pytest.raises(AnswerTooLarge),
    ):
        Transport(Server("lab", server.url)).request(
            LETTER, 5, KeyAuth(Secret(KEY)), sink=sink, max_bytes=1_000_000
        )
    assert 0 < sink.written <= 1_000_000


def test_a_file_that_fails_here_is_no_failure_of_the_server() -> None:
    class Full:
        def write(self, data: bytes, /) -> None:
            raise OSError(28, "No space left on device")

    with FakeServer(json.loads(PONG)) as server:
        transport = Transport(Server("lab", server.url))
        with pytest.raises(OSError, match="No space left"):
            transport.request(LETTER, 5, KeyAuth(Secret(KEY)), sink=Full())
        with pytest.raises(OSError, match="Input/output error"):
            transport.request(LETTER, 5, KeyAuth(Secret(KEY)), body=Unreadable(b"a" * 100_000, b"b"))
        transport.close()


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"truncate": 10}, ConnectionLost, r"answered, but the answer broke off after 10 of \d+ bytes\."),
        ({"drop": True}, ConnectionLost, "ended the connection without an answer"),
        ({"latency": 5}, TimeLimitReached, "did not answer within 0.5 s"),
    ],
)
def test_a_sandbox_in_this_process_breaks_off_as_others_do(
    fault: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with Sandbox() as box, Client(box.url, box.key, session=box.session(), timeout=0.5) as client:
        box.fault(**fault)
        with pytest.raises(kind, match=words):
            client.ping()


def test_a_session_of_another_is_used_with_all_that_it_does() -> None:
    seen: list[str] = []

    class Own(requests.Session):
        def send(self, request: requests.PreparedRequest, **keywords: Any) -> requests.Response:
            seen.append("send")
            return super().send(request, **keywords)

    session = Own()
    session.headers["X-Own"] = "yes"
    session.hooks["response"].append(lambda answer, **_: seen.append(f"hook {answer.status_code}"))

    with FakeServer(json.loads(PONG)) as server, session:
        assert Client(server.url, KEY, session=session).ping().ok

    assert seen == ["send", "hook 200"]
    assert server.requests[0].headers["x-own"] == "yes"


@pytest.mark.parametrize("own", [True, False])
def test_the_headers_that_were_sent_are_kept_without_what_is_secret_in_them(own: bool) -> None:
    session = requests.Session()
    session.headers.update({"X-Api-Key": "hunter2", "X-Course": f"of {KEY}", "Cookie": "remember_me=hunter2"})
    with FakeServer(json.loads(PONG)) as server:
        client = Client(server.url, KEY, session=None if own else session)
        response = client.ping()
        exchange = response.exchange
        sent = server.take()[0]

    assert exchange is not None
    assert exchange.headers["Authorization"] == "Basic •••"
    assert exchange.headers["Content-Type"] == "application/json"
    assert (exchange.sent, exchange.received) == (len(sent.body), int(response.headers["Content-Length"]))
    assert "X-Api-Key" not in exchange.headers, "what a session of one's own adds is one's own"
    shown = repr(exchange)
    assert [secret for secret in (KEY, "hunter2", sent.headers["authorization"]) if secret in shown] == []
