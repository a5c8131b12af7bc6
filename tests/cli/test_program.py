"""The program `cocalc-magic` in a process of its own: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cocalc_magic import Client


def run(
    *argv: str, given: str = "", server: Client | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the program; messages go to this server."""
    known = {"COCALC_HOST": server.server.url, "COCALC_API_KEY": server.key.reveal()} if server else {}
    return subprocess.run(
        [sys.executable, "-m", "cocalc_magic", *argv],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **known, **environ},
    )


def test_a_message_is_sent_and_its_response_printed(client: Client) -> None:
    done = run("ping", server=client)

    assert done.stdout.startswith("ping → pong")
    assert (done.returncode, done.stderr) == (0, "")


def test_json_is_the_response_and_nothing_else(client: Client) -> None:
    done = run("create_project", "title=Web lesson", "--json", server=client)

    answer = json.loads(done.stdout)
    assert answer["event"] == "project_created"
    assert client.query(query={"projects": {"project_id": answer["project_id"], "title": None}})["query"] == {
        "projects": {"project_id": answer["project_id"], "title": "Web lesson"}
    }


def test_a_message_that_failed_ends_with_1(client: Client, project_id: str) -> None:
    done = run("project_exec", f"project_id={project_id}", "command=false", server=client)

    assert done.returncode == 1
    assert done.stdout == ""
    assert "exit code 1" in done.stderr


def test_the_answer_of_one_that_failed_is_printed_as_json(client: Client, project_id: str) -> None:
    done = run("project_exec", f"project_id={project_id}", "command=false", "--json", server=client)

    assert done.returncode == 1
    assert json.loads(done.stdout)["event"] == "error"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["pingg"], "Did you mean ping?"),
        (["create_project", "titel=x"], "Did you mean title?"),
        (["ping", "-o", "x"], "cocalc-magic … > FILE"),
        (["use", "x"], "use is for notebooks"),
        (["help", "--json"], "--json is for messages"),
        (["login", "cocalc.ai", "--page"], "cocalc-magic login SERVER --page --save keyring"),
    ],
    ids=["event", "option", "out", "notebook", "json", "session"],
)
def test_what_is_not_sent_ends_with_2(client: Client, argv: list[str], said: str) -> None:
    done = run(*argv, server=client)

    assert done.returncode == 2
    assert said in done.stderr
    assert "%cocalc" not in done.stderr, "the name of this program is cocalc-magic"


def test_a_server_that_is_not_there_ends_with_2() -> None:
    done = run("ping", COCALC_HOST="http://127.0.0.1:9", COCALC_API_KEY="sk-Marked0Marked0Mark00002a")

    assert done.returncode == 2
    assert "can't be reached" in done.stderr


def test_the_body_comes_from_standard_input(client: Client, project_id: str) -> None:
    text = "for i in 1 2; do\n  echo $i\ndone\n"

    done = run("project_exec", f"project_id={project_id}", "command=-", "bash=yes", given=text, server=client)

    assert done.stdout.splitlines()[-2:] == ["1", "2"]

    body = "query:\n  projects_all: [{project_id: null, title: null}]\n"
    assert (
        "projects_all" in json.loads(run("query", "-", "--json", given=body, server=client).stdout)["query"]
    )


def test_a_key_in_the_arguments_is_refused_and_not_repeated(client: Client) -> None:
    for argv in (
        ["create_project", "title=sk-Marked0Marked0Mark00002a"],
        ["login", "sk-Marked0Marked0Mark00002a"],
    ):
        done = run(*argv, server=client)

        assert done.returncode == 2
        assert "stands in the arguments. It was not used." in done.stderr
        assert "Marked0" not in done.stdout + done.stderr


@pytest.mark.parametrize("argv", [["--help"], ["-h"], []], ids=["long", "short", "nothing"])
def test_help_says_what_there_is(argv: list[str]) -> None:
    done = run(*argv)

    assert done.returncode == 0
    assert 'cocalc-magic create_project title="My project"\n' in done.stdout


def test_an_event_has_help(client: Client) -> None:
    for argv in (["ping", "--help"], ["ping", "-h"], ["help", "ping"]):
        assert "read its clock" in run(*argv, server=client).stdout


def test_its_version() -> None:
    from cocalc_magic import __version__

    assert run("--version").stdout == f"cocalc-magic {__version__}\n"


def test_commands_are_those_of_the_magic(client: Client, tmp_path: Path, project_id: str) -> None:
    (tmp_path / "notes.txt").write_text("notes")

    assert "sandbox" in run("server").stdout
    assert client.server.url in run("status", server=client).stdout
    done = run("upload", f"{tmp_path}/notes.txt", "--project", project_id, server=client)
    assert done.returncode == 0, done.stderr
    assert client.download(project_id, "notes.txt") == b"notes"


