"""Faults on order: what the next requests meet, through HTTP and in memory alike."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic.sandbox import Sandbox
from cocalc_magic.sandbox.http.faults import InvalidFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Running


class Met:
    """A sandbox whose faults can be ordered, and which can be pinged."""

    def __init__(self, url: str, key: str, session: requests.Session, order: Callable[..., None]) -> None:
        self.url, self.session, self.order = url, session, order
        self.headers = {"Authorization": f"Bearer {key}"}

    def ping(self, timeout: float = 10) -> requests.Response:
        return self.session.post(f"{self.url}/api/v1/ping", json={}, headers=self.headers, timeout=timeout)

    def projects(self) -> int:
        """How many projects there are."""
        query = {"query": {"projects_all": [{"project_id": None}]}}
        reply = self.session.post(f"{self.url}/api/v1/query", json=query, headers=self.headers, timeout=10)
        return len(reply.json()["query"]["projects_all"])


@pytest.fixture(params=["http", "memory"])
def met(request: pytest.FixtureRequest, sandbox: Running) -> Iterator[Met]:
    """The same sandbox behind HTTP and without a socket."""
    if request.param == "http":

        def order(**what: Any) -> None:
            sandbox.session.post(
                f"{sandbox.url}/sandbox/fault",
                json=what,
                headers={"Authorization": f"Bearer {sandbox.key}"},
                timeout=5,
            ).raise_for_status()

        yield Met(sandbox.url, sandbox.key, sandbox.session, order)
        order(clear=True)
        return
    with Sandbox() as box, box.session() as session:
        yield Met(box.url, box.key, session, box.fault)


def test_a_status_with_retry_after_so_many_times(met: Met) -> None:
    met.order(status=429, retry_after=2, times=2)

    replies = [met.ping() for _ in range(3)]

    assert [reply.status_code for reply in replies] == [429, 429, 200]
    assert replies[0].headers["Retry-After"] == "2"
    assert replies[0].json() == {"error": "Too Many Requests"}


def test_a_page_of_html_as_a_proxy_gives_it(met: Met) -> None:
    met.order(html=True)

    reply = met.ping()

    assert reply.status_code == 502
    assert reply.headers["Content-Type"] == "text/html"
    assert "<h1>502 Bad Gateway</h1>" in reply.text


def test_an_answer_that_takes_its_time(met: Met) -> None:
    met.order(latency=0.3)

    started = time.monotonic()
    assert met.ping().json()["event"] == "pong"
    assert time.monotonic() - started >= 0.3


def test_an_answer_that_takes_too_long(met: Met) -> None:
    met.order(latency=5)

    with pytest.raises(requests.ReadTimeout):
        met.ping(timeout=0.2)


def test_a_connection_that_closes_without_an_answer(met: Met) -> None:
    met.order(drop=True)

    with pytest.raises(requests.ConnectionError):
        met.ping()
    assert met.ping().status_code == 200


@pytest.mark.parametrize("after", [False, True])
def test_what_was_asked_is_done_before_the_connection_closes_only_with_after(met: Met, after: bool) -> None:
    before = met.projects()
    met.order(drop=True, event="create_project", after=after)

    with pytest.raises(requests.ConnectionError):
        met.session.post(f"{met.url}/api/v1/create_project", json={}, headers=met.headers, timeout=5)

    assert met.projects() - before == int(after)


def test_a_body_that_breaks_off(met: Met) -> None:
    met.order(truncate=5)

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        met.ping()
    assert met.ping().json()["event"] == "pong"


def test_a_wrong_content_type(met: Met) -> None:
    met.order(content_type="text/plain")

    reply = met.ping()

    assert reply.headers["Content-Type"] == "text/plain"
    assert json.loads(reply.text)["event"] == "pong"


def test_only_the_event_that_is_meant_is_met(met: Met) -> None:
    before = met.projects()
    met.order(status=503, event="query")

    assert met.ping().status_code == 200
    with pytest.raises(KeyError):
        met.projects()
    assert met.projects() == before


def test_one_request_of_so_many_is_met(met: Met) -> None:
    met.order(status=503, event="ping", every=3, times=2)

    assert [met.ping().status_code for _ in range(8)] == [200, 200, 503, 200, 200, 503, 200, 200]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({}, "nothing would go wrong"),
        ({"every": 2}, "nothing would go wrong"),
        ({"times": 3}, "nothing would go wrong"),
        ({"status": 42}, "status is an HTTP status from 200 to 599, not 42."),
        ({"status": "429"}, "status is an HTTP status"),
        ({"latency": -1}, "latency is 0 to 600 seconds"),
        ({"sttus": 429}, "a fault has no 'sttus'. It has: status, retry_after"),
        ({"content_type": "x\r\nSet-Cookie: y"}, "content_type is a short text"),
        ({"drop": True, "times": 0}, "times is a number from 1"),
    ],
)
def test_what_is_no_fault_is_told(what: dict[str, Any], words: str) -> None:
    with Sandbox(empty=True) as box, pytest.raises(InvalidFault, match=words.replace(".", r"\.")):
        box.fault(**what)


def test_what_is_to_come_is_told_and_can_be_called_off(sandbox: Running) -> None:
    def fault(**what: Any) -> Any:
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        return sandbox.session.post(
            f"{sandbox.url}/sandbox/fault", json=what, headers=headers, timeout=5
        ).json()

    fault(status=429, times=3)
    sandbox.post("ping")

    assert fault() == {"faults": [{"status": 429, "times": 2}]}
    assert fault(clear=True) == {"faults": []}
    assert fault(status=1)["error"] == "status is an HTTP status from 200 to 599, not 1."
