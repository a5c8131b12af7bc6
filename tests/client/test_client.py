"""The client over a session adapter (what is sent, what is refused) and against a real sandbox."""

from __future__ import annotations

import base64
import inspect
import io
import json
import re
import time
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cocalc_magic import Client, catalog
from cocalc_magic.config import Server
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    InvalidMessage,
    KeyRefused,
    KeyRequired,
    MessageFailed,
    MessageRefused,
    NotCoCalc,
    ServerError,
    ServerUnreachable,
    TimeLimitReached,
    UnexpectedReply,
)
from cocalc_magic.sandbox.testing import FakeServer, Request, Response, json_response
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL, KEY = "https://cocalc.example.edu/base", "sk-Marked0Marked0Mark00002a"


class Answers(BaseAdapter):
    """A server that is a function: `(request) -> (status, headers, body)`; keeps what it was sent."""

    def __init__(
        self, answer: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], bytes]]
    ) -> None:
        super().__init__()
        self.answer = answer
        self.requests: list[requests.PreparedRequest] = []
        self.settings: list[dict[str, Any]] = []

    def send(  # type: ignore[override]  # whatever else requests gives is noted
        self, request: requests.PreparedRequest, **settings: Any
    ) -> requests.Response:
        self.requests.append(request)
        self.settings.append(settings)
        status, headers, body = self.answer(request)
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = io.BytesIO(body)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        pass


def echo(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
    """A pong with the id that was sent."""
    sent = json.loads(request.body or b"{}")
    return (
        200,
        {"Content-Type": "application/json"},
        json.dumps({"event": "pong", "id": sent.get("id")}).encode(),
    )


def always(status: int, body: bytes, **headers: str) -> Callable[..., Any]:
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def connected(answer: Callable[..., Any] = echo) -> tuple[Client, Answers]:
    adapter, session = Answers(answer), requests.Session()
    session.mount("https://", adapter)
    return Client(URL, KEY, session=session), adapter


# -- what is sent ----------------------------------------------------------------------------------


def test_a_message_is_a_post_of_json_with_the_key_as_basic_user() -> None:
    client, server = connected()

    client.send("create_project", title=7, start=True, id="i")

    request = server.requests[0]
    assert (request.method, request.url) == ("POST", f"{URL}/api/v1/create_project")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body or b"") == {"title": "7", "start": True, "id": "i"}
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == f"{KEY}:"
    assert KEY not in str(request.url)


def test_an_id_is_sent_only_where_the_message_takes_one() -> None:
    client, server = connected(always(200, b'{"event":"x"}'))

    client.ping()
    client.copy_path_status(copy_path_id="b0e1f2a3-0000-4000-8000-000000000000")

    assert "id" in json.loads(server.requests[0].body or b"")
    assert "id" not in json.loads(server.requests[1].body or b"")


def test_netrc_does_not_replace_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine cocalc.example.edu login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client, server = connected()

    client.ping()

    assert (
        base64.b64decode(server.requests[0].headers["Authorization"].removeprefix("Basic ")).decode()
        == f"{KEY}:"
    )


def test_a_session_for_http_by_hand_has_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with FakeServer() as server, Client(server.url, KEY) as client, client.session() as session:
        session.post(f"{server.url}/api/v1/ping", data="{}", headers={"X-Mine": "1"}, timeout=5)

    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/api/v1/ping", b"{}")
    assert request.headers["x-mine"] == "1"
    assert "authorization" not in request.headers


def test_every_request_has_a_time_limit() -> None:
    client, server = connected()

    client.ping()
    client.project_exec(project_id="b0e1f2a3-0000-4000-8000-000000000000", command="ls", timeout=100)

    assert server.settings[0]["timeout"] == (5.0, 60.0)
    assert server.settings[1]["timeout"] == (5.0, 160.0)


@pytest.mark.parametrize(
    ("event", "options", "words"),
    [
        ("pin", {}, "Did you mean ping?"),
        ("ping", {"x": 1}, "ping takes no option 'x'."),
        ("project_exec", {"command": "ls"}, "project_exec needs project_id:"),
        (
            "project_exec",
            {"command": "ls", "project_id": " "},
            "project_id takes a project (its title or id), not",
        ),
        ("project_exec", {"command": "ls", "project_id": {"title": "x"}}, "project_id takes a project"),
    ],
)
def test_nothing_is_sent_that_does_not_fit_the_catalog(
    event: str, options: dict[str, object], words: str
) -> None:
    client, server = connected()

    with pytest.raises(InvalidMessage) as caught:
        client.send(event, **options)

    assert words in str(caught.value)
    assert server.requests == []


