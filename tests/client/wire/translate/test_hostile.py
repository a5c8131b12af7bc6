"""Servers that answer what no server answers: every event ends in a response or in an error to act on."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from cocalc_magic import catalog, render
from cocalc_magic.client.routing import Router
from cocalc_magic.client.wire import translate
from cocalc_magic.client.wire.probe import Capabilities
from cocalc_magic.client.wire.reply import Reply
from cocalc_magic.client.wire.translate.run_steps import follow
from cocalc_magic.config import Server
from cocalc_magic.errors import CoCalcError
from cocalc_magic.response import Request

DEEP = "[" * 50_000
VALUES: list[Any] = [
    None,
    True,
    7,
    1e308,
    "text",
    [],
    [None, 5],
    {},
    {"now": "x"},
    {"now": 1e300},
    {"names": 5},
    {"names": {"a": None}},
    {"profile": []},
    {"query": 3},
    {"query": {"public_paths": [5]}},
    {"tickets": [None]},
    {"status": "running"},
    {"error": {"deep": [{}]}},
    {"event": "error"},
    {"issues": {"email": ["x"]}},
]


def server_that_answers(text: str, *absent: str) -> Router:
    """A server that has today's APIs, and one answer to everything that is signed."""

    def post(letter: Any, limit: float, *, signed: bool = True) -> Reply:
        del limit
        if letter.path.startswith(("/api/v1/", *absent)):
            return Reply(404, "text/html", "<!DOCTYPE html>")
        return Reply(200, "application/json", text if signed else "{}")

    return Router(Server("lab", "https://cocalc.example.edu"), post, Capabilities(), 5.0)


@pytest.mark.parametrize("absent", [(), ("/api/conat/",)], ids=["conat", "v2"])
@pytest.mark.parametrize("value", VALUES, ids=json.dumps)
def test_every_translated_event_stands_every_answer(value: Any, absent: tuple[str, ...]) -> None:
    for event in translate.translations():
        message = catalog.find(event)
        options = {"id": "i", **message.example.options}
        exchanges = server_that_answers(json.dumps(value), *absent)
        with suppress(CoCalcError):
            response, _ = exchanges.exchange(message, Request(event, options), None, False)
            assert render.to_text(response)


def test_json_that_is_too_deep_is_no_answer() -> None:
    with pytest.raises(CoCalcError):
        server_that_answers(DEEP).exchange(catalog.find("ping"), Request("ping", {}), None, False)


def test_a_job_that_never_ends_is_given_up_after_its_time_limit() -> None:
    steps = translate.plan(
        "project_exec", {"project_id": "p", "command": "x", "timeout": 60.0}, {"v2"}, "lab"
    ).steps()
    waited: list[translate.Pause] = []

    with pytest.raises(CoCalcError, match="did not end at its time limit"):
        follow(steps, lambda _: {"status": "running", "job_id": "j"}, waited.append)

    assert 90 <= sum(pause.seconds for pause in waited) < 95
