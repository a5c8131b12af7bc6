"""The v2 wire, with what a server of July 2026 really answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.client.wire import v2
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, NotCoCalc, ServerError
from cocalc_magic.response import Request, Response
from tests.client.wire.recorded import event, exchanges, reply, response

RECORDED = [row for row in exchanges().values() if row["event"].startswith("v2/")]


def failure(value: Any, name: str = "projects/get", status: int = 200) -> ServerError | None:
    return v2.failure(Response(value, Request(name), status=status, server="lab"))


def test_the_event_is_the_path() -> None:
    assert v2.path("projects/stop") == "/api/v2/projects/stop"
    assert v2.path("/exec") == "/api/v2/exec"


def test_options_are_one_json_object_and_travel_within_another_where_the_message_has_that() -> None:
    asked = catalog.find("projects/stop")
    ticket = catalog.find("support/create-ticket")

    assert json.loads(v2.encode(asked, {"project_id": "p"}).body) == {"project_id": "p"}
    assert json.loads(v2.encode(ticket, {"subject": "s"}).body) == {"options": {"subject": "s"}}


def test_every_recorded_json_object_with_an_error_is_a_failure_and_nothing_else_is() -> None:
    for row in RECORDED:
        body = row["response"]["body"]
        if isinstance(body, str) or event(row) not in {**catalog.messages("v2")}:
            continue
        problem = v2.failure(response(row, {"some": "option"}))
        failed = row["response"]["status"] >= 400 or (
            isinstance(body, dict) and (bool(body.get("error")) or "issues" in body)
        )
        assert (problem is not None) == failed, row["case"]


def test_bare_values_are_no_failures() -> None:
    for value in (0, 12.5, True, False, None, "text", [], [{"id": 1}]):
        assert failure(value) is None


@pytest.mark.parametrize(
    ("case", "name"), [("keys-get-badkey", "keys"), ("getone-nokey", "one"), ("msg-get-nokey", "messages")]
)
def test_an_unknown_key_is_told_as_such_although_the_server_says_only_must_be_signed_in(
    case: str, name: str
) -> None:
    row = exchanges().get(case)
    if row is None:
        pytest.skip(f"no recording of {name}")

    assert isinstance(v2.failure(response(row)), KeyRefused)


def test_an_empty_profile_of_oneself_means_that_the_key_is_unknown() -> None:
    assert isinstance(failure({"profile": {}}, "accounts/profile"), KeyRefused)


def test_the_word_undefined_and_an_empty_object_are_time_outs_of_the_project() -> None:
    for value, name in (
        ({"error": "undefined"}, "/exec"),
        ({}, "projects/call"),
        ({}, "projects/write-text-file"),
    ):
        problem = failure(value, name)
        assert isinstance(problem, MessageFailed), name
        assert "did not answer in time" in problem.problem
    assert failure({}, "projects/touch") is None


def test_issues_of_a_sign_up_are_told_by_option() -> None:
    problem = v2.failure(response(exchanges()["signup-noterms"]))

    assert problem is not None
    assert problem.problem == "terms: You must agree to the terms of usage."


def test_a_server_in_development_says_which_option_is_wrong() -> None:
    value = {
        "message": "Invalid request body.",
        "errors": [{"code": "invalid_type", "path": ["project_id"], "message": "Required"}],
    }
    problem = failure(value, status=400)

    assert isinstance(problem, MessageRefused)
    assert problem.problem == "project_id: Required"


def test_a_page_where_json_was_due_says_what_it_means_here() -> None:
    with pytest.raises(NotCoCalc, match="does not know this message"):
        v2.decode(reply(exchanges()["unknown-v2"]))
    with pytest.raises(NotCoCalc, match="1 MB"):
        v2.decode(reply(exchanges()["v2-over-1mb"]))
    with pytest.raises(NotCoCalc, match="could not read the message"):
        v2.decode(reply(exchanges()["v2-invalid-json"]))


def test_the_one_message_that_answers_with_text_may() -> None:
    script = WireResponse(200, "text/html; charset=utf-8", "#!/bin/bash\necho hi\n")

    assert v2.decode(script, "compute/scripts") == "#!/bin/bash\necho hi\n"
    with pytest.raises(NotCoCalc):
        v2.decode(script, "projects/get")


def test_absent_is_a_page_that_says_404_and_not_json_that_does() -> None:
    assert reply(exchanges()["unknown-v2"]).absent
    assert not WireResponse(404, "application/json", '{"message": "must use a POST request"}').absent
    assert not WireResponse(200, "text/html", "<!DOCTYPE html>").absent
