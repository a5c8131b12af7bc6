"""The conat wire, with what a server of July 2026 really answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.client.wire import conat
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.errors import (
    InvalidMessage,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NotCoCalc,
    ServerError,
)
from cocalc_magic.syntax.parse import check
from tests.client.wire.recorded import event, exchanges, response

RECORDED = [row for row in exchanges().values() if row["event"].startswith("conat/")]
KNOWN = catalog.messages("conat")


def sent(name: str, options: dict[str, Any], seconds: float = 60.0) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(conat.encode(catalog.find(name), options, seconds=seconds).body)
    return body


def failed(case: str) -> ServerError:
    problem = conat.failure(response(exchanges()[case]))
    assert problem is not None
    return problem


def options_of(row: dict[str, Any]) -> dict[str, Any]:
    """The options that a person would have typed for a recorded request."""
    body, message = row["request"]["body"], catalog.find(event(row))
    args = list(body["args"])
    options = dict(zip(message.ordered, args, strict=False))
    rest = args[len(message.ordered) :] if message.ordered else args
    inside = rest[0] if rest else {}
    options |= inside.get(message.within, {}) if message.within else inside
    if "project_id" in options and "project_id" in body:
        raise ValueError("a project within a project, to see what the server makes of it")
    return options | ({"project_id": body["project_id"]} if "project_id" in body else {})


def test_hub_and_project_have_an_address_each_and_the_name_is_in_the_body() -> None:
    assert conat.path("system.ping") == "/api/conat/hub"
    assert conat.path("project:system.exec") == "/api/conat/project"
    assert sent("system.ping", {}) == {"name": "system.ping", "args": [{}], "timeout": 58_000}
    assert sent("project:ping", {"project_id": "p"})["project_id"] == "p"
    assert sent("project:ping", {"project_id": "p"})["name"] == "ping"


def test_recorded_requests_are_written_as_they_were_recorded() -> None:
    same = 0
    for row in RECORDED:
        body = row["request"]["body"]
        if event(row) not in KNOWN or not isinstance(body, dict) or not isinstance(body.get("args"), list):
            continue
        try:
            options = options_of(row)
            check(catalog.find(event(row)), options)
        except (InvalidMessage, AttributeError, TypeError, ValueError):
            continue  # recorded to see what the server says of a wrong message
        written = sent(event(row), options)
        assert written["args"] in (body["args"], [*body["args"], {}]), row["case"]
        assert written.get("project_id") == body.get("project_id")
        same += 1

    assert same > 150


def test_the_server_waits_longer_than_the_work_may_take() -> None:
    assert sent("project:system.exec", {"command": "x", "timeout": 600})["timeout"] == 610_000
    assert sent("project:system.exec", {"command": "x"})["timeout"] == 70_000  # its own default is 60 s
    assert sent("projects.start", {"project_id": "p"}, seconds=5)["timeout"] == 4_000
    assert sent("projects.start", {"project_id": "p"})["timeout"] > 15_000


def test_only_an_object_with_an_error_alone_is_a_failure() -> None:
    for row in RECORDED:
        body = row["response"]["body"]
        problem = conat.failure(response(row))
        told = isinstance(body, dict) and body.keys() == {"error"}
        assert (problem is not None) == (told or row["response"]["status"] >= 400), row["case"]


def test_an_error_beside_a_state_is_part_of_the_answer() -> None:
    row = {**exchanges()["h-names"], "event": "conat/hub:projects.state"}
    row["response"] = {"status": 200, "body": {"state": "opened", "error": "it would not start"}}

    assert conat.failure(response(row)) is None


def test_what_the_bridge_puts_round_an_error_is_left_out() -> None:
    assert failed("h-db-touch-stranger").problem == "user must be collaborator on project"
    assert conat.plain("Error: x - callHub: subject='hub', code='503' ") == "x"


def test_time_outs_unknown_names_and_keys_are_told_apart() -> None:
    assert "timed out waiting for the service that does the work" in failed("h-timeout-1").problem
    assert isinstance(failed("h-timeout-1"), MessageFailed)
    assert isinstance(failed("h-unknown-func"), MessageRefused)
    assert isinstance(failed("auth-hub-ping-projectkey"), KeyRefused)
    assert isinstance(failed("probe1-project-empty-nokey"), KeyRefused)


def test_a_server_without_the_bridge_is_told_by_its_page() -> None:
    with pytest.raises(NotCoCalc, match="no conat bridge"):
        conat.decode(WireResponse(404, "text/html", "<!DOCTYPE html><html></html>"))
