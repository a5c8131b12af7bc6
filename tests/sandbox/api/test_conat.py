"""The conat bridge itself: keys, names, arguments, time limits, and how failures are worded."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import conat
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

RECORDED = Path(__file__).resolve().parents[3] / "conformance"
NO_HEADER = "You must provide authentication via an API key."
NO_KEY = "must be signed in and MUST provide an api key (cookies are not allowed)"
PING = {"name": "system.ping", "args": []}


def post(sandbox: Running, place: str, body: Any, **headers: str) -> requests.Response:
    return sandbox.session.post(f"{sandbox.url}/api/conat/{place}", json=body, headers=headers, timeout=30)


def project_key(sandbox: Running, project_id: str) -> str:
    made = sandbox.call("system.manageApiKeys", {"action": "create", "project_id": project_id})
    return str(made[0]["secret"])


# -- keys ------------------------------------------------------------------------------------------


def test_both_ways_to_give_a_key_are_taken(sandbox: Running) -> None:
    basic = sandbox.session.post(f"{sandbox.url}/api/conat/hub", json=PING, auth=(sandbox.key, ""), timeout=9)
    bearer = post(sandbox, "hub", PING, Authorization=f"Bearer {sandbox.key}")

    assert basic.json().keys() == bearer.json().keys() == {"now"}


@pytest.mark.parametrize(
    ("place", "headers", "words"),
    [
        ("hub", {}, NO_HEADER),
        ("project", {}, NO_HEADER),
        ("hub", {"Authorization": "basic c2s="}, "Unknown authorization type 'basic'"),
        ("hub", {"Authorization": "Bearer sk-NotARealKey0000zz0001"}, NO_KEY),
        ("hub", {"Authorization": "Bearer "}, NO_KEY),
        (
            "project",
            {"Authorization": "Bearer sk-NotARealKey0000zz0001"},
            "must sign in as project or account",
        ),
        ("hub", {"Cookie": "remember_me=a$b$1$c; api_key=sk-Not"}, NO_HEADER),
    ],
)
def test_without_a_good_key_nothing_is_done(
    sandbox: Running, place: str, headers: dict[str, str], words: str
) -> None:
    answer = post(sandbox, place, PING, **headers)

    assert answer.status_code == 200
    assert answer.json() == {"error": words}


def test_a_project_has_no_say_at_the_hub_and_its_own_at_itself(sandbox: Running) -> None:
    mine, other = sandbox.project(), sandbox.project()
    key = project_key(sandbox, mine)

    assert sandbox.call("system.test", {}, key=key) == {"error": NO_KEY}
    assert sandbox.call("system.test", {}, key=key, project_id=mine)["project_id"] == mine
    told = post(sandbox, "project", {"name": "system.test"}, Authorization=f"Bearer {key}").json()
    assert told["project_id"] == mine
    assert sandbox.call("system.test", {}, key=key, project_id=other) == {
        "error": "project specific api key must match requested project"
    }


@pytest.mark.parametrize(
    ("project_id", "words"),
    [
        (None, "must specify project_id or use project-specific api key"),
        ("nope", "invalid account_id or project_id -- all must be valid uuid's"),
        ("00000000-0000-4000-8000-000000000000", "user must be a collaborator on the project"),
    ],
)
def test_a_project_must_be_named_and_be_ones_own(
    sandbox: Running, project_id: str | None, words: str
) -> None:
    assert sandbox.call("system.ping", project_id=project_id) == {"error": words}


def test_a_call_of_a_project_starts_it(sandbox: Running) -> None:
    project_id = sandbox.project()
    assert sandbox.call("projects.state", {"project_id": project_id})["state"] == "opened"

    assert sandbox.call("ping", project_id=project_id) == "pong"

    assert sandbox.call("projects.state", {"project_id": project_id})["state"] == "running"


# -- names and arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nogroup.x", "Error: unknown function 'nogroup.x'"),
        ("System.Ping", "Error: unknown function 'System.Ping'"),
        ("ping", "Error: unknown function 'ping'"),
        ("", "Error: unknown function ''"),
        (None, "TypeError: Cannot read properties of undefined (reading 'split')"),
        (["system.ping"], "TypeError: name.split is not a function or its return value is not iterable"),
        ("system.__proto__", "TypeError: HubApiStructure[group]?.[functionName] is not a function"),
        ("constructor.length", "TypeError: HubApiStructure[group]?.[functionName] is not a function"),
        ("toString.name", "TypeError: HubApiStructure[group]?.[functionName] is not a function"),
        ("db.valueOf", "TypeError: Spread syntax requires ...iterable[Symbol.iterator] to be a function"),
        ("org.__defineGetter__", "TypeError: Object.prototype.__defineGetter__: Expecting function"),
        ("nogroup.toString", "Error: unknown function 'nogroup.toString'"),
        ("__proto__.__proto__", "Error: unknown function '__proto__.__proto__'"),
    ],
)
def test_what_is_no_method_is_refused_by_name(sandbox: Running, name: Any, words: str) -> None:
    assert sandbox.call(name) == {"error": words}


def test_what_every_object_has_answers_as_javascript_does(sandbox: Running) -> None:
    assert sandbox.call("system.toString") == "[object Undefined]"
    project_id = sandbox.project()
    inherited = sandbox.call("system.__proto__", project_id=project_id)
    assert inherited == {"error": "TypeError: f is not a function"}


def test_methods_of_the_hub_are_none_of_a_project(sandbox: Running) -> None:
    refused = sandbox.call("db.userQuery", {}, project_id=sandbox.project())

    assert refused == {"error": "Error: unknown function 'db.userQuery'"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"args": {"a": 1}}, "Spread syntax requires ...iterable[Symbol.iterator] to be a function"),
        ({"args": None}, "args2 is not iterable (cannot read property null)"),
        ({"name": "system.test", "args": ["x"]}, "Cannot create property 'account_id' on string 'x'"),
    ],
)
def test_arguments_that_are_none_fail_as_in_javascript(
    sandbox: Running, body: dict[str, Any], words: str
) -> None:
    answer = post(sandbox, "hub", {**PING, **body}, Authorization=f"Bearer {sandbox.key}")

    assert answer.json() == {"error": f"TypeError: {words}"}


def test_the_caller_is_whose_key_it_is_whatever_the_arguments_say(sandbox: Running) -> None:
    somebody = "00000000-0000-4000-8000-000000000000"

    assert sandbox.call("system.test", {"account_id": somebody})["account_id"] != somebody


def test_what_is_no_json_or_too_much_is_refused(sandbox: Running) -> None:
    url, headers = f"{sandbox.url}/api/conat/hub", {"Content-Type": "application/json"}
    headers["Authorization"] = f"Bearer {sandbox.key}"

    broken = sandbox.session.post(url, data=b"{", headers=headers, timeout=9)
    number = sandbox.session.post(url, data=b'{"name": "system.ping", "x": NaN}', headers=headers, timeout=9)
    large = sandbox.session.post(url, data=b" " * 1_048_577, headers=headers, timeout=9)

    assert (broken.status_code, broken.text) == (400, "Invalid JSON")
    assert number.status_code == 400
    assert (large.status_code, large.text) == (413, "Body exceeded 1mb limit")


def test_every_http_method_is_taken_and_a_slash_too_many_is_not(sandbox: Running) -> None:
    options = sandbox.session.options(f"{sandbox.url}/api/conat/hub", timeout=9)
    slash = sandbox.session.post(f"{sandbox.url}/api/conat/hub/", json=PING, allow_redirects=False, timeout=9)

    assert options.json() == {"error": NO_HEADER}
    assert (slash.status_code, slash.headers["Location"]) == (308, "/api/conat/hub")


# -- time limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 10**13, "abc"])
def test_a_limit_that_no_timer_keeps_is_over_at_once(sandbox: Running, limit: Any) -> None:
    words = sandbox.call("system.ping", timeout=limit)["error"]

    assert words.startswith("timeout - Error: operation has timed out - callHub: subject='hub.account.")
    assert words.endswith(".api', name='system.ping', code='408' ")


@pytest.mark.parametrize("limit", [0, -5, None])
def test_a_limit_must_be_positive(sandbox: Running, limit: Any) -> None:
    words = sandbox.call("system.ping", timeout=limit)["error"]

    assert words.startswith("timeout must be positive - callHub: ")
    assert words.endswith("code='undefined' ")


def test_a_command_that_outlasts_the_limit_goes_on_unheard(sandbox: Running) -> None:
    project_id = sandbox.project()
    command = {
        "command": "until [ -e go ]; do sleep 0.05; done; echo done > said",
        "bash": True,
        "timeout": 60,
    }

    late = sandbox.call("system.exec", command, project_id=project_id, timeout=300)

    subject = f"project.{project_id}.0.api.-"
    assert late == {"error": f"timeout - callHub: subject='{subject}', name='system.exec', code='408' "}
    waiting = {"command": "touch go; until [ -e said ]; do sleep 0.05; done; cat said", "bash": True}
    assert sandbox.call("system.exec", waiting, project_id=project_id)["stdout"] == "done\n"


def test_a_ping_does_not_wait_for_a_command(sandbox: Running) -> None:
    project_id = sandbox.project()
    sleeping = threading.Thread(
        target=sandbox.call,
        args=(
            "system.exec",
            {"command": "until [ -e go ]; do sleep 0.05; done", "bash": True, "timeout": 60},
        ),
        kwargs={"project_id": project_id},
    )
    sleeping.start()
    try:
        assert "now" in sandbox.call("system.ping", project_id=project_id)
        assert sleeping.is_alive()
    finally:
        sandbox.call("system.exec", {"command": "touch", "args": ["go"]}, project_id=project_id)
        sleeping.join()


# -- wording ---------------------------------------------------------------------------------------


def test_failures_begin_with_javascripts_name_but_for_some(sandbox: Running) -> None:
    project_id = sandbox.project()

    ordinary = sandbox.call("projects.start", {"project_id": "nope"})["error"]
    bare = sandbox.call("db.userQuery", {"query": {"nope": [{"x": None}]}})["error"]
    command = sandbox.call("system.exec", {"command": "exit 3", "bash": True}, project_id=project_id)["error"]

    assert ordinary.startswith("Error: invalid")
    assert bare.startswith("FATAL")
    assert command == "command 'exit 3' exited with nonzero code 3 -- stderr=''"


@pytest.fixture(scope="module")
def admin() -> Iterator[tuple[Running, str]]:
    """A sandbox whose key is an administrator's, and a project in it."""
    running = start("--world", str(RECORDED / "world-modern.yaml"))
    running.key = "sk-Admin00000000000000004"
    yield running, running.call("projects.createProject")
    stop(running)


@pytest.mark.parametrize("event", sorted(conat.METHODS))
def test_whatever_an_option_holds_there_is_an_answer(admin: tuple[Running, str], event: str) -> None:
    running, project_id = admin
    message = catalog.messages("conat")[event]
    names = [option.name for option in message.options]
    values: tuple[object, ...] = (
        None, "", "x\0y", "\ud800", -1, 1e308, 10**40, True, [], [[]], ["\ud800"], {}, {"a": 1},
    )  # fmt: skip
    for value in values:
        options = {"project_id": project_id, **{name: value for name in names if name != "project_id"}}
        args = [value] if message.ordered else [{message.within: options} if message.within else options]
        place = "project" if event.startswith("project:") else "hub"
        body = {"name": event.removeprefix("project:"), "args": args, "project_id": project_id}

        answer = post(running, place, body, Authorization=f"Bearer {running.key}")

        assert answer.status_code == 200, value
        answer.json()
