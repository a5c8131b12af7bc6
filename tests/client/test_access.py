"""Servers with scoped keys: what goes by the key, what by a session, what is refused before it is sent."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest

from cocalc_magic import Client, catalog
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import (
    CommandFailed,
    Interrupted,
    KeyRefused,
    KeyRequired,
    MessageFailed,
    NoEquivalent,
    NotPermitted,
    PermissionRefused,
    ServiceTimeout,
)
from tests.client.wire.ai_server import KEY, SESSION, STOPPED, AiServer

P, Q = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
PONG = {"now": 1795423905821}
LACKS = "API key lacks required capability 'project:exec' for project " + P
Play: TypeAlias = Callable[..., tuple[Client, AiServer]]


@pytest.fixture
def play() -> Iterator[Play]:
    with ExitStack() as stack:

        def start(
            *, key: str = KEY, session: str = "", scope: str = "", **answers: Any
        ) -> tuple[Client, AiServer]:
            server = stack.enter_context(AiServer({_name(name): answer for name, answer in answers.items()}))
            held = Secret(session) if session else None
            known = UNKNOWN.stating(scope, [P]) if scope else UNKNOWN
            client = Client(server.url, Secret(key), scope=known, login_session=held)
            return stack.enter_context(client), server

        yield start


def _name(word: str) -> str:
    """`projects__get` is projects/get, `project_system_exec` is project:system.exec."""
    return {
        "ping": "system.ping",
        "exec": "project:system.exec",
        "exec_v2": "/exec",
        "read": "project:system.readTextFileFromProject",
        "profile": "accounts/profile",
        "get": "projects/get",
        "start": "projects/start",
        "stop": "projects/stop",
        "alive": "project:system.ping",
        "user_query": "/user-query",
        "update": "projects/update",
        "reset": "auth/password-reset",
        "names": "accounts/get-names",
        "copy": "projects/copy-path",
        "jupyter": "project:jupyter.apiExecute",
        "create": "projects.createProject",
        "create_v2": "projects/create",
        "ticket": "support/create-ticket",
    }[word]


OUTPUT = {"type": "blocking", "stdout": "hi\n", "stderr": "", "exit_code": 0}


def test_a_scoped_key_asks_the_server_first_and_then_no_more(play: Play) -> None:
    client, server = play(ping=PONG)

    client.ping()
    client.ping()

    assert server.probes == ["/api/conat/hub", "/api/v2/auth/cli/login/status"]
    assert server.names == ["system.ping", "system.ping"]
    assert client.router.generations() == {"ai"}


def test_another_key_finds_it_out_by_the_first_page_in_place_of_an_answer(play: Play) -> None:
    client, server = play(key="sk-Marked0Marked0Mark00001n", ping=PONG)

    assert client.ping()["now"] == "2026-11-23T08:51:45.821Z"
    assert server.names == ["v1/ping", "system.ping"] or server.names[-1] == "system.ping"


def test_a_command_starts_its_project_waits_for_it_and_does_not_start_it_again(play: Play) -> None:
    client, server = play(alive=[STOPPED, PONG], exec=OUTPUT)
    waits: list[str] = []

    response = client.router.exchange(
        *_message("project_exec", project_id=P, command="echo hi"), on_job=lambda *words: waits.append(*words)
    )
    client.project_exec(project_id=P, command="echo hi")

    assert response["stdout"] == "hi\n"
    assert response.route == "project:system.exec"
    assert server.names == [
        "projects/start",
        "project:system.ping",
        "project:system.ping",
        "project:system.exec",
        "project:system.exec",
    ]
    assert waits == ["waiting for the project to start on"]


def _message(event: str, **options: Any) -> tuple[Any, dict[str, Any]]:
    return catalog.find(event), options


def test_the_server_is_told_to_wait_longer_than_the_command_may_take(play: Play) -> None:
    client, server = play(exec=OUTPUT)

    client.project_exec(project_id=P, command="sleep 30", timeout=40)
    assert server.options("project:system.exec")["timeout"] == 50_000
    assert server.options("project:system.exec")["args"][0]["timeout"] == 40

    client.project_exec(project_id=P, command="true")
    assert server.options("project:system.exec")["timeout"] == 20_000
    assert server.options("project:system.exec")["args"][0]["timeout"] == 10


def test_a_command_is_always_sent_with_a_time_limit_since_servers_wait_15_seconds_without(play: Play) -> None:
    client, server = play(exec_v2=OUTPUT, exec=OUTPUT)

    client.send("/exec", project_id=P, command="make")
    client.send("project:system.exec", project_id=P, command="make")

    assert server.options("/exec")["timeout"] == 60
    assert server.options("project:system.exec")["args"][0]["timeout"] == 60
    assert server.options("project:system.exec")["timeout"] == 70_000


def test_what_may_be_repeated_is_sent_once_more_after_a_time_out_and_the_project_started_again(
    play: Play,
) -> None:
    client, server = play(read=[STOPPED, "text"])

    assert client.read_text_file_from_project(project_id=P, path="a.md")["content"] == "text"
    assert (
        server.names
        == ["projects/start", "project:system.ping", "project:system.readTextFileFromProject"] * 2
    )


def test_what_may_not_be_repeated_is_not(play: Play) -> None:
    client, server = play(exec=STOPPED)

    with pytest.raises(ServiceTimeout):
        client.project_exec(project_id=P, command="mail")
    assert server.names.count("project:system.exec") == 1


def test_a_second_time_out_is_told(play: Play) -> None:
    client, server = play(read=STOPPED)

    with pytest.raises(MessageFailed, match="timed out waiting for the service"):
        client.read_text_file_from_project(project_id=P, path="a.md")
    assert server.names.count("project:system.readTextFileFromProject") == 2


def test_a_project_that_was_stopped_here_is_started_again(play: Play) -> None:
    client, server = play(exec=OUTPUT, stop={"status": "ok"})

    client.project_exec(project_id=P, command="true")
    client.send("projects/stop", project_id=P)
    client.project_exec(project_id=P, command="true")

    assert server.names.count("projects/start") == 2


def test_a_capability_that_is_known_to_miss_is_named_before_anything_is_sent(play: Play) -> None:
    client, server = play(scope="file:read,project:list", exec=OUTPUT)

    with pytest.raises(NotPermitted) as refused:
        client.project_exec(project_id=P, command="true")

    assert refused.value.capability == "project:exec"
    assert str(refused.value).startswith(f"project_exec needs project:exec for the project {P}, which")
    assert "which the key does not have." in str(refused.value)
    assert f"{server.url}/settings/keys" in str(refused.value)
    assert server.got == []


def test_a_project_that_the_key_does_not_have_is_named_by_its_title(play: Play) -> None:
    client, server = play(scope="project:exec", exec=OUTPUT)
    client.router.projects.titles = {Q: "Seminar notes"}

    with pytest.raises(NotPermitted, match="project:exec for the project 'Seminar notes'") as refused:
        client.project_exec(project_id=Q, command="true")
    assert (refused.value.capability, refused.value.project) == ("project:exec", Q)
    assert server.got == []
    assert client.project_exec(project_id=P, command="true")["exit_code"] == 0


def test_a_copy_needs_one_capability_for_each_of_its_projects(play: Play) -> None:
    client, server = play(scope="file:read,file:write", copy={"status": "ok"})

    client.send("projects/copy-path", path="a", src_project_id=P, target_project_id=P)
    with pytest.raises(NotPermitted) as refused:
        client.send("projects/copy-path", path="a", src_project_id=P, target_project_id=Q)
    assert (refused.value.capability, refused.value.project) == ("file:write", Q)
    with pytest.raises(NotPermitted) as refused:
        client.copy_path_between_projects(src_project_id=Q, src_path="a", target_project_id=P)
    assert (refused.value.capability, refused.value.project) == ("file:read", Q)
    assert server.names == ["projects/copy-path"]


def test_a_refusal_of_the_server_names_the_capability_and_the_project_and_is_remembered(play: Play) -> None:
    client, server = play(start={"error": LACKS})
    client.router.projects.titles = {P: "Seminar notes"}

    with pytest.raises(PermissionRefused) as refused:
        client.project_exec(project_id=P, command="true")
    assert "the key does not have project:exec for the project 'Seminar notes'." in str(refused.value)
    assert f"{server.url}/settings/keys" in str(refused.value)
    assert client.router.scope.refused == {("project:exec", P)}

    with pytest.raises(NotPermitted, match="project:exec for the project 'Seminar notes'"):
        client.read_text_file_from_project(project_id=P, path="a.md")
    assert server.names == ["projects/start"]


def test_a_start_that_is_refused_is_a_response_to_who_wants_one(play: Play) -> None:
    client, _ = play(start={"error": LACKS})

    for event, options in (
        ("project_exec", {"project_id": P, "command": "true"}),
        ("project:system.exec", {"project_id": P, "command": "true"}),
    ):
        client.router.scope = UNKNOWN
        response = client.router.exchange(*_message(event, **options), raising=False)
        assert not response.ok
        assert LACKS in str(response.get("error"))


def test_a_project_that_does_not_come_up_is_told_within_the_time_that_was_given(play: Play) -> None:
    client, server = play(alive=STOPPED, exec=OUTPUT)

    with pytest.raises(ServiceTimeout, match="the project was started, and does not answer yet"):
        client.router.exchange(*_message("project:system.exec", project_id=P, command="true"), timeout=0.5)
    assert "project:system.exec" not in server.names


def test_who_stops_while_the_project_starts_is_told_that_nothing_was_sent_to_it(play: Play) -> None:
    client, server = play(alive=STOPPED, exec=OUTPUT)

    stop = CancelToken()
    with stop.active(), pytest.raises(Interrupted, match="stopped while the project was starting; nothing"):
        client.router.exchange(
            *_message("project_exec", project_id=P, command="true"), on_job=lambda *_: stop.cancel()
        )
    assert "project:system.exec" not in server.names


def test_a_refusal_without_a_project_holds_for_all(play: Play) -> None:
    client, server = play(get={"error": "API key lacks required capability 'project:list'"})

    with pytest.raises(PermissionRefused, match="the key does not have project:list"):
        client.send("projects/get")
    with pytest.raises(NotPermitted, match="query needs project:list, which the key does not have"):
        client.query(query={"projects": [{"project_id": None, "title": None}]})
    assert server.names == ["projects/get"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("API keys are not allowed to call hub RPC 'system.ping'", PermissionRefused),
        ("must be signed in and MUST provide an api key (cookies are not allowed)", KeyRefused),
        ("must sign in with an account API key", KeyRefused),
        ("must be signed in with a valid account API key", KeyRefused),
        ("fresh auth is required", PermissionRefused),
        ("two-factor authentication is required for this operation", PermissionRefused),
    ],
)
def test_refusals_of_all_kinds_are_told_from_failures(play: Play, words: str, kind: type[Exception]) -> None:
    client, _ = play(ping={"error": words})

    with pytest.raises(kind) as refused:
        client.send("system.ping")
    assert words.rstrip(".") in str(refused.value)


def test_the_end_of_the_words_of_a_hub_that_failed_is_cut(play: Play) -> None:
    words = "project not found - callHub: subject='hub.account.a.api', name='projects.exec', code='unknown'"
    client, _ = play(ping={"error": words})

    with pytest.raises(MessageFailed, match=r"^project not found\n") as failed:
        client.send("system.ping")
    assert "callHub" not in str(failed.value)


def test_what_a_command_printed_is_not_taken_for_the_end_of_such_words(play: Play) -> None:
    printed = "no - callHub: subject='hub', name='x', code='1'"
    client, _ = play(exec={"error": f"command 'x' exited with nonzero code 3 -- stderr='{printed}'"})

    with pytest.raises(CommandFailed) as failed:
        client.project_exec(project_id=P, command="x", bash=True)
    assert (failed.value.exit_code, failed.value.stderr) == (3, printed)


def test_a_failed_command_is_told_by_its_exit_code(play: Play) -> None:
    client, _ = play(exec={"error": "command ''exit 3'' exited with nonzero code 3 -- stderr='no\n'"})

    with pytest.raises(CommandFailed) as failed:
        client.project_exec(project_id=P, command="exit 3", bash=True)
    assert (failed.value.exit_code, failed.value.stderr) == (3, "no\n")


def test_a_project_is_found_by_its_title_in_the_list_that_a_key_may_see(play: Play) -> None:
    listed = [{"project_id": Q, "title": "Newest"}, {"project_id": P, "title": "Seminar notes"}]
    client, server = play(get=[listed], exec=OUTPUT)

    client.project_exec(project_id="Seminar", command="true")

    assert server.options("project:system.exec")["project_id"] == P
    assert [project.title for project in client.router.projects.all()] == ["Newest", "Seminar notes"]
    assert server.names.count("projects/get") == 1


def test_a_key_that_may_not_list_projects_needs_their_ids(play: Play) -> None:
    client, server = play(scope="project:exec", exec=OUTPUT)

    with pytest.raises(NotPermitted, match="project:list") as refused:
        client.project_exec(project_id="Seminar notes", command="true")
    assert "Titles are found in the list of projects: without it, use an id." in str(refused.value)
    assert server.got == []


# -- the session of a person ---------------------------------------------------------------------------


def test_the_session_goes_with_what_no_key_may_send_and_the_key_with_the_rest(play: Play) -> None:
    client, server = play(session=SESSION, ping=PONG, user_query={"query": {}}, ticket={"url": "u"}, get=[[]])

    client.ping()
    client.send("/user-query", query={"accounts": {"account_id": None}})
    client.create_support_ticket(email_address="a@example.edu", subject="s", body="b")
    client.query(query={"projects": [{"project_id": None}]})

    assert server.senders == {
        "system.ping": "key",
        "/user-query": "session",
        "support/create-ticket": "session",
        "projects/get": "key",
    }


def test_the_session_goes_where_the_key_is_known_to_lack_something(play: Play) -> None:
    client, server = play(session=SESSION, scope="project:exec", create_v2={"project_id": P}, get=[[]])

    assert client.create_project(title="T").route == "projects/create"
    client.send("projects/get")

    assert server.senders == {"projects/create": "session", "projects/get": "session"}


def test_a_query_that_no_key_may_send_says_that_a_person_may(play: Play) -> None:
    client, server = play()

    with pytest.raises(NotPermitted, match="query is not for keys on") as refused:
        client.query(query={"file_use": [{"id": None}]})
    assert "%cocalc login" in str(refused.value)
    assert server.got == []


def test_what_needs_a_key_asks_for_one_where_there_is_a_session_alone(play: Play) -> None:
    client, server = play(key="", session=SESSION, profile={"profile": {"account_id": P}})

    with pytest.raises(KeyRequired, match="needs a key") as refused:
        client.send("system.ping")
    assert f"{server.url}/settings/keys" in str(refused.value)
    assert client.send("accounts/profile")["profile"] == {"account_id": P}
    assert server.senders == {"accounts/profile": "session"}


def test_a_command_runs_by_the_session_where_there_is_no_key(play: Play) -> None:
    client, server = play(key="", session=SESSION, exec_v2=[{"error": "timeout"}, OUTPUT])

    assert client.project_exec(project_id=P, command="true").route == "/exec"
    assert server.senders == {"projects/start": "session", "/exec": "session"}
    assert server.names == ["projects/start", "/exec", "/exec", "/exec"]


def test_a_password_is_reset_by_nobody(play: Play) -> None:
    client, server = play(session=SESSION, reset={})

    client.forgot_password(email_address="sam@example.edu")

    assert server.senders == {"auth/password-reset": "nobody"}


def test_a_session_that_has_ended_is_told_from_a_key_that_is_not_known(play: Play) -> None:
    client, _ = play(session=SESSION, user_query={"error": "must be signed in"})

    with pytest.raises(KeyRefused, match=r"the sign-in at .* has ended: ") as refused:
        client.send("/user-query", query={"accounts": {"account_id": None}})
    assert "%cocalc login" in str(refused.value)


def test_a_key_of_an_older_server_is_told_to_be_one(play: Play) -> None:
    words = "must be signed in and MUST provide an api key (cookies are not allowed)"
    client, server = play(key="sk-Marked0Marked0Mark00001n", ping={"error": words})

    with pytest.raises(KeyRefused, match="those of older servers are not known there") as refused:
        client.ping()
    assert f"{server.url}/settings/keys" in str(refused.value)


# -- what is not there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "options", "words", "instead"),
    [
        ("projects.start", {"project_id": P}, "projects/start does it there", "%cocalc help projects/start"),
        (
            "projects/call",
            {"project_id": P, "mesg": {}},
            "project:system.exec does it",
            "help project:system.exec",
        ),
        (
            "add_collaborator",
            {"project_id": P, "account_id": Q},
            "by people, in a browser",
            "/projects lists",
        ),
        ("stripe_get_customer", {}, "money", "/settings"),
        ("delete_account", {"account_id": Q}, "in a browser", "/settings"),
        ("vouchers/redeem", {"code": "x"}, "money", "/settings"),
        ("system.manageApiKeys", {"action": "get"}, "keys are not made by programs", "/settings/keys"),
        ("user_search", {"query": "x"}, "people are not searched for", ""),
    ],
)
def test_what_is_not_there_is_refused_with_what_to_use_or_where_people_do_it(
    play: Play, event: str, options: dict[str, Any], words: str, instead: str
) -> None:
    client, server = play()

    with pytest.raises(NoEquivalent, match=f"{event} is not possible on .*{words}") as refused:
        client.send(event, **options)
    assert instead in str(refused.value)
    assert "SERVER" not in str(refused.value)
    assert server.got == []


def test_a_raw_message_goes_as_it_stands(play: Play) -> None:
    client, server = play()
    server.answers["some/new-thing"] = {"ok": True}

    assert client.send("raw some/new-thing", a=1)["ok"] is True
    assert server.senders == {"some/new-thing": "key"}


# -- the official client -------------------------------------------------------------------------------

needs_it = pytest.mark.skipif(importlib.util.find_spec("cocalc_api") is None, reason="it is not installed")


@needs_it
def test_the_official_client_makes_the_calls_that_a_key_may_and_says_what_does_the_rest(play: Play) -> None:
    client, server = play(ping=PONG, create=P, exec=OUTPUT)
    hub, project = client.to_cocalc_api(), client.to_cocalc_api(P)

    with hub.client, project.client:
        _use(hub, project)
    assert server.names == [
        "system.ping",
        "projects.createProject",
        "projects/start",
        "project:system.ping",
        "project:system.exec",
    ]


def _use(hub: Any, project: Any) -> None:
    assert hub.system.ping() == PONG
    assert hub.projects.create_project(title="T") == P
    assert project.system.exec("echo hi") == OUTPUT
    with pytest.raises(NoEquivalent, match=r"system\.userSearch is not possible on"):
        hub.system.user_search("sam")
    with pytest.raises(NoEquivalent, match=r"project:jupyter\.apiExecute does it there"):
        project.system.jupyter_execute(input="1", kernel="python3")


@needs_it
def test_the_official_client_is_told_what_the_key_lacks(play: Play) -> None:
    client, server = play(scope="project:list", exec=OUTPUT)

    project = client.to_cocalc_api(P)

    with project.client, pytest.raises(NotPermitted, match="needs project:exec for the project"):
        project.system.exec("echo hi")
    assert server.got == []
