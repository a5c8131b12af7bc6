"""The journal of a job: what is on disk when, who may read it, and what happens where it can't be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.bulk.journal import Finished, Journal
from cocalc_magic.bulk.journal_file import About, forget, journal_dir, sidecar
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.errors import InvalidMessage, JournalFailed
from cocalc_magic.sanitize.secret_forms import find_secrets
from tests.bulk.test_map import Course

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABOUT = About("https://cocalc.example.edu", "7d1c6a52", "create_project", "/home/ada")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    started = Course(tmp_path)
    yield started
    started.close()


def message(number: int, title: str, key: str | None = None) -> RowMessage:
    return RowMessage(Row(number, {}, title), "create_project", {"title": title}, key)


def test_what_was_entered_is_there_for_the_next_kernel() -> None:
    ada, ben, cleo, dora = (bytes([number]) * 16 for number in range(4))
    with closing(Journal(ABOUT)) as journal:
        journal.record([(ada, "Ada"), (ben, "Ben"), (cleo, "Cleo"), (dora, "Dora")])
        journal.record(
            finished=[Finished(ada, "done", {"project_id": "p"}, ""), Finished(ben, "failed", {}, "no")],
            withdrawn=[dora],
        )

    with closing(Journal(ABOUT)) as journal:
        entries = [journal.entry(identity) for identity in (ada, ben, cleo, dora)]

    states = [(entry.state, entry.fields, entry.error) if entry else None for entry in entries]
    assert states == [("done", {"project_id": "p"}, ""), ("failed", {}, "no"), ("begun", {}, ""), None]
    assert {entry.run for entry in entries if entry} == {1}


def test_a_message_is_known_again_by_its_content_or_its_key_alone() -> None:
    salt = b"salt"
    assert message(1, "Ada").identity(salt) == message(7, "Ada").identity(salt)
    assert message(1, "Ada").identity(salt) != message(1, "Ben").identity(salt)
    assert message(1, "Ada", "1").identity(salt) == message(1, "Ben", "1").identity(salt)
    assert message(1, "Ada", "1").identity(salt) != message(1, "Ada", "2").identity(salt)
    assert message(1, "Ada").identity(salt) != message(1, "Ada").identity(b"other")


def test_equal_messages_are_told_by_the_numbers_of_their_rows() -> None:
    rows = [message(number, "the same") for number in range(1, 9)]
    with closing(Journal(ABOUT)) as journal:
        with pytest.raises(InvalidMessage, match=r"rows 1 and 2, .*rows 1 and 6, and more send the same"):
            list(journal.check(rows))
        assert len(list(journal.check(rows[:1]))) == 1


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_its_owner_alone_can_read_it(course: Course) -> None:
    course.make()

    files = list(journal_dir().iterdir())

    assert {file.suffix for file in files} == {".db", ".json"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(journal_dir().stat().st_mode) == 0o700


def test_no_key_is_in_it(course: Course) -> None:
    """Neither ours, nor those that come back."""
    keys = course.client.map("/api-keys", [{"name": "a"}], action="create", name="${row.name}")
    course.make()

    content = b"".join(file.read_bytes() for file in journal_dir().iterdir())

    assert keys.summary == "1 sent"
    assert b"create_project" in content
    assert find_secrets(content.decode("latin-1")) == []
    assert course.box.key.encode() not in content
    assert find_secrets(str(dict(keys[0]))) == []


def test_a_damaged_one_is_told_and_nothing_is_sent(course: Course) -> None:
    course.make()
    (file,) = journal_dir().glob("*.db")
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    file.write_bytes(content)

    with pytest.raises(JournalFailed, match=r"the journal of this job is damaged: (?s:.*)--again"):
        course.make()
    assert len(course.titles) == 8
    assert course.make(again=True).summary == "8 sent"


@pytest.mark.parametrize("what", ["emptied", "gone"])
def test_one_that_has_lost_its_content_is_not_taken_for_new(course: Course, what: str) -> None:
    course.make()
    (file,) = journal_dir().glob("*.db")
    file.write_bytes(b"") if what == "emptied" else file.unlink()

    with pytest.raises(JournalFailed, match="the journal of this job is damaged"):
        course.make()
    assert len(course.titles) == 8


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_sent(course: Course) -> None:
    journal_dir().mkdir(parents=True)
    journal_dir().chmod(0o500)

    with pytest.raises(JournalFailed, match=r"can't be used: Permission denied\."):
        course.make()
    journal_dir().chmod(0o700)
    assert course.titles == []


def test_a_file_where_its_folder_should_be_is_told_and_nothing_is_sent(course: Course) -> None:
    journal_dir().parent.mkdir(parents=True)
    journal_dir().write_text("")

    with pytest.raises(JournalFailed, match=r"can't be used: (File exists|Not a directory)\."):
        course.make()
    assert course.titles == []


def test_it_can_be_forgotten_but_not_while_its_job_runs() -> None:
    with closing(Journal(ABOUT)), pytest.raises(JournalFailed, match="running already"):
        forget(ABOUT.path())

    forget(ABOUT.path())

    assert list(journal_dir().iterdir()) == []


def test_it_is_locked_for_other_processes_until_its_own_ends() -> None:
    script = (
        "from tests.bulk.test_journal import *\njournal = Journal(ABOUT)\nprint('open', flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(JournalFailed, match="running already"):
            Journal(ABOUT)
        other.kill()
        other.wait()

    Journal(ABOUT).close()


def test_beside_it_stands_which_job_it_is_of() -> None:
    with closing(Journal(ABOUT)) as journal:
        text = sidecar(journal.path).read_text()

    assert '"event": "create_project"' in text
    assert '"folder": "/home/ada"' in text


def test_it_is_sqlite_that_others_can_read() -> None:
    with closing(Journal(ABOUT)) as journal:
        journal.record([(b"1" * 16, "Ada")])

    with closing(sqlite3.connect(ABOUT.path())) as db:
        assert db.execute("SELECT name FROM messages").fetchall() == [("Ada",)]
