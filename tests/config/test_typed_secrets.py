"""Keys, cookies and tokens that stand in a cell: refused wherever in it they stand, before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.errors import CoCalcError
from tests.leaks.examples import EXAMPLES, HARMLESS, KEYS, core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PID = "project_id=3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
LINES = [
    "%cocalc {key}",
    "%cocalc ping {key}",
    "%cocalc ping id={key}",
    "%cocalc create_project title={key}",
    "%cocalc create_project title='{key}'",
    '%cocalc create_project title="The key {key} of mine" description=x',
    '%cocalc create_project title:="{key}"',
    "%cocalc query query:={{\"projects\":{{\"title\":\"{key}\"}}}}",
    "%cocalc query query:={{\"{key}\":null}}",
    "%cocalc project_exec " + PID + " command=curl args[]=-u args[]={key}:",
    "%cocalc project_exec " + PID + " command='curl -u {key}: https://cocalc.ai'",
    "%cocalc project_exec " + PID + " command='COCALC_API_KEY={key} python x.py'",
    "%cocalc ping --server https://{key}@cocalc.ai",
    "%cocalc ping --server={key}",
    "%cocalc ping -o {key}",
    "%cocalc ping --show {key}",
    "%cocalc ping # {key}",
    "%cocalc ping title=$os.environ.get('{key}')",
    "%cocalc ping id=${{'{key}'}}",
    "%cocalc login {key}",
    "%cocalc login cocalc.ai {key}",
    "%cocalc login --email iris@example.edu --name {key}",
    "%cocalc login https://authenticated/?api_key={key}",
    "%cocalc login 'Location: https://authenticated/?api_key={key}'",
    "%cocalc logout {key}",
    "%cocalc server add lab https://{key}:@lab.example.edu",
    "%cocalc server add lab https://lab.example.edu --proxy http://{key}@proxy.example.edu",
    "%cocalc keys create {key}",
    "%cocalc use {key}",
    "%cocalc help {key}",
    "%cocalc history --export curl {key}",
    "%cocalc create_account last_name='password: {key}' first_name=A email_address=a@b.test",
    "%%cocalc create_project\ntitle: {key}",
    "%%cocalc create_project\n\"title\": \"{key}\"",
    "%%cocalc create_project\ntitle: |\n  one\n  {key}\n  two",
    "%%cocalc create_project\ntitle: x  # {key}",
    "%%cocalc\nevent: create_project\ntitle: {key}",
    "%%cocalc\n{{\"event\": \"create_project\", \"title\": \"{key}\"}}",
    "%%cocalc query\nquery: {{projects: {{{key}: null}}}}",
    "%%cocalc query\nquery:\n  projects:\n  - title: [a, '{key}']",
    "%%cocalc create_account\nfirst_name: A\nlast_name: 'the password: {key}'",
    "%%cocalc login\n{key}",
    # What a whole text looks like and is none: the items of the line decide.
    "%%cocalc project_exec " + PID + " args[]=-l\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " args[]=-\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " path=-x\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " path='=-'\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " path=\"-\"\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " timeout:=-1\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " # command=-\ncommand: echo {key}",
    "%%cocalc project_exec " + PID + " command=- title={key}\necho",
]  # fmt: skip


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Its server is none: nothing may be asked of it."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
    shell.cell("%cocalc server use http://127.0.0.1:9")
    yield shell
    assert str(shell.cell("%cocalc history")) == "Nothing has been sent yet."


def refused(shell: Any, cell: str) -> str:
    """The error of a cell, in all the ways in which it shows."""
    with pytest.raises(CoCalcError, match=r"stands in this cell\. It was not used") as caught:
        shell.cell(cell)
    problem = caught.value
    return f"{problem} {problem!r} {problem.args} {problem.problem} {problem.hints}"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("cell", LINES)
def test_a_key_is_refused_wherever_it_stands(shell: Any, cell: str, key: str) -> None:
    told = refused(shell, cell.format(key=key))

    assert core(key) not in told
    assert "a key stands in this cell" in told
    assert "Remove it from the notebook" in told


OTHERS = [name for name, one in EXAMPLES.items() if "cookie" in name or "session" in name or " token" in name]


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "cell", ["%cocalc create_project title='{}'", "%%cocalc create_project\ntitle: >\n  {}\n"]
)
def test_cookies_and_sign_in_tokens_are_refused_too(shell: Any, cell: str, name: str) -> None:
    text, secret = EXAMPLES[name]

    told = refused(shell, cell.format(text.replace("'", '"')))

    assert secret not in told


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_body_that_is_one_text_is_sent_as_it_is_and_a_person_is_told(
    shell: Any, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = str(shell.cell(f"%%cocalc project_exec {PID} command=- --show message\necho {key}"))

    err = capsys.readouterr().err
    assert err == "A key stands in the text of this cell, and so in the notebook and in IPython's history.\n"
    assert core(key) not in shown + err


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "cell",
    [
        "%cocalc revoke_auth_token auth_token={key} --show message",
        "%cocalc revoke_auth_token auth_token='{key}' --show message",
        "%%cocalc revoke_auth_token --show message\nauth_token: {key}",
        '%%cocalc revoke_auth_token --show message\n{{"auth_token": "{key}"}}',
        "%%cocalc --show message\nevent: revoke_auth_token\nauth_token: {key}",
    ],
)
def test_an_option_that_is_secret_by_itself_takes_one(
    shell: Any, cell: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = str(shell.cell(cell.format(key=key)))

    assert '"auth_token": "•••"' in shown
    assert core(key) not in shown
    assert "The auth_token now stands in this notebook" in capsys.readouterr().err


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_is_taken(shell: Any, text: str) -> None:
    assert shell.cell(f'%%cocalc create_project --show message\n{{"title": "{text}"}}'.replace("$", "$$"))


def test_a_title_that_looks_like_a_key_comes_from_a_variable(shell: Any) -> None:
    shell.cell("title = 'sk-' + 'Introduction2Statistics2026'")

    assert shell.cell("%cocalc create_project title=$title --show message")