# -- what comes back -------------------------------------------------------------------------------


def test_an_answer_to_another_message_is_refused() -> None:
    client, _ = connected(always(200, b'{"event":"pong","id":"other"}'))

    with pytest.raises(UnexpectedReply):
        client.ping()


def test_a_redirect_takes_no_key_along() -> None:
    client, server = connected(always(307, b"", Location="https://evil.example/api/v1/ping"))

    with pytest.raises(NotCoCalc, match=r"sends elsewhere, to https://evil\.example"):
        client.ping()
    assert [request.url for request in server.requests] == [f"{URL}/api/v1/ping"]


def test_a_cookie_is_not_kept() -> None:
    def respond(request: Request) -> Response:
        body = json.loads(request.body)
        answer = json_response(200, {"event": "pong", "id": body["id"]})
        return replace(answer, headers=(("Set-Cookie", "a=b; Path=/"),))

    with FakeServer(respond) as server, Client(server.url, KEY) as client:
        client.ping()
        client.ping()

    assert ["cookie" in request.headers for request in server.requests] == [False, False]


def test_a_key_that_the_server_echoes_is_not_repeated() -> None:
    client, _ = connected(always(400, json.dumps({"error": f"Unknown authorization type '{KEY}'"}).encode()))

    with pytest.raises(KeyRefused) as caught:
        client.ping()

    assert "Unknown authorization type '•••'" in str(caught.value)
    assert KEY not in repr(caught.value.response.value)


def test_a_failure_can_be_looked_at_instead_of_raised() -> None:
    client, _ = connected(
        lambda request: (
            200,
            {},
            json.dumps({"event": "error", "id": json.loads(request.body)["id"], "error": "no"}).encode(),
        )
    )

    response = client.router.exchange(catalog.find("ping"), {}, raising=False)

    assert not response.ok
    assert response["error"] == "no"
    with pytest.raises(MessageFailed, match="no"):
        client.ping()


