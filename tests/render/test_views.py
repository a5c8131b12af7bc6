"""What people see of every kind of answer that a real server was recorded to give."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog, render
from cocalc_magic.client.wire import failure
from cocalc_magic.render import Rendered, humanize
from cocalc_magic.render.blocks import Card, Cards, Facts, Link, Picture, Tree, Verdict
from cocalc_magic.response import Request, Response
from cocalc_magic.sanitize.secret_forms import HIDDEN
from tests.client.wire.recorded import FILE, event
from tests.render.hostile import SMALL
from tests.render.responses import PROJECT, answered, command_output
from tests.render.test_html import ATTRIBUTES, HARMFUL, TAGS, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Message


ACCOUNT = "b775cab6-da92-4721-afb4-e419c0c3512c"
WEB: dict[str, Any] = {"server": "cocalc.com", "sandbox": False, "address": "https://cocalc.com"}
TREES = {  # events whose answers may hold something that is best opened level by level
    "query": "settings of many levels inside of an account",
    "/user-query": "settings of many levels inside of an account",
    "project:system.configuration": "what is installed, by kind and by kind again",
}


@cache
def recorded() -> list[Response]:
    """Every exchange of the catalog's messages that was recorded, as a client has it."""
    made = []
    for path in (FILE.with_name("v1.jsonl"), FILE):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            name = row["event"] if path.name == "v1.jsonl" else event(row)
            message, got = catalog.get(name), row.get("response") or {}
            if message and got.get("status") and "__long_string__" not in json.dumps(got["body"]):
                made.append(_response(message, row["request"].get("body"), got["status"], got["body"]))
    return made


def _response(message: Message, sent: Any, status: int, body: Any) -> Response:
    options = sent if isinstance(sent, dict) else {}
    if isinstance(options.get("args"), list) and message.generation == "conat":
        named = [one for one in options["args"] if isinstance(one, dict)]
        options = {name: value for one in named for name, value in one.items()} | {
            name: value for name, value in options.items() if name == "project_id"
        }
    response = Response(body, Request(message.event, options, message.secret), status=status, **WEB)
    failed = failure(message, response) is not None
    return Response(body, response.request, status=status, ok=not failed, elapsed=0.0123, **WEB)


def lines(response: Response) -> list[str]:
    """The text of the view without its heading."""
    return render.to_text(response).splitlines()[1:]


def test_there_is_much_to_see() -> None:
    assert len(recorded()) > 1000
    assert len({response.request.event for response in recorded() if response.ok}) > 150


def test_no_answer_is_a_bare_tree() -> None:
    for response in recorded():
        if response.ok and response.request.event not in TREES:
            trees = [block for block in Rendered(response).blocks if isinstance(block, Tree)]
            assert not trees, (response.request.event, response.value)


def test_every_view_is_quiet_and_fits() -> None:
    for response in recorded():
        shown = lines(response)
        assert shown, response.request.event
        for line in shown:
            assert line == line.rstrip() or not response.ok or is_of_others(response), response.value
        assert "\x1b" not in "".join(shown)


def is_of_others(response: Response) -> bool:
    """Whether the view is a text as somebody wrote it."""
    return bool(response.get("stdout") or response.get("content") or response.get("output"))


def test_an_answer_to_nothing_read_says_what_was_done() -> None:
    for response in recorded():
        message = catalog.find(response.request.event)
        if response.ok and message.read_only is False and response.value in (None, {}, {"status": "ok"}):
            assert lines(response)[0].startswith(message.done.partition("{")[0]), response.request.event


def answer_to(name: str, value: Any, options: dict[str, Any] | None = None, **known: Any) -> list[str]:
    return lines(answered(value, name, options, **known))


def test_what_was_done_and_to_whom() -> None:
    response = answered(
        {"event": "success", "id": "1"}, "remove_collaborator", {"project_id": PROJECT, "account_id": ACCOUNT}
    )

    assert lines(response) == [f"Took {ACCOUNT} off {PROJECT}."]
    response.titles = {PROJECT: "Algebra"}
    assert lines(response) == [f"Took {ACCOUNT} off Algebra ({PROJECT})."]
    assert f'<b title="{PROJECT}">Algebra</b>' in render.to_html(response)


