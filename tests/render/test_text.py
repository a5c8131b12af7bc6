"""The words of every view, whole, as a person reads them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from cocalc_magic import render
from cocalc_magic.render.screen import Screen
from tests.render.responses import PROJECT, answered, command_output, file, found, pong, refused

if TYPE_CHECKING:
    from cocalc_magic import Client
    from cocalc_magic.response import Response


def test_pong() -> None:
    assert render.to_text(pong()) == (
        "ping → pong · [sandbox] · 12 ms\n"
        "server time  2026-11-23 07:31:27.410 UTC\n"
        "round trip   12 ms"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "heading"),
    [
        ({}, "ping → pong · [sandbox] · 12 ms"),
        ({"server": "lab"}, "ping → pong · lab [sandbox] · 12 ms"),
        ({"server": "cocalc.com", "sandbox": False}, "ping → pong · cocalc.com · 12 ms"),
        ({"server": "", "sandbox": False}, "ping → pong · 12 ms"),
        ({"elapsed": 3.44}, "ping → pong · [sandbox] · 3.4 s"),
        ({"elapsed": 0.9999}, "ping → pong · [sandbox] · 1.0 s"),
        ({"elapsed": 59.99}, "ping → pong · [sandbox] · 1 min 0 s"),
        ({"elapsed": 125}, "ping → pong · [sandbox] · 2 min 5 s"),
        ({"status": 202}, "ping → pong · [sandbox] · 12 ms · HTTP 202"),
        ({"options": {"project_id": PROJECT}}, f"ping → pong · [sandbox] · 12 ms · project {PROJECT}"),
        (
            {"options": {"project_id": PROJECT}, "titles": {PROJECT: "Algebra"}},
            f"ping → pong · [sandbox] · 12 ms · project Algebra ({PROJECT})",
        ),
        (
            {"options": {"project_id": PROJECT}, "titles": {PROJECT: "A\x1b[31m\u202eb\n" + "c" * 90}},
            f"ping → pong · [sandbox] · 12 ms · project A⟨U+202E⟩b⏎{'c' * 70}… ({PROJECT})",
        ),
        (
            {"options": {"project_id": PROJECT}, "titles": {PROJECT: " "}},
            f"ping → pong · [sandbox] · 12 ms · project {PROJECT}",
        ),
        (
            {"options": {"project_id": [PROJECT, PROJECT]}, "titles": {PROJECT: "Algebra"}},
            f"ping → pong · [sandbox] · 12 ms · project Algebra ({PROJECT}) · project Algebra ({PROJECT})",
        ),
    ],
)
def test_the_first_line_says_what_came_from_where(known: dict[str, Any], heading: str) -> None:
    assert render.to_text(pong(**known)).splitlines()[0] == heading


def test_the_first_line_names_every_project_by_what_it_is_in_the_message() -> None:
    other = "0b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
    options = {"src_project_id": PROJECT, "target_project_id": other, "src_path": "a"}
    told = answered({"event": "success"}, "copy_path_between_projects", options, titles={other: "Target"})

    assert (
        render.to_text(told)
        .splitlines()[0]
        .endswith(f"12 ms · src project {PROJECT} · target project Target ({other})")
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-23T08:31:27.410+01:00", "2026-11-23 07:31:27.410 UTC"),
        (1795423161012, "2026-11-23 08:39:21.012 UTC"),
        ("yesterday", "yesterday"),
        ("2026-11-23T07:31:27", "2026-11-23T07:31:27"),
        (10**400, str(10**400)[:79] + "…"),
        (float("nan"), "NaN"),
        (None, "null"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_time_is_shown_in_utc_and_anything_else_as_it_is(now: Any, words: str) -> None:
    text = render.to_text(answered({"event": "pong", "now": now}))

    assert text.splitlines()[1] == f"server time  {words}"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("50 %\r100 %\r\ndone\n", "100 %\ndone"),
        ("downloading\rok\n", "okwnloading"),
        ("1 of 2\r\x1b[K2 of 2\n", "2 of 2"),
        ("\r\r\n\rx\r", "\nx"),
        ("\x1b[31mred\r\x1b[32mgreen\n", "green"),
    ],
)
def test_a_carriage_return_does_what_it_does_in_a_terminal(written: str, seen: str) -> None:
    assert render.to_text(command_output(written)).split("\n", 1)[1] == seen


def test_a_secret_that_is_put_together_by_carriage_returns_is_masked() -> None:
    key = "sk-0123456789abcdefghij"

    assert key not in render.to_text(command_output(f"{'x' * 9}{key[9:]}\r{key[:9]}\n"))


# -- terminals -------------------------------------------------------------------------------------

NARROW = Screen(80, 24)


def on(screen: Screen, response: Response) -> list[str]:
    return render.Rendered(response).text_on(screen).split("\n")


def test_at_80_columns_no_word_and_no_id_is_cut() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    record = {"project_id": PROJECT, "path": "a/b.md", "about": words, "owner": PROJECT, "size": 7}
    shown = [
        answered(
            {"event": "pong", "now": words}, options={"project_id": PROJECT}, titles={PROJECT: words[:70]}
        ),
        answered({"event": "x", "about": words, "project_id": PROJECT}),
        found([record, record]),
        refused(f"{words} {PROJECT}", status=400),
        answered({"event": "success"}, "remove_collaborator", {"project_id": PROJECT, "account_id": PROJECT}),
    ]
    for response in shown:
        lines = on(Screen(80), response)
        assert max(map(len, lines)) <= 80
        shown_words = " ".join(lines).split()
        assert all(re.fullmatch(r"word\d+…?", word) for word in shown_words if word.startswith("word"))
        assert PROJECT in [word.strip("().") for word in shown_words]


def test_a_table_that_does_not_fit_is_shown_as_one_record_below_another() -> None:
    records = [{"id": PROJECT, "other_id": PROJECT, "name": f"row {number}"} for number in range(2)]

    assert on(Screen(100), found(records))[1].split() == ["id", "other_id", "name"]
    assert on(NARROW, found(records))[1:] == [
        "─── 1 ───",
        f"id        {PROJECT}",
        f"other_id  {PROJECT}",
        "name      row 0",
        "─── 2 ───",
        f"id        {PROJECT}",
        f"other_id  {PROJECT}",
        "name      row 1",
        "2 rows",
    ]


def test_long_output_ends_at_a_screenful_and_says_what_was_left_out() -> None:
    output = command_output("".join(f"line {number}\n" for number in range(200)))

    lines = on(NARROW, output)
    assert len(lines) == 21
    assert lines[-2:] == ["line 17", "… 182 more lines; the response has them all, and --as raw prints them."]
    output.view = "raw"
    assert "line 199" in on(NARROW, output)[0]


def test_colours_only_where_the_terminal_has_them() -> None:
    output = command_output("\x1b[31mred\x1b[0m \x1b]0;title\x07plain\n", exit_code=2)

    assert "\x1b" not in "\n".join(on(NARROW, output))
    heading, _, verdict, line = on(Screen(80, colors=True), output)
    assert heading.startswith("\x1b[1mproject_exec → project_exec_output\x1b[0m · [sandbox]")
    assert verdict == "\x1b[31mfailed\x1b[0m: exit code 2"
    assert line == "\x1b[31mred\x1b[0m plain"


def test_ascii_where_the_encoding_has_no_signs() -> None:
    assert (
        on(Screen(80, encoding="ascii"), pong(server="lab ü"))[0]
        == "ping -> pong - lab \\xfc [sandbox] - 12 ms"
    )
    assert "•••" not in "\n".join(on(Screen(encoding="latin-1"), answered({"event": "x", "password": "p"})))


def test_pong_without_a_time() -> None:
    assert render.to_text(answered({"event": "pong"})).splitlines()[1:] == ["round trip  12 ms"]


def test_command_output() -> None:
    assert render.to_text(command_output("made\n", "warning\n", 2)) == (
        f"project_exec → project_exec_output · [sandbox] · 12 ms · project {PROJECT}\n"
        "failed: exit code 2\n"
        "made\n"
        "stderr:\n"
        "warning"
    )  # fmt: skip


def test_a_silent_command() -> None:
    assert render.to_text(command_output()).splitlines()[1:] == ["The command succeeded and wrote nothing."]


def test_a_command_that_still_runs() -> None:
    shown = render.to_text(command_output(status="running", job_id="7"))

    assert shown.splitlines()[1:] == ["running: job 7"]


def test_output_that_is_no_text_is_shown_as_json() -> None:
    assert render.to_text(command_output(stdout=7)).splitlines()[1:] == [
        "Ran make.",
        "stdout     7",
        "exit code  0",
        "Not set: stderr.",
    ]


def test_file() -> None:
    assert render.to_text(file("# Notes\n\nnone\n")).splitlines()[1:] == ["notes.md:", "# Notes", "", "none"]


def test_an_empty_file() -> None:
    assert render.to_text(file("")).splitlines()[1:] == ["file  notes.md", "The file is empty."]


def test_records() -> None:
    records = [{"name": "Ada", "age": 36, "tags": ["a", 1]}, {"name": "Bo", "age": None, "more": True}]

    assert render.to_text(found(records)).splitlines()[1:] == [
        "name  age  tags      more",
        "────  ───  ────────  ────",
        'Ada    36  ["a", 1]',
        "Bo                   true",
        "2 rows",
    ]


def test_one_record() -> None:
    assert render.to_text(found([{"a": 1}])).splitlines()[-1] == "1 row"


def test_other_json() -> None:
    fields = {
        "event": "customize",
        "id": "1",
        "name": "Open",
        "limits": {"cores": [1, 2], "none": {}},
        "deep": {"a": {"b": {"c": {"d": 1}}}},
        "on": True,
        "nothing": None,
        "no_text": "",
    }

    assert render.to_text(answered(fields)).splitlines()[1:] == [
        "name    Open",
        "limits  {cores: [1, 2], none: {}}",
        "on      yes",
        "deep: {1 field}",
        "  a: {1 field}",
        "    b: {1 field}",
        "      c: {1 field}",
        "        d: 1",
        "Not set: nothing, no text.",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7, ["value  7"]),
        (None, ["Done; the answer has no other fields."]),
        (False, ["value  no"]),
        ([1], ["values  1"]),
        ([1, "b", True], ["values  1, b, true"]),
        ([[1], {}], ["0: [1 item]", "  0: 1", "1: {}"]),
        ([], ["The answer is an empty list."]),
        ("", ["The answer is an empty text."]),
        ("two\nlines", ["two", "lines"]),
        ({}, ["Done; the answer has no other fields."]),
        ({"event": "success", "id": "1"}, ["Done; the answer has no other fields."]),
        ({"id": 7, "value": [2]}, ["id     7", "value  2"]),
    ],
)
def test_bare_and_empty_answers(value: Any, shown: list[str]) -> None:
    assert render.to_text(answered(value, "not_in_the_catalog")).splitlines()[1:] == shown


def test_an_error_is_what_the_server_said() -> None:
    assert render.to_text(refused("no such project", status=400)) == (
        "project_exec → error · [sandbox] · 12 ms · HTTP 400\nno such project"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"error": {"code": 7}}, ["The server refused, and said:", "code: 7"]),
        ({"reason": {"email": "taken"}}, ["The server refused, and said:", "email  taken"]),
        ({}, ["The server refused, and gave no reason."]),
        (None, ["The server refused, and gave no reason."]),
        ("<html>502</html>", ["<html>502</html>"]),
    ],
)
def test_errors_that_are_no_text(value: Any, shown: list[str]) -> None:
    assert render.to_text(answered(value, ok=False)).splitlines()[1:] == shown


def test_all_of_the_json() -> None:
    assert render.format_text(render.json_blocks(pong())).splitlines()[:2] == ['event: "pong"', 'id: "1"']


def test_the_request_without_what_is_secret() -> None:
    response = answered({}, "change_password", {"old": "hunter2"}, secret=("old",), server="lab")

    assert render.format_text(render.request_blocks(response)) == (
        "Request:\n"
        "POST /api/v1/change_password HTTP/1.1\n"
        "Host: cocalc.ai\n"
        "Authorization: Basic •••\n"
        "Content-Type: application/json\n"
        "\n"
        "{\n"
        '  "old": "•••"\n'
        "}\n"
        "Response:\n"
        "HTTP/1.1 200\n"
        "server  lab (sandbox)\n"
        "time    12 ms"
    )


def test_the_request_as_it_was_sent_and_how_much_came_back(client: Client) -> None:
    response = client.send("create_project", title="Web lesson")

    text = render.format_text(render.request_blocks(response))

    head, _, answer = text.partition("Response:\n")
    assert head.startswith(f"Request:\nPOST /api/v1/create_project HTTP/1.1\nHost: {client.server.url[7:]}\n")
    for line in (
        "Authorization: Basic •••",
        "Accept-Encoding: gzip, deflate",
        "Content-Type: application/json",
    ):
        assert f"\n{line}\n" in head
    assert '\n\n{\n  "title": "Web lesson",\n' in head
    assert answer.startswith("HTTP/1.1 200 OK\n")
    assert response.exchange is not None
    assert f"\nContent-Length: {response.exchange.sent}\n" in head
    assert f"\nsent      {response.exchange.sent} bytes\n" in answer
    assert f"\nreceived  {response.headers['Content-Length']} bytes, under JSON" in answer
    for secret in (client.key.reveal(), base64.b64encode(f"{client.key.reveal()}:".encode()).decode()):
        assert secret not in text


def test_a_request_with_values_that_are_no_json() -> None:
    response = answered({}, "ping", {"id": UUID(PROJECT)})

    assert f'{{\n  "id": "{PROJECT}"\n}}' in render.format_text(render.request_blocks(response))


def test_a_request_without_options() -> None:
    assert "\n\n{}\n" in render.format_text(render.request_blocks(pong()))