def test_an_answer_that_does_not_end_is_left() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = b" " * len(buffer)
            return len(buffer)

    adapter = Answers(echo)
    send = adapter.send

    def endless(request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        response = send(request, **settings)
        response.raw = io.BufferedReader(Endless())
        return response

    adapter.send = endless  # type: ignore[method-assign]  # our own adapter, given another body
    session = requests.Session()
    session.mount("https://", adapter)
    with within(5, time.monotonic), pytest.raises((AnswerTooLarge, TimeLimitReached)):
        Client(URL, KEY, session=session, timeout=0.3).ping()


def test_no_server_is_one_clear_line() -> None:
    with pytest.raises(ServerUnreachable) as caught:
        Client("http://127.0.0.1:9", KEY).ping()

    assert str(caught.value).splitlines()[0] == "127.0.0.1:9 can't be reached: Connection refused."
    assert KEY not in str(caught.value)


def test_a_proxy_of_the_environment_is_not_between_two_processes_of_one_machine(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with Client(client.server, client.key) as another:
        assert another.ping().event == "pong"


def test_a_server_needs_a_key() -> None:
    with pytest.raises(KeyRequired, match=r"there is no key for cocalc\.example\.edu"):
        Client(URL)


# -- what HTTP says of it --------------------------------------------------------------------------

JSON_TYPE = b"Content-Type: application/json\r\n"
BUSY = b'{"error":"slow down"}'
P = "b0e1f2a3-0000-4000-8000-000000000000"


def whole(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("event", ["ping", "/customize", "system.ping"], ids=["v1", "v2", "conat"])
def test_a_server_that_is_busy_says_when_to_come_again(event: str) -> None:
    head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n" + JSON_TYPE
    with FakeServer(whole(head, BUSY)) as server, pytest.raises(ServerError) as caught:
        Client(Server("lab", server.url), KEY).send(event)

    assert (caught.value.status, caught.value.retry_after, caught.value.server) == (429, 2.0, "lab")
    first, second, *others = str(caught.value).splitlines()
    assert (first, second) == ("slow down", "  lab answered HTTP 429 Too Many Requests.")
    assert "  Too many messages: wait a little." in others
    assert any(re.fullmatch(r"  Try again in 2 s \(at \d\d:\d\d:\d\d\)\.", line) for line in others)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("0.5", r"in 0\.5 s \(at [\d:]+\)"),
        ("90", r"in 90 s \(at [\d:]+\)"),
        ("600", r"in 10 min \(at [\d:]+\)"),
        ("100000", r"in 28 h \(at \d{4}-\d\d-\d\d [\d:]+\)"),
        ("a date", r"in 1[45] min \(at [\d:]+\)"),
    ],
)
def test_a_page_of_a_proxy_says_when_to_come_again(after: str, words: str) -> None:
    after = formatdate(time.time() + 900, usegmt=True) if after == "a date" else after
    head = f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {after}\r\nContent-Type: text/html\r\n"
    with FakeServer(whole(head.encode(), b"<h1>Down</h1>")) as server, pytest.raises(NotCoCalc) as caught:
        Client(server.url, KEY).ping()

    assert str(caught.value).startswith("HTTP 503 Service Unavailable with text/html where JSON was due.")
    assert re.search(rf"  Try again {words}\.$", str(caught.value), re.MULTILINE)
    assert f"  The answer is from {server.url[7:]}." in str(caught.value)
    assert caught.value.retry_after is not None


def test_headers_of_a_response_are_there_without_secrets() -> None:
    head = (
        b"HTTP/1.1 200 Fine\r\nX-Served-By: hub-1\r\nSet-Cookie: remember_me=abc; Path=/\r\n"
        b"X-Echo: Basic " + base64.b64encode(f"{KEY}:".encode()) + b"\r\n" + KEY.encode() + b": x\r\n"
    )
    with FakeServer(whole(head, b'{"event":"pong"}')) as server:
        response = Client(server.url, KEY).ping()

    assert (response.status, response.reason) == (200, "Fine")
    assert response.headers["x-served-by"] == "hub-1"
    assert response.headers["set-cookie"] == "remember_me=•••; Path=/"
    assert response.headers["X-ECHO"] == "Basic •••"
    assert KEY[3:] not in str(dict(response.headers))


def test_headers_of_a_failure_are_there_too() -> None:
    client, _ = connected(always(400, BUSY, Retry_After="7", X_Where="hub-2"))

    with pytest.raises(MessageRefused) as caught:
        client.ping()

    assert caught.value.response.headers["x-where"] == "hub-2"
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("generation", ["v1", "v2", "conat"])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>Welcome</html>", NotCoCalc),
        (200, b"", NotCoCalc),
        (204, b"", NotCoCalc),
        (200, b'{"event":"pong"', NotCoCalc),
        (502, b"<html>Bad gateway</html>", NotCoCalc),
        (200, b'{"error":"no"}', MessageFailed),
        (200, b'{"error":{"code":"ENOENT","syscall":"open","path":"/x"}}', MessageFailed),
        (200, b'{"error":{"a":[1]}}', MessageFailed),
        (400, b'{"error":"no"}', ServerError),
        (500, b"{}", ServerError),
        (500, b"[]", ServerError),
        (200, b'{"error":false}', None),
        (200, b'{"error":null}', None),
        (200, b'{"error":false,"event":"x"}', None),
        (200, b"[]", None),
        (200, b"7", None),
    ],
)
def test_what_is_a_failure_and_what_is_none(
    generation: str, status: int, body: bytes, kind: type[Exception] | None
) -> None:
    event = {"v1": "ping", "v2": "/customize", "conat": "system.ping"}[generation]
    client, _ = connected(always(status, body))

    if kind is None:
        assert client.send(event).ok
    else:
        with pytest.raises(kind):
            client.send(event)


