"""What %cocalc does besides sending: help, status, history, the current project, curl both ways."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import __version__, catalog, commands
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.errors import (
    AlreadyThere,
    CoCalcError,
    ConfirmationRequired,
    InvalidSyntax,
    InvalidValue,
    KeyRequired,
)
from cocalc_magic.render.page import Page
from tests.unix import unix

if TYPE_CHECKING:
    from pathlib import Path

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


@pytest.fixture
def shell(shell: Any, client: Any) -> Any:
    """The shell, with a sandbox that is ended with the session, and a project."""
    shell.user_ns["pid"] = client.create_project(title="commands")["project_id"]
    return shell


def test_every_command_has_words_for_people_and_no_name_of_an_event() -> None:
    assert {*commands.RUN, "raw"} == set(SYNOPSES)  # what follows raw is read as a message
    assert set(SYNOPSES) & set(catalog.messages()) == set()


# -- help ------------------------------------------------------------------------------------------


def test_help_of_an_event_is_its_entry_of_the_catalog(shell: Any) -> None:
    text = str(shell.cell("%cocalc help project_exec"))

    assert text.startswith("project_exec: Run a program or shell line in a project.")
    assert "  command  text, required" in text
    assert "Example (" in text
    assert "%cocalc project_exec project_id=3b9e2f60" in text
    assert "stdout" in text


def test_help_says_yes_and_no_and_what_is_required_first(shell: Any) -> None:
    text = str(shell.cell("%cocalc help project_exec"))
    options = re.findall(r"^  (\w+)  ", text.partition("Options:")[2].partition("Example")[0], re.MULTILINE)

    assert "boolean, default no" in text
    assert options[:2] == ["project_id", "command"]
    assert options[-1] == "id"
    for event in catalog.names():
        page = str(shell.cell(f"%cocalc help {event}"))
        assert "default True" not in page
        assert "default False" not in page


def test_the_marks_of_events_are_explained_once(shell: Any) -> None:
    text = str(shell.cell("%cocalc events"))

    assert "create_account" in text
    assert text.count("What the marks mean:") == 1
    for words in (
        "no longer take it over HTTP",
        "no longer know the event",
        "accept the event and do nothing",
    ):
        assert text.count(words) == 1
    assert "Billing (" in text
    assert "What the marks mean" not in str(shell.cell("%cocalc events jupyter_execute"))


@pytest.mark.parametrize("event", list(catalog.messages()))
def test_every_message_has_a_page_in_text_and_html(shell: Any, event: str) -> None:
    page = shell.cell(f"%cocalc help {event}")

    assert catalog.find(event).summary in str(page)
    assert event in page._repr_html_()


def test_an_event_with_a_question_mark_is_its_help(shell: Any) -> None:
    assert str(shell.cell("%cocalc ping?")) == str(shell.cell("%cocalc help ping"))


def test_help_of_an_option_tells_where_it_is_taken(shell: Any) -> None:
    assert "err_on_exit: an option of 3 messages" in str(shell.cell("%cocalc help err_on_exit"))


def test_help_of_a_word_lists_the_events_about_it(shell: Any) -> None:
    text = str(shell.cell("%cocalc help collaborator"))

    assert "add_collaborator" in text
    assert "ping" not in text
    with pytest.raises(CoCalcError, match="there is no event about 'xyzzy'"):
        shell.cell("%cocalc help xyzzy")


def test_events_are_listed_by_subject(shell: Any) -> None:
    text = str(shell.cell("%cocalc events"))

    assert all(event in text for event in catalog.messages())
    assert text.endswith("72 events. %cocalc help EVENT describes one.")


def test_help_alone_tells_where_to_start(shell: Any) -> None:
    text = str(shell.cell("%cocalc help"))

    assert "To begin with:\n%cocalc ping" in text
    assert all(f"%cocalc {name}" in text for name in SYNOPSES)


def test_the_bare_magic_is_the_status(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sandbox: an embedded CoCalc" in str(shell.cell("%cocalc"))
    monkeypatch.setenv("COCALC_HOST", "https://cocalc.example.edu")
    monkeypatch.setenv("COCALC_API_KEY", "sk-Marked0Marked00000001n")

    text = str(shell.cell("%cocalc"))

    assert "https://cocalc.example.edu" in text
    assert "sk-…1n, from COCALC_API_KEY" in text
    assert "Marked" not in text


def test_the_version_names_what_it_stands_on(shell: Any) -> None:
    told = str(shell.cell("%cocalc version"))

    assert ["cocalc-magic", __version__] in [line.split() for line in told.splitlines()]
    assert "ipywidgets" in told


# -- the current project ---------------------------------------------------------------------------


def test_a_current_project_is_meant_where_none_is_named(shell: Any) -> None:
    shell.cell('%cocalc create_project title="Alpha beta" -o one --quiet')

    assert "The current project is 'Alpha beta'" in str(shell.cell("%cocalc use 'alpha b'"))
    assert (
        shell.cell("%cocalc project_exec command='basename $PWD'")["stdout"].strip()
        == shell.user_ns["one"]["project_id"]
    )
    assert (
        shell.cell("%cocalc project_exec project_id=$pid command='basename $PWD'")["stdout"].strip()
        == shell.user_ns["pid"]
    )
    assert "Alpha beta" in str(shell.cell("%cocalc"))

    shell.cell("%cocalc use --clear")
    with pytest.raises(CoCalcError, match="project_exec needs project_id"):
        shell.cell("%cocalc project_exec command=pwd")


def test_a_project_is_found_by_its_id(shell: Any) -> None:
    assert shell.user_ns["pid"] in str(shell.cell("%cocalc use $pid".replace("$pid", shell.user_ns["pid"])))


def test_a_title_of_several_projects_is_told(shell: Any) -> None:
    ids = [shell.cell("%cocalc create_project title=Twins")["project_id"] for _ in range(2)]

    with pytest.raises(InvalidValue, match="2 projects are called 'Twins', or begin so") as caught:
        shell.cell("%cocalc use Twins")
    assert all(project_id in str(caught.value) for project_id in ids)
    with pytest.raises(InvalidValue, match="no project of yours is called 'No such', or begins so"):
        shell.cell("%cocalc use 'No such'")


# -- history ---------------------------------------------------------------------------------------


def test_history_tells_what_was_sent(shell: Any) -> None:
    assert str(shell.cell("%cocalc history")) == "Nothing has been sent yet."
    shell.cell("%cocalc ping id=abc")
    with pytest.raises(CoCalcError):
        shell.cell("%cocalc read_text_file_from_project project_id=$pid path=none")

    text = str(shell.cell("%cocalc history"))

    assert "%cocalc ping id=abc" in text
    assert "MessageFailed" in text


def test_a_message_is_sent_again(shell: Any) -> None:
    shell.cell("%cocalc ping id=abc")
    shell.cell("%cocalc create_project title=Again")

    assert shell.cell("%cocalc history 1 --again").id == "abc"
    with pytest.raises(ConfirmationRequired, match="create_project does something each time"):
        shell.cell("%cocalc history 2 --again")
    assert shell.cell("%cocalc history 2 --again --yes").event == "project_created"
    with pytest.raises(InvalidSyntax, match="there is no message 9"):
        shell.cell("%cocalc history 9 --again")


def test_a_secret_option_is_not_kept(shell: Any, tmp_path: Path) -> None:
    line = f"%cocalc user_auth account_id={PID} password=hunter2-marked"
    with pytest.raises(CoCalcError):
        shell.cell(line)

    assert "hunter2" not in str(shell.cell("%cocalc history"))
    assert "hunter2" not in repr(shell.user_ns.get("_")) + repr(
        list(shell.magics_manager.registry["CoCalc"].session.history)
    )
    with pytest.raises(CoCalcError, match="this message had a secret option"):
        shell.cell("%cocalc history 1 --again")
    shell.cell(f"%cocalc history --export python {tmp_path}/sent.py")
    assert "hunter2" not in (tmp_path / "sent.py").read_text()
    assert "hunter2" not in str(shell.cell(f"{line} --show curl"))


@pytest.mark.parametrize("form", ["curl", "python", "notebook"])
def test_the_history_is_written_down_and_runs(shell: Any, client: Any, tmp_path: Path, form: str) -> None:
    shell.cell("%cocalc ping id='it is $x'")
    shell.cell("%cocalc project_exec project_id=$pid command='echo \"a b\"'")
    file = tmp_path / "sent"

    assert "2 messages are in" in str(shell.cell(f"%cocalc history --export {form} {file}"))

    if form == "notebook":
        cells = json.loads(file.read_text())["cells"]
        again = [shell.cell(cell["source"]) for cell in cells[1:]]
        assert [again[0].id, again[1]["stdout"]] == ["it is $x", "a b\n"]
        return
    program = ["/bin/sh", str(file)] if form == "curl" else [sys.executable, str(file)]
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        env=os.environ | {"COCALC_API_KEY": client.key.reveal()},
        check=True,
    )
    assert "it is $x" in done.stdout
    assert "a b\\n" in done.stdout


@unix
def test_the_history_is_written_over_a_file_by_force_alone(
    shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "sent.sh"
    file.write_text("mine")

    with pytest.raises(AlreadyThere, match=r"sent\.sh is there already"):
        shell.cell("%cocalc history --export curl ~/sent.sh")
    assert file.read_text() == "mine"

    shell.cell("%cocalc history --export curl ~/sent.sh --force")
    assert "COCALC_API_KEY" in file.read_text()


OF_SOMEBODY_UNKNOWN = (
    "scope ~nobody-here/a.py",
    "create_project title=@~nobody-here/a",
    "upload ~nobody-here/a --project $pid",
    "record ~nobody-here/a.jsonl",
    "replay ~nobody-here/a.jsonl",
    "course plan --file ~nobody-here/class.yaml",
    "course init ~nobody-here/students.csv",
    "server add campus https://campus.test --ca ~nobody-here/ca.pem",
    "conform sandbox --write --cases ~nobody-here/cases --world ~nobody-here/world.yaml",
    "lessons --test ~nobody-here/exercise.yaml",
)


@pytest.mark.parametrize("line", OF_SOMEBODY_UNKNOWN)
def test_the_home_of_somebody_unknown_is_a_path_that_is_not_there(shell: Any, line: str) -> None:
    with pytest.raises(CoCalcError, match="~nobody-here"):
        shell.cell(f"%cocalc {line}")


@pytest.mark.parametrize("words", ["1 --again --plot", "--export curl", "--force"])
def test_arguments_that_history_does_not_take_are_refused(shell: Any, words: str) -> None:
    shell.cell("%cocalc ping")

    with pytest.raises(InvalidSyntax, match="history does not take these arguments"):
        shell.cell(f"%cocalc history {words}")


def test_the_last_error_is_told_with_what_was_sent_and_what_came(shell: Any) -> None:
    assert str(shell.cell("%cocalc last-error")) == "Nothing has failed yet."
    with pytest.raises(CoCalcError):
        shell.cell("%cocalc read_text_file_from_project project_id=$pid path=none.txt")

    text = str(shell.cell("%cocalc last-error"))

    assert text.startswith("MessageFailed:")
    assert '"path": "none.txt"' in text
    assert "ENOENT" in text
    assert "HTTP 200 OK, with:" in text
    assert re.search(r"Content-Type +application/json", text)


# -- curl and Python -------------------------------------------------------------------------------

MESSAGES = [
    ("ping id='it is $x `y` \"z\"'", None),
    ('create_project title="it\'s é 🐴" start=yes', None),
    ("query", "query: {projects_all: [{project_id: null, title: {'>=': 'a b'}}]}\noptions: [{limit: 1}]"),
    ("project_exec project_id=$pid args[]='a b' args[]='$HOME' command=printf", None),
    ("project_exec project_id=$pid command=-", "echo 'single' \"double\" $((1+1))\necho two\n"),
]


def without_what_differs(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("id", "now", "project_id")}


@pytest.mark.parametrize(("line", "body"), MESSAGES, ids=[line[:30] for line, _ in MESSAGES])
@pytest.mark.parametrize("form", ["curl", "python"])
def test_what_is_shown_runs_and_gives_the_same(
    shell: Any, client: Any, line: str, body: str | None, form: str
) -> None:
    cell = f"%cocalc {line}" if body is None else f"%%cocalc {line}\n{body}"
    sent = shell.cell(cell)
    page = shell.cell(cell.replace(line, f"{line} --show {form}", 1))
    assert client.key.reveal() not in str(page)

    program = ["/bin/sh", "-c", str(page)] if form == "curl" else [sys.executable, "-c", str(page)]
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        env=os.environ | {"COCALC_API_KEY": client.key.reveal()},
        check=True,
    )

    assert without_what_differs(json.loads(done.stdout)) == without_what_differs(dict(sent))


def test_a_form_is_shown_as_a_form(shell: Any, client: Any) -> None:
    text = str(shell.cell("%cocalc ping id='a b&c' --form --show curl"))

    assert "--data-urlencode 'id=a b&c'" in text
    done = subprocess.run(
        ["/bin/sh", "-c", text],
        capture_output=True,
        text=True,
        env=os.environ | {"COCALC_API_KEY": client.key.reveal()},
        check=True,
    )
    assert json.loads(done.stdout)["id"] == "a b&c"
    assert shell.cell("%cocalc ping id='a b&c' --form").id == "a b&c"
    with pytest.raises(InvalidValue, match="start is not text"):
        shell.cell("%cocalc create_project start=no --form")


@pytest.mark.parametrize("form", ["curl", "httpie", "python", "message"])
def test_showing_needs_no_key(shell: Any, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("COCALC_HOST", "https://cocalc.example.edu/lab")

    text = str(shell.cell(f"%cocalc create_project title=x --show {form}"))

    assert "create_project" in text
    assert form == "message" or "https://cocalc.example.edu/lab" in text
    text = str(shell.cell(f"%cocalc ping --server cocalc.example.org --show {form}"))
    assert form == "message" or "https://cocalc.example.org" in text


def test_writing_the_history_down_needs_no_key(
    shell: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCALC_HOST", "https://cocalc.example.edu/lab")

    shell.cell("%cocalc history --export curl sent.sh")

    assert "COCALC_API_KEY" in (tmp_path / "sent.sh").read_text()


def test_showing_sends_nothing(shell: Any) -> None:
    for form in ("curl", "httpie", "python", "message"):
        shell.cell(f"%cocalc create_project title=x --show {form}")

    assert str(shell.cell("%cocalc history")) == "Nothing has been sent yet."
    with pytest.raises(
        InvalidValue, match="--show takes curl, httpie, python, requests, http or message, not 'perl'"
    ):
        shell.cell("%cocalc ping --show perl")


def test_httpie_gets_texts_and_json_apart(shell: Any) -> None:
    text = str(shell.cell("%cocalc create_project title='a b' start=yes --show httpie"))

    command, _, note = text.partition("\n# ")
    assert command.split(" \\\n  ")[2:] == ["'title=a b'", "start:=true"]
    assert note == "$COCALC_API_KEY is your key: the settings of your account make one."


def test_the_http_of_a_message_is_shown_and_not_sent(shell: Any) -> None:
    text = str(shell.cell("%cocalc create_project title='a b' --show http"))

    assert re.fullmatch(
        r"POST /api/v1/create_project HTTP/1\.1\nHost: 127\.0\.0\.1:\d+\nAuthorization: Basic •••\n"
        r'Content-Type: application/json\n\n\{\n  "title": "a b"\n\}',
        text,
    )
    assert "POST /api/v1/ping" in str(shell.cell("%cocalc ping --show http"))
    assert "create_project" not in str(shell.cell("%cocalc history"))


def test_a_curl_command_may_stand_on_the_line(shell: Any) -> None:
    page = shell.cell("%cocalc from-curl curl https://cocalc.com/api/v1/ping -d id=abc")

    assert page.cells == ["%cocalc ping id=abc"]
    assert shell.cell("%cocalc from-curl 'curl https://cocalc.com/api/v1/ping'").cells == ["%cocalc ping"]


# -- flags -----------------------------------------------------------------------------------------


def test_a_response_is_shown_as_one_says(shell: Any) -> None:
    def text(flags: str) -> str:
        bundle, _ = shell.display_formatter.format(shell.cell(f"%cocalc ping id=abc {flags}"))
        return str(bundle["text/plain"])

    assert '"id": "abc"' in text("--as json")
    assert text("--as raw").startswith('{"event":"pong","id":"abc","now":"')
    assert "event  id" in text("--as table")
    assert "server time" in text("--as text")
    with pytest.raises(InvalidValue, match="--as takes auto, json, table, raw"):
        shell.cell("%cocalc ping --as xml")


def test_a_server_is_named_on_the_line(shell: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell.cell(f"%cocalc ping --server {client.server.url}").event == "pong"
    monkeypatch.setenv("COCALC_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("COCALC_API_KEY", "sk-0000000000000000000009")

    assert shell.cell("%cocalc ping --server sandbox").sandbox
    with pytest.raises(KeyRequired, match=r"there is no key for other\.example"):
        shell.cell("%cocalc ping --server other.example")


def test_a_page_shows_itself_in_text_and_html() -> None:
    page = Page(())

    assert repr(page) == str(page)
    assert page._repr_html_().startswith("<div")
