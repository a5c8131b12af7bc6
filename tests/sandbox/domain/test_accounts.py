"""Accounts: made, found, their passwords and addresses changed; in the words of the recorded server."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running, Start

NUMBERS = itertools.count()


def person(**options: Any) -> dict[str, Any]:
    return {
        "first_name": "Ann",
        "last_name": "Other",
        "email_address": f"ann{next(NUMBERS)}@example.com",
        "password": "secret123",
        **options,
    }


@pytest.fixture
def ann(sandbox: Running) -> tuple[str, str, str]:
    """A fresh account: id, key, address."""
    asked = person(get_api_key=True)
    made = sandbox.send("create_account", **asked)
    return made["account_id"], made["api_key"], asked["email_address"]


def reason(sandbox: Running, **options: Any) -> Any:
    answer = sandbox.send("create_account", **person(**options))
    assert answer["event"] == "account_creation_failed"
    return answer["reason"]


def test_a_new_account_has_a_key_of_the_older_format_when_it_asks_for_one(sandbox: Running) -> None:
    made = sandbox.send("create_account", **person(get_api_key=True))

    assert made["event"] == "account_created"
    assert made["api_key"].startswith("sk_")
    assert len(made["api_key"]) == 19
    assert sandbox.post("ping", key=made["api_key"]).status_code == 200


@pytest.mark.parametrize("password", ["12345", "x" * 65, "🐴🐴"])
def test_a_password_has_6_to_64_characters(sandbox: Running, password: Any) -> None:
    assert reason(sandbox, password=password) == {
        "password": "Password must be between 6 and 64 characters in length."
    }


@pytest.mark.parametrize("password", [7, ["secret123"], {"a": 1}, True])
def test_a_password_is_a_text(sandbox: Running, password: Any) -> None:
    assert reason(sandbox, password=password) == {"password": "Password must be specified."}
    stranger = sandbox.send("create_account", **person(get_api_key=True))
    options = {"account_id": "x", "old_password": person()["password"], "new_password": password}
    changed = sandbox.post("change_password", options, key=stranger["api_key"]).json()
    assert changed["error"] == {"new_password": "Password must be specified."}


@pytest.mark.parametrize(
    "address",
    ["ann", "ann@", "ann@a..b", "a b@example.com", "a;b@example.com", 17, "a@b@example.com", "@example.com"],
)
def test_an_address_must_look_like_one(sandbox: Running, address: Any) -> None:
    assert reason(sandbox, email_address=address) == {
        "email_address": "Email address does not appear to be valid."
    }


def test_an_address_is_taken_in_upper_case_too(sandbox: Running, ann: tuple[str, str, str]) -> None:
    assert reason(sandbox, email_address=ann[2].upper()) == {
        "email_address": "This e-mail address is already taken."
    }


def test_nobody_is_anonymous(sandbox: Running) -> None:
    assert reason(sandbox, email_address=None) == {"other": "Anonymous sign up is disabled."}


def test_a_registration_token_is_asked_for_where_the_world_has_one(
    start_sandbox: Start, tmp_path: Any
) -> None:
    (tmp_path / "world.yaml").write_text("registration_token: open-sesame\naccounts: [{first_name: Ann}]\n")
    sandbox = start_sandbox("--world", str(tmp_path / "world.yaml"))

    assert reason(sandbox) == {"token": "No registration token provided"}
    assert reason(sandbox, token="wrong") == {"token": "Registration token is wrong."}
    assert sandbox.send("create_account", **person(token="open-sesame"))["event"] == "account_created"


def test_a_password_is_changed_for_the_caller_whoever_is_named(
    sandbox: Running, ann: tuple[str, str, str]
) -> None:
    other = {"account_id": "00000000-0000-4000-8000-000000000000"}

    def change(old: str, new: Any) -> Any:
        answer = sandbox.post("change_password", {**other, "old_password": old, "new_password": new}, ann[1])
        return answer.json().get("error")

    assert change("wrong", "secret456") == "invalid old password"
    assert change("secret123", "short") == {
        "new_password": "Password must be between 6 and 64 characters in length."
    }
    assert change("secret123", "secret456") is None
    assert change("secret123", "secret789") == "invalid old password"


def test_an_address_is_changed_with_the_password(sandbox: Running, ann: tuple[str, str, str]) -> None:
    account_id, key, _ = ann
    new = f"New{account_id}@example.com"

    def change(**options: Any) -> Any:
        asked = {"account_id": account_id, "password": "secret123", "new_email_address": new, **options}
        return sandbox.post("change_email_address", asked, key).json()["error"]

    assert change(new_email_address="nonsense") == "email_invalid"
    assert change(account_id="other") == "account_id in mesg is not what user is signed in as"
    assert change(password="wrong") == "invalid_password"
    assert change() is False
    assert change() == "email_already_taken"
    assert sandbox.send("user_search", query=new)["results"][0]["email_address"] == new.lower()


def test_a_token_to_sign_in_needs_that_accounts_password_and_patience_after_a_wrong_one(
    sandbox: Running, ann: tuple[str, str, str]
) -> None:
    def ask(password: str) -> dict[str, Any]:
        return sandbox.send("user_auth", account_id=ann[0], password=password)

    assert len(ask("secret123")["auth_token"]) == 24
    assert ask("")["error"] == "incorrect password"
    assert ask("secret123")["error"] == "banned -- please wait at least 60s before trying again"


def test_an_admin_needs_no_password_for_a_token(start_sandbox: Start, tmp_path: Any) -> None:
    (tmp_path / "world.yaml").write_text(
        "accounts:\n- {first_name: Ada, admin: true}\n- {first_name: Sam, keys: [sk_Sam0000000000000]}\n"
    )
    sandbox = start_sandbox("--world", str(tmp_path / "world.yaml"))
    sam = sandbox.send("user_search", query="sam")["results"][0]["account_id"]

    assert len(sandbox.send("user_auth", account_id=sam, password="")["auth_token"]) == 24


def test_usernames_come_by_the_ids_that_were_sent(sandbox: Running, ann: tuple[str, str, str]) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"

    names = sandbox.send("get_usernames", account_ids=[ann[0], nobody])["usernames"]

    assert names == {ann[0]: {"first_name": "Ann", "last_name": "Other"}, nobody: {}}
    error = sandbox.send("get_usernames", account_ids=[ann[0], None])["error"]
    assert error == f'invalid uuid null in account_ids -- ["{ann[0]}",null]'


@pytest.mark.parametrize(
    "address", ['"a b"@example{}.com', "a+b/c@host{}", "a@[127.0.0.{}]", "a@☃{}.example"]
)
def test_an_address_has_the_form_of_the_standard(sandbox: Running, address: str) -> None:
    made = sandbox.send("create_account", **person(email_address=address.format(next(NUMBERS))))

    assert made["event"] == "account_created"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"first_name": "see www.a.org or b.com/x"}, "URLs are not allowed. Found www.a.org and b.com/x"),
        ({"first_name": "mailto:a@b"}, "email addresses are not allowed"),
    ],
)
def test_a_name_advertises_nothing(sandbox: Running, options: dict[str, Any], error: str) -> None:
    assert reason(sandbox, **options) == {"other": f"first_name not valid: {error}"}


@pytest.mark.parametrize("options", [{"last_name": "x" * 255}, {"email_address": "x" * 250 + "@b.org"}])
def test_what_is_too_long_is_told_by_the_database(sandbox: Running, options: dict[str, Any]) -> None:
    error = "postgresql error: value too long for type character varying(254)"
    assert reason(sandbox, **options) == {"other": error}


def test_no_address_comes_before_a_wrong_password(sandbox: Running) -> None:
    assert reason(sandbox, email_address="", password="1") == {"other": "Anonymous sign up is disabled."}


def test_an_account_without_a_password_gets_one_with_its_address(sandbox: Running) -> None:
    made = sandbox.send("create_account", **person(password=None, get_api_key=True))
    options = {"account_id": made["account_id"], "password": "first-one"}
    new = {"new_email_address": f"moved{next(NUMBERS)}@example.com", **options}

    assert sandbox.post("change_email_address", new, key=made["api_key"]).json()["error"] is False
    assert "auth_token" in sandbox.send("user_auth", **options)