def test_what_was_done_in_other_words_where_an_option_was_not_given() -> None:
    for options, sentence in (
        ({"title": "Web lesson"}, "Created Web lesson."),
        ({}, "Created a project."),
        ({"title": ["x"] * 99}, "Created a project."),
    ):
        assert answer_to("projects/create", {"project_id": PROJECT}, options)[0] == sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("write_text_file_to_project", {"event": "file_written_to_project", "id": "1"}),
        ("projects/write-text-file", {"status": "ok"}),
        ("project:system.writeTextFileToProject", None),
    ],
)
def test_a_written_file_can_be_opened(name: str, value: Any) -> None:
    options = {"project_id": PROJECT, "path": "a b/ü#?.md", "content": "x" * 12_345}
    address = f"https://cocalc.com/projects/{PROJECT}/files/a%20b/%C3%BC%23%3F.md"

    assert answer_to(name, value, options, **WEB) == [
        "Wrote a b/ü#?.md.",
        "size      12 kB",
        f"opens at  {address}",
    ]
    assert f'<a href="{address}" target="_blank"' in render.to_html(answered(value, name, options, **WEB))
    assert answer_to(name, value, options)[1:] == ["size  12 kB"]  # in the sandbox


def test_a_new_project_can_be_opened() -> None:
    for name, value in (
        ("create_project", {"event": "project_created", "id": "1", "project_id": PROJECT}),
        ("projects/create", {"project_id": PROJECT}),
        ("projects.createProject", PROJECT),
    ):
        assert answer_to(name, value, **WEB)[1:] == [
            f"project id  {PROJECT}",
            f"opens at    https://cocalc.com/projects/{PROJECT}",
        ]


def test_the_project_of_a_message_can_be_opened() -> None:
    html = render.to_html(command_output("x"))
    assert "<a " not in html

    response = answered({}, "project_exec", {"project_id": PROJECT}, **WEB)
    assert f'<a href="https://cocalc.com/projects/{PROJECT}"' in render.to_html(response)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"exit_code": 2}, Verdict("failed", "exit code 2", "error")),
        (
            {"status": "running", "job_id": "7", "start": 1_795_423_542_342, "type": "async"},
            Verdict("running", "since 2026-11-23 08:45 UTC, job 7", "warning"),
        ),
        (
            {"status": "completed", "job_id": "7", "elapsed_s": 3.01},
            Verdict("completed", "exit code 0, took 3.0 s, job 7", "good"),
        ),
        (
            {"status": "killed", "job_id": "7", "exit_code": 137},
            Verdict("killed", "exit code 137, job 7", "error"),
        ),
    ],
)
def test_how_a_command_went_comes_first(more: dict[str, Any], verdict: Verdict) -> None:
    assert Rendered(command_output("made", **more)).blocks[1] == verdict


def test_what_a_project_is_doing() -> None:
    state = {"ip": "127.0.0.1", "state": "running", "time": "2026-11-23T08:43:18.369Z"}
    status = {"start_ts": 1_795_423_910_242, "disk_MB": 1234, "secret_token": "abc", "memory": {"rss": 1}}

    assert answer_to("projects.state", state) == ["running: since 2026-11-23 08:43 UTC", "ip  127.0.0.1"]
    assert answer_to("projects.state", {"state": "opened"}) == ["opened"]
    assert answer_to("projects.status", status) == [
        "running: since 2026-11-23 08:51 UTC",
        "disk MB       1.2 GB",
        f"secret token  {HIDDEN}",
        "memory        rss 1",
    ]
    assert answer_to("projects.status", {}) == ["The answer is empty."]


