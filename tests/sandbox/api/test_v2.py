"""The door of API v2: what is read, what is refused, and the names that are cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.types import NOBODY
from cocalc_magic.sandbox.api import v2
from cocalc_magic.sandbox.http.modern_apis import COOKIE_HANDLERS
from tests.sandbox.api_v2 import Person, ask, person, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Running

ADMIN = """
accounts:
- {handle: ada, first_name: Ada, last_name: Admin, email_address: ada@example.com, admin: true,
   password: pw-admin-12345, keys: [sk_Admin00000000000, sk-Admin00000000000000001]}
- {handle: bob, first_name: Bob, last_name: Example, email_address: bob@example.com,
   password: pw-bob-1234567, keys: [sk_Bob0000000000000, sk-Bob0000000000000000002]}
"""
ADA, BOB = "sk-Admin00000000000000001", "sk-Bob0000000000000000002"


@pytest.fixture
def someone(sandbox: Running) -> Person:
    return person(sandbox, "Sam")


# -- the door --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(v2.METHODS))
def test_every_answer_is_there_and_of_a_name_that_the_catalog_knows(name: str) -> None:
    assert callable(v2.METHODS[name].loaded)
    assert v2.event_of(name) in catalog.messages("v2")
    assert name not in COOKIE_HANDLERS


@pytest.mark.parametrize("event", sorted(catalog.messages("v2")))
def test_every_name_has_an_answer_or_is_refused_by_name(sandbox: Running, event: str) -> None:
    """Whoever sends nothing: no name is unknown, and none breaks."""
    name = event.lstrip("/")
    reply = post(sandbox, name, key="")

    assert reply.status_code in ((500,) if name == "auth/sign-in" else (200, 400))
    if name not in v2.METHODS and name not in COOKIE_HANDLERS:
        own_words = catalog.messages("v2")[event].refusal(NOBODY)
        assert reply.json() == {"error": own_words or f"not answered by the sandbox: '{name}'"}


@pytest.mark.parametrize("value", [None, 7, -1.5, True, "x", [], ["x"], {}, {"x": None}], ids=repr)
def test_no_value_of_an_option_breaks_an_answer(sandbox: Running, someone: Person, value: Any) -> None:
    project = ask(sandbox, "projects/create", key=someone.key)["project_id"]
    skipped = {"accounts/ban", "projects/delete", "jupyter/execute", "auth/sign-up", "messages/send"}
    for event, message in catalog.messages("v2").items():
        name = event.lstrip("/")
        if name in skipped or name not in v2.METHODS:
            continue
        options = {option.name: value for option in message.options}
        for given in (options, {**options, "project_id": project}):
            reply = post(sandbox, name, given, someone.key)
            assert reply.status_code in (200, 400), f"{name} {given}"


def test_an_unknown_name_is_a_page(sandbox: Running) -> None:
    reply = post(sandbox, "projects/nope")

    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_options_come_in_the_body_of_a_post_alone(sandbox: Running, someone: Person) -> None:
    headers = {"Authorization": f"Bearer {someone.key}"}
    asked = f"{sandbox.url}/api/v2/accounts/profile?account_id=00000000-0000-4000-8000-000000000000"

    for answer in (sandbox.session.get(asked, headers=headers), sandbox.session.post(asked, headers=headers)):
        assert answer.json()["profile"]["account_id"] == someone.account_id


def test_what_is_asked_is_seen_among_the_last_requests_without_its_secrets(sandbox: Running) -> None:
    post(sandbox, "auth/sign-up", {"email": "seen@example.com", "password": "do-not-show-it"}, key="")
    status = sandbox.session.post(
        f"{sandbox.url}/sandbox/status", headers={"Authorization": f"Bearer {sandbox.key}"}, json={}
    )

    assert "auth/sign-up" in status.text
    assert "do-not-show-it" not in status.text


def test_messages_are_sent_at_a_pace(sandbox: Running, someone: Person) -> None:
    message = {"subject": "s", "body": "b"}
    first = ask(sandbox, "messages/send", key=someone.key, **message)
    second = ask(sandbox, "messages/send", key=someone.key, **message)

    assert first["status"] == "success"
    rule = "(rule: at most 1 request per second)"
    assert second == {"error": f"too many requests to messages/send; try again in 1 second {rule}"}
    other = person(sandbox)
    assert ask(sandbox, "messages/send", key=other.key, **message)["status"] == "success"


# -- people ----------------------------------------------------------------------------------------


def test_everybody_may_know_a_name_but_no_address(sandbox: Running, someone: Person) -> None:
    shown = ask(sandbox, "accounts/profile", key="", account_id=someone.account_id)["profile"]

    assert shown == {
        "account_id": someone.account_id,
        "first_name": "Sam",
        "last_name": "Example",
        "name": None,
    }
    assert ask(sandbox, "accounts/profile", key="") == {"profile": {}}
    unknown = "00000000-0000-4000-8000-000000000000"
    assert ask(sandbox, "accounts/profile", account_id=unknown) == {"error": f"no account with id {unknown}"}


def test_names_change_and_are_found(sandbox: Running, someone: Person) -> None:
    changed = {"first_name": "Samuel", "last_name": "", "username": f"sam-{someone.account_id[:8]}"}
    assert ask(sandbox, "accounts/set-name", key=someone.key, **changed) == {"status": "success"}

    names = ask(sandbox, "accounts/get-names", key=someone.key, account_ids=[someone.account_id])
    shown = {"first_name": "Samuel", "last_name": "Example", "profile": None}
    assert names == {"names": {someone.account_id: shown}}
    found = ask(sandbox, "accounts/search", key="", query=changed["username"])
    assert [one["account_id"] for one in found] == [someone.account_id]
    taken = ask(sandbox, "accounts/set-name", key=person(sandbox).key, username=changed["username"])
    assert "already taken" in taken["error"]


def test_an_account_is_made_and_signs_in(sandbox: Running) -> None:
    new = {"email": "new@example.com", "password": "Plum-47-orchard", "firstName": "N", "lastName": "One"}
    assert ask(sandbox, "auth/sign-up", key="", **new) == {
        "issues": {"terms": "You must agree to the terms of usage."}
    }
    made = ask(sandbox, "auth/sign-up", key="", terms=True, **new)
    signed_in = ask(sandbox, "auth/sign-in", key="", email=new["email"], password=new["password"])

    assert made == signed_in == {"account_id": made["account_id"]}
    as_new = ask(sandbox, "auth/sign-up", key="", terms=True, **new)
    sandbox.session.cookies.clear()
    assert "admin" in as_new["issues"]["api"]
    other = {**new, "email": "NEW@example.com ", "password": "Pear-48-orchard"}
    again = ask(sandbox, "auth/sign-up", key="", terms=True, **other)
    assert again == {"issues": {"email": 'Email address "new@example.com" already in use.'}}


def test_all_that_is_obvious_is_told_at_once(sandbox: Running) -> None:
    assert ask(sandbox, "auth/sign-up", key="", email="no address", password="short") == {
        "issues": {
            "terms": "You must agree to the terms of usage.",
            "email": "You must provide a valid email address -- 'no address' is not valid.",
            "password": "Your password must not be very easy to guess.",
        }
    }
    assert ask(sandbox, "auth/sign-up", terms=True) == {
        "issues": {"api": "Creation of anonymous accounts via the API is not allowed."}
    }


def test_the_address_and_the_password_change_with_the_password_alone(
    sandbox: Running, someone: Person
) -> None:
    new = {"currentPassword": "wrong", "newPassword": "Plum-47-orchard"}
    wrong = ask(sandbox, "accounts/set-password", key=someone.key, **new)
    assert wrong == {"error": "Current password is incorrect."}
    new["currentPassword"] = "pw-of-a-test-12"
    assert ask(sandbox, "accounts/set-password", key=someone.key, **new) == {"status": "success"}
    address = {"email_address": f"{someone.account_id}@example.com", "password": "pw-of-a-test-12"}
    assert "error" in ask(sandbox, "accounts/set-email-address", key=someone.key, **address)
    address["password"] = new["newPassword"]
    assert ask(sandbox, "accounts/set-email-address", key=someone.key, **address) == {"status": "success"}
    profile = ask(sandbox, "accounts/profile", key=someone.key)["profile"]
    assert profile["email_address"] == address["email_address"]


@pytest.mark.parametrize(
    "name",
    ["accounts/ban", "accounts/remove-ban", "accounts/get-email-address", "projects/set-admin-quotas",
     "purchases/get-balance-admin", "news/edit"],
)  # fmt: skip
def test_what_is_for_administrators_is_refused_to_others(
    sandbox: Running, someone: Person, name: str
) -> None:
    victim = person(sandbox)
    answer = ask(sandbox, name, key=someone.key, account_id=victim.account_id, title="t", text="t")

    assert "admin" in answer["error"]
    assert ask(sandbox, "accounts/profile", key=victim.key)["profile"]["account_id"] == victim.account_id


def test_who_is_banned_has_no_key_and_no_session(
    start_sandbox: Callable[..., Running], tmp_path: Any
) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(ADMIN)
    sandbox = start_sandbox("--world", str(world))
    bob = ask(sandbox, "accounts/profile", key=BOB)["profile"]["account_id"]
    assert ask(sandbox, "accounts/ban", key=ADA, account_id=bob) == {"status": "success"}

    assert ask(sandbox, "accounts/profile", key=BOB) == {"profile": {}}
    refused = ask(sandbox, "auth/sign-in", key="", email="bob@example.com", password="pw-bob-1234567")
    assert "banned" in refused["error"]
    assert ask(sandbox, "accounts/remove-ban", key=ADA, account_id=bob) == {"status": "success"}
    assert ask(sandbox, "accounts/profile", key=BOB)["profile"]["account_id"] == bob
    assert ask(sandbox, "news/edit", key=ADA, title="T", text="*y*") == {"id": 1, "success": True}
    assert [item["title"] for item in ask(sandbox, "news/list", key="")] == ["T"]


# -- queries, kernels ------------------------------------------------------------------------------


def test_a_query_reads_and_writes_as_in_v1(sandbox: Running, someone: Person) -> None:
    changed = {"accounts": {"first_name": "Sue"}}
    assert ask(sandbox, "user-query", key=someone.key, query=changed) == {"query": {}}
    query = {"accounts": {"account_id": None, "first_name": None}}
    answer = ask(sandbox, "user-query", key=someone.key, query=query, options=[{"limit": "ignored"}])

    record = {"account_id": someone.account_id, "first_name": "Sue"}
    assert answer == {"query": {"accounts": record}}


def test_nobody_reads_and_writes_nothing_of_others(sandbox: Running, someone: Person) -> None:
    project = ask(sandbox, "projects/create", key=someone.key, title="mine")["project_id"]
    read = {"projects": {"project_id": project, "title": None}}
    written = {"projects": {"project_id": project, "title": "taken"}}

    for query, words in (
        (read, "FATAL: anonymous get queries not allowed for table 'projects'"),
        ({"crm_tasks": [{"nope": None}]}, "FATAL: anonymous get queries not allowed for table 'crm_tasks'"),
        (written, "FATAL: no anonymous set queries"),
    ):
        assert ask(sandbox, "user-query", key="", query=query) == {"error": words}
    public = {"news": [{"title": None}]}
    assert ask(sandbox, "user-query", key="", query=public) == {"query": {"news": []}}


def test_code_runs_once_unless_it_is_to_run_again(sandbox: Running) -> None:
    asked = {"project_id": sandbox.project(), "kernel": "python3", "input": "import time; time.time_ns()"}
    first, again = (ask(sandbox, "jupyter/execute", **asked) for _ in range(2))
    anew = ask(sandbox, "jupyter/execute", noCache=True, **asked)

    assert first["success"] is True
    assert first["output"] == again["output"] != anew["output"]
    assert "id" in again
    assert ask(sandbox, "jupyter/execute", key="", hash="0" * 40) == {"success": True}
