"""What a scoped key may do, as far as that is known."""

from __future__ import annotations

import pytest

from cocalc_magic.config import scope
from cocalc_magic.config.scope import UNKNOWN, Grant, Scope
from cocalc_magic.errors import InvalidValue

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def test_nothing_is_known_of_a_key_before_anything_is_said() -> None:
    assert UNKNOWN.may("project:exec", ONE) is None
    assert UNKNOWN.may("account:read") is None
    assert UNKNOWN.missing(["project:exec", "account:read"], ONE) == ""


def test_what_a_person_says_is_all_that_the_key_has() -> None:
    key = UNKNOWN.stating("project:exec,account:read", [ONE.upper(), ONE])

    assert key.stated == Grant(("account:read", "project:exec"), (ONE,))
    assert key.may("project:exec", ONE) is True
    assert key.may("project:exec", TWO) is False
    assert key.may("project:exec") is True
    assert key.may("account:read", TWO) is True, "it holds for no project"
    assert key.may("file:read", ONE) is False
    assert key.missing(["project:exec", "file:read"], ONE) == "file:read"


def test_where_no_projects_are_said_those_are_not_known() -> None:
    key = UNKNOWN.stating("project:exec")

    assert key.may("project:exec", ONE) is None
    assert key.may("project:list") is False


def test_a_refusal_holds_for_its_project_and_one_without_a_project_everywhere() -> None:
    refused = UNKNOWN.refusing("project:exec", ONE).refusing("project:list")

    assert refused.may("project:exec", ONE) is False
    assert refused.may("project:exec", TWO) is None
    assert refused.may("project:list") is False
    assert refused.refused == {("project:exec", ONE), ("project:list", "")}
    assert UNKNOWN.refusing("project:exec").may("project:exec", ONE) is False


def test_what_is_said_anew_replaces_what_was_refused_before() -> None:
    assert (
        UNKNOWN.refusing("project:exec", ONE).stating("project:exec", [ONE]).may("project:exec", ONE) is True
    )


def test_what_the_server_refuses_counts_for_more_than_what_was_said() -> None:
    assert (
        UNKNOWN.stating("project:exec", [ONE]).refusing("project:exec", ONE).may("project:exec", ONE) is False
    )


def test_capabilities_are_read_and_written_as_a_list_in_their_own_order() -> None:
    assert scope.parse("project:exec, file:read file:read") == ("file:read", "project:exec")
    assert scope.written(["project:exec", "account:read"]) == "account:read,project:exec"
    assert Scope().stating(["file:write"]).stated == Grant(("file:write",))


@pytest.mark.parametrize("text", ["", " , "])
def test_an_empty_list_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(InvalidValue, match="no capability is named") as refused:
        scope.parse(text)
    assert "account:read, project:create, project:list" in str(refused.value)


def test_an_unknown_capability_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match="there is no capability 'project:exek'") as refused:
        scope.parse("file:read,project:exek")
    assert "Did you mean project:exec?" in str(refused.value)
    assert "codex:run" in str(refused.value)
