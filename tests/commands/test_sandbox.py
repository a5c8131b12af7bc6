"""%cocalc sandbox: its life and what goes on in it, in a real shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic import config
from cocalc_magic.errors import CoCalcError, InvalidSyntax, NotPermitted, SandboxFailed
from cocalc_magic.render import code_blocks, format_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _none_runs() -> Iterator[None]:
    """Each test begins without a sandbox, whatever this process has run before, and leaves none."""
    config.sandbox().stop()
    yield
    config.sandbox().stop()


def said(shell: Any, line: str) -> str:
    return str(shell.cell(f"%cocalc {line}"))


def test_start_with_a_folder_keeps_what_was_made(shell: Any, tmp_path: Path) -> None:
    said(shell, f"sandbox start --data '{tmp_path / 'my data'}'")
    said(shell, "create_project title=kept")
    said(shell, "sandbox stop")

    said(shell, f"sandbox start --data '{tmp_path / 'my data'}'")

    assert "kept" in said(shell, "sandbox status")


def test_a_folder_that_can_not_be_used_is_told_in_one_line(shell: Any, tmp_path: Path) -> None:
    (tmp_path / "sandbox.db").write_text("These are notes, and no database.\n" * 200)

    with pytest.raises(SandboxFailed) as problem:
        said(shell, f"sandbox start --data '{tmp_path}'")

    assert [line.strip() for line in str(problem.value).splitlines()] == [
        "the sandbox did not start.",
        f'{tmp_path / "sandbox.db"} can\'t be used: invalid page in file "sandbox.db": it is damaged, or no database.',
    ]


def test_it_plays_a_server_of_another_age(shell: Any) -> None:
    said(shell, "sandbox start --generation conat")

    answer = shell.cell("%cocalc ping")

    assert answer["event"] == "pong"
    assert answer.route
    curl, _, note = said(shell, "ping --show curl").partition("\n# ")
    assert "/api/v1/" not in curl
    assert note.startswith("$COCALC_API_KEY is your key")
    assert curl in format_text(code_blocks(answer))


def test_stop_ends_it_and_the_current_project_is_forgotten(shell: Any) -> None:
    said(shell, "use 'Statistics 101'")
    process = config.sandbox().running

    assert "has stopped" in said(shell, "sandbox stop")
    assert process
    with pytest.raises(requests.ConnectionError):
        requests.get(process[0].url, timeout=5)
    assert "none" in said(shell, "status")


def test_reset_goes_on_with_a_key_that_works(shell: Any) -> None:
    said(shell, "create_project title=gone")

    said(shell, "sandbox reset")

    assert shell.cell("%cocalc ping")["event"] == "pong"
    assert "gone" not in said(shell, "sandbox status")


def test_status_shows_what_happened_and_a_link_that_opens_once(shell: Any) -> None:
    said(shell, "project_exec project_id=00000000-0000-4000-8000-000000000000 command=ls --no-raise")

    text = said(shell, "sandbox status")

    assert "Statistics 101" in text
    assert "project_exec" in text
    link = re.search(r"http://127\.0\.0\.1:\d+/sandbox\?ticket=\S+", text)
    assert link
    assert "Iris Instructor" in requests.get(link[0], timeout=5).text


def test_the_live_page_is_a_link(shell: Any) -> None:
    shell.cell("%cocalc ping")
    html = shell.cell("%cocalc sandbox status")._repr_html_()

    link = re.search(r'<a href="(http://127\.0\.0\.1:\d+/sandbox\?ticket=[^"]+)" target="_blank"', html)
    assert link
    assert "Iris Instructor" in requests.get(link[1], timeout=5).text
    assert "JupyterHub" not in html


def test_behind_a_jupyterhub_it_says_how_to_come_there(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "sam")
    shell.cell("%cocalc ping")
    text = said(shell, "sandbox status")

    port = re.search(r"http://127\.0\.0\.1:(\d+)", text)
    assert port
    assert f"ssh -L {port[1]}:127.0.0.1:{port[1]} HUB" in text
    assert "The sandbox refuses the hub's proxy" in text


@pytest.mark.parametrize("number", ["inf", "nan", "soon"])
def test_a_fault_takes_numbers(shell: Any, number: str) -> None:
    with pytest.raises(InvalidSyntax, match=f"--latency of sandbox fault takes a number, not '{number}'"):
        said(shell, f"sandbox fault --latency {number}")


def test_scheduled_faults_are_listed_as_json(shell: Any) -> None:
    text = said(shell, "sandbox fault --drop --event ping --times 2")

    assert text == 'Scheduled: drop true, event "ping", times 2'
    assert said(shell, "sandbox fault --clear") == "No fault is scheduled."


def test_status_starts_none(shell: Any) -> None:
    assert "No sandbox is running" in said(shell, "sandbox")
    assert config.sandbox().running is None


def test_a_folder_in_use_is_told_with_whose_it_is(shell: Any, tmp_path: Path) -> None:
    said(shell, f"sandbox start --data {tmp_path}")
    holder = config.EmbeddedSandbox()

    with pytest.raises(SandboxFailed) as caught:
        holder.start(f"--data={tmp_path}")

    assert "in use by the sandbox with process id" in str(caught.value)


@pytest.mark.parametrize("line", ["sandbox strat", "sandbox start here", "sandbox start --worlds x"])
def test_a_mistake_is_told_with_what_there_is(shell: Any, line: str) -> None:
    with pytest.raises(InvalidSyntax) as caught:
        shell.cell(f"%cocalc {line}")

    assert "start" in str(caught.value)


def test_a_scoped_key_is_made_used_and_forgotten_and_never_shown(shell: Any) -> None:
    said(shell, "sandbox start --generation ai")
    start_key = config.sandbox().connection()[1]

    page = said(shell, "sandbox keys create --scope project:list,project:exec")

    used = config.sandbox().connection()[1]
    assert used != start_key
    assert used.reveal() not in page
    assert "project:list, project:exec" in page
    assert [row["title"] for row in shell.cell("%cocalc projects/get").value] == ["Statistics 101"]
    with pytest.raises(NotPermitted, match="account:read") as refused:  # before it is sent
        shell.cell("%cocalc accounts/profile")
    assert "%cocalc sandbox keys create" in str(refused.value)
    assert re.search(r"key may +project:list, project:exec in .*, as you said", said(shell, "status"))
    assert "Accounts: 3" in said(shell, "sandbox status")  # which asks with the key of the start

    said(shell, "sandbox keys forget")

    assert "key may          not known; %cocalc sandbox keys create" in said(shell, "status")
    with pytest.raises(InvalidSyntax, match="may do what it was made for"):
        shell.cell("%cocalc login --scope project:exec")
    assert shell.cell("%cocalc accounts/profile")["profile"]["first_name"] == "Iris"


def test_a_scope_that_no_key_can_have_is_refused_in_the_server_s_words(shell: Any) -> None:
    said(shell, "sandbox start --generation ai")

    with pytest.raises(CoCalcError, match="invalid API key capability 'project:fly'"):
        said(shell, "sandbox keys create --scope project:fly")
    with pytest.raises(InvalidSyntax, match="makes a key, or forgets it"):
        said(shell, "sandbox keys create")


def test_a_sandbox_of_another_generation_makes_no_scoped_keys(shell: Any) -> None:
    said(shell, "sandbox start")

    with pytest.raises(CoCalcError, match="of --generation ai alone"):
        said(shell, "sandbox keys create --scope project:list")
