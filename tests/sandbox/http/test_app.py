"""What a request gets before its message runs: order of checks, words, limits."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import v1
from tests.timing import within

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running


def test_ping_answers_with_the_time_and_the_id(sandbox: Running) -> None:
    answer = sandbox.send("ping", id={"a": [1]})

    assert answer["event"] == "pong"
    assert answer["id"] == {"a": [1]}
    assert answer["now"].endswith("Z")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "You must provide authentication via an API key."),
        ("Digest x", "Unknown authorization type 'Digest'"),
        ("basic x", "Unknown authorization type 'basic'"),
        ("Bearer sk-0000000000000000000009", "No account found. Is your API key wrong?"),
        ("Bearer sk-!!!!!!", 'error: value "-13967271045" is out of range for type integer'),
        ("Bearer", "TypeError: Cannot read properties of undefined (reading 'startsWith')"),
        ("Basic Og==", "No account found. Is your API key wrong?"),
        ("Basic !!!", "No account found. Is your API key wrong?"),
        (
            "Basic",
            "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received undefined",
        ),
    ],
)
def test_a_key_is_refused_in_the_recorded_words(sandbox: Running, header: str | None, words: str) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = sandbox.session.post(f"{sandbox.url}/api/v1/ping", json={}, headers=headers, timeout=10)

    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_a_key_is_the_user_of_basic_authentication(sandbox: Running) -> None:
    pair = base64.b64encode(f"{sandbox.key}:ignored".encode()).decode()

    assert sandbox.post("ping", key="", headers={"Authorization": f"Basic {pair}"}).json()["event"] == "pong"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("no_such", "unknown endpoint 'no_such'"),
        ("public_get_text_file", "unknown endpoint 'public_get_text_file'"),
        ("sign_in", "endpoint 'sign_in' is not part of the HTTP API"),
        ("delete_account", "endpoint 'delete_account' is not part of the HTTP API"),
        ("jupyter_start_pool", "unknown message event type 'jupyter_start_pool'"),
        ("constructor", "unknown message event type 'undefined'"),
        ("valueOf", "invalid parameters 'TypeError: Cannot convert undefined or null to object'"),
    ],
)
def test_what_is_no_message_of_the_api_is_refused(sandbox: Running, event: str, words: str) -> None:
    answer = sandbox.post(event)

    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_options_are_checked_before_the_key(sandbox: Running) -> None:
    """The first missing one in the order of the definition comes before any unknown one."""
    missing = sandbox.post("project_exec", {"foo": 1, "project_id": None}, key="wrong").json()["error"]
    unknown = sandbox.post("ping", {"foo": 1, "bar": 2}, key="wrong").json()["error"]

    assert (
        missing
        == "invalid parameters 'Error: misc.defaults -- TypeError: property 'project_id' must be specified: '"
    )
    assert (
        unknown == "invalid parameters 'Error: misc.defaults -- TypeError: got an unexpected argument 'foo' '"
    )


def test_an_option_that_came_after_the_recorded_server_is_unknown(sandbox: Running) -> None:
    assert (
        "unexpected argument 'only_email'" in sandbox.send("user_search", query="x", only_email=True)["error"]
    )


def test_the_event_has_no_place_in_the_body(sandbox: Running) -> None:
    assert "must not define 'event'" in sandbox.send("ping", event="ping")["error"]


def test_every_message_that_the_server_takes_has_an_answer() -> None:
    taken = {event for event, message in catalog.messages().items() if message.availability == "open"}

    assert taken == set(v1.METHODS)
    assert all(callable(v1.METHODS[event].loaded) for event in taken)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"id":', 400),
        ("application/json", b"5", 400),
        ("application/json", b"   ", 400),
        ("application/json", b'{"id": NaN}', 400),
        ("application/json", b"[" * 50_000, 400),
        ("application/json", b'{"id":"' + b"x" * 102_400 + b'"}', 413),
        ("application/json; charset=iso-8859-1", b"{}", 415),
        ("application/x-www-form-urlencoded", b"id=" + b"x" * 1_048_576, 413),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(1001)), 413),
    ],
)
def test_a_body_that_can_not_be_read_gets_a_page(
    sandbox: Running, kind: str, body: bytes, status: int
) -> None:
    answer = sandbox.post("ping", data=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_compressed_body_is_unpacked_within_the_limit(sandbox: Running) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    small, bomb = gzip.compress(b'{"id":"abc"}'), gzip.compress(b'{"id":"' + b"x" * 50_000_000 + b'"}')

    assert sandbox.post("ping", data=small, headers=headers).json()["id"] == "abc"
    assert sandbox.post("ping", data=bomb, headers=headers).status_code == 413


def test_a_form_nests_by_brackets_and_all_its_values_are_text(sandbox: Running) -> None:
    form = "id[a]=1&id[b][]=x&id[b][]=y+z&id[c][0]=0&id[c][1]="

    answer = sandbox.post("ping", data=form, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.json()["id"] == {"a": "1", "b": ["x", "y z"], "c": ["0", ""]}


@pytest.mark.parametrize(
    ("form", "id"),
    [
        ("id[2024]=x", {"2024": "x"}),
        ("id[3]=b&id[1]=a", ["a", "b"]),
        ("[id]=x", "x"),
        ("id=1&id=2", ["1", "2"]),
        ("id[a=b", None),
    ],
)
def test_brackets_and_numbers_in_a_form_are_read_as_by_qs(sandbox: Running, form: str, id: object) -> None:  # noqa: A002
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = sandbox.post("ping", data=form, headers=headers).json()

    assert answer.get("id") == id


def test_a_mark_of_byte_order_is_no_part_of_json(sandbox: Running) -> None:
    body = b'\xef\xbb\xbf{"id":"a"}'

    assert sandbox.post("ping", data=body, headers={"Content-Type": "application/json"}).json()["id"] == "a"


def test_a_compressed_body_that_ends_early_is_refused(sandbox: Running) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"id":"a"}' + b" " * 2000)[:-12]

    assert sandbox.post("ping", data=body, headers=headers).status_code == 400


def test_numbers_are_javascripts(sandbox: Running) -> None:
    body = b'{"id": [1.0, 1.5, 12345678901234567890, 1e400, -0.0]}'

    answer = sandbox.post("ping", data=body, headers={"Content-Type": "application/json"})

    assert answer.text.startswith('{"event":"pong","id":[1,1.5,12345678901234567000,null,0],')


def test_half_a_surrogate_pair_comes_back_as_its_escape(sandbox: Running) -> None:
    answer = sandbox.post("ping", data=b'{"id": "\\ud83d"}', headers={"Content-Type": "application/json"})

    assert answer.json()["id"] == "\ud83d"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/ping"), ("PUT", "/api/v1/ping"), ("POST", "/api/v1"), ("GET", "/nothing")],
)
def test_anything_else_is_not_there(sandbox: Running, method: str, path: str) -> None:
    answer = sandbox.session.request(method, sandbox.url + path, timeout=10)

    assert answer.status_code == 404
    assert f"<pre>Cannot {method} {path}</pre>" in answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [("/robots.txt", "User-agent: *"), ("/metrics", "Sharing of metrics"), ("/concurrent", "0")],
)
def test_what_anybody_may_read_is_there(sandbox: Running, path: str, words: str) -> None:
    answer = sandbox.session.get(sandbox.url + path, timeout=10)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert words in answer.text


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("query", '{"query":' + '{"a":' * 900 + "null" + "}" * 901),
        ("query", '{"query":{"accounts":{"font_size":10000000000000000000}}}'),
        ("query", '{"query":{"accounts":{"editor_settings":"x"}}}'),
        ("query", '{"query":{"accounts":{"tags":"x"}}}'),
        ("query", '{"query":{"projects_all":[{"created":{">=":1e30}}]},"options":[{"set":false}]}'),
        ("query", '{"query":{"accounts":{"last_active":{"IS NOT":null}}}}'),
        ("create_project", '{"title":"\\ud83d"}'),
        ("user_search", '{"query":"' + "a " * 20_000 + '"}'),
        ("user_search", '{"query":"' + "a," * 20_000 + '"}'),
        ("user_search", '{"query":"a","limit":1e300}'),
        ("user_search", '{"query":"a","limit":-1}'),
    ],
)
def test_an_odd_message_is_answered_and_does_not_hurt(sandbox: Running, event: str, body: str) -> None:
    """Whatever it holds: nobody waits for an answer that does not come, and the next is served."""
    with within(2, time.monotonic):
        answer = sandbox.post(event, data=body, headers={"Content-Type": "application/json"})

        assert answer.status_code in (200, 400, 500)

    assert (
        "editor_settings"
        in sandbox.send("query", query={"accounts": {"editor_settings": None}})["query"]["accounts"]
    )


def test_every_answer_names_the_sandbox(sandbox: Running) -> None:
    assert sandbox.post("ping").headers["Server"].startswith("cocalc-magic-sandbox/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:80"},
        {
            "Host": "hub.example.edu",
            "X-Forwarded-Prefix": "/user/ada/proxy/5000",
            "X-Forwarded-Host": "localhost",
        },
    ],
    ids=["a name that another's server resolves to this machine", "a proxy of a notebook server"],
)
def test_a_page_from_elsewhere_does_not_reach_it(sandbox: Running, headers: dict[str, str]) -> None:
    answer = sandbox.post("ping", headers=headers)

    assert (answer.status_code, answer.text) == (403, "this host name is not served here\n")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8080", "LocalHost:1"])
def test_a_local_name_does(sandbox: Running, host: str) -> None:
    assert sandbox.post("ping", headers={"Host": host}).json()["event"] == "pong"


def test_a_huge_body_is_refused_and_the_server_lives(sandbox: Running) -> None:
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
    connection.request(
        "POST", "/api/v1/ping", headers={"Content-Length": str(10**12), "Content-Type": "application/json"}
    )

    assert connection.getresponse().status in (400, 413)
    connection.close()
    assert sandbox.send("ping")["event"] == "pong"


def test_a_ping_does_not_wait_for_a_command(sandbox: Running) -> None:
    project = sandbox.project()
    parts = urlsplit(sandbox.url)
    command = "until [ -e go ]; do sleep 0.05; done"
    body = json.dumps({"project_id": project, "command": command, "bash": True, "timeout": 60}).encode()
    head = f"POST /api/v1/project_exec HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {sandbox.key}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port or 0)) as waiting:
        waiting.sendall(head.encode() + body)

        assert sandbox.send("ping")["event"] == "pong"

        sandbox.send("write_text_file_to_project", project_id=project, path="go", content="")
        assert b"project_exec_output" in waiting.recv(65_536)