@pytest.mark.parametrize(
    ("more", "first"),
    [
        ({"started": "2026-11-23T07:42:32Z"}, "running: a → b"),
        ({"finished": "2026-11-23T07:42:32Z"}, "finished: a → b"),
        ({"scheduled": "2040-01-01T00:00:00Z"}, "scheduled: a → b"),
        ({"error": "rsync failed", "finished": "2026-11-23T07:42:32Z"}, "failed: a → b: rsync failed"),
    ],
)
def test_how_a_copy_stands(more: dict[str, Any], first: str) -> None:
    data = {"copy_path_id": "1", "source_path": "a", "target_path": "b", **more}

    assert answer_to("copy_path_status", {"event": "copy_path_status_response", "data": data})[0] == first


def test_a_folder_lists_folders_first_with_links() -> None:
    files = [
        {"name": "b.txt", "size": 12_345, "mtime": 1_795_423_161},
        {"name": "z", "isdir": True, "size": 3, "mtime": 1_795_423_161},
        {"name": "A.txt", "size": 0, "mtime": 1_795_423_161, "link_target": "b.txt"},
    ]
    response = answered(files, "project:system.listing", {"project_id": PROJECT, "path": "src/"}, **WEB)

    assert [line.split()[0] for line in lines(response)[2:]] == ["z/", "A.txt", "b.txt", "3"]
    assert f'href="https://cocalc.com/projects/{PROJECT}/files/src/z/"' in render.to_html(response)
    assert f'href="https://cocalc.com/projects/{PROJECT}/files/src/b.txt"' in render.to_html(response)
    assert 'title="12,345 bytes"' in render.to_html(response)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jupyter_kernels", lambda kernels: {"event": "jupyter_kernels", "id": "1", "kernels": kernels}),
        ("jupyter/kernels", lambda kernels: {"kernels": kernels, "success": True}),
        ("jupyter.kernels", list),
    ],
)
def test_kernels_by_name_and_language(name: str, value: Any) -> None:
    kernel = {"name": "ir", "display_name": "R", "language": "R", "argv": ["R"], "env": {}, "metadata": {}}

    assert answer_to(name, value([kernel])) == [
        "name  display name  language",
        "────  ────────────  ────────",
        "ir    R             R",
        "1 row",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jupyter/execute", lambda outputs: {"output": outputs, "success": True}),
        ("jupyter.execute", lambda outputs: {"id": 4, "output": outputs}),
        ("project:system.jupyterExecute", list),
    ],
)
def test_outputs_of_kernels_are_outputs_on_every_way(name: str, value: Any) -> None:
    assert answer_to(name, value([{"data": {"text/plain": "42"}}])) == ["42"]
    assert answer_to(name, value([])) == ["The code ran and gave no output."]


def test_keys_without_keys() -> None:
    key = {
        "id": 7,
        "account_id": ACCOUNT,
        "name": "ci",
        "trunc": "sk-...00007",
        "expire": None,
        "secret": "x",
    }

    assert answer_to("/api-keys", {"response": [key]}, {"action": "create", "name": "ci"}) == [
        "id  name  key          expires",
        "──  ────  ───────────  ───────",
        "7   ci    sk-...00007",
        "1 row",
        f"{HIDDEN} is in the response; it is not shown, since what is shown is saved.",
    ]
    assert (
        answer_to("/api-keys", {"response": [None]}, {"action": "delete", "id": 7})[0]
        == "Done: delete a key."
    )
    assert answer_to("/api-keys", {"response": []}, {"action": "get"}) == ["The answer is an empty list."]


def test_one_person_and_many() -> None:
    names = {
        ACCOUNT: {"first_name": "Ada", "last_name": "L"},
        PROJECT: {"first_name": "Bo", "last_name": "M"},
    }
    usernames = answered({"event": "usernames", "id": "1", "usernames": names}, "get_usernames")
    profile = answered(
        {"profile": {"account_id": ACCOUNT, **names[ACCOUNT], "is_admin": False}}, "accounts/profile"
    )

    (people_,) = Rendered(usernames).blocks[1:]
    assert isinstance(people_, Cards)
    assert [card.name for card in people_.cards] == ["Ada L", "Bo M"]
    assert Rendered(profile).blocks[1] == Cards(
        (Card("Ada L", "", (("account id", ACCOUNT), ("is admin", "no"))),)
    )


