"""The kind of an error is a property of the failure: a thrown Error has it, a text that is passed on has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox.errors import Failed, Thrown, passed_on, thrown_again

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running


def test_a_text_is_shown_as_it_is() -> None:
    failed = Failed("no")

    assert (failed.error, failed.text) == ("no", "no")


@pytest.mark.parametrize(("kind", "shown"), [("Error", "Error: no"), ("TypeError", "TypeError: no")])
def test_an_error_has_its_kind_before_its_text(kind: str, shown: str) -> None:
    failed = Thrown("no", kind=kind)

    assert (failed.error, failed.text) == (shown, "no")


def test_what_is_passed_on_has_no_kind_any_more() -> None:
    with pytest.raises(Failed) as failed, passed_on():
        raise Thrown("no")

    assert failed.value.error == "no"


def test_what_is_thrown_again_gets_a_second_kind() -> None:
    with pytest.raises(Thrown) as failed, thrown_again():
        raise Thrown("no", kind="TypeError")

    assert (failed.value.error, failed.value.text) == ("Error: TypeError: no", "TypeError: no")


# -- on the wire -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"command": ["a"]}, "TypeError: opts.command.split is not a function"),
        ({"command": "exit 3"}, "command 'exit 3' exited with nonzero code 3 -- stderr=''"),
    ],
)
def test_one_method_fails_by_an_error_and_by_a_text(
    sandbox: Running, options: dict[str, Any], error: str
) -> None:
    assert sandbox.call("system.exec", options, project_id=sandbox.project())["error"] == error


@pytest.mark.parametrize(
    ("event", "error"),
    [("create_support_ticket", "deprecated"), ("purchase_license", "Error: DEPRECATED")],
)
def test_messages_that_are_gone_fail_by_a_text_or_by_an_error(
    sandbox: Running, event: str, error: str
) -> None:
    ticket = {"email_address": "a@b.org", "subject": "s", "body": "b"}
    options: dict[str, Any] = ticket if "ticket" in event else {"info": {}}

    assert sandbox.send(event, **options)["error"] == error