def test_a_curl_command_becomes_a_cell() -> None:
    done = run("from-curl", "curl", "https://cocalc.com/api/v1/ping", "-d", "id=a b")

    assert "%cocalc ping id='a b'" in done.stdout


def test_pages_of_the_documentation_keep_their_cells() -> None:
    assert "%load_ext cocalc_magic\n%cocalc ping" in run("docs", "first-message").stdout.replace("  ", "")
    assert "Look up" in run("docs", " ").stdout


def test_an_example_is_written_for_a_shell() -> None:
    assert "cocalc-magic query 'query:={" in run("help", "query").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_gets_a_script(shell: str) -> None:
    done = run("--completion", shell)

    assert done.returncode == 0
    assert "cocalc-magic --complete" in done.stdout


def test_bash_completes_events_and_options(tmp_path: Path) -> None:
    """By the real bash, with a function in place of the program's name on the path."""
    script = run("--completion", "bash").stdout
    program = f"""
{script}
cocalc-magic() {{ {sys.executable} -m cocalc_magic "$@"; }}
complete_line() {{
    COMP_LINE="$1" COMP_POINT=${{#1}} COMP_WORDS=($1) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    _cocalc_magic; printf '%s\\n' "${{COMPREPLY[@]}}"
}}
complete_line "cocalc-magic create_proj"
complete_line "cocalc-magic create_project ti"
"""
    done = subprocess.run(
        ["bash", "-c", program],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert done.stdout.split() == ["create_project", "title="]


def test_the_lines_of_the_page_on_shells_run(client: Client, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/shell.md").read_text("utf-8")
    lines = page.partition("```sh\n")[2].partition("```")[0]
    (tmp_path / "script.sh").write_text("echo from a script\n")
    (tmp_path / "query.yaml").write_text("query: {projects_all: [{project_id: null, title: null}]}\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "one.txt").write_text("1")
    program = f'set -e\ncocalc-magic() {{ "{sys.executable}" -m cocalc_magic "$@"; }}\n{lines}'

    done = subprocess.run(
        ["bash", "-c", program],  # noqa: S607
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "COCALC_HOST": client.server.url, "COCALC_API_KEY": client.key.reveal()},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "42 answers" in done.stdout
    assert "from a script" in done.stdout
    assert client.download("Shell lesson", "notes/notes/one.txt") == b"1"


def test_help_asked_for_in_the_magic_is_help(shell: object) -> None:
    for line in ("--help", "-h"):
        assert "sends messages to CoCalc" in str(shell.cell(f"%cocalc {line}"))  # type: ignore[attr-defined]
    assert "read its clock" in str(shell.cell("%cocalc ping --help"))  # type: ignore[attr-defined]


def test_a_message_is_sent_for_each_row_of_a_file(client: Client, tmp_path: Path) -> None:
    roster = tmp_path / "students.csv"
    roster.write_text("name,odd name\nAda,x\nBob,y\n")
    own = {"JUPYTER_DATA_DIR": str(tmp_path / "data")}
    argv = (
        "create_project",
        "--each",
        str(roster),
        'title=${row.name} "$HOME"',
        'description=$row["odd name"]',
    )

    done = run(*argv, server=client, **own)
    again = run(*argv, "--json", server=client, **own)

    assert (done.returncode, done.stderr) == (0, "")
    assert "done: 2 sent" in done.stdout
    assert [json.loads(line)["status"] for line in again.stdout.splitlines()] == ["done before"] * 2
    made = json.loads(again.stdout.splitlines()[0])["project_id"]
    asked = client.query(query={"projects": {"project_id": made, "title": None, "description": None}})
    assert asked["query"]["projects"]["title"] == 'Ada "$HOME"'
    assert asked["query"]["projects"]["description"] == "x"


def test_rows_that_failed_end_with_1_below_the_table(client: Client, tmp_path: Path) -> None:
    roster = tmp_path / "ids.csv"
    roster.write_text("name,id\nAda,3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10\n")

    done = run(
        "project_exec", "--each", str(roster), "project_id=$row.id", "command=ls",
        server=client, JUPYTER_DATA_DIR=str(tmp_path),
    )  # fmt: skip

    assert done.returncode == 1
    assert "failed: 1 failed" in done.stdout
    assert "Failed: project_exec: 1 of 1 rows failed" in done.stderr
    assert "Ada (row 1): " in done.stderr


def test_a_dry_run_in_a_shell_sends_nothing(client: Client, tmp_path: Path) -> None:
    roster = tmp_path / "students.csv"
    roster.write_text("name\nAda\nBob\n")

    done = run(
        "create_project",
        "--each",
        str(roster),
        "title=$row.name",
        "--where",
        "row.name < 'B'",
        "--dry-run",
        server=client,
    )

    assert done.returncode == 0
    assert "1 message to " in done.stdout
    assert "of 2 rows; nothing is sent." in done.stdout