def test_a_query_names_its_tables() -> None:
    found: dict[str, Any] = {
        "projects": [],
        "accounts": {"account_id": ACCOUNT, "first_name": "Ada"},
        "stats": None,
    }
    response = answered({"event": "query", "id": "1", "query": found, "multi_response": False}, "query")

    assert lines(response) == [
        "projects",
        "No records.",
        "accounts",
        f"account id  {ACCOUNT}",
        "first name  Ada",
        "stats",
        "No record.",
    ]


def test_a_query_that_writes_says_what() -> None:
    written = {"event": "query", "id": "1", "query": {}, "multi_response": False}

    assert answer_to("query", written, {"query": {"accounts": {"first_name": "Ada"}}}) == ["Wrote accounts."]
    assert answer_to("query", written, {"query": {"accounts": {"first_name": None}}}) == [
        "The answer has no records."
    ]


def test_a_project_s_record_in_words() -> None:
    project = {
        "project_id": PROJECT,
        "users": {ACCOUNT: {"group": "owner"}, PROJECT: {"group": "collaborator"}},
        "state": {"state": "running", "time": "2026-11-23T08:43:18.369Z"},
        "settings": {"memory": 2000, "mintime": 1800, "member_host": 0},
        "deleted": None,
    }

    assert answer_to("query", {"event": "query", "query": {"projects": project}}, **WEB) == [
        "projects",
        f"project id  {PROJECT}",
        "users       1 owner, 1 collaborator",
        "state       running since 2026-11-23 08:43 UTC",
        "settings    memory 2.0 GB, mintime 30 min 0 s, member host 0",
        f"opens at    https://cocalc.com/projects/{PROJECT}",
        "Not set: deleted.",
    ]


def test_bare_answers_say_what_they_answer() -> None:
    assert answer_to("purchases/get-balance", 7.5) == ["Own balance in USD  7.5"]
    assert answer_to("auth/requires-token", True) == ["Tell whether an account needs an invitation code  yes"]
    assert answer_to("messages.send", 5, {"subject": "Hi"}) == [
        "Sent Hi.",
        "answer  5",
    ]
    assert answer_to("jupyter_kernels", {"event": "jupyter_kernels", "kernels": []}) == [
        "The list of kernels is empty."
    ]
    assert answer_to("change_email_address", {"event": "changed_email_address", "error": False}) == [
        "Changed the e-mail address to the new one."
    ]


def test_what_opens_a_door_is_hidden_and_says_where_it_is() -> None:
    for name, value in (
        ("user_auth", {"event": "user_auth_token", "auth_token": "9Vt4x1wHZcnJLrh6VTXc1RdF"}),
        ("system.generateUserAuthToken", "9Vt4x1wHZcnJLrh6VTXc1RdF"),
        ("create_account", {"event": "account_created", "account_id": ACCOUNT, "api_key": "9Vt4x1wHZcnJ"}),
        ("projects.status", {"start_ts": 1_795_423_910_242, "secret_token": "9Vt4x1wHZcnJ"}),
    ):
        response = answered(value, name)
        assert "9Vt4x1w" not in render.to_html(response) + render.to_text(response)
        assert HIDDEN in render.to_text(response)


def test_several_files_and_one_that_is_missing() -> None:
    content = [{"path": "no.txt", "error": "ENOENT"}, {"path": "a.txt", "content": "bye\n"}]
    fields = {"event": "text_file_read_from_project", "id": "1", "content": content}

    assert answer_to("read_text_file_from_project", fields) == ["a.txt:", "bye", "no.txt:", "ENOENT"]


def test_a_picture_of_a_kernel() -> None:
    encoded = base64.b64encode(b"<svg/>").decode()
    response = answered({"filename": "logo.svg", "base64": encoded}, "project:editor.jupyterKernelLogo")

    assert isinstance(Rendered(response).blocks[-1], Picture)


def test_a_notebook_that_was_run_is_its_cells() -> None:
    notebook = {
        "cells": [{"cell_type": "code", "source": "6*7", "outputs": [{"data": {"text/plain": "42"}}]}]
    }

    assert answer_to("project:editor.jupyterRunNotebook", json.dumps(notebook)) == ["6*7", "42"]


