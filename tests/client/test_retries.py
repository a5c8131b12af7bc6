"""`Client(retries=…)`: what is sent again, what is not, and how long it waits; against a real listener."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from urllib3.util import Retry

from cocalc_magic import Client
from cocalc_magic.errors import ConnectionLost, ServerError, TimeLimitReached
from cocalc_magic.sandbox.testing import FakeServer, Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-Marked0Marked0Mark00002a"
QUICK = Retry(3, status_forcelist=(429, 503), backoff_factor=0)


def answer(request: Request) -> Response:
    return json_response(200, {"id": json.loads(request.body)["id"], "event": "pong"})


def after(*failures: Response) -> Callable[[Request], Response]:
    """Answer the first requests by failures, and all later ones as a server does."""
    left = list(failures)
    return lambda request: left.pop(0) if left else answer(request)


def busy(status: int = 429, wait: str = "0") -> Response:
    return json_response(status, {"error": "too busy"}, (("Retry-After", wait),))


DROPPED = Response(200, "", b"", dropped=True)


@pytest.mark.parametrize("failure", [busy(429), busy(503), DROPPED], ids=["429", "503", "dropped"])
def test_a_failure_that_passes_is_sent_over(failure: Response) -> None:
    with FakeServer(after(failure, failure)) as server, Client(server.url, KEY, retries=QUICK) as client:
        assert client.ping()["event"] == "pong"

    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1, "each attempt is the same message"


def test_without_retries_the_first_failure_is_told() -> None:
    with FakeServer(after(busy())) as server, Client(server.url, KEY) as client, pytest.raises(ServerError):
        client.ping()

    assert len(server.requests) == 1


def test_the_last_failure_is_told_when_there_were_enough() -> None:
    with (
        FakeServer(lambda _: busy(503)) as server,
        Client(server.url, KEY, retries=QUICK) as client,
        pytest.raises(ServerError, match="too busy") as caught,
    ):
        client.ping()

    assert caught.value.status == 503
    assert len(server.requests) == 4


def test_what_may_have_been_done_is_not_done_twice() -> None:
    with (
        FakeServer(after(DROPPED)) as server,
        Client(server.url, KEY, retries=QUICK) as client,
        pytest.raises(ConnectionLost, match="ended the connection without an answer"),
    ):
        client.create_project(title="x")

    assert len(server.requests) == 1


def test_what_was_not_looked_at_is_sent_over_whatever_it_is() -> None:
    with FakeServer(after(busy(429))) as server, Client(server.url, KEY, retries=QUICK) as client:
        client.create_project(title="x")

    assert len(server.requests) == 2


def test_a_server_that_asks_for_time_gets_it() -> None:
    with FakeServer(after(busy(wait="1"))) as server, Client(server.url, KEY, retries=2) as client:
        began = time.monotonic()
        client.ping()

    assert time.monotonic() - began >= 1


def test_who_asks_for_more_time_than_there_is_gets_none() -> None:
    with (
        FakeServer(lambda _: busy(wait="3600")) as server,
        Client(server.url, KEY, retries=5, timeout=5) as client,
        pytest.raises(ServerError) as caught,
    ):
        client.ping()

    assert caught.value.retry_after == 3600
    assert len(server.requests) == 1


def test_the_time_limit_is_for_all_attempts() -> None:
    """A server that is slow is not asked over and over, each time for the whole limit."""
    slow = Response(200, "application/json", b"{}", delay=30)
    with (
        FakeServer(after(busy(wait="0"), slow, slow, slow)) as server,
        Client(server.url, KEY, retries=5, timeout=0.5) as client,
        pytest.raises(TimeLimitReached),
    ):
        client.ping()

    assert len(server.requests) == 2
