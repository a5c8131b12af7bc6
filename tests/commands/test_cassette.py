"""`%cocalc record` and `%cocalc replay` in a real shell, and what a shell says of them."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import config
from cocalc_magic.errors import AlreadyThere, InvalidCassette, InvalidSyntax, NotRecorded, SecretsFound
from cocalc_magic.sandbox.testing import FakeServer
from tests.cassette.lines import lines_of
from tests.leaks.examples import KEYS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo.jsonl"


def test_a_lesson_is_recorded_and_given_without_a_server(shell: Any, path: Path) -> None:
    assert "Messages are recorded for" in str(shell.cell(f"%cocalc record {path}"))
    project = shell.cell('%cocalc create_project title="Recorded lesson"')["project_id"]
    first = shell.cell('%cocalc project_exec project_id="Recorded lesson" command="echo $((6*7))" bash=yes')
    assert f"{path}: 3 messages so far." in str(shell.cell("%cocalc record"))
    assert "recorded for" in str(shell.cell("%cocalc status"))
    assert f"{path}: 3 messages" in str(shell.cell("%cocalc record --stop"))
    assert [line["event"] for line in lines_of(path)] == ["create_project", "query", "project_exec"]

    started = config.sandbox().running
    config.sandbox().stop()
    assert f"{path} answers (3 messages, recorded on" in str(shell.cell(f"%cocalc replay {path}"))
    assert f"none: the recording {path} answers" in str(shell.cell("%cocalc status"))
    assert shell.cell('%cocalc create_project title="Recorded lesson"')["project_id"] == project
    again = shell.cell('%cocalc project_exec project_id="Recorded lesson" command="echo $((6*7))" bash=yes')
    assert again["stdout"] == first["stdout"] == "42\n"
    assert again.sandbox
    with pytest.raises(NotRecorded, match="does not have this ping"):
        shell.cell("%cocalc ping")
    assert config.sandbox().running is None
    assert "demo.jsonl has answered 3 messages" in str(shell.cell("%cocalc replay --stop"))
    assert started is not None


def test_the_current_project_is_again_what_it_was(shell: Any, path: Path) -> None:
    shell.cell('%cocalc create_project title="Of the server"')
    shell.cell('%cocalc create_project title="Of the lesson"')
    shell.cell(f"%cocalc record {path}")
    shell.cell('%cocalc use "Of the lesson"')
    shell.cell("%cocalc project_exec command=pwd")
    shell.cell("%cocalc record --stop")
    shell.cell('%cocalc use "Of the server"')

    shell.cell(f"%cocalc replay {path}")
    assert "none; %cocalc use PROJECT" in str(shell.cell("%cocalc status"))
    shell.cell('%cocalc use "Of the lesson"')
    assert shell.cell("%cocalc project_exec command=pwd").ok
    shell.cell("%cocalc replay --stop")
    assert "Of the server" in str(shell.cell("%cocalc status"))


def test_what_asks_first_does_not_ask_where_nothing_is_sent(shell: Any, path: Path) -> None:
    with FakeServer({"event": "success"}) as server:
        session = shell.find_line_magic("cocalc").__self__.session
        shell.user_ns["path"] = str(path)
        config_of(shell, server.url)
        shell.cell("%cocalc record $path")
        shell.cell("%cocalc forgot_password email_address=ada@lab.example.edu --yes")
        shell.cell("%cocalc record --stop")

    shell.cell("%cocalc replay $path")
    assert shell.cell("%cocalc forgot_password email_address=ada@lab.example.edu").ok
    assert session.player.answered == 1


def config_of(shell: Any, url: str) -> None:
    """Make a server with a key the one in use."""
    from cocalc_magic.config import keys
    from cocalc_magic.config.secret import Secret

    keys.give(config.normal(url), Secret(KEYS["sk-"]))
    shell.cell(f"%cocalc server use {url}")


def test_a_secret_that_stays_is_told_and_nothing_is_lost(shell: Any, path: Path) -> None:
    hidden = base64.b64encode(f"got {KEYS['sk-cc-v2']}".encode()).decode()
    with FakeServer({"event": "pong", "now": hidden}) as server:
        config_of(shell, server.url)
        shell.cell(f"%cocalc record {path}")
        shell.cell("%cocalc ping")
        with pytest.raises(SecretsFound, match=r"message 1 \(ping\), response.now: a key in Base64"):
            shell.cell("%cocalc record --stop")
        assert not path.exists()
        server.answer = {"event": "pong", "now": "fine"}
        shell.cell("%cocalc ping")
        said = str(shell.cell("%cocalc record --stop --leave-out"))

    assert "1 message; left out: message 1 (ping), response.now: a key in Base64" in said
    assert [line["response"]["now"] for line in lines_of(path)] == ["fine"]


def test_what_is_discarded_is_not_written(shell: Any, path: Path) -> None:
    shell.cell(f"%cocalc record {path}")
    shell.cell("%cocalc ping")

    assert "Nothing of 1 messages was saved." in str(shell.cell("%cocalc record --discard"))
    assert not path.exists()
    with pytest.raises(InvalidSyntax, match="nothing is recorded"):
        shell.cell("%cocalc record --stop")


def test_a_server_is_compared_with_its_recording(shell: Any, path: Path) -> None:
    answers: dict[str, Any] = {"event": "pong", "now": "2026-01-01T00:00:00.000Z", "version": 1, "gone": [1]}
    with FakeServer(lambda _: answers) as server:
        config_of(shell, server.url)
        shell.cell(f"%cocalc record {path}")
        shell.cell("%cocalc ping")
        shell.cell('%cocalc create_project title="x"')
        shell.cell("%cocalc user_search query=ada@lab.example.edu")
        shell.cell("%cocalc record --stop")
        same = shell.cell(f"%cocalc replay {path} --diff")
        assert list(same) == []
        answers = {"event": "pong", "now": "2027-02-02T00:00:00.000Z", "version": 2, "added": {"a": "b"}}
        server.take()
        changed = shell.cell(f"%cocalc replay {path} --diff")

        assert [dict(row) for row in changed] == [
            {"line": 2, "event": "ping", "field": "response.gone[0]", "recorded": "1", "now": "—"},
            {"line": 2, "event": "ping", "field": "response.version", "recorded": "1", "now": "2"},
            {"line": 2, "event": "ping", "field": "response.added.a", "recorded": "—", "now": '"b"'},
        ]
        assert [request.path for request in server.take()] == ["/api/v1/ping"]
    text = str(changed)
    assert "was asked 1 message of the recording again: 1 with another outcome." in text
    assert "Not asked: 1 (may write)." in text
    assert "Not asked: 1 (has a stand-in in its options)." in text


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("record a b", InvalidSyntax, "record does not take these arguments"),
        ("record --stop a", InvalidSyntax, "record does not take these arguments"),
        ("record --stopp", InvalidSyntax, "Did you mean --stop"),
        ("replay", None, "No recording answers; servers do."),
        ("record", None, "Nothing is recorded."),
        ("replay --stop", InvalidSyntax, "no recording answers"),
        ("replay nosuch.jsonl", InvalidCassette, "can't be read"),
        ("replay a.jsonl --diff --strict", InvalidSyntax, "replay does not take these arguments"),
        ("record ${folder}/notes.txt", AlreadyThere, "is not a recording"),
    ],
)
def test_what_is_wrong_is_told(
    shell: Any, tmp_path: Path, line: str, kind: type[Exception] | None, words: str
) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    shell.user_ns["folder"] = str(tmp_path)
    if kind is None:
        assert words in str(shell.cell(f"%cocalc {line}"))
    else:
        with pytest.raises(kind, match=words):
            shell.cell(f"%cocalc {line}")


def test_an_old_recording_is_told_or_refused(shell: Any, path: Path) -> None:
    head = {
        "cassette": 1,
        "recorded": "2020-01-01T00:00:00Z",
        "servers": [{"name": "lab", "url": "https://lab"}],
    }
    path.write_text(json.dumps(head) + "\n")

    assert "days ago, and is good for 90d." in str(shell.cell(f"%cocalc replay {path} --expires 90d"))
    with pytest.raises(InvalidCassette, match="days ago"):
        shell.cell(f"%cocalc replay {path} --expires 90d --expired error")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["record", "demo.jsonl"], "record is for notebooks.\n  In Python: with client.recording(path)."),
        (["replay", "demo.jsonl"], "replay is for notebooks, but for --diff."),
        (["replay", "nosuch.jsonl", "--diff"], "nosuch.jsonl can't be read"),
    ],
)
def test_a_shell_says_what_it_does_not_do(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cocalc_magic", *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert said in done.stderr