def test_a_refusal_says_when_the_server_says_so() -> None:
    reason = {"password": "Password must be between 6 and 64 characters in length."}
    fields = {"event": "account_creation_failed", "id": "1", "reason": reason}
    sent = {"password": "abc"}

    shown = lines(answered(fields, "create_account", sent, secret=("password",), ok=False))
    assert shown == [
        "The server refused, and said:",
        f"password  {reason['password']}",
        "It says so when the password is too short or too long.",
    ]


def test_a_command_that_failed_says_how_and_what_it_wrote() -> None:
    said = (
        "Error executing command 'make' with args '' -- command 'make' (args=) exited with nonzero code 2"
        " -- stderr='no rule\nto make it', undefined, undefined"
    )

    assert lines(answered({"event": "error", "error": said}, "project_exec", ok=False)) == [
        "failed: exit code 2",
        "stderr:",
        "no rule",
        "to make it",
        "err_on_exit=no gives all that it printed, in place of this error.",
    ]


def test_a_command_that_was_killed_says_what_to_do() -> None:
    said = "Error executing command 'sleep 9' with args '' -- killed command 'bash /tmp/a.sh', undefined, undefined"
    sent = {"command": "sleep 9", "timeout": 0.01}  # all answers here have taken 12 ms

    assert lines(answered({"event": "error", "error": said}, "project_exec", sent, ok=False)) == [
        "failed: was killed at its time limit of 0.01 s",
        "timeout=60 gives it longer.",
        "What it had printed is lost there. A file keeps it: … > out.txt 2>&1",
    ]


def test_a_refusal_says_what_to_do() -> None:
    said = {"error": "No account found. Is your API key wrong?"}

    assert answer_to("ping", said, ok=False, status=400)[1:] == [
        "Has it been deleted, or has it expired? Keys are made in the settings of your account."
    ]


def test_json_on_one_long_line_is_what_it_holds() -> None:
    content = json.dumps({"rows": [{"number": number} for number in range(50)]})
    fields = {"event": "text_file_read_from_project", "id": "1", "content": content}

    shown = answer_to("read_text_file_from_project", fields, {"path": "x.json"})
    assert shown[:3] == ["file  x.json", "size  800 bytes", "rows"]


def test_a_refusal_does_not_repeat_a_password() -> None:
    fields = {"event": "account_creation_failed", "id": "1", "reason": {"password": "hunter2 is weak"}}
    response = answered(fields, "create_account", {"password": "hunter2"}, secret=("password",), ok=False)

    assert "hunter2" not in render.to_text(response) + render.to_html(response)


