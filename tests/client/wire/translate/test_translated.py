"""v1 messages to servers of today, which were recorded and are played here over HTTP."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from cocalc_magic import Client, catalog
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.client.wire import translate
from cocalc_magic.client.wire.translate import older
from cocalc_magic.client.wire.translate.refusals import REFUSED
from cocalc_magic.errors import CommandFailed, Interrupted, KeyRefused, MessageFailed, NoEquivalent, NotCoCalc
from cocalc_magic.render import code_blocks, format_text
from tests.client.wire.played import Played

Play: TypeAlias = Callable[..., tuple[Client, Played]]

P = "13204cf9-dde4-4854-a477-deeb4b1c886e"
P2 = "403d7e8c-7e32-48e6-acde-0ae87a6fabb6"
H1 = "746f64b5-8cfd-4cef-9dd2-2763f0871543"
ALICE = "72baf680-1132-44fd-aaf6-8a2a8c00754b"
BOB = "012ea110-ff1d-40e6-978b-475ac21f02b7"
TODAY = ("v2", "conat")
both = pytest.mark.parametrize("spoken", [("v2", "conat"), ("v2",)], ids="+".join)


def test_every_v1_event_has_a_route_or_a_reason_and_not_both() -> None:
    routed, refused = set(older.TABLE), set(REFUSED)

    assert routed | refused == set(catalog.messages())
    assert not routed & refused


def test_routes_lead_to_messages_that_there_are_and_take_options_that_there_are() -> None:
    for event, translation in older.TABLE.items():
        known = {option.name for option in catalog.find(event).options}
        assert translation.fit in ("exact", "close", "partial")
        for route in translation.routes:
            assert all(catalog.find(one).generation in ("v2", "conat") for one in route.to)
            assert route.takes <= known, event


# -- probing ---------------------------------------------------------------------------------------


def test_a_v1_server_gets_the_message_and_nothing_else(play: Play) -> None:
    client, server = play("v1")

    assert client.ping().event == "pong"
    assert client.ping().route == ""
    assert server.probes == []
    assert server.asked == ["/api/v1/ping"] * 2


def test_a_few_requests_without_the_key_find_what_a_server_speaks_once(play: Play) -> None:
    client, server = play(*TODAY)

    client.ping()
    client.ping()
    client.get_usernames(account_ids=[BOB, ALICE])
    with Client(server.url, "sk-Another0Another0An00002b") as other:
        assert other.router.generations() == {"v2", "conat"}

    assert server.probes == [
        "/api/conat/hub",
        "/api/v2/auth/cli/login/status",
        "/api/v2/customize",
        "/api/v1/ping",
    ]
    assert server.asked.count("/api/v1/ping") == 1  # the one that found out
    assert not any("exec" in str(body) or "project_id" in str(body) for _, key, body in server.got if not key)


def test_what_a_server_speaks_is_asked_again_when_it_unexpectedly_has_no_page(play: Play) -> None:
    client, server = play("v1")
    client.ping()
    assert client.router.generations() == {"v1"}

    server.generations = {"v2", "conat"}  # it was brought up to date

    assert client.ping().route == "system.ping"
    assert len(server.probes) == 3 + 4


def test_an_address_without_any_cocalc_is_told_as_before(play: Play) -> None:
    client, _ = play()

    with pytest.raises(NotCoCalc, match="HTTP 404 Not Found with text/html"):
        client.ping()


def test_a_message_of_today_goes_out_as_it_is(play: Play) -> None:
    client, server = play(*TODAY)

    assert client.send("projects/stop", project_id="c35b7fa2-7675-49e1-a642-6d89750496e9")["status"] == "ok"
    assert client.send("system.ping")["now"] == 1795423905821
    assert client.send("purchases.getBalance").value == 0
    assert server.probes == []


def test_a_message_of_conat_on_a_server_without_it_says_what_it_needs(play: Play) -> None:
    client, server = play("v2")

    with pytest.raises(NoEquivalent, match="needs the conat bridge, which servers have since August 2025"):
        client.send("system.ping")
    assert len(server.probes) == 3


def test_a_message_that_this_v2_lacks_is_not_taken_for_a_server_without_v2(play: Play) -> None:
    client, server = play(*TODAY)

    with pytest.raises(NotCoCalc, match="does not know this message"):
        client.send("vouchers/recent-vouchers")
    assert client.router.generations() == {"v2", "conat"}
    assert len(server.probes) == 4


# -- stories ---------------------------------------------------------------------------------------


def test_ping_tells_the_time_in_the_form_of_v1(play: Play) -> None:
    client, _ = play(*TODAY)

    pong = client.ping(id="mine")

    assert dict(pong) == {"event": "pong", "id": "mine", "now": "2026-11-23T08:51:45.821Z"}
    assert pong.route == "system.ping"
    assert pong.lost == ()


def test_ping_without_conat_says_what_it_can_not_tell(play: Play) -> None:
    client, server = play("v2")
    client.router.generations()
    server.extra["/api/v2/customize"] = [{"siteName": "Open CoCalc"}]

    pong = client.ping()

    assert pong.event == "pong"
    assert pong.lost == ("the server's clock, and whether the key is good",)


@both
def test_a_command_goes_through_the_raw_relay_with_the_time_limit_of_v1(
    play: Play, spoken: tuple[str, ...]
) -> None:
    client, server = play(*spoken)
    server.extra["/api/v2/projects/call"] = [
        {"event": "project_exec_output", "id": "i", "stdout": "hi\n", "stderr": "", "exit_code": 0}
    ]

    done = client.project_exec(project_id=P, command="echo", args=["hi"], id="i")

    assert dict(done) == {
        "event": "project_exec_output",
        "id": "i",
        "stdout": "hi\n",
        "stderr": "",
        "exit_code": 0,
    }
    mesg = server.body()["mesg"]
    assert (mesg["event"], mesg["timeout"], mesg["id"]) == ("project_exec", 10, "i")
    assert done.route == "projects/call"


@both
def test_a_failed_command_has_the_words_of_v1(play: Play, spoken: tuple[str, ...]) -> None:
    client, _ = play(*spoken)

    with pytest.raises(CommandFailed, match=r"^the command was killed at its time limit of 1 s\.") as caught:
        client.project_exec(project_id=P, command="sleep 5", bash=True, timeout=1)

    words = "Error executing command 'sleep 5' with args 'undefined' -- killed command"
    assert caught.value.server_text.startswith(words)
    assert caught.value.response["error"] == caught.value.server_text


def test_a_long_command_goes_by_conat_which_waits_longer_than_the_command_may_take(play: Play) -> None:
    client, server = play(*TODAY)

    done = client.project_exec(project_id=P, command="echo $((1+2)); echo err >&2", bash=True, timeout=600)

    assert (done["stdout"], done["stderr"], done["exit_code"]) == ("3\n", "err\n", 0)
    assert done.route == "project:system.exec"
    assert server.body()["timeout"] == 610_000
    assert server.body()["args"][0]["timeout"] == 600


def test_a_long_command_that_fails_by_conat_has_the_words_of_v1_too(play: Play) -> None:
    client, _ = play(*TODAY)

    with pytest.raises(CommandFailed, match=r"could not be started: ENOENT no-such-program\.") as caught:
        client.project_exec(project_id=P, command="no-such-program", args=["a"], timeout=100)

    words = "Error executing command 'no-such-program' with args 'a' -- command ''no-such-program' (args=a)'"
    assert caught.value.response["error"].startswith(words)


JOB = {"type": "async", "job_id": "j", "start": 1, "pid": 4711, "stderr": "", "exit_code": 0}


def test_a_long_command_without_conat_is_a_job_that_is_followed_to_its_end(play: Play) -> None:
    client, server = play("v2")
    server.extra["/api/v2/exec"] = [
        {**JOB, "status": "running", "stdout": ""},
        {**JOB, "status": "running", "stdout": "1\n"},
        {**JOB, "status": "completed", "stdout": "1\n2\n", "exit_code": 7},
    ]

    done = client.project_exec(
        project_id=P, command="count", bash=True, timeout=600, err_on_exit=False, id="i"
    )

    assert (done["stdout"], done["exit_code"]) == ("1\n2\n", 7)
    calls = [body for path, key, body in server.got if path == "/api/v2/exec" and key]
    assert [("async_call" in body, body.get("async_get")) for body in calls] == [
        (True, None),
        (False, "j"),
        (False, "j"),
    ]


def test_a_job_that_ends_with_a_code_is_a_failure_as_v1_had_it(play: Play) -> None:
    client, server = play("v2")
    server.extra["/api/v2/exec"] = [
        {**JOB, "status": "completed", "stdout": "done: 7\n", "stderr": "oh", "exit_code": 3}
    ]

    with pytest.raises(CommandFailed) as caught:
        client.project_exec(project_id=P, command="x", timeout=600)

    problem = caught.value
    assert (problem.exit_code, problem.stdout, problem.stderr) == (3, "done: 7\n", "oh")
    assert problem.response["error"].endswith("exited with nonzero code 3 -- stderr='oh'")
    assert str(problem).splitlines() == [
        "the command ended with exit code 3.",
        f"  The answer is from {server.url[7:]}.",
        "  stderr: oh",
        "  stdout: done: 7",
    ]


def test_the_code_of_a_response_is_what_went_out_and_each_message_once(play: Play) -> None:
    client, server = play("v2")
    running = {**JOB, "status": "running", "stdout": ""}
    server.extra["/api/v2/exec"] = [running, running, running, {**running, "status": "completed"}]

    done = client.project_exec(project_id=P, command="count", timeout=600)

    assert [one.event for one in done.sent] == ["/exec"] * 4
    code = format_text(code_blocks(done))
    assert f"{server.url}/api/v1/" not in code
    assert code.count("curl -sS -X POST") == 2  # the job, and asking for it
    assert '"async_call": true' in code
    assert '"async_get": "j"' in code
    assert "%cocalc project_exec" in code
    assert "client.project_exec(" in code
    assert "does not have project_exec; this was sent instead" in code


def test_no_secret_of_the_message_is_in_what_went_out(play: Play) -> None:
    client, server = play(*TODAY)
    client.router.generations()
    server.extra["/api/v2/accounts/profile"] = [{"profile": {"account_id": ALICE}}]
    server.extra["/api/v2/accounts/set-password"] = [{"status": "ok"}]

    done = client.change_password(account_id=ALICE, old_password="Old-hunter2", new_password="New-hunter3")

    assert "hunter" in str(server.got)
    assert done.route == "accounts/profile + accounts/set-password"
    assert "hunter" not in f"{done.sent} {[one.options for one in done.sent]}{format_text(code_blocks(done))}"


def test_an_option_that_is_called_event_is_not_taken_for_the_message(play: Play) -> None:
    client, server = play(*TODAY)
    server.extra["hub:system.logClientError"] = [None]

    told = client.log_client_error(error="x")

    code = format_text(code_blocks(told))
    assert f"{server.url}/api/conat/hub" in code
    assert '"event": "error"' in code


def test_what_goes_out_as_it_is_has_the_code_of_itself(play: Play) -> None:
    client, server = play("v1")

    pong = client.ping()

    assert pong.sent == ()
    assert f"{server.url}/api/v1/ping" in format_text(code_blocks(pong))


def test_whoever_stops_waiting_for_a_job_ends_it(play: Play) -> None:
    client, server = play("v2")
    client.router.generations()
    server.extra["/api/v2/exec"] = [{**JOB, "status": "running", "stdout": ""}] * 50
    threading.Timer(0.6, signal.raise_signal, [signal.SIGINT]).start()

    with pytest.raises(Interrupted):
        client.project_exec(project_id=P, command="sleep 1000", bash=True, timeout=2000)

    assert server.body()["command"] == "kill -9 -4711 || kill -9 4711"


@pytest.mark.parametrize(
    ("code", "told"), [(0, "which was ended on the server"), (1, "may still be going on")]
)
def test_whoever_stops_waiting_is_told_whether_the_job_was_ended(play: Play, code: int, told: str) -> None:
    client, server = play("v2")
    client.router.generations()
    killed = {"stdout": "", "stderr": "", "exit_code": code}
    server.extra["/api/v2/exec"] = [{**JOB, "status": "running", "stdout": ""}, killed]
    message = catalog.find("project_exec")

    stop = CancelToken()
    with stop.active(), pytest.raises(Interrupted, match=told):  # asked for as soon as it is a job
        client.router.exchange(
            message, {"project_id": P, "command": "sleep 1000", "timeout": 2000}, on_job=stop.cancel
        )


def test_what_is_no_job_is_not_told_to_be_one(play: Play) -> None:
    client, _ = play(*TODAY)
    told: list[bool] = []
    long = {"project_id": P, "command": "echo $((1+2)); echo err >&2", "bash": True, "timeout": 600}

    client.router.exchange(catalog.find("project_exec"), long, on_job=lambda: told.append(True))

    assert told == []


def test_several_files_are_read_one_by_one_and_one_that_is_missing_stops_nothing(play: Play) -> None:
    client, server = play(*TODAY)
    server.extra["/api/v2/projects/call"] = [
        {"event": "text_file_read_from_project", "id": "x", "content": "one"},
        {"event": "error", "id": "x", "error": "ENOENT: no such file"},
    ]

    read = client.read_text_file_from_project(project_id=P, path=["a", "b"], id="i")

    assert read["content"] == [
        {"project_id": P, "path": "a", "content": "one"},
        {"project_id": P, "path": "b", "error": "ENOENT: no such file"},
    ]


def test_a_text_above_the_limit_of_json_is_uploaded(play: Play) -> None:
    client, server = play(*TODAY)
    text = 'a "quoted" line\n' * 100_000

    written = client.write_text_file_to_project(project_id=P, path='deep/in "it".txt', content=text, id="i")

    assert dict(written) == {"event": "file_written_to_project", "id": "i"}
    assert written.route == "upload"
    path, _, body = server.got[-1]
    assert path == f"/upload?project_id={P}&compute_server_id=0&path=deep"
    assert 'filename="in \\"it\\".txt"' in body
    assert text in body


def test_a_list_of_nothing_for_an_unknown_key_is_told_as_that(play: Play) -> None:
    client, server = play(*TODAY)
    server.extra["/api/v2/licenses/get-managed"] = [[]]
    server.extra["/api/v2/accounts/profile"] = [{"profile": {}}]

    with pytest.raises(KeyRefused):
        client.send("licenses/get-managed")


def test_a_list_of_nothing_for_a_good_key_is_looked_into_once(play: Play) -> None:
    client, server = play(*TODAY)

    assert client.send("licenses/get-managed").value == []
    assert client.send("licenses/get-managed").value == []
    assert server.asked.count("/api/v2/accounts/profile") == 1


@both
def test_projects_are_created(play: Play, spoken: tuple[str, ...]) -> None:
    client, server = play(*spoken)
    client.router.generations()
    server.extra["/api/v2/projects/create"] = [{"project_id": P2}]

    if "conat" in spoken:
        made = client.create_project(title="H1", description="d", id="i")
        assert dict(made) == {"event": "project_created", "id": "i", "project_id": H1}
    else:
        server.extra["/api/v2/projects/start"] = [{"status": "ok"}]
        made = client.create_project(title="H1", start=True, id="i")
        assert made["project_id"] == P2
        assert made.route == "projects/create + projects/start"


@both
def test_names_are_those_of_v1_without_profiles(play: Play, spoken: tuple[str, ...]) -> None:
    client, _ = play(*spoken)

    names = client.get_usernames(account_ids=[BOB, ALICE])["usernames"]

    assert names[BOB] == {"first_name": "Bob", "last_name": "Beispiel"}


def test_a_search_without_an_admin_is_refused_in_the_server_s_words(play: Play) -> None:
    client, _ = play(*TODAY)

    assert client.user_search(query="bob")["results"][0]["account_id"] == BOB
    with pytest.raises(MessageFailed, match=r"^Must be an admin to do admin search"):
        client.user_search(query="bob", admin=True)


def test_a_query_keeps_its_options_over_conat_and_needs_conat_for_them(play: Play) -> None:
    query = {"projects_all": [{"project_id": None, "title": None}]}
    client, _ = play(*TODAY)
    old, _ = play("v2")

    found = client.query(query=query, options=[{"limit": 1, "order_by": "title"}])

    assert found["query"] == {
        "projects_all": [{"project_id": "0602f9f6-e92d-404b-8208-80d6129ebef3", "title": "5"}]
    }
    with pytest.raises(NoEquivalent, match="nothing that takes query with these options"):
        old.query(query=query, options=[{"limit": 1}])


def test_people_are_added_alone_and_by_lists(play: Play) -> None:
    client, server = play(*TODAY)
    old, its = play("v2")

    assert client.add_collaborator(project_id=H1, account_id=BOB).event == "success"
    assert server.body()["args"] == [{"opts": {"project_id": H1, "account_id": BOB}}]
    assert old.add_collaborator(project_id=P, account_id=BOB).event == "success"
    with pytest.raises(NoEquivalent):
        old.add_collaborator(project_id=[P], account_id=[BOB])
    assert its.asked[-1] == "/api/v2/projects/collaborators/add"


def test_a_copy_takes_the_names_of_today(play: Play) -> None:
    client, server = play(*TODAY)

    copied = client.copy_path_between_projects(
        src_project_id=P, src_path="call/a.txt", target_project_id=P2, id="i"
    )

    assert copied.event == "copy_path_between_projects_response"
    assert copied["copy_path_id"] == ""
    assert server.body()["path"] == "call/a.txt"
    assert server.body()["wait_until_done"] is False  # the default of v1


def test_a_copy_that_leaves_files_out_goes_by_conat(play: Play) -> None:
    client, _ = play(*TODAY)

    copied = client.copy_path_between_projects(
        src_project_id=P, src_path="w", target_project_id=H1, exclude=["*.txt"]
    )

    assert copied.route == "projects.copyPathBetweenProjects"
    assert "waits until all is copied" in copied.lost[0]


@pytest.mark.parametrize(
    ("address", "more", "answer"),
    [
        ("/api/v2/projects/copy-path", {}, {"copy_id": "", "skipped": ["s (a socket)"]}),
        ("hub:projects.copyPathBetweenProjects", {"exclude": ["*.txt"]}, {"skipped": ["s (a socket)"]}),
    ],
)
def test_what_a_copy_passed_over_is_told(play: Play, address: str, more: Any, answer: Any) -> None:
    client, server = play(*TODAY)
    server.extra[address] = [answer]

    copied = client.copy_path_between_projects(src_project_id=P, src_path="w", target_project_id=H1, **more)

    assert copied["skipped"] == ["s (a socket)"]


def test_options_without_effect_are_told(play: Play) -> None:
    client, _ = play(*TODAY)

    assert client.user_search(query="bob", active="1 month").lost == ("without effect: active",)


def test_code_is_run_and_timed(play: Play) -> None:
    client, _ = play(*TODAY)

    done = client.jupyter_execute(project_id=P, kernel="python3", input="sum(range(100))")

    assert done["output"] == [{"data": {"text/plain": "4950"}}]
    assert done["total_time_s"] >= 0
    assert done["time"].startswith("2026-11-23T")


def test_an_account_that_is_not_the_key_s_own_is_not_touched(play: Play) -> None:
    client, server = play(*TODAY)

    with pytest.raises(MessageFailed, match="for the account of the key alone"):
        client.delete_account(account_id=BOB)
    with pytest.raises(MessageFailed, match="Current password is incorrect"):
        client.change_password(account_id=ALICE, old_password="nope-nope", new_password="Zx9-quasar-Limerick")
    assert server.asked[1:] == [
        "/api/v2/accounts/profile",
        "/api/v2/accounts/profile",
        "/api/v2/accounts/set-password",
    ]


def test_failures_have_the_form_that_v1_gave_them(play: Play) -> None:
    client, _ = play(*TODAY)
    failed: list[dict[str, Any]] = []
    for event, options in (
        ("change_password", {"account_id": ALICE, "old_password": "nope-nope"}),
        ("touch_project", {"project_id": "00000000-0000-4000-8000-000000000000"}),
    ):
        message = catalog.find(event)
        given = {"id": "i", **options}
        if event == "change_password":
            given["new_password"] = "Zx9-quasar-Limerick"
        response = client.router.exchange(message, given, raising=False)
        assert not response.ok
        failed.append(dict(response))

    assert failed[0] == {"id": "i", "event": "changed_password", "error": "Current password is incorrect."}
    assert failed[1]["event"] == "error"


@pytest.mark.parametrize("event", sorted(REFUSED))
def test_what_today_s_servers_lack_is_refused_with_the_reason_before_it_is_sent(event: str) -> None:
    with pytest.raises(NoEquivalent, match=f"^{event} is not possible on lab: "):
        translate.plan(event, {}, {"v2", "conat"}, "lab")


def test_a_refusal_says_what_there_is_instead(play: Play) -> None:
    client, server = play(*TODAY)

    with pytest.raises(NoEquivalent, match=r"sync\.history project_id"):
        client.get_syncdoc_history(string_id="a" * 40)
    assert server.asked == ["/api/v1/get_syncdoc_history"]


def test_what_needs_conat_says_so_where_there_is_none(play: Play) -> None:
    client, _ = play("v2")

    with pytest.raises(NoEquivalent, match="invite_collaborator needs the conat bridge"):
        client.invite_collaborator(project_id=P, account_id=BOB)


def test_an_unknown_key_is_told_on_both_wires(play: Play) -> None:
    client, server = play(*TODAY)
    client.router.generations()
    server.extra["hub:system.ping"] = [{"error": "must be signed in and MUST provide an api key"}]
    server.extra["/api/v2/projects/touch"] = [{"error": "must be signed in"}]

    with pytest.raises(KeyRefused):
        client.ping()
    with pytest.raises(KeyRefused):
        client.touch_project(project_id=P)


def test_nothing_is_ever_sent_twice(play: Play) -> None:
    client, server = play(*TODAY)
    client.router.generations()
    server.extra["hub:projects.createProject"] = [
        {"error": "timeout - callHub: subject='hub', name='projects.createProject', code='408' "}
    ]

    with pytest.raises(MessageFailed, match="timed out waiting for the service that does the work"):
        client.create_project(title="once")
    assert server.asked == ["hub:projects.createProject"]
