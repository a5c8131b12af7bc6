"""The server for tests: it notes what arrives, and answers whatever a test gives it."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic import Client
from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sandbox.testing import Connection, FakeServer, Request, Response
from tests.certificates import certificate

if TYPE_CHECKING:
    from pathlib import Path


def test_it_answers_json_and_notes_what_arrived() -> None:
    with FakeServer({"event": "pong"}) as server, Client(server.url, "sk-Marked0Marked0Mark00001n") as client:
        assert client.ping().event == "pong"

    (request,) = server.requests
    assert (request.method, request.target, list(json.loads(request.body))) == (
        "POST",
        "/api/v1/ping",
        ["id"],
    )
    assert request.headers["content-type"] == "application/json"
    assert server.arrived.is_set()


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        ([1, "ä"], 200, '[1,"ä"]'),
        (0, 200, "0"),
        (Response(404, "text/plain", b"gone"), 404, "gone"),
        (lambda request: {"path": request.path}, 200, '{"path":"/x"}'),
        (b"HTTP/1.0 418 Teapot\r\n\r\nshort", 418, "short"),
    ],
    ids=["list", "zero", "response", "function", "bytes"],
)
def test_an_answer_may_have_any_of_these_forms(answer: Any, status: int, text: str) -> None:
    with FakeServer(answer) as server:
        got = requests.get(f"{server.url}/x?y=1", timeout=5)

    assert (got.status_code, got.content.decode()) == (status, text)


def test_a_connection_serves_many_requests_and_answers_change() -> None:
    with FakeServer() as server, requests.Session() as session:
        assert session.post(server.url, data="one", timeout=5).json() == {}
        server.answer = {"second": True}
        assert session.post(server.url, data="two", timeout=5).json() == {"second": True}
        assert session.head(server.url, timeout=5).headers["content-length"] == "15"

        assert [request.body for request in server.take()] == [b"one", b"two", b""]
        assert (server.requests, server.connections) == ([], 1)


def test_a_response_may_be_broken_as_a_fault_breaks_it() -> None:
    with FakeServer(Response(200, "", b"0123456789", sent_bytes=4)) as server:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(server.url, timeout=5)
        server.answer = Response(200, "", b"", dropped=True)
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=5)


def test_a_connection_is_played_byte_by_byte() -> None:
    def play(connection: Connection) -> None:
        request = connection.read_request()
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", pause=0)
        connection.send(request.body)

    with FakeServer(play=play) as server:
        assert requests.post(server.url, data=b"abc", timeout=5).content == b"abc"


def test_a_body_that_waits_to_be_asked_for_is_asked_for() -> None:
    with FakeServer(lambda request: {"length": len(request.body)}) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.putrequest("POST", "/")
        connection.putheader("Expect", "100-continue")
        connection.putheader("Content-Length", "5")
        connection.endheaders(b"hello")
        assert json.load(connection.getresponse()) == {"length": 5}
        connection.close()


def test_it_speaks_tls(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    with FakeServer({"fine": True}, tls=context) as server:
        assert requests.get(server.url, verify=str(file), timeout=5).json() == {"fine": True}
        assert server.url.startswith("https://localhost:")


def test_closing_ends_connections_that_wait() -> None:
    """What a function waits for is over, and whoever listens reads the end."""

    def play(connection: Connection) -> None:
        connection.read_request()
        connection.wait()

    server = FakeServer(play=play)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/")
    assert server.arrived.wait(10)
    server.close()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)


def test_headers_given_twice_are_one_line() -> None:
    def answer(request: Request) -> str:
        return request.headers["x-twice"]

    with FakeServer(answer) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.putrequest("GET", "/")
        connection.putheader("X-Twice", "a")
        connection.putheader("X-Twice", "b")
        connection.endheaders()
        assert json.load(connection.getresponse()) == "a, b"
        connection.close()


def test_a_session_gets_the_answer_without_a_connection() -> None:
    answer = Response(302, "text/plain", b"gone", (("Location", "/x"), ("Set-Cookie", "a=1")))
    with FakeServer(answer) as server, server.session() as session:
        got = session.post(f"{server.url}/y?z=1", data={"b": "2"}, allow_redirects=False)

    assert (got.status_code, got.text, got.headers["Location"]) == (302, "gone", "/x")
    assert session.cookies.get_dict() == {"a": "1"}
    assert [(request.target, request.body) for request in server.requests] == [("/y?z=1", b"b=2")]
    assert server.connections == 0


@pytest.mark.parametrize("given", [{"answer": b"HTTP/1.0 200 OK\r\n\r\n"}, {"play": Connection.wait}])
def test_bytes_need_a_connection(given: dict[str, Any]) -> None:
    with FakeServer(**given) as server, pytest.raises(CannotStart, match="bytes are sent on a connection"):
        server.session().get(server.url)