@pytest.mark.parametrize(
    ("name", "value", "words", "exact"),
    [
        ("mintime", 1800, "30 min 0 s", "1800"),
        ("idle_timeout", 9000, "2 h 30 min", "9000"),
        ("total_time_s", 0.42, "420 ms", "0.42"),
        ("memory", 2000, "2.0 GB", "2,000 MB"),
        ("memory", 4, "4", "4"),  # a price
        ("disk_MB", 12, "12 MB", "12 MB"),
        ("date", 1_795_423_815, "2026-11-23 08:50 UTC", "1795423815"),
        ("period_end", 1_795_423_815, "2026-11-23 08:50 UTC", "1795423815"),
        ("any", "2026-11-23T08:50:00.123Z", "2026-11-23 08:50 UTC", "2026-11-23T08:50:00.123Z"),
        ("title", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("gone", None, "", "null"),
    ],
)
def test_times_spans_and_sizes_have_their_unit_and_keep_the_exact_value(
    name: str, value: Any, words: str, exact: str
) -> None:
    told = humanize.field_text(name, value, 80)

    assert told == words
    assert getattr(told, "exact", told) == exact


def test_a_wide_table_ends_where_a_terminal_does() -> None:
    record = {f"column_{number}": "x" * 30 for number in range(9)}
    text = render.to_text(answered([record], "news/list"))

    assert max(map(len, text.splitlines())) <= 160
    assert text.splitlines()[-1] == "1 row, 5 of 9 columns; the response has them all"


def test_names_of_facts_and_columns_are_headers() -> None:
    facts = render.to_html(answered({"a_b": 1}, "news/list"))
    table = render.to_html(answered([{"a_b": 1}], "news/list"))

    assert '<td role="rowheader"' in facts
    assert '<td role="columnheader"' in table


def test_links_lead_to_the_server_alone() -> None:
    for response in recorded():
        for block in Rendered(response).blocks:
            pairs = block.pairs if isinstance(block, Facts) else ()
            links = [value for _, value in pairs if isinstance(value, Link)]
            assert all(link.address.startswith("https://cocalc.com/projects/") for link in links)


def asked(value: Any) -> dict[str, Any]:
    """A message with one value in all of its options."""
    return {"project_id": PROJECT, "path": value, "title": value, "content": value, str(value)[:50]: value}


HOSTILE: dict[str, Callable[[Any], Response]] = {
    "done": lambda value: answered({"status": "ok"}, "projects/update", asked(value), **WEB),
    "written": lambda value: answered(None, "project:system.writeTextFileToProject", asked(value), **WEB),
    "state": lambda value: answered({"state": value, "time": value, "ip": value}, "projects.state", **WEB),
    "status": lambda value: answered({"start_ts": value, "memory": value, "x_pct": value}, "projects.status"),
    "job": lambda value: command_output(value, value, status=value, start=value, elapsed_s=value, job_id=value),
    "copy": lambda value: answered({"data": {"source_path": value, "target_path": value, "error": value}}, "x"),
    "listing": lambda value: answered(
        [{"name": value, "isdir": value, "link_target": value, "mtime": value}],
        "project:system.listing", {"project_id": PROJECT, "path": value}, **WEB,
    ),
    "kernel": lambda value: answered({"kernels": [{"display_name": value, "language": value}]}, "jupyter_kernels"),
    "key": lambda value: answered([{"trunc": value, "name": value, "id": value}], "system.manageApiKeys"),
    "query": lambda value: answered({"event": "query", "query": {str(value): value, "x": [value]}}, "query"),
    "file of a project": lambda value: answered([{"project_id": PROJECT, "path": value}] * 2, "x", **WEB),
    "person": lambda value: answered({ACCOUNT: {"first_name": value, "users": {"a": {"group": value}}}}, "x"),
    "project": lambda value: answered({"project_id": PROJECT, "title": value, "state": {"state": value}}, "x", **WEB),
    "log": lambda value: answered([{"event": {"event": value, str(value)[:50]: value}}], "x"),
    "several files": lambda value: answered(
        {"event": "text_file_read_from_project", "content": [{"path": value, "content": value, "error": value}]}, "x"
    ),
    "picture": lambda value: answered({"filename": "x.svg", "base64": value}, "x"),
    "named picture": lambda value: answered({"filename": value, "base64": "AAAA"}, "x"),
    "fields": lambda value: answered({"a": value, "b": value, "c": [value], "d": {"e": value}}, "x"),
    "refused": lambda value: answered({"error": value}, "create_account", ok=False),
    "issues": lambda value: answered({"issues": {str(value): str(value)}}, "auth/sign-up", ok=False),
}  # fmt: skip


@pytest.mark.parametrize("value", SMALL.values(), ids=SMALL)
def test_nothing_of_a_server_gets_through_any_kind(value: Any) -> None:
    for kind, make in HOSTILE.items():
        html, text = render.to_html(make(value)), render.to_text(make(value))
        page = Page(html)

        assert (page.open, page.other) == ([], []), kind
        assert set(page.tags) <= TAGS
        assert set(page.attributes) <= ATTRIBUTES, kind
        assert all(
            link.startswith(("data:image/svg+xml;base64,", "https://cocalc.com/projects/"))
            for link in page.links
        )
        assert not HARMFUL.search(page.text), kind
        assert not HARMFUL.search(text), kind
        assert "sk-0123456789abcdefghij" not in page.text + text, kind
        assert "sk-0123456789abcdefghij" not in "".join(page.links), kind
