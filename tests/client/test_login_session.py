"""The session of a person beside the key: which goes with what, and to whom."""

from __future__ import annotations

import json

import pytest

from cocalc_magic.client.transport import NoAuth, SessionAuth, Transport
from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.config import Server
from cocalc_magic.config.secret import Secret
from cocalc_magic.sandbox.testing import FakeServer

KEY, SESSION = "sk-Marked0Marked0Mark00001n", "sha512$Marked0$1000$5e551011"
LETTER = WireRequest.of_json("/api/v2/user-query", {})


def test_a_session_goes_as_the_cookie_of_a_browser_and_without_the_key() -> None:
    with FakeServer({"query": {}}) as server:
        Transport(Server("lab", server.url)).request(LETTER, 5, SessionAuth(Secret(SESSION), Secret(KEY)))

    (request,) = server.requests
    assert request.headers["cookie"] == f"remember_me={SESSION}"
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    "credential",
    [SessionAuth(Secret(SESSION), Secret(KEY)), NoAuth(Secret(KEY), Secret(SESSION))],
    ids=["session", "nobody"],
)
def test_neither_secret_comes_back_readable_from_a_server_that_echoes_both(
    credential: SessionAuth | NoAuth,
) -> None:
    echo = {"error": f"Unknown authorization type '{KEY}' {SESSION}"}
    with FakeServer(echo) as server:
        response = Transport(Server("lab", server.url)).request(LETTER, 5, credential)

    assert json.loads(response.body) == {"error": "Unknown authorization type '•••' •••"}
    assert response.exchange is not None
    assert KEY not in str(response.exchange)
    assert SESSION not in str(response.exchange)


def test_a_session_with_signs_that_no_cookie_has_can_not_add_another_header() -> None:
    with FakeServer({}) as server:
        Transport(Server("lab", server.url)).request(LETTER, 5, SessionAuth(Secret("a b;c\r\nX-Bad: 1")))

    (request,) = server.requests
    assert request.headers["cookie"] == "remember_me=a%20b%3Bc%0D%0AX-Bad:%201"
    assert "x-bad" not in request.headers
