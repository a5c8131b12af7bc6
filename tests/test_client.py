"""The client over a session adapter (what is sent, what is refused) and against a real sandbox."""

from __future__ import annotations

import base64
import inspect
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cocalc_magic import Client, catalog
from cocalc_magic.errors import (
    InvalidMessage,
    KeyRefused,
    KeyRequired,
    MessageFailed,
    NotCoCalc,
    ServerUnreachable,
    TimeLimitReached,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from collections.abc import Callable

URL, KEY = "https://cocalc.example.edu/base", "sk-Marked0Marked0Mark00002a"


class Answers(BaseAdapter):
    """A server that is a function: ``(request) -> (status, headers, body)``; keeps what it was sent."""

    def __init__(
        self, answer: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], bytes]]
    ) -> None:
        super().__init__()
        self.answer = answer
        self.requests: list[requests.PreparedRequest] = []
        self.settings: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
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


def always(status: int, body: bytes, **headers: str):
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


def test_netrc_does_not_replace_the_key(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine cocalc.example.edu login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client, server = connected()

    client.ping()

    assert (
        base64.b64decode(server.requests[0].headers["Authorization"].removeprefix("Basic ")).decode()
        == f"{KEY}:"
    )


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
    with Client(URL, KEY) as client:
        session = client._connection.session
        session.mount(
            "https://",
            Answers(
                lambda request: (
                    echo(request)[0],
                    {**echo(request)[1], "Set-Cookie": "a=b"},
                    echo(request)[2],
                )
            ),
        )

        client.ping()

        assert len(session.cookies) == 0


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

    response = client.exchange(catalog.find("ping"), {}, raising=False)

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
    began = time.monotonic()

    with pytest.raises((NotCoCalc, TimeLimitReached)):
        Client(URL, KEY, session=session, timeout=0.3).ping()
    assert time.monotonic() - began < 5


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
        client.pingg()


# -- a real sandbox --------------------------------------------------------------------------------


def test_without_configuration_the_sandbox_answers(client: Client) -> None:
    response = client.ping()

    assert (response.event, response.sandbox, response.server, response.ok) == ("pong", True, "sandbox", True)
    assert 0 < response.elapsed < 5


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
    began = time.monotonic()

    with pytest.raises(TimeLimitReached, match=r"did not answer within 0\.3 s"):
        client.exchange(
            catalog.find("project_exec"), {"project_id": project_id, "command": "sleep 3"}, timeout=0.3
        )
    assert time.monotonic() - began < 2


def test_the_repr_of_a_client_has_no_key(client: Client) -> None:
    assert client.key.reveal() not in repr(client) + str(vars(client))
