"""What the requests without a key tell of a server."""

from __future__ import annotations

import threading

import pytest

from cocalc_magic.client.wire import probe as probing
from cocalc_magic.client.wire.messages import WireResponse
from tests.client.wire.recorded import exchanges, reply

SIGN_IN = "/api/v2/auth/cli/login/status"
PAGE = reply(exchanges()["probe3-v1-ping-emptybody-noct"])


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        (reply(exchanges()["probe1-project-empty-nokey"]), True),
        (reply(exchanges()["probe2-customize-fields"]), True),
        (PAGE, False),
        (WireResponse(400, "application/json", '{"error": "You must provide authentication"}'), True),
        (WireResponse(400, "text/html", "You must provide authentication via an API key."), True),
        (WireResponse(200, "text/html", "<!DOCTYPE html><html>a page of somebody called api</html>"), False),
        (WireResponse(308, "", "", location="https://elsewhere.example/"), False),
        (WireResponse(405, "text/plain", "Method Not Allowed"), False),
        (WireResponse(502, "application/json", '{"error": "bad gateway"}'), False),
        (WireResponse(200, "application/json", '"text"'), False),
        (WireResponse(200, "application/json", "[" * 100_000), False),
    ],
)
def test_an_api_is_there_when_json_comes_back_and_not_a_page(answer: WireResponse, there: bool) -> None:
    assert probing.speaks(answer) is there


def test_no_probe_names_a_project_or_an_account() -> None:
    asked = []

    def post(path: str, body: bytes) -> WireResponse:
        asked.append((path, body))
        return WireResponse(200, "application/json", "{}")

    probing.ask(post)

    assert [path for path, _ in asked] == [
        "/api/conat/hub",
        "/api/v2/auth/cli/login/status",
        "/api/v2/customize",
        "/api/v1/ping",
    ]
    assert all(b"project" not in body and b"account" not in body for _, body in asked)


def test_many_threads_ask_once() -> None:
    spoken, asked = probing.Capabilities(), []

    def post(path: str, body: bytes) -> WireResponse:
        asked.append((path, body))
        return WireResponse(200, "application/json", "{}")

    threads = [threading.Thread(target=spoken.find, args=("https://lab", post)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(asked) == 4
    assert spoken.known.get("https://lab") == frozenset({"v1", "v2", "conat"})
    assert spoken.known.get("https://other") is None


def test_a_server_that_says_nothing_is_asked_again_and_one_that_is_doubted_too() -> None:
    spoken, asked = probing.Capabilities(), []

    def silent(path: str, body: bytes) -> WireResponse:
        asked.append((path, body))
        return PAGE

    assert spoken.find("https://lab", silent) == frozenset()
    assert spoken.find("https://lab", silent) == frozenset()
    assert len(asked) == 6

    known = spoken.find("https://lab", lambda *_: WireResponse(200, "application/json", "{}"))
    assert spoken.find("https://lab", silent) == known
    assert spoken.find("https://lab", silent, doubted=known) == frozenset()


def test_the_conat_of_cocalc_ai_is_told_apart_by_one_more_request_and_then_nothing_else_is_asked() -> None:
    asked = []

    def post(path: str, body: bytes) -> WireResponse:
        asked.append((path, body))
        words = "invalid challenge id" if path == SIGN_IN else "You must provide authentication"
        return WireResponse(200, "application/json", f'{{\n  "error": "{words}"\n}}')

    assert probing.ask(post) == {"ai"}
    assert asked == [("/api/conat/hub", b"{}"), ("/api/v2/auth/cli/login/status", b"{}")]


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        WireResponse(404, "application/json", '{"error": "not found"}'),
        WireResponse(200, "application/json", "{}"),
        WireResponse(200, "text/html", "<!DOCTYPE html><html>invalid challenge id</html>"),
        WireResponse(500, "application/json", '{"error": "api_v2_error"}'),
    ],
)
def test_a_server_that_does_not_know_the_sign_in_of_programs_is_another_one(answer: WireResponse) -> None:
    there = WireResponse(200, "application/json", "{}")

    assert probing.ask(lambda path, _: answer if path == SIGN_IN else there) == {"v1", "v2", "conat"}


def test_a_server_without_conat_is_not_asked_for_it() -> None:
    asked = []

    def post(path: str, _: bytes) -> WireResponse:
        asked.append(path)
        return PAGE if path == "/api/conat/hub" else WireResponse(200, "application/json", "{}")

    assert probing.ask(post) == {"v1", "v2"}
    assert asked == ["/api/conat/hub", "/api/v2/customize", "/api/v1/ping"]
