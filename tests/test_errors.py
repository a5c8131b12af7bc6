"""Errors as values: they can be copied and sent to another process, and never hold a key."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic import Client, errors
from cocalc_magic.errors import CoCalcError, Interrupted, ServerError, SourceSpan
from cocalc_magic.response import Headers, Request, Response
from cocalc_magic.sandbox.testing import Connection, FakeServer

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-Marked0Marked0Mark00001n"
BUSY = Response(
    {"error": "no"},
    Request("ping", {"id": "i"}),
    server="lab",
    status=429,
    reason="Too Many Requests",
    headers=Headers([("Retry-After", "2")]),
)


def tree(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(inner for direct in kind.__subclasses__() for inner in tree(direct))]


KINDS = [kind for kind in tree(CoCalcError) if kind.__module__ == errors.__name__]


def made(kind: type[BaseException]) -> Any:
    """One of each kind, with all that it can have."""
    more: dict[str, Any] = (
        {"response": BUSY} if issubclass(kind, ServerError) else {"span": SourceSpan("ping", 0, 4)}
    )
    return kind("it went wrong.", "do this", "", **more)


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda problem: pickle.loads(pickle.dumps(problem)),  # noqa: S301 - our own
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_can_be_copied(kind: type[BaseException], way: str) -> None:
    problem = made(kind)
    problem.spare = 1  # what somebody has put on it

    other = COPIES[way](problem)

    assert (type(other), str(other)) == (kind, str(problem))
    assert (other.hints, other.spare) == (problem.hints, 1)
    if isinstance(problem, ServerError):
        assert dict(other.response) == {"error": "no"}
        assert (other.status, other.retry_after, other.server) == (429, 2.0, "lab")


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("sent", [True, False])
def test_an_interrupt_can_be_copied(way: str, sent: bool) -> None:
    problem = Interrupted.waiting_for("lab", sent=sent)
    problem.name("project_exec")

    assert str(COPIES[way](problem)) == str(problem)
    assert ("project_exec may still be going on there" in str(problem)) is sent


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("session", [None, requests.Session()], ids=["ours", "another's session"])
@pytest.mark.parametrize(
    "server",
    [
        lambda: FakeServer({"error": "no"}),
        lambda: FakeServer(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n<html>"),
        lambda: FakeServer(play=Connection.reset),
        lambda: FakeServer(play=Connection.read_request),
    ],
    ids=["error", "page", "reset", "closed"],
)
def test_what_a_client_raises_can_be_copied_without_a_key(
    server: Callable[[], FakeServer], session: requests.Session | None, way: str
) -> None:
    with server() as running, pytest.raises(CoCalcError) as caught:
        Client(running.url, KEY, session=session).ping()

    assert str(COPIES[way](caught.value)) == str(caught.value)
    assert KEY.encode() not in pickle.dumps(caught.value)


def test_all_are_told_in_the_tree_of_the_module() -> None:
    for kind in KINDS:
        assert kind.__name__ in (errors.__doc__ or "")
