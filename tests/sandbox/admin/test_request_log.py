"""What a sandbox shows of requests: secret options by the catalog, by their names, and by what they look like."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
import requests

from cocalc_magic import catalog
from tests.leaks.examples import EXAMPLES, KEYS, core
from tests.sandbox.admin.test_dashboard import asked

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

MARK = "marked-0-hunter"
FAULTS = (
    ({"status": 429, "retry_after": 2}, "fault: 429"),
    ({"html": True}, "fault: 502 as a page"),
    ({"drop": True}, "fault: connection closed"),
    ({"status": 503, "after": True}, "error, fault: 503"),
    ({"latency": 0.01}, "error, fault: 0.01 s late"),
    ({"truncate": 4}, "error, fault: cut after 4 bytes"),
    ({"content_type": "text/plain"}, "error, fault: as text/plain"),
)
SECRET = {
    (message.event, name)
    for message in catalog.all_messages()
    if message.generations != catalog.generations.SCOPED  # which this sandbox does not speak
    for name in message.secret
}
"""Every secret option of the catalog, those of messages that the server takes from nobody too."""
BY_NAME = (
    "password", "Password", "newPassword", "new_password", "old_password", "currentPassword", "password2",
    "password_confirm", "passwd", "passphrase", "secret", "client_secret", "token", "auth_token",
    "registrationToken", "reset_code", "passwordResetId", "token_id", "api_key", "apiKey", "remember_me",
    "poll_token", "redeem_token", "retry_token", "approval_token", "cookie", "private_key", "pin", "otp",
    "code", "key", "auth", "pw",
)  # fmt: skip
CLOSED = ("sign_in", "api_key", "sign_in_using_auth_token", "admin_reset_password", "cookies")


def shown(running: Running) -> str:
    """All that the page and the status have."""
    with running.session.get(running.url + asked(running, "ticket").json()["path"], timeout=10) as page:
        return page.text + asked(running, "status").text


def ask(running: Running, event: str, options: dict[str, object]) -> None:
    """Sends options to a message of whatever API, whether or not it takes them."""
    generation = catalog.generation_of(event)
    if generation == "v1":
        running.post(event, options)
    elif generation == "v2":
        url = f"{running.url}/api/v2/{event.removeprefix('/')}"
        running.session.post(url, json=options, auth=(running.key, ""), timeout=10).close()
    else:
        project = {"project_id": running.project()} if event.startswith("project:") else {}
        running.call(event.removeprefix("project:"), options, **project)


@pytest.mark.parametrize(("fault", "outcome"), FAULTS)
def test_what_meets_a_fault_is_logged_with_it_and_who_sent_what(
    sandbox: Running, fault: dict[str, object], outcome: str
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    sandbox.session.post(f"{sandbox.url}/sandbox/fault", json=fault, headers=headers, timeout=10)
    with contextlib.suppress(requests.RequestException):  # those that are dropped or cut
        sandbox.post("user_auth", {"account_id": "sam", "password": MARK})
    with contextlib.suppress(requests.RequestException):
        sandbox.post("ping")

    after, entry = asked(sandbox, "status").json()["requests"][:2]
    assert (after["event"], after["outcome"]) == ("ping", "answered")
    assert (entry["event"], entry["by"]) == ("user_auth", "Iris Instructor")
    assert entry["outcome"] == outcome
    assert entry["options"] == {"account_id": "sam", "password": "•••"}
    assert MARK not in shown(sandbox)


def test_what_is_sent_in_a_way_that_the_api_has_not_is_logged_as_refused(sandbox: Running) -> None:
    sandbox.session.get(f"{sandbox.url}/api/v1/ping", timeout=10)

    entry = asked(sandbox, "status").json()["requests"][0]
    assert (entry["event"], entry["outcome"]) == ("GET /api/v1/ping", "refused, 404")


def test_without_a_key_nobody_has_sent_it(sandbox: Running) -> None:
    sandbox.post("ping", key="")

    entry = asked(sandbox, "status").json()["requests"][0]
    assert (entry["event"], entry["by"], entry["outcome"]) == ("ping", "nobody known", "refused, 400")


@pytest.mark.parametrize(("event", "name"), sorted(SECRET))
def test_an_option_that_the_catalog_calls_secret_is_not_shown(
    sandbox: Running, event: str, name: str
) -> None:
    ask(sandbox, event, {name: MARK, "title": f"{event} has it"})

    page = shown(sandbox)
    assert MARK not in page
    assert f"title={event} has it" in page


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("event", ["sign_in", "nothing_such"])
def test_an_option_of_a_secret_name_is_not_shown(sandbox: Running, event: str, name: str) -> None:
    """Of closed messages and of those that nobody knows, of which the catalog says nothing."""
    ask(sandbox, event, {name: MARK, "seen": "as-it-is"})

    page = shown(sandbox)
    assert MARK not in page
    assert f"{name}=•••" in page
    assert "as-it-is" in page


@pytest.mark.parametrize("event", CLOSED)
def test_no_closed_message_shows_a_password(sandbox: Running, event: str) -> None:
    ask(sandbox, event, {"password": MARK, "email_address": "iris@example.edu"})

    assert MARK not in shown(sandbox)


@pytest.mark.parametrize(
    "event", ["accounts/profile", "auth/sign-up", "/exec", "system.ping", "org.createUser", "query"]
)
@pytest.mark.parametrize(
    "nested", [{"password": MARK}, [{"token": MARK}], {"a": {"b": [{"client_secret": [MARK]}]}}]
)
def test_a_secret_within_an_option_is_not_shown(sandbox: Running, event: str, nested: object) -> None:
    ask(sandbox, event, {"query": nested, "password": MARK})

    assert MARK not in shown(sandbox)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_looks_like_a_secret_is_not_shown(sandbox: Running, name: str) -> None:
    text, secret = EXAMPLES[name]
    sandbox.send("create_project", title=f"{'x' * 300} {text}")
    sandbox.send("create_project", title=text)
    sandbox.send("user_search", query=text, **{text: "x"})
    ask(sandbox, "/exec", {"command": text, "env": {"A": text}})

    assert secret not in shown(sandbox)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_in_place_of_an_event_is_not_shown(sandbox: Running, key: str) -> None:
    sandbox.post(key)
    sandbox.run(sandbox.project(), f"sleep 60 # {key}", timeout=0.2)

    page = shown(sandbox)
    assert core(key) not in page
    assert f"{key[:3]}…{key[-2:]}" in page
