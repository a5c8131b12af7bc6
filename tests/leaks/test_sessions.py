"""A session is as secret as a key: a server that gives it back spreads it nowhere."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client, render
from cocalc_magic.config.login_sessions import LoginSession
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.leaks.examples import KEYS
from tests.leaks.search import WAYS, echo, found, in_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = KEYS["sk-cc-v2"]
SESSIONS = {
    "of a hash": "sha512$LeakCanary$1000$9Ur3T1a2b3c4d5e6",
    "of base64url": "s7-LeakCanary9Ur3T1a2b3c4_d5e6",
    "with signs": 's7"LeakCanary9Ur3,T1a2b3c4;d5e6',
}


def ai(request: Request) -> Any:
    """A server with scoped keys, that answers a session with itself in the way that the path names."""
    cookie = request.headers.get("cookie", "").partition("=")[2]
    if cookie:
        basic = base64.b64encode(f"{cookie}:".encode()).decode()
        return echo(
            Request("POST", request.path, {"authorization": f"Basic {basic}"}, b""), "http://127.0.0.1:9"
        )
    return {"error": "invalid challenge id"}


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with FakeServer(ai) as started:
        yield started


@pytest.mark.parametrize("session", SESSIONS.values(), ids=list(SESSIONS))
@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_gives_it_back_spreads_it_nowhere(
    server: FakeServer, way: str, session: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = len(server.requests)
    outcome: Any
    with Client(f"{server.url}/{way}", KEY, login_session=Secret(session)) as client:
        try:
            outcome = client.send("/user-query", query={"accounts": {"account_id": None}})
            shown = [
                render.to_text(outcome),
                render.to_html(outcome),
                repr(outcome),
                json.dumps(outcome.value),
            ]
        except CoCalcError as problem:
            outcome, shown = problem, [str(problem), repr(problem)]
            trace = problem.__traceback__
            assert trace
            frames = traceback.TracebackException(type(problem), problem, trace.tb_next, capture_locals=True)
            shown += frames.format()
            problem.__traceback__ = trace.tb_next

    sent = [request for request in server.requests[before:] if "cookie" in request.headers]
    assert len(sent) == 1
    assert "authorization" not in sent[0].headers
    assert found("\n".join([*shown, caplog.text]), session) == []
    assert in_objects({"outcome": outcome}, session) == []


def test_it_goes_to_no_other_server_and_along_no_redirect() -> None:
    with FakeServer({}) as other:
        away = Response(307, "", b"", (("Location", f"{other.url}/x"),))
        answer = {"error": "invalid challenge id"}
        with (
            FakeServer(lambda request: away if "cookie" in request.headers else answer) as first,
            Client(first.url, KEY, login_session=Secret(SESSIONS["of a hash"])) as client,
            pytest.raises(CoCalcError, match="sends elsewhere"),
        ):
            client.send("/user-query", query={})

    assert other.requests == []


@pytest.mark.parametrize("session", SESSIONS.values(), ids=list(SESSIONS))
def test_what_holds_one_does_not_show_it(session: str) -> None:
    held = LoginSession(Secret(session), 1.0, "Iris")
    client = Client("http://127.0.0.1:9", KEY, login_session=Secret(session))

    shown = [
        repr(held),
        str(held),
        f"{held}",
        str(vars(held)),
        repr(copy.deepcopy(held)),
        repr(client),
        str(vars(client)),
    ]

    assert found("\n".join(shown), session) == []
    assert in_objects({"held": held, "client": client}, session) == []
    for holder in (held, client.router.login_session):
        with pytest.raises((CoCalcError, TypeError)):
            pickle.dumps(holder)
