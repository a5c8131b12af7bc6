"""What people see of a sandbox: its status, its page, its reset."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Running, Start


def asked(running: Running, verb: str, key: str | None = None) -> requests.Response:
    return running.session.post(
        f"{running.url}/sandbox/{verb}",
        headers={"Authorization": f"Bearer {key or running.key}"},
        timeout=10,
    )


def status(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = asked(running, "status").json()
    return found


def test_status_tells_accounts_projects_what_runs_and_the_last_requests(sandbox: Running) -> None:
    project_id = sandbox.project("looked at")
    sandbox.run(project_id, "sleep 60 >/dev/null 2>&1 &")
    sandbox.send("nothing_such")

    seen = status(sandbox)

    assert [one["name"] for one in seen["accounts"]][:3] == ["Iris Instructor", "Sam Student", "Sue Student"]
    [project] = [one for one in seen["projects"] if one["project_id"] == project_id]
    assert project["people"] == [{"name": "Iris Instructor", "group": "owner"}]
    assert project["state"] == "running"
    assert {"command": "sleep 60", "project": "looked at"}.items() <= seen["processes"][-1].items()
    assert [one["event"] for one in seen["requests"]][:3] == [
        "nothing_such",
        "project_exec",
        "create_project",
    ]
    assert seen["requests"][0]["outcome"] == "refused, 400"
    assert seen["requests"][1]["by"] == "Iris Instructor"


@pytest.mark.parametrize(
    "command",
    [
        "mkfifo pipe; (bash $PWD/pipe >/dev/null 2>&1 </dev/null &)",
        "(bash /dev/fd/0 >/dev/null 2>&1 < <(sleep 60) &)",
        "(rm $0; mkfifo $0; exec sleep 60 >/dev/null 2>&1 </dev/null) & sleep 0.2",
    ],
    ids=["a script that is a pipe", "a script from a descriptor", "the command's own script made a pipe"],
)
def test_a_command_whose_script_is_a_pipe_is_not_waited_for(sandbox: Running, command: str) -> None:
    sandbox.run(sandbox.project("odd"), command, timeout=2)

    assert "odd" in [process["project"] for process in status(sandbox)["processes"]]


def test_nothing_secret_is_in_the_status(sandbox: Running) -> None:
    project_id = sandbox.project()
    sandbox.send("create_account", email_address="new@example.edu", password="marked-password")
    sandbox.run(project_id, f"echo {sandbox.key}; sleep 60 # {sandbox.key}", timeout=0.2)

    text = asked(sandbox, "status").text

    assert "new@example.edu" in text
    assert "marked-password" not in text
    assert sandbox.key not in text


def test_only_the_start_key_and_administrators_may_ask(start_sandbox: Start, tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(
        "accounts:\n"
        "- {first_name: Ada, email_address: ada@example.edu}\n"
        "- {first_name: Bob, email_address: bob@example.edu, keys: [sk_Bob000000000000B]}\n"
        "- {first_name: Eve, email_address: eve@example.edu, admin: true, keys: [sk_Eve000000000000E]}\n"
    )
    running = start_sandbox("--world", str(world))

    assert asked(running, "status").status_code == 200
    assert asked(running, "status", "sk_Eve000000000000E").status_code == 200
    assert asked(running, "status", "sk_Bob000000000000B").status_code == 403
    assert asked(running, "reset", "sk_Bob000000000000B").status_code == 403
    assert asked(running, "status", "sk-nobodys").status_code == 401


def test_a_ticket_opens_the_page_once_in_one_browser(sandbox: Running) -> None:
    sandbox.project("<img src=x onerror=alert(1)>")
    address = sandbox.url + asked(sandbox, "ticket").json()["path"]

    with requests.Session() as browser, requests.Session() as another:
        first = browser.get(address, timeout=10)
        second = browser.get(f"{sandbox.url}/sandbox", timeout=10)
        used = another.get(address, timeout=10)

    assert first.status_code == second.status_code == 200
    assert "Iris Instructor" in first.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in first.text
    [script] = re.findall(r"<script[^>]*>(.*?)</script>", first.text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}';" in first.headers["Content-Security-Policy"]
    assert "onerror=" not in re.sub("&lt;.*?&gt;", "", first.text)
    assert used.status_code == 403
    assert "Iris" not in used.text


UNSEEN = "\u202e\u2066\u200b\u200e\u2028\x1b[31m\x1b]8;;http://x\x07\x9b2J\r\x00\x7f\ufeff\U000e0041\u0301\u0301\u0301\u0301\u0301\u0301"
HIDING = set("\u202e\u2066\u200b\u200e\u2028\x1b\x9b\x07\r\x00\x7f\ufeff\U000e0041")


def page(running: Running) -> str:
    with requests.Session() as browser:
        return browser.get(running.url + asked(running, "ticket").json()["path"], timeout=10).text


def test_nothing_on_the_page_hides_or_turns_what_is_shown(start_sandbox: Start) -> None:
    """Whatever names, titles, events, options, commands and letters hold; long words do not widen it."""
    running = start_sandbox()
    project_id = running.project(f"title{UNSEEN}end")
    running.send(
        "create_account", first_name=f"first{UNSEEN}end", email_address="n@b.edu", password="abc-def-12"
    )
    running.send("query", query={"accounts": {"last_name": f"last{UNSEEN}end"}})
    running.send("ping", **{f"option{UNSEEN}end": f"value{UNSEEN}end"})
    running.post("gone%E2%80%AE" + "w" * 5_000)
    running.run(project_id, f"exec -a 'command{UNSEEN.replace(chr(0), '')}end' sleep 60 >/dev/null 2>&1 &")
    running.send(
        "invite_noncloud_collaborators",
        project_id=project_id,
        to="x@b.edu",
        email="body",
        subject=f"subject{UNSEEN}end",
    )

    shown = page(running)

    for name in ("title", "first", "last", "option", "value", "command", "subject"):
        assert name in shown, name
    assert not HIDING & set(shown)
    assert "⟨U+202E⟩" in shown
    assert "\u0301" * 5 not in shown
    assert "w" * 201 not in shown


def test_the_page_shows_values_as_json(sandbox: Running) -> None:
    sandbox.send("query", query={"accounts": {"first_name": None, "unlisted": True}})

    assert "query={&quot;accounts&quot;:{&quot;first_name&quot;:null,&quot;unlisted&quot;:true}}" in page(
        sandbox
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"), (None, "null"), (7.0, "7"), (["-l", 2, False], "[&quot;-l&quot;,2,false]"), ([], "[]"),
        ({"a": [None]}, "{&quot;a&quot;:[null]}"), ("text", "text"),
    ],
)  # fmt: skip
def test_values_of_all_kinds_are_json(sandbox: Running, value: Any, shown: str) -> None:
    sandbox.send("ping", seen=value)

    assert f"<code>seen={shown}</code>" in re.sub("</?span[^>]*>", "", page(sandbox))


def test_an_id_is_shown_in_short_and_whole_where_it_is_pointed_at(sandbox: Running) -> None:
    project_id = sandbox.project()
    sandbox.run(project_id, "true")

    short = f"{project_id[:8]}…{project_id[-4:]}"
    assert f'project_id=<span class="word" title="{project_id}">{short}</span>' in page(sandbox)


def test_without_a_ticket_the_page_shows_nothing(sandbox: Running) -> None:
    for path in ("/sandbox", "/sandbox?ticket=x", "/sandbox?ticket="):
        reply = requests.get(sandbox.url + path, timeout=10)

        assert reply.status_code == 403
        assert "%cocalc sandbox status" in reply.text


def test_reset_brings_the_first_state_back_and_voids_the_key(start_sandbox: Start, tmp_path: Path) -> None:
    running = start_sandbox(folder=tmp_path / "data")
    project_id = running.project("mine")
    running.run(project_id, "echo x > file")
    running.send("create_account", email_address="new@example.edu", password="secret123")

    answer = asked(running, "reset").json()

    assert running.post("ping").status_code == 400
    seen = asked(running, "status", answer["key"]).json()
    assert seen["counts"] == {"accounts": 3, "projects": 1, "outbox": 0}
    assert [one["title"] for one in seen["projects"]] == ["Statistics 101"]
    assert not (tmp_path / "data" / "projects" / project_id).exists()
    assert len(list((tmp_path / "data" / "projects").iterdir())) == 1


def test_reset_brings_a_world_files_keys_back(start_sandbox: Start, tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("accounts: [{first_name: Ada, email_address: a@b.edu, keys: [sk_Ada000000000000A]}]\n")
    running = start_sandbox("--world", str(world), folder=tmp_path / "data")

    asked(running, "reset")

    assert running.post("ping", key="sk_Ada000000000000A").json()["event"] == "pong"
    running.end()
    assert "sk_Ada" not in (tmp_path / "data" / "sandbox.db").read_bytes().decode("latin-1")


def test_a_reset_whose_world_file_is_gone_changes_nothing(start_sandbox: Start, tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("accounts: [{first_name: Ada, email_address: a@b.edu}]\n")
    running = start_sandbox("--world", str(world))
    running.project("stays")
    world.unlink()

    answer = asked(running, "reset")

    assert answer.status_code == 409
    assert "world.yaml" in answer.json()["error"]
    assert status(running)["counts"]["projects"] == 1


def test_the_data_of_an_older_sandbox_gets_the_columns_that_are_new(
    start_sandbox: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    start_sandbox(folder=folder).end()
    with sqlite3.connect(folder / "sandbox.db") as database:
        database.execute("ALTER TABLE accounts DROP COLUMN tours")
    running = start_sandbox(folder=folder)

    answer = running.send("query", query={"accounts": {"tours": None, "first_name": None}})

    assert answer["query"] == {"accounts": {"tours": None, "first_name": "Iris"}}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_controls_are_posted_to(sandbox: Running, method: str) -> None:
    reply = sandbox.session.request(method, f"{sandbox.url}/sandbox/reset", timeout=10)

    assert reply.status_code == 404
