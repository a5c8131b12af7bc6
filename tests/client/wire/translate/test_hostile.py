"""Servers that answer what no server answers: every event ends in a response or in an error to act on."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cocalc_magic import catalog, render
from cocalc_magic.client.client import Client
from cocalc_magic.client.wire import translate
from cocalc_magic.client.wire.translate import older
from cocalc_magic.client.wire.translate.run_steps import follow
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from cocalc_magic.client.routing import Router

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


class _Answering(BaseAdapter):
    """A server that has today's APIs, and one answer to everything that carries a key."""

    def __init__(self, text: str, absent: tuple[str, ...]) -> None:
        super().__init__()
        self.text, self.absent = text, ("/api/v1/", *absent)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        response = requests.Response()
        response.request, response.status_code, text = request, 200, self.text
        if "Authorization" not in request.headers:
            text = "{}"
        if request.path_url.startswith(self.absent):
            response.status_code, text = 404, "<!DOCTYPE html>"
        response.raw = io.BytesIO(text.encode())
        return response

    def close(self) -> None:
        pass


def server_that_answers(text: str, *absent: str) -> Router:
    session = requests.Session()
    session.mount("https://", _Answering(text, absent))
    return Client("https://cocalc.example.edu", "sk-x", timeout=5.0, session=session).router


@pytest.mark.parametrize("absent", [(), ("/api/conat/",)], ids=["conat", "v2"])
@pytest.mark.parametrize("value", VALUES, ids=json.dumps)
def test_every_translated_event_stands_every_answer(value: Any, absent: tuple[str, ...]) -> None:
    for event in older.TABLE:
        message = catalog.find(event)
        options = {"id": "i", **message.example.options}
        router = server_that_answers(json.dumps(value), *absent)
        with suppress(CoCalcError):
            assert render.to_text(router.exchange(message, options, raising=False))


def test_json_that_is_too_deep_is_no_answer() -> None:
    with pytest.raises(CoCalcError):
        server_that_answers(DEEP).exchange(catalog.find("ping"), {})


def test_a_job_that_never_ends_is_given_up_after_its_time_limit() -> None:
    steps = translate.plan(
        "project_exec", {"project_id": "p", "command": "x", "timeout": 60.0}, {"v2"}, "lab"
    ).steps()
    waited: list[translate.Pause] = []

    with pytest.raises(CoCalcError, match="did not end at its time limit"):
        follow(steps, lambda _: {"status": "running", "job_id": "j"}, waited.append)

    assert 90 <= sum(pause.seconds for pause in waited) < 95
