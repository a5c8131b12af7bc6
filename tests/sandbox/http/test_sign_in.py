"""Signing in with address and password: by API v2 and its cookie, and on the page that hands a key over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Running, Start
from cocalc_magic.sandbox import seed
from cocalc_magic.sandbox.http import app
from cocalc_magic.sandbox.http.messages import Request
from cocalc_magic.sandbox.world import World

IRIS = {"email": "iris@example.edu", "password": "try-it-out"}


def v2(sandbox: Running, name: str, options: Any = None, **headers: str) -> requests.Response:
    """Sends to API v2 without a key or cookie but those in `headers`."""
    return requests.post(
        f"{sandbox.url}/api/v2/{name}",
        json={} if options is None else options,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        timeout=30,
    )


def keys(sandbox: Running, **options: Any) -> Any:
    return v2(sandbox, "api-keys", options, Authorization=f"Bearer {sandbox.key}").json()


def signed_in(sandbox: Running, who: dict[str, str] = IRIS) -> str:
    """The cookie that signing in gives, as a header."""
    return "remember_me=" + v2(sandbox, "auth/sign-in", who).cookies["remember_me"]


# -- the cookie ------------------------------------------------------------------------------------


def test_the_right_password_gives_the_account_and_a_cookie_that_no_script_reads(sandbox: Running) -> None:
    answer = v2(sandbox, "auth/sign-in", {**IRIS, "email": " IRIS@example.edu "})

    assert answer.status_code == 200
    profile = v2(sandbox, "accounts/profile", Authorization=f"Bearer {sandbox.key}").json()["profile"]
    assert answer.json() == {"account_id": profile["account_id"]}
    cookie = next(value for value in answer.raw.headers.getlist("Set-Cookie") if "remember_me" in value)
    assert re.match(r"remember_me=sha512\$\w+\$1000\$[\w-]+; ", cookie)
    assert {"path=/", "samesite=strict", "httponly"} <= {part.strip() for part in cookie.split(";")}


def test_a_cookie_makes_a_key_and_ends(sandbox: Running) -> None:
    cookie = signed_in(sandbox)

    made = v2(sandbox, "api-keys", {"action": "create", "name": "from a cookie"}, Cookie=cookie).json()

    assert sandbox.post("ping", key=made["response"][0]["secret"]).status_code == 200
    assert v2(sandbox, "accounts/sign-out", Cookie=cookie).json() == {"status": "success"}
    assert v2(sandbox, "api-keys", {"action": "get"}, Cookie=cookie).json() == {"error": "must be signed in"}


def test_a_cookie_counts_and_not_the_key_beside_it(sandbox: Running) -> None:
    cookie = signed_in(sandbox, {**IRIS, "email": "sam@example.edu"})
    answers = [
        v2(sandbox, "accounts/profile", Cookie=given, Authorization=f"Bearer {sandbox.key}").json()
        for given in (cookie, "remember_me=sha512$a$1000$b", "remember_me=nonsense", "remember_me=")
    ]

    assert answers[0]["profile"]["first_name"] == "Sam"
    assert answers[1] == {"profile": {}}
    assert answers[2] == {"error": "badly formatted remember_me cookie"}
    assert answers[3]["profile"]["first_name"] == "Iris"


def test_a_cookie_is_not_for_pages_from_elsewhere_nor_for_v1(sandbox: Running) -> None:
    cookie = signed_in(sandbox)

    from_elsewhere = [
        v2(sandbox, "accounts/profile", Cookie=cookie, **said).json()["profile"]
        for said in ({"Origin": "http://localhost:8888"}, {"Sec_Fetch_Site": "same-site"})
    ]
    v1 = requests.post(f"{sandbox.url}/api/v1/ping", headers={"Cookie": cookie}, timeout=30)

    assert from_elsewhere == [{}, {}]
    assert v1.status_code == 400


def test_signing_out_everywhere_ends_all_cookies(sandbox: Running) -> None:
    sue = {**IRIS, "email": "sue@example.edu"}
    first, second = signed_in(sandbox, sue), signed_in(sandbox, sue)

    v2(sandbox, "accounts/sign-out", {"all": True}, Cookie=first)

    assert v2(sandbox, "accounts/profile", Cookie=second).json() == {"profile": {}}


def test_a_new_password_ends_all_cookies(sandbox: Running) -> None:
    ann = {"email": "ann@example.com", "password": "secret123"}
    asked = {"email_address": ann["email"], "password": ann["password"], "get_api_key": True}
    made = sandbox.send("create_account", first_name="Ann", last_name="Other", **asked)
    cookie = signed_in(sandbox, ann)

    new = {"account_id": made["account_id"], "old_password": "secret123", "new_password": "secret456"}
    sandbox.post("change_password", new, made["api_key"])

    assert v2(sandbox, "accounts/profile", Cookie=cookie).json() == {"profile": {}}


@pytest.mark.parametrize("place", ["/auth/impersonate", "/app"])
def test_a_token_signs_one_browser_in(sandbox: Running, place: str) -> None:
    sam = sandbox.send("user_search", query="sam")["results"][0]["account_id"]
    token = sandbox.send("user_auth", account_id=sam, password="try-it-out")["auth_token"]

    first, second = (requests.get(sandbox.url + place, {"auth_token": token}, timeout=30) for _ in range(2))

    cookie = f"remember_me={first.cookies['remember_me']}"
    assert v2(sandbox, "accounts/profile", Cookie=cookie).json()["profile"]["account_id"] == sam
    assert second.status_code == 403
    assert "Set-Cookie" not in second.headers


def test_a_foreign_page_signs_nobody_in(sandbox: Running) -> None:
    answer = v2(sandbox, "auth/sign-in", IRIS, Origin="http://localhost:8888")

    assert "another origin" in answer.json()["error"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({**IRIS, "password": "wrong"}, "password for 'iris@example.edu' is incorrect."),
        (
            {"email": "nobody@example.com", "password": "x"},
            "no account with email address 'nobody@example.com'.",
        ),
        ({"email": "iris@example.edu"}, "Cannot read properties of undefined (reading 'length')."),
        ({**IRIS, "password": "x" * 65}, "The password must be shorter than 64 characters.."),
    ],
)
def test_what_does_not_sign_in_says_why(sandbox: Running, given: Any, error: str) -> None:
    answer = v2(sandbox, "auth/sign-in", given)

    assert answer.json() == {"error": f"Problem signing into account -- {error}"}
    assert "Set-Cookie" not in answer.headers


def test_after_six_failures_an_address_waits_and_others_do_not(start_sandbox: Start) -> None:
    sandbox = start_sandbox()
    for _ in range(6):
        assert "incorrect" in v2(sandbox, "auth/sign-in", {**IRIS, "password": "wrong"}).json()["error"]

    words = 'Too many attempts per minute to sign in as "iris@example.edu". Wait one minute, then try again.'
    for tried in (IRIS, {**IRIS, "password": "wrong"}):
        assert v2(sandbox, "auth/sign-in", tried).json() == {"error": words}
    assert "account_id" in v2(sandbox, "auth/sign-in", {**IRIS, "email": "sam@example.edu"}).json()


def test_a_banned_account_does_not_sign_in_and_its_key_is_unknown(
    start_sandbox: Start, tmp_path: Any
) -> None:
    (tmp_path / "world.yaml").write_text(
        "accounts:\n- {first_name: Ada}\n- {first_name: Tom, email_address: tom@example.com, "
        "password: try-it-out, banned: true, keys: [sk_Tom0000000000000]}\n"
    )
    sandbox = start_sandbox("--world", str(tmp_path / "world.yaml"))

    error = v2(sandbox, "auth/sign-in", {**IRIS, "email": "tom@example.com"}).json()["error"]

    assert "'tom@example.com' is banned" in error
    assert sandbox.post("ping", key="sk_Tom0000000000000").json() == {
        "error": "User is BANNED.  If this is a mistake, please contact help@cocalc.com"
    }


# -- api-keys --------------------------------------------------------------------------------------


def test_a_key_is_made_listed_changed_and_deleted(sandbox: Running) -> None:
    made = keys(sandbox, action="create", name="lesson", expire="2127-01-02T03:04:05Z")["response"][0]
    number, secret = made["id"], made.pop("secret")
    assert made["expire"] == "2127-01-02T03:04:05.000Z"
    assert made["trunc"] == f"sk-...{secret[-6:]}"

    assert keys(sandbox, action="get", id=number) == {"response": [made]}
    assert made in keys(sandbox, action="get")["response"]
    assert keys(sandbox, action="edit", id=number, name="other", expire=None) == {}
    changed = keys(sandbox, action="get", id=number)["response"][0]
    assert changed == {**made, "name": "other", "expire": None}
    assert keys(sandbox, action="delete", id=number) == {}
    assert sandbox.post("ping", key=secret).status_code == 400


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, {}),
        ({"action": "frobnicate"}, {}),
        ({"action": "get", "id": 999_999}, {"response": [None]}),
        ({"action": "get", "id": "abc"}, {"error": 'invalid input syntax for type integer: "abc"'}),
        ({"action": "edit", "id": 999_999, "name": "x"}, {"error": "no api key with id 999999"}),
        ({"action": "edit", "name": "x"}, {"error": "no api key with id undefined"}),
        ({"action": "delete", "id": 999_999}, {}),
        ({"action": "delete"}, {}),
        (
            {"action": "create", "expire": "9999-12-31T23:59:59-23:00"},
            {"error": 'invalid input syntax for type timestamp: "9999-12-31T23:59:59-23:00"'},
        ),
        ({"action": "get", "id": 2**31}, {"error": 'value "2147483648" is out of range for type integer'}),
        (
            {"action": "create", "name": "x" * 129},
            {"error": "value too long for type character varying(128)"},
        ),
        (
            {"action": "get", "project_id": "nope"},
            {"error": "invalid account_id or project_id -- all must be valid uuid's"},
        ),
        (
            {"action": "get", "project_id": "c6b0d54c-fd1f-4921-8b99-6d04c6fcd18e"},
            {"error": "user must be collaborator on project to manage project_id api keys"},
        ),
    ],
)
def test_keys_are_managed_in_the_recorded_words(sandbox: Running, asked: Any, answer: Any) -> None:
    assert keys(sandbox, **asked) == answer


def test_a_projects_key_works_in_it_and_nowhere_else(sandbox: Running) -> None:
    own, other = sandbox.project(), sandbox.project()
    made = keys(sandbox, action="create", name="project", project_id=own)["response"][0]
    secret = made.pop("secret")

    def run(project_id: str) -> Any:
        return sandbox.post("project_exec", {"project_id": project_id, "command": "true"}, secret).json()

    assert keys(sandbox, action="get", project_id=own)["response"] == [made]
    assert made not in keys(sandbox, action="get")["response"]
    assert run(own)["exit_code"] == 0
    assert "does not have write access" in run(other)["error"]
    asked = {"query": {"accounts": {"account_id": None, "first_name": None}}}
    assert sandbox.post("query", asked, secret).json()["query"] == {}
    by_project = v2(sandbox, "api-keys", {"action": "get"}, Authorization=f"Bearer {secret}")
    assert by_project.json() == {"error": "account_id is not a valid account"}


# -- the page --------------------------------------------------------------------------------------


def page(sandbox: Running, name: str = "lesson") -> requests.Response:
    return requests.get(f"{sandbox.url}/app", {"get_api_key": name}, timeout=30)


def token(text: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', text)
    assert found
    return found[1]


def fill_in(sandbox: Running, name: str = "lesson", headers: Any = None, **fields: str) -> requests.Response:
    given = {**IRIS, "form_token": token(page(sandbox).text), **fields}
    address = f"{sandbox.url}/app?get_api_key={quote(name)}"
    return requests.post(address, given, headers=headers, allow_redirects=False, timeout=30)


def test_the_form_hands_a_key_over(sandbox: Running) -> None:
    answer = fill_in(sandbox)

    assert answer.status_code == 302
    key = answer.headers["Location"].removeprefix("https://authenticated/?api_key=")
    assert re.fullmatch(r"sk-[0-9A-Za-z]{22}", key)
    assert sandbox.post("ping", key=key).status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_second_key_for_the_same_app_ends_the_first(sandbox: Running) -> None:
    first, other, second = (
        fill_in(sandbox, name).headers["Location"].rpartition("=")[2] for name in ("one", "two", "one")
    )

    assert [sandbox.post("ping", key=key).status_code for key in (first, other, second)] == [400, 200, 200]


def test_a_wrong_password_shows_the_form_again_with_the_address(sandbox: Running) -> None:
    answer = fill_in(sandbox, password="wrong")

    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert 'value="iris@example.edu"' in answer.text
    assert "wrong" not in answer.text.partition("<form")[2].partition("</form>")[0]


def test_too_many_wrong_passwords_are_told_to_wait(start_sandbox: Start) -> None:
    sandbox = start_sandbox()

    answers = [fill_in(sandbox, password="wrong").status_code for _ in range(7)]

    assert answers == [403] * 6 + [429]
    assert fill_in(sandbox).status_code == 429


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "99999999999.00"}, {}),
        ({}, {"Origin": "http://evil.example"}),
        ({}, {"Origin": "null"}),
    ],
)
def test_a_foreign_page_cannot_send_the_form(sandbox: Running, fields: Any, headers: Any) -> None:
    answer = fill_in(sandbox, headers=headers, **fields)

    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_a_name_is_capitalised_bounded_and_only_text(sandbox: Running) -> None:
    hostile = '"><script>alert(1)</script>\u202e\n' + "x" * 500

    text = page(sandbox, hostile).text

    assert "<h1>CoCalc API Key Access for Lesson</h1>" in page(sandbox).text
    assert "<script" not in text
    assert "\u202e" not in text
    assert "x" * 65 not in text


def test_a_page_loads_nothing_and_is_kept_nowhere(sandbox: Running) -> None:
    answer = page(sandbox)

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"(src|href)=(?!\"data:,)|url\(|@import|<script", answer.text)


def test_the_other_pages_say_what_this_is(sandbox: Running) -> None:
    texts = [requests.get(f"{sandbox.url}{path}", timeout=30).text for path in ("/", "/app")]
    known = requests.get(f"{sandbox.url}/customize", timeout=30).json()

    assert all("CoCalc sandbox" in text for text in texts)
    assert known["configuration"]["site_name"] == "Open CoCalc", "what a server is called that nobody named"
    assert known["registration"] is False


def test_no_key_or_password_is_in_what_the_sandbox_says(start_sandbox: Start) -> None:
    sandbox = start_sandbox()
    key = fill_in(sandbox).headers["Location"].rpartition("=")[2]
    cookie = signed_in(sandbox)
    sandbox.process.terminate()

    said = "".join(sandbox.process.communicate(timeout=10))

    assert [secret for secret in (key, cookie, IRIS["password"]) if secret in said] == []


# -- anything at all -------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
VALUES = SCALARS | st.sampled_from(["create", "get", "edit", "delete", "\ud800", "9999-12-31"])
NAMES = st.sampled_from(["action", "id", "name", "expire", "project_id", "all", "email", "form_token"])
TARGETS = st.sampled_from(
    [
        "/api/v2/api-keys",
        "/api/v2/accounts/sign-out",
        "/api/v2/accounts/profile",
        "/api/v2/auth/sign-in",
        "/api/v2/nothing",
        "/app?get_api_key=%ff%00a",
        "/app?auth_token=%ff",
        "/auth/impersonate",
        "/api/v2//",
    ]
)
COOKIES = st.sampled_from(["", "remember_me=", "remember_me=\udcff", "remember_me=a$b$1$c", "=;;;x"])


@pytest.fixture(scope="module")
def known_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    world = World(tmp_path_factory.mktemp("world") / "data")
    yield world, seed.begin(world)
    world.close()


@settings(max_examples=300, deadline=None)
@given(
    target=TARGETS,
    method=st.sampled_from(["POST", "POST", "GET", "HEAD", "PUT"]),
    body=st.dictionaries(NAMES, VALUES, max_size=4).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=40),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]),
    cookie=COOKIES,
)
def test_whatever_is_sent_there_is_an_answer(
    known_world: tuple[World, str], target: str, method: str, body: bytes, kind: str, cookie: str
) -> None:
    world, key = known_world
    headers = {"authorization": f"Bearer {key}", "content-type": kind, "cookie": cookie}

    reply = app.respond(world, Request(method, target, headers, body))

    assert reply.status in {200, 302, 308, 400, 403, 404, 413, 415, 429, 500}
    assert all(value.isprintable() for _, value in reply.headers)
