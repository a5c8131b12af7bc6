"""Rules of API v1 that no recording shows: its names, searches, commands, billing, and who may add whom."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.api_v2 import Person, ask, person

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

_NUMBERS = itertools.count()
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def stranger(sandbox: Running) -> Person:
    return person(sandbox, "Stranger")


# -- HTTP and names --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["query", "no/such/event", ""])
def test_the_methods_of_the_route_are_told(sandbox: Running, path: str) -> None:
    answer = sandbox.session.options(f"{sandbox.url}/api/v1/{path}", timeout=30)

    assert (answer.status_code, answer.text, answer.headers["Allow"]) == (200, "POST", "POST")


@pytest.mark.parametrize("name", ["api_messages", "documentation", "examples"])
def test_what_is_exported_beside_messages_is_closed(sandbox: Running, name: str) -> None:
    assert sandbox.send(name) == {"error": f"endpoint '{name}' is not part of the HTTP API"}


# -- people ----------------------------------------------------------------------------------------


def found(sandbox: Running, query: Any, **options: Any) -> list[tuple[str, bool]]:
    """The hits: first name, and whether by address."""
    answer = sandbox.send("user_search", query=query, **options)
    return [(hit["first_name"], "email_address" in hit) for hit in answer["results"]]


@pytest.fixture(scope="module")
def zoe(sandbox: Running) -> str:
    """The address of an account with a name of its own."""
    return str(ask_profile(sandbox, person(sandbox, "Zoe"))["email_address"])


def ask_profile(sandbox: Running, somebody: Person) -> Any:
    query = {"accounts": {"email_address": None}}
    return sandbox.post("query", {"query": query}, key=somebody.key).json()["query"]["accounts"]


@pytest.mark.parametrize("query", [{"a": "zoe"}, ["zoe"], 5, True, ""])
def test_what_is_no_text_finds_nobody(sandbox: Running, zoe: str, query: Any) -> None:
    assert found(sandbox, query) == []


def test_an_account_is_found_by_its_address_and_by_its_name(sandbox: Running, zoe: str) -> None:
    assert sorted(found(sandbox, f"{zoe}, zoe")) == [("Zoe", False), ("Zoe", True)]
    assert found(sandbox, f"{zoe}; zoe", limit=1) == [("Zoe", True)]
    assert found(sandbox, f"<{zoe}>, nobody-of-this-name") == [("Zoe", True)]


@pytest.mark.parametrize("limit", [0, -3, "-1"])
def test_a_limit_of_nothing_finds_nobody(sandbox: Running, zoe: str, limit: Any) -> None:
    assert found(sandbox, "zoe", limit=limit) == found(sandbox, f"zoe,{zoe}", limit=limit) == []


@pytest.mark.parametrize(("limit", "shown"), [("abc", "NaN"), (1.5, "1.5")])
def test_a_limit_is_an_integer_to_the_database(sandbox: Running, zoe: str, limit: Any, shown: str) -> None:
    assert sandbox.send("user_search", query="zoe", limit=limit)["error"] == (
        f'error: invalid input syntax for type integer: "{shown}"'
    )
    assert found(sandbox, zoe, limit=limit) == [("Zoe", True)]


def test_an_address_that_is_searched_alone_over_conat(sandbox: Running, zoe: str) -> None:
    [hit] = sandbox.call("system.userSearch", {"query": f"zoe, {zoe}", "only_email": True})

    assert hit["email_address"] == zoe


# -- tokens ----------------------------------------------------------------------------------------


def test_an_unknown_account_is_no_failed_attempt(sandbox: Running, stranger: Person) -> None:
    def ask_for(account_id: str, password: str) -> dict[str, Any]:
        answer: dict[str, Any] = sandbox.post(
            "user_auth", {"account_id": account_id, "password": password}, key=stranger.key
        ).json()
        return answer

    for _ in range(2):
        assert ask_for(NOBODY, "x")["error"] == "no such account"
    assert ask_for("zz", "x")["error"] == "invalid account_id -- zz"
    assert len(ask_for(stranger.account_id, "pw-of-a-test-12")["auth_token"]) == 24
    assert ask_for(stranger.account_id, "wrong")["error"] == "incorrect password"
    assert ask_for(stranger.account_id, "pw-of-a-test-12")["error"] == (
        "banned -- please wait at least 60s before trying again"
    )


# -- members ---------------------------------------------------------------------------------------


def test_an_id_that_is_none_comes_before_the_right_to_add(sandbox: Running, stranger: Person) -> None:
    options = {"project_id": "zz", "account_id": NOBODY}

    assert sandbox.send("add_collaborator", **options)["error"] == "invalid project_id -- zz"
    managed = sandbox.call("projects.addCollaborator", {"opts": options})  # looks at who manages first
    assert managed == {"error": "Error: Invalid project_id: zz"}
    assert ask(sandbox, "projects/collaborators/add", **options) == {}


def test_today_a_project_has_to_exist(sandbox: Running) -> None:
    options = {"project_id": NOBODY, "account_id": NOBODY}

    assert sandbox.call("projects.addCollaborator", {"opts": options}) == {
        "error": "OwnershipError: Project not found"
    }
    bad = {"project_id": sandbox.project(), "account_id": "zz"}
    assert sandbox.call("projects.removeCollaborator", {"opts": bad}) == {
        "error": "Error: Invalid account_id: zz"
    }
    assert sandbox.call("projects.inviteCollaborator", {"opts": bad}) == {"error": "invalid account_id -- zz"}


def test_to_add_oneself_the_course_is_asked(sandbox: Running, stranger: Person) -> None:
    course, student = sandbox.project(), sandbox.project()

    def add(project_id: str) -> Any:
        options = {"project_id": project_id, "account_id": stranger.account_id}
        return sandbox.post("add_collaborator", options, key=stranger.key).json().get("error")

    assert add(student) == f'Error: cannot add self to "{student}" -- must be an admin'
    assert add(NOBODY) == f'Error: no project with id "{NOBODY}"'
    record = {"project_id": student, "course": {"project_id": course}}
    assert "error" not in sandbox.send("query", query={"projects_owner": record})
    assert add(student) == (
        f'Error: cannot add self to "{student}" -- must be owner or collaborator on course project'
    )
    sandbox.send("add_collaborator", project_id=course, account_id=stranger.account_id)
    assert add(student) is None


def test_a_token_that_is_none_is_told(sandbox: Running) -> None:
    assert sandbox.send("add_collaborator", account_id=[NOBODY], token_id=[None], project_id=[])["error"] == (
        "Error: If tokens are specified, they must all be non-null."
    )


# -- commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [-3, 0])
def test_a_limit_of_output_counts_when_it_is_nothing(sandbox: Running, limit: int) -> None:
    answer = sandbox.run(sandbox.project(), "echo out; echo err >&2", max_output=limit)

    note = f" (truncated at {limit} characters)"
    assert (answer["stdout"], answer["stderr"]) == (note, note)


def test_a_limit_of_output_that_is_no_number_keeps_nothing(sandbox: Running) -> None:
    assert sandbox.run(sandbox.project(), "echo out", max_output="abc")["stdout"] == ""
    assert sandbox.run(sandbox.project(), "echo out", max_output="2")["stdout"] == (
        "ou (truncated at 2 characters)"
    )


def test_a_refused_connection_comes_with_advice(sandbox: Running) -> None:
    project_id, command = sandbox.project(), "echo 'curl: Connection refused' >&2; exit 7"
    advice = "-- Email help@cocalc.com if you need full internet access, which is disabled by default."

    def message(**more: Any) -> dict[str, Any]:
        return {"project_id": project_id, "command": command, "bash": True, **more}

    assert sandbox.send("project_exec", **message())["error"].endswith(f", undefined, undefined{advice}")
    assert ask(sandbox, "exec", **message())["error"].endswith(f"'{advice}")
    mesg = message(event="project_exec")
    assert ask(sandbox, "projects/call", project_id=project_id, mesg=mesg)["error"].endswith(f"'{advice}")
    assert not sandbox.call("system.exec", message(), project_id=project_id)["error"].endswith(advice)


def test_the_environment_of_a_project_is_that_of_its_commands(sandbox: Running) -> None:
    project_id = sandbox.project()
    env = {"COURSE": "Math 1", "EMPTY": "", "NUMBER": 5, "COCALC_PROJECT_ID": "other"}
    sandbox.send("query", query={"projects": {"project_id": project_id, "env": env}})
    command = 'echo "$COURSE|${EMPTY-none}|${NUMBER-none}|$COCALC_PROJECT_ID"'

    shown = f"Math 1|none|none|{project_id}\n"
    assert sandbox.run(project_id, command)["stdout"] == shown
    assert ask(sandbox, "exec", project_id=project_id, command=command, bash=True)["stdout"] == shown
    over = {"command": command, "bash": True, "env": {"COURSE": "own"}}
    assert sandbox.call("system.exec", over, project_id=project_id)["stdout"].startswith("own|")


# -- changes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"accounts": {"first_name": "x"}}, "FATAL: changefeeds only for read queries"),
        (
            {"accounts": {"first_name": None}},
            "FATAL: changefeeds only implemented for multi-document queries",
        ),
        ([{"accounts": [{}]}] * 2, "FATAL: changefeeds only implemented for single table"),
        (
            {"accounts": [{"first_name": None}]},
            "FATAL: changefeed MUST include primary key (='account_id') in query",
        ),
        (
            {"all_public_paths": [{"id": None}]},
            "changefeeds are not supported for querying this table",
        ),
    ],
)
def test_later_changes_are_asked_for_by_some_queries_alone(sandbox: Running, query: Any, error: str) -> None:
    assert sandbox.send("query", query=query, changes=True)["error"] == error


def test_the_id_of_who_wants_changes_is_a_uuid(sandbox: Running) -> None:
    query = {"accounts": [{"account_id": None}]}

    assert (
        sandbox.send("query", query=query, changes=True, id="i")["error"]
        == "FATAL: changes.id must be a uuid"
    )
    assert sandbox.send("query", query=query, changes=[])["changes"] == []


# -- services --------------------------------------------------------------------------------------

NO_CUSTOMER = "Error: stripe customer not defined"
NO_BILLING = "Error: stripe publishable key is not set -- billing functionality not available"


@pytest.mark.parametrize(
    ("event", "options", "error"),
    [
        ("stripe_create_source", {"token": 5}, "Error: mesg[token] must be a string"),
        ("stripe_create_source", {"token": "t"}, NO_BILLING),
        ("stripe_create_subscription", {"plan": ["x"]}, "Error: mesg[plan] must be a string"),
        ("stripe_create_subscription", {"plan": "zzz-x"}, "Error: unknown plan -- 'zzz-x'"),
        ("stripe_create_subscription", {"plan": "premium2-week"}, NO_CUSTOMER),
        ("stripe_set_default_source", {"card_id": {}}, "Error: mesg[card_id] must be a string"),
        ("stripe_set_default_source", {"card_id": "c"}, NO_CUSTOMER),
        ("stripe_delete_source", {"card_id": 1}, "Error: mesg[card_id] must be a string"),
        ("stripe_delete_source", {"card_id": "c"}, "Error: no customer information so can't delete source"),
        ("stripe_update_source", {"card_id": "c", "info": {}}, NO_BILLING),
        ("stripe_cancel_subscription", {"subscription_id": "s"}, NO_BILLING),
        ("stripe_get_coupon", {"coupon_id": 7}, "Error: mesg[coupon_id] must be a string"),
        ("stripe_get_charges", {}, NO_CUSTOMER),
        ("stripe_get_customer", {}, NO_BILLING),
    ],
)
def test_billing_checks_its_options_first(
    sandbox: Running, event: str, options: dict[str, Any], error: str
) -> None:
    assert sandbox.send(event, **options)["error"] == error


@pytest.mark.parametrize(
    ("event", "options", "error"),
    [
        ("save", {"data": "ab"}, "data must be an array"),
        ("save", {"data": [{}] * 51}, "you can save at most 50 datum in one call"),
        ("save", {"data": [{"id": "a"}]}, "each item must have an nonempty text string"),
        ("remove", {"data": [{}]}, "you must specify the id for each item and it must be a nonempty string"),
        ("remove", {"data": [{"id": "a"}]}, "Qdrant neural search is not enabled."),
    ],
)
def test_what_is_embedded_is_checked_first(
    sandbox: Running, event: str, options: dict[str, Any], error: str
) -> None:
    sent = {"project_id": sandbox.project(), "path": "a", **options}

    assert sandbox.send(f"openai_embeddings_{event}", **sent)["error"] == f"Error: {error}"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"scope": 5}, "scope must be a string or string[]"),
        ({"scope": ["share", ""]}, "each entry in the scope must be a nonempty string"),
        ({"scope": f"projects/{NOBODY}"}, f"must be a collaborator on the project with id '{NOBODY}'"),
        ({"scope": "elsewhere"}, 'scope "elsewhere" not supported'),
        ({"scope": "share", "text": " "}, "text must not be whitespace"),
        ({"scope": "share", "limit": 201}, "limit must be a positive number up to 200"),
        ({"scope": "share", "limit": "5"}, "limit must be a number"),
    ],
)
def test_what_is_searched_is_checked_first(sandbox: Running, options: dict[str, Any], error: str) -> None:
    answer = sandbox.send("openai_embeddings_search", **{"limit": 5, "text": "t", **options})

    assert answer["error"] == f"Error: {error}", json.dumps(answer)
