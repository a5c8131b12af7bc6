"""A program is signed in by a person who approves it on a page of the sandbox that plays cocalc.ai."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.api.scoped import Visitor, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.sandbox import Sandbox

PERSON = {"email": "alice@example.com", "password": "pw-alice-12345"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    with start(tmp_path) as one:
        yield one


@pytest.fixture
def program(box: Sandbox) -> Visitor:
    """A program, which has no key."""
    return Visitor(box, box.session())


def path_of(begun: dict[str, Any]) -> str:
    return f"/auth/cli-login/{begun['challenge_id']}"


def approve(program: Visitor, begun: dict[str, Any], **form: str) -> Any:
    """The page that comes back when a person fills the form in."""
    page = program.send("GET", path_of(begun)).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    filled = {"form_token": token[1] if token else "", **PERSON, **form}
    return program.send("POST", path_of(begun), data=filled)


def status(program: Visitor, begun: dict[str, Any]) -> Any:
    names = ("challenge_id", "poll_token")
    return program.v2("auth/cli/login/status", {name: begun[name] for name in names})


def redeem(program: Visitor, begun: dict[str, Any]) -> Any:
    token = status(program, begun).get("redeem_token", "none")
    options = {"challenge_id": begun["challenge_id"], "redeem_token": token}
    return program.v2("auth/cli/login/redeem", options)


def test_a_person_approves_and_the_program_has_a_session(box: Sandbox, program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start", {"client_kind": "notebook"})
    assert "notebook" in program.send("GET", path_of(begun)).text

    page = approve(program, begun)
    session = redeem(program, begun)

    signed_in = Visitor(box, program.session, cookie=f"remember_me={session['remember_me']}")
    assert page.status_code == 200
    assert "The program is signed in" in page.text
    assert session["display_name"] == "Alice Example"
    assert signed_in.v2("accounts/profile")["profile"]["email_address"] == PERSON["email"]
    assert signed_in.v2("user-query", {"query": {"projects": [{"title": None}]}})["query"]["projects"]
    assert signed_in.v2("accounts/sign-out") == {"status": "success"}
    assert signed_in.v2("accounts/profile") == {"profile": {}}


def test_a_sign_in_is_redeemed_once(program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start")
    approve(program, begun)
    options = {"challenge_id": begun["challenge_id"], "redeem_token": status(program, begun)["redeem_token"]}

    first, second = (program.v2("auth/cli/login/redeem", options) for _ in range(2))

    assert "remember_me" in first
    assert second == {"error": "cli auth challenge has not been approved"}
    assert status(program, begun)["state"] == "redeemed"


def test_a_wrong_password_approves_nothing(program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start")

    page = approve(program, begun, password="wrong")

    assert page.status_code == 403
    assert "There is no account here with this e-mail address and password." in page.text
    assert status(program, begun)["state"] == "pending"


def test_a_form_of_another_page_approves_nothing(program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start")

    invented = approve(program, begun, form_token="9999999999.invented")
    headers = {"Origin": "https://elsewhere.example"}
    elsewhere = program.send("POST", path_of(begun), data=PERSON, headers=headers)

    assert [invented.status_code, elsewhere.status_code] == [403, 403]
    assert status(program, begun)["state"] == "pending"


def test_what_a_program_calls_itself_is_text_on_the_page(program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start", {"client_kind": "<script>alert(1)</script>", "email": '"><b>'})

    page = program.send("GET", path_of(begun))

    assert "<script>" not in page.text
    assert '"><b>' not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["nosuch", "ffffffff-ffff-4fff-8fff-ffffffffffff"])
def test_a_page_of_no_sign_in_says_so(program: Visitor, name: str) -> None:
    page = program.send("GET", f"/auth/cli-login/{name}")

    assert page.status_code == 404
    assert "There is nothing to approve here" in page.text


def test_what_was_approved_has_no_page_any_more(program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start")
    approve(program, begun)

    assert approve(program, begun).status_code == 404


def test_twenty_may_begin_in_ten_minutes(program: Visitor) -> None:
    begun = [program.v2("auth/cli/login/start") for _ in range(21)]

    assert all("challenge_id" in answer for answer in begun[:20])
    assert begun[20] == {"error": "too many cli login attempts recently; try again later"}


def test_the_tokens_of_a_sign_in_are_not_in_the_log_of_requests(box: Sandbox, program: Visitor) -> None:
    begun = program.v2("auth/cli/login/start")
    approve(program, begun)
    session = redeem(program, begun)

    headers = {"Authorization": f"Bearer {box.key}"}
    log = program.send("POST", "/sandbox/status", {}, headers=headers).text

    assert "auth/cli/login/status" in log
    for secret in (begun["poll_token"], session["remember_me"], PERSON["password"]):
        assert secret not in log
