"""Keys with capabilities and projects, on a sandbox that plays cocalc.ai."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox import Sandbox
from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sanitize.secret_forms import mask_secrets
from tests.sandbox.api.scoped import ALPHA, BETA, EVERYTHING, Visitor, sign_in, start, text_of, world
from tests.sandbox.conftest import start as run
from tests.sandbox.conftest import stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOT_KNOWN = {"error": "must be signed in and MUST provide an api key (cookies are not allowed)"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    with start(tmp_path) as one:
        yield one


def visitor(box: Sandbox, key: str) -> Visitor:
    return Visitor(box, box.session(), key)


def test_the_key_of_the_start_may_do_everything_in_all_projects_of_its_owner(box: Sandbox) -> None:
    alice = visitor(box, box.key)

    assert alice.v2("projects/start", {"project_id": BETA}) == {"status": "ok"}
    assert alice.project("system.exec", {"command": "echo hi"}, project_id=BETA)["stdout"] == "hi\n"
    assert alice.v2("accounts/profile")["profile"]["email_address"] == "alice@example.com"


def test_a_key_can_do_nothing_in_the_project_that_it_makes(box: Sandbox) -> None:
    alice = visitor(box, box.key)
    project_id = alice.hub("projects.createProject", {"title": "New"})

    refused = alice.v2("projects/start", {"project_id": project_id})

    lacking = f"API key lacks required capability 'project:exec' for project {project_id}"
    assert refused == {"error": lacking}


def test_keys_of_older_forms_are_nobody_s(box: Sandbox) -> None:
    assert visitor(box, "sk_Alice00000000000").hub("system.ping") == NOT_KNOWN


def test_an_expired_key_is_deleted_when_it_is_used(box: Sandbox) -> None:
    session = box.session()
    bob = Visitor(box, session, cookie=sign_in(box, session, "bob"))
    before = bob.v2("api-keys", {"action": "get"})["response"]

    answer = visitor(box, text_of(EVERYTHING, (ALPHA,), "bob")).hub("system.ping")

    assert answer == NOT_KNOWN
    assert [entry["expire"] for entry in before] == ["2026-01-01T00:00:00.000Z"]
    assert bob.v2("api-keys", {"action": "get"})["response"] == []


def test_keys_of_a_banned_account_are_not_known(box: Sandbox) -> None:
    assert visitor(box, text_of(EVERYTHING, (ALPHA,), "banned")).hub("system.ping") == NOT_KNOWN


def test_a_list_shows_the_beginning_and_the_end_of_a_key(box: Sandbox) -> None:
    session = box.session()
    entries = Visitor(box, session, cookie=sign_in(box, session)).v2("api-keys", {"action": "get"})

    assert {entry["trunc"] for entry in entries["response"]} >= {"sk-cc...xxxxxxxx"}
    assert text_of(EVERYTHING, (ALPHA,)) not in json.dumps(entries)


def test_no_message_makes_a_key(box: Sandbox) -> None:
    session = box.session()
    signed_in = Visitor(box, session, cookie=sign_in(box, session))
    options = {"action": "create", "name": "new", "capabilities": ["project:list"]}

    refused = [signed_in.v2("api-keys", options), visitor(box, box.key).v2("api-keys", options)]
    page = signed_in.send("GET", "/app?get_api_key=myapp")

    assert refused == [
        {"error": "legacy HTTP API key mutations are disabled"},
        {"error": "API keys cannot manage account API keys"},
    ]
    assert page.status_code == 404


# -- made by the sandbox's own control ------------------------------------------------------------


def control(box: Sandbox, **options: Any) -> dict[str, Any]:
    with Client(box.url, box.key, session=box.session()) as client:
        return client.control("keys", **options)


def test_the_sandbox_itself_makes_a_key_with_just_this_scope(box: Sandbox) -> None:
    made = control(box, capabilities=["project:exec"], projects=[ALPHA])
    key = visitor(box, made["key"])

    assert (made["capabilities"], made["projects"]) == (["project:exec"], [ALPHA])
    assert key.v2("projects/start", {"project_id": ALPHA}) == {"status": "ok"}
    assert "project:list" in key.v2("projects/get")["error"]
    assert "for project" in key.v2("projects/start", {"project_id": BETA})["error"]
    assert made["key"] not in mask_secrets(f"it is {made['key']}")


def test_without_projects_it_is_for_all_that_the_account_has(box: Sandbox) -> None:
    assert set(control(box, capabilities=["project:read"])["projects"]) == {ALPHA, BETA}
    assert control(box, capabilities=["project:list"])["projects"] == []


def test_a_key_may_expire_and_be_another_account_s(box: Sandbox) -> None:
    key = control(box, capabilities=["account:read"], account="bob@example.com", seconds=0)["key"]

    assert visitor(box, key).hub("system.ping") == NOT_KNOWN


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"capabilities": []}, "API keys must have at least one explicit capability"),
        ({"capabilities": ["fly"]}, "invalid API key capability 'fly'"),
        ({"capabilities": ["project:read"], "projects": ["x"]}, "invalid allowed project id 'x'"),
        (
            {"capabilities": ["codex:run"], "projects": []},
            "API keys with project, file, Codex, or exec capabilities must include at least one",
        ),
        ({"capabilities": "project:read"}, "capabilities must be a list"),
        (
            {"capabilities": ["project:list"], "account": "nobody@example.com"},
            "no account nobody@example.com",
        ),
    ],
)
def test_a_scope_that_no_key_can_have_is_refused(box: Sandbox, options: dict[str, Any], words: str) -> None:
    with pytest.raises(CoCalcError, match=words):
        control(box, **options)


def test_other_keys_than_that_of_the_start_make_none(box: Sandbox) -> None:
    key = text_of(EVERYTHING, (ALPHA,))
    with (
        Client(box.url, key, session=box.session()) as client,
        pytest.raises(CoCalcError, match="at its start"),
    ):
        client.control("keys", capabilities=["project:list"])


def test_a_program_makes_a_key_in_a_folder_that_is_not_served(tmp_path: Path) -> None:
    words = ["--generation", "ai", "--data", str(tmp_path / "data"), "keys", "create"]
    command = [sys.executable, "-m", "cocalc_magic.sandbox", *words, "--scope", "project:list,account:read"]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    key = json.loads(made.stdout)
    running = run("--generation", "ai", "--data", str(tmp_path / "data"))
    try:
        headers = {"Authorization": f"Bearer {key['key']}"}
        url = f"{running.url}/api/v2/projects/get"
        assert running.session.post(url, json={}, headers=headers, timeout=10).json()[0]["title"]
    finally:
        stop(running)
    assert key["capabilities"] == ["project:list", "account:read"]


def test_a_program_says_what_is_wrong_with_a_scope(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cocalc_magic.sandbox", "keys", "create", "--scope", "fly"]
    failed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (failed.returncode, failed.stderr.strip()) == (2, "invalid API key capability 'fly'")


# -- files of worlds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capabilities": ["fly"]}, "invalid API key capability 'fly'"),
        ({"key_of": "somebody"}, "it has no account 'somebody'"),
        ({"expire": "soon"}, "soon"),
    ],
)
def test_what_is_wrong_with_a_key_in_a_world_is_told(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    described = world()
    described["accounts"][-1] |= change
    file = tmp_path / "world.yaml"
    file.write_text(json.dumps(described), encoding="utf-8")

    with pytest.raises(CannotStart, match=words):
        Sandbox(world=file, generation="ai")
