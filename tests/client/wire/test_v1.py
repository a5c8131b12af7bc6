"""Every form of failure that v1 servers have, told apart (source: the notes on the v1 API, section A)."""

from __future__ import annotations

import pytest

from cocalc_magic import catalog
from cocalc_magic.client.wire import v1
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.errors import (
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NotCoCalc,
    ServerError,
    UnexpectedReply,
)
from cocalc_magic.response import Request, Response

JSON = "application/json; charset=utf-8"


def failure(value: object, status: int = 200, sent_id: object = "i") -> ServerError | None:
    request = Request("ping", {} if sent_id is None else {"id": sent_id})
    return v1.failure(Response(value, request, status=status, server="test"))


def test_a_message_is_one_json_object_and_the_event_is_in_the_path() -> None:
    assert v1.path("ping") == "/api/v1/ping"
    request = v1.encode(catalog.find("create_project"), {"id": "ž", "start": True})

    assert request.headers == {"Content-Type": "application/json"}
    assert request.body == '{"id":"ž","start":true}'.encode()


def test_a_form_carries_texts_alone() -> None:
    message = catalog.find("create_project")

    assert v1.encode(message, {"title": "a b&c", "id": "ž"}, form=True).body == b"title=a+b%26c&id=%C5%BE"
    with pytest.raises(InvalidValue, match="start is not text, and a form can carry nothing else"):
        v1.encode(message, {"start": False}, form=True)


@pytest.mark.parametrize(
    "value",
    [
        {"event": "pong", "id": "i"},
        {"event": "changed_email_address", "id": "i", "error": False},
        {"event": "changed_password", "id": "i"},
        {"id": "i"},
        {"event": "x", "id": "i", "error": ""},
        [1],
        7,
    ],
)
def test_a_success_is_no_failure(value: object) -> None:
    assert failure(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"event": "error", "id": "i", "error": "must be an owner"}, "must be an owner"),
        ({"event": "error", "id": "i", "error": "${err}"}, "${err}"),
        ({"event": "error", "id": "i"}, "the server gave no reason."),
        ({"event": "error", "id": "i", "error": {"errno": -21, "code": "EISDIR", "syscall": "open", "path": "/p/a"}}, "EISDIR open /p/a"),
        ({"event": "changed_password", "id": "i", "error": {"new_password": "too short"}}, "new_password: too short"),
        ({"event": "changed_password", "id": "i", "error": "invalid old password"}, "invalid old password"),
        ({"event": "account_creation_failed", "id": "i", "reason": {"email_address": "in use"}}, "email_address: in use"),
        ({"event": "error", "id": "i", "error": {"a": 1}}, '{"a": 1}'),
    ],
)  # fmt: skip
def test_a_message_that_failed_says_why(value: object, words: str) -> None:
    problem = failure(value)

    assert isinstance(problem, MessageFailed)
    assert str(problem).splitlines() == [words, "  The answer is from test."]
    assert problem.response.value == value


@pytest.mark.parametrize(
    "words",
    [
        "No account found. Is your API key wrong?",
        "User is BANNED.  If this is a mistake, please contact help@cocalc.com",
        "You must provide authentication via an API key.",
        "Unknown authorization type 'basic'",
        'error: value "26080233040" is out of range for type integer',
        "TypeError: Cannot read properties of undefined (reading 'account_id')",
    ],
)
def test_a_refused_key_is_its_own_kind(words: str) -> None:
    problem = failure({"error": words}, status=400)

    assert isinstance(problem, KeyRefused)
    assert f"test does not know the key: {words}" in str(problem)


@pytest.mark.parametrize(
    "words",
    [
        "unknown endpoint 'ping'",
        "endpoint 'ping' is not part of the HTTP API",
        "unknown message event type 'ping'",
    ],
)
def test_an_event_that_the_server_lacks(words: str) -> None:
    problem = failure({"error": words}, status=400)

    assert type(problem) is MessageRefused
    assert str(problem).splitlines() == [words, "  test answered HTTP 400.", "  test does not offer ping."]


def test_another_refusal_is_in_the_servers_words() -> None:
    problem = failure({"error": "invalid parameters 'x'"}, status=400)

    assert type(problem) is MessageRefused
    assert str(problem).splitlines() == ["invalid parameters 'x'", "  test answered HTTP 400."]


def test_an_answer_with_another_id_is_nobodys() -> None:
    assert isinstance(failure({"event": "pong", "id": "other"}), UnexpectedReply)
    assert failure({"event": "pong", "id": "other"}, sent_id=None) is None


@pytest.mark.parametrize(
    ("status", "page", "words"),
    [
        (404, "<html><pre>Cannot POST /api/v1/ping</pre></html>", "It says: Cannot POST /api/v1/ping"),
        (413, "<pre>Payload Too Large</pre>", "The message is too large"),
        (502, "<title>Bad gateway</title><script>alert('x')</script>", "It says: Bad gateway"),
        (200, "<html>Welcome</html>", "an address that is not a CoCalc server?"),
        (200, "", "HTTP 200 with text/html where JSON was due."),
        (200, '{"event": "po', "where JSON was due."),
        (200, "[" * 100_000, "where JSON was due."),
    ],
)
def test_a_page_is_not_a_cocalc(status: int, page: str, words: str) -> None:
    with pytest.raises(NotCoCalc) as caught:
        v1.decode(WireResponse(status, "text/html; charset=utf-8", page))

    assert words in str(caught.value)
    assert "alert" not in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    with pytest.raises(NotCoCalc, match=r"sends elsewhere, to https://other\.example"):
        v1.decode(WireResponse(302, "text/html", "", location="https://other.example/"))


def test_json_is_the_value() -> None:
    assert v1.decode(WireResponse(200, JSON, '{"event": "pong"}')) == {"event": "pong"}
