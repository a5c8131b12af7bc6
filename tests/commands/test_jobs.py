"""`%cocalc jobs`: what goes on, what is kept of all that was sent, and how it is removed."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic import Client


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client) -> Any:
    """A shell in a folder of its own, whose journals are there too; a sandbox is running."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    shell.user_ns["rows"] = [{"name": name} for name in ("Ada", "Bob", "Cyd", "Eve")]
    client.ping()
    return shell


def test_before_anything_was_sent_there_is_nothing(shell: Any) -> None:
    assert "nothing is kept of it" in str(shell.cell("%cocalc jobs"))


def test_a_journal_tells_of_which_job_it_is_and_whose_names_it_holds(shell: Any, tmp_path: Path) -> None:
    shell.cell('%cocalc create_project --each $rows title="${row.name} kept"')

    (journal,) = shell.cell("%cocalc jobs")

    assert (journal["event"], journal["server"]) == ("create_project", "sandbox")
    assert journal["state"] == "4 done"
    assert journal["names"].endswith(" and 1 more")
    assert set(journal["names"].removesuffix(" and 1 more").split(", ")) <= {"Ada", "Bob", "Cyd", "Eve"}
    assert journal["folder"] == str(tmp_path)
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_journal_that_is_removed_is_gone_and_the_line_sends_all(shell: Any, tmp_path: Path) -> None:
    line = '%cocalc create_project --each $rows title="${row.name} twice"'
    shell.cell(line)
    (journal,) = shell.cell("%cocalc jobs")

    with pytest.raises(CoCalcError, match="there is no journal 'nothing'"):
        shell.cell("%cocalc jobs --forget nothing")
    text = str(shell.cell(f"%cocalc jobs --forget {journal['job']}"))

    assert "Removed 1 journal; the same lines send all rows now." in text
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []
    assert shell.cell(line).summary == "4 sent"
    assert "Removed 1 journal" in str(shell.cell("%cocalc jobs --forget all"))


def test_a_job_in_the_background_is_listed_and_can_be_stopped(shell: Any, client: Client) -> None:
    shell.user_ns["rows"] = [{"name": f"student {number}"} for number in range(200)]
    client.control("fault", latency=0.1, times=1_000)
    try:
        job = shell.cell(
            '%cocalc create_project --each $rows title="${row.name}" --jobs 2 --background --no-raise'
        )
        listed = shell.cell("%cocalc jobs")[0]
        text = str(shell.cell("%cocalc jobs --stop 1"))
        result = job.result(60)
    finally:
        client.control("fault", clear=True)

    assert (listed["job"], listed["event"]) == ("1", "create_project")
    assert "finishes what is under way" in text
    assert result.stopped == "stopped"
    assert result.counts["skipped"] > 100
    assert shell.cell("%cocalc jobs")[0]["state"] == result.summary


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("jobs --stop 7", "this kernel has no job '7'"),
        ("jobs now", "jobs takes one flag"),
    ],
)
def test_what_it_does_not_take_is_told(shell: Any, line: str, said: str) -> None:
    with pytest.raises(CoCalcError, match=said):
        shell.cell(f"%cocalc {line}")


def test_help_tells_how_many_messages_are_sent(shell: Any) -> None:
    text = str(shell.cell("%cocalc help --each"))

    assert "one message a row, each exactly once" in text
    assert "--max-delete" in text
    assert str(shell.cell("%cocalc help --jobs")) == text
    assert "--max-delete" not in str(shell.cell("%cocalc help --quiet"))