@pytest.mark.parametrize(
    ("event", "late"), [("projects/call", True), ("/latex", True), ("/customize", False)]
)
def test_nothing_in_an_answer_may_mean_that_it_took_too_long(event: str, late: bool) -> None:
    client, _ = connected(always(200, b"{}"))
    options: dict[str, dict[str, Any]] = {
        "projects/call": {"project_id": P, "mesg": {"event": "ping"}},
        "/latex": {"path": "a.tex", "content": "x"},
        "/customize": {},
    }

    response = client.router.exchange(catalog.find(event), options[event], raising=False)

    assert response.ok is not late


# -- asking the sandbox itself ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n", "is not a sandbox"),
        (b"HTTP/1.1 200 OK\r\nServer: cocalc-magic-sandbox\r\n", "where JSON was due"),
        (b"HTTP/1.1 502 Bad Gateway\r\nServer: cocalc-magic-sandbox\r\n", "HTTP 502 Bad Gateway with nothing where JSON was due"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff"])
def test_what_controls_a_sandbox_stands_every_answer(answer: bytes, words: str, body: bytes) -> None:
    with FakeServer(whole(answer, body)) as server, pytest.raises(CoCalcError, match=words):
        Client(server.url, KEY).control("status")


@pytest.mark.parametrize(("status", "body"), [(400, b"[]"), (400, b"{}"), (200, b"7"), (409, b'"no"')])
def test_a_sandbox_that_refuses_without_a_reason_is_told(status: int, body: bytes) -> None:
    client, _ = connected(always(status, body, Server="cocalc-magic-sandbox"))

    with pytest.raises(CoCalcError, match=f"the sandbox refuses .HTTP {status}"):
        client.control("status")


# -- events as methods -----------------------------------------------------------------------------


def test_every_event_is_a_method_with_signature_and_docstring() -> None:
    client, _ = connected()
    for event, message in catalog.messages().items():
        method = getattr(client, event)

        assert set(inspect.signature(method).parameters) == {option.name for option in message.options}
        assert method.__doc__.startswith(message.summary)
        assert event in dir(client)


def test_required_options_have_no_default_in_the_signature() -> None:
    client, _ = connected()

    parameters = inspect.signature(client.project_exec).parameters

    assert list(parameters)[:2] == ["project_id", "command"]
    assert parameters["command"].default is inspect.Parameter.empty
    assert parameters["timeout"].default == 10


def test_no_event_hides_behind_an_attribute() -> None:
    assert set(catalog.messages()) & set(dir(Client)) == set()


def test_what_is_no_event_is_no_method() -> None:
    client, _ = connected()

    with pytest.raises(AttributeError, match="there is no such event"):
        client.pingg()  # type: ignore[attr-defined]


# -- a real sandbox --------------------------------------------------------------------------------


def test_without_configuration_the_sandbox_answers(client: Client) -> None:
    began = time.perf_counter()
    response = client.ping()

    assert (response.event, response.sandbox, response.server, response.ok) == ("pong", True, "sandbox", True)
    assert 0 < response.elapsed <= time.perf_counter() - began


def test_a_sandbox_is_known_by_its_answers(client: Client) -> None:
    with Client(client.server.url, client.key) as another:
        assert another.ping().sandbox


def test_a_file_is_written_and_read_back(client: Client, project_id: str) -> None:
    client.write_text_file_to_project(project_id=project_id, path="a.txt", content="žluť 🐴\n")

    assert client.read_text_file_from_project(project_id=project_id, path="a.txt")["content"] == "žluť 🐴\n"


def test_a_failed_message_says_so_in_the_servers_words(client: Client, project_id: str) -> None:
    with pytest.raises(MessageFailed, match="ENOENT: no such file or directory"):
        client.read_text_file_from_project(project_id=project_id, path="none.txt")


def test_a_wrong_key_is_refused(client: Client) -> None:
    with pytest.raises(KeyRefused, match="No account found"):
        Client(client.server.url, "sk-0000000000000000000009").ping()


def test_the_time_limit_holds(client: Client, project_id: str) -> None:
    refused = pytest.raises(TimeLimitReached, match=r"did not answer within 0\.3 s")
    with within(8, time.monotonic), refused:
        client.router.exchange(
            catalog.find("project_exec"), {"project_id": project_id, "command": "sleep 9"}, timeout=0.3
        )


def test_the_repr_of_a_client_has_no_key(client: Client) -> None:
    assert client.key.reveal() not in repr(client) + str(vars(client))
