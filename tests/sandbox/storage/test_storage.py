"""A disk that is full, and data that can't be used: told in words, and nothing half-written."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox import Sandbox
from cocalc_magic.sandbox.errors import CannotStart, Failed, StorageFailed
from cocalc_magic.sandbox.storage.store import Store
from tests.sandbox.api_v2 import ask, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running, Start

NO_SPACE = "no space left on device"
LIMIT = 600_000  # bytes that a file may have, where no small disk can be mounted
LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {LIMIT}))
from cocalc_magic.sandbox.cli import main
sys.exit(main())
"""
unix = pytest.mark.skipif(sys.platform == "win32", reason="disks are filled on Linux and macOS")

# -- a full disk -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["/usr/bin/env", "umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leaves no byte free; returns the file to be removed for room."""
    filler = place / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler


def grow(running: Running, project_id: str) -> None:
    """Writes until the database takes no more."""
    for _ in range(200):
        said = running.send(
            "query", query={"projects": {"project_id": project_id, "description": "x" * 9_000}}
        )
        if said["event"] == "error":
            return
    raise AssertionError("the database still grows")


def titles(running: Running) -> dict[str, str]:
    answer = running.send("query", query={"projects_all": [{"project_id": None, "title": None}]})
    return {row["project_id"]: row["title"] for row in answer["query"]["projects_all"]}


def writes(project_id: str, account_id: str) -> dict[str, Callable[[Running], Any]]:
    """Messages of the three APIs that write into the database, and their answers."""
    table = {"projects": {"project_id": project_id, "title": "never"}}
    address = "new@example.edu"
    return {
        "create_project": lambda box: box.send("create_project", title="never", start=True),
        "query": lambda box: box.send("query", query=table),
        "touch_project": lambda box: box.send("touch_project", project_id=project_id),
        "create_account": lambda box: box.send(
            "create_account", email_address=address, password="abc-def-12"
        ),
        "add_collaborator": lambda box: box.send(
            "add_collaborator", project_id=project_id, account_id=account_id
        ),
        "log_client_error": lambda box: box.send("log_client_error", error="x" * 5_000),
        "user-query": lambda box: ask(box, "user-query", query=table),
        "projects/create": lambda box: ask(box, "projects/create", title="never"),
        "api-keys": lambda box: ask(box, "api-keys", action="create", name="never"),
        "auth/sign-up": lambda box: ask(
            box, "auth/sign-up", key="", email=address, password="abc-def-12xyz", terms=True, firstName="N"
        ),
        "projects.createProject": lambda box: box.call("projects.createProject", {"title": "never"}),
        "db.touch": lambda box: box.call("db.touch", {"project_id": project_id}),
        "messages.send": lambda box: box.call(
            "messages.send", {"to_ids": [account_id], "subject": "never", "body": "x" * 5_000}
        ),
    }


def holds(running: Running, project_id: str, account_id: str) -> None:
    """What holds on a full disk."""
    before = titles(running)
    for name, write in writes(project_id, account_id).items():
        assert NO_SPACE in str(write(running)).lower(), name
    assert running.send("ping")["event"] == "pong"
    assert titles(running) == before
    assert running.run(project_id, "echo goes on")["stdout"] == "goes on\n"
    assert running.send("read_text_file_from_project", project_id=project_id, path="a")["content"] == "a\n"
    assert running.send("user_search", query="Iris")["results"]
    assert running.session.get(f"{running.url}/", timeout=10).status_code == 200


def ended_well(running: Running) -> None:
    """It ends when told to, and has said nothing but what it says at its start."""
    assert running.end() == 0
    assert running.process.stderr
    assert "Traceback" not in running.process.stderr.read()


@unix
def test_on_a_full_disk_reads_go_on_and_writes_say_so(start_sandbox: Start, small_disk: Path) -> None:
    running = start_sandbox(folder=small_disk / "data")
    project_id, account_id = running.project("kept"), person(running).account_id
    running.run(project_id, "echo a > a")
    filler = fill(small_disk)
    grow(running, project_id)

    holds(running, project_id, account_id)

    filler.unlink()
    assert running.send("create_project", title="after")["event"] == "project_created"
    ended_well(running)
    assert "never" not in titles(start_sandbox(folder=small_disk / "data")).values()


@unix
def test_where_files_may_grow_no_more_it_is_the_same(start_sandbox: Start, tmp_path: Path) -> None:
    running = start_sandbox(folder=tmp_path / "data", program=("-c", LIMITED))
    project_id, account_id = running.project("kept"), person(running).account_id
    running.run(project_id, "echo a > a")
    grow(running, project_id)

    holds(running, project_id, account_id)

    ended_well(running)
    again = start_sandbox(folder=tmp_path / "data")
    assert titles(again)[project_id] == "kept"
    assert "never" not in titles(again).values()
    assert again.send("create_project", title="after")["event"] == "project_created"


@unix
@pytest.mark.long
def test_twenty_full_disks_leave_nothing_half_written(start_sandbox: Start, small_disk: Path) -> None:
    """Killed while the disk is full: what is there afterwards is whole."""
    for count in range(20):
        running = start_sandbox(folder=small_disk / f"data{count}")
        made = [running.project(f"number {number}") for number in range(5)]
        filler = fill(small_disk)
        grow(running, made[0])
        running.process.kill()
        running.process.wait()
        filler.unlink()
        again = start_sandbox(folder=small_disk / f"data{count}")
        assert {titles(again)[project_id] for project_id in made} == {
            f"number {number}" for number in range(5)
        }
        again.end()
        shutil.rmtree(small_disk / f"data{count}")


@unix
def test_a_full_disk_at_the_start_is_one_line(start_sandbox: Start, small_disk: Path) -> None:
    fill(small_disk)

    assert NO_SPACE in refused(start_sandbox, small_disk).lower()


# -- data that can't be used -----------------------------------------------------------------------


def refused(start_sandbox: Start, folder: Path) -> str:
    """The line with which it refuses to start."""
    with pytest.raises(RuntimeError) as problem:
        start_sandbox(folder=folder)
    [line] = str(problem.value).splitlines()
    return line


def a_text(folder: Path) -> None:
    (folder / "sandbox.db").write_text("These are notes, and no database.\n" * 200)


def a_folder(folder: Path) -> None:
    (folder / "sandbox.db").mkdir()


def made(folder: Path) -> None:
    with Sandbox(folder):
        pass


def a_later_release(folder: Path) -> None:
    made(folder)
    with contextlib.closing(sqlite3.connect(folder / "sandbox.db")) as database:
        database.execute("PRAGMA user_version = 99")


def a_later_format(folder: Path) -> None:
    made(folder)
    with (folder / "sandbox.db").open("r+b") as file:
        file.seek(18)
        file.write(b"\x09\x09")


def a_hole(folder: Path) -> None:
    made(folder)
    with (folder / "sandbox.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(20_000))


def half(folder: Path) -> None:
    made(folder)
    os.truncate(folder / "sandbox.db", (folder / "sandbox.db").stat().st_size // 2)


def another_database(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "sandbox.db")) as database:
        database.execute("CREATE TABLE accounts (name TEXT)")
        database.execute("INSERT INTO accounts VALUES ('x')")
        database.commit()


def a_file_for_the_lock(folder: Path) -> None:
    (folder / "lock").mkdir()


def a_file_for_the_projects(folder: Path) -> None:
    (folder / "projects").write_text("")


UNUSABLE: dict[Callable[[Path], None], str] = {
    a_text: "it is damaged, or no database",
    a_folder: "could not open file",
    a_later_release: "was written by a later release",
    a_later_format: "can't be used",
    a_hole: "it is damaged, or no database",
    half: "it is damaged, or no database",
    another_database: "is not the data of a sandbox",
    a_file_for_the_lock: "Is a directory",
    a_file_for_the_projects: "File exists",
}


@pytest.mark.parametrize("damage", UNUSABLE, ids=[damage.__name__ for damage in UNUSABLE])
def test_a_folder_that_can_not_be_used_is_refused_in_one_line(
    start_sandbox: Start, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path)

    line = refused(start_sandbox, tmp_path)

    assert UNUSABLE[damage] in line
    assert str(tmp_path) in line
    with pytest.raises(CannotStart) as problem:
        Sandbox(tmp_path)
    assert str(problem.value) == line


def test_a_file_in_place_of_the_folder_is_refused_in_one_line(start_sandbox: Start, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert "File exists" in refused(start_sandbox, tmp_path / "data")


@unix
def test_a_disk_that_is_only_read_is_refused_in_one_line(start_sandbox: Start, small_disk: Path) -> None:
    made(small_disk / "data")
    subprocess.run(["/usr/bin/env", "mount", "-o", "remount,ro", str(small_disk)], check=True)

    assert "Read-only file system" in refused(start_sandbox, small_disk / "data")


def test_a_database_that_another_program_holds_is_refused_in_one_line(
    start_sandbox: Start, tmp_path: Path
) -> None:
    made(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "sandbox.db")) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")

        assert "another program holds it" in refused(start_sandbox, tmp_path)

        database.rollback()
    assert start_sandbox(folder=tmp_path).send("ping")["event"] == "pong"


def test_a_database_that_another_program_holds_later_is_told_in_the_answer(
    start_sandbox: Start, tmp_path: Path
) -> None:
    running = start_sandbox(folder=tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "sandbox.db")) as database:
        database.execute("BEGIN IMMEDIATE")

        assert "another program holds it" in running.send("create_project", title="x")["error"]
        assert running.send("ping")["event"] == "pong"

        database.rollback()
    assert running.send("create_project", title="x")["event"] == "project_created"


@pytest.mark.slow
def test_whatever_is_damaged_it_starts_or_says_so_in_one_line(tmp_path: Path) -> None:
    """And what it answers then are answers, never a mistake of the server."""
    made(tmp_path / "whole")
    whole = (tmp_path / "whole" / "sandbox.db").read_bytes()
    outcomes = set()
    for seed in range(40):
        chance = random.Random(seed)  # noqa: S311 - nothing secret
        folder = tmp_path / str(seed)
        folder.mkdir()
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 30])):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        (folder / "sandbox.db").write_bytes(damaged)
        outcomes.add(answers_or_refuses(folder))

    assert outcomes == {"answers", "refuses"}


def answers_or_refuses(folder: Path) -> str:
    try:
        box = Sandbox(folder)
    except CannotStart as problem:
        return "refuses" if "\n" not in str(problem) else str(problem)
    with box, box.session() as session:
        session.headers["Authorization"] = f"Bearer {box.key}"
        for event, options in (
            ("create_project", {"title": "x"}),
            ("query", {"query": {"projects_all": [{"project_id": None, "title": None, "users": None}]}}),
            ("query", {"query": {"accounts": {"first_name": None, "editor_settings": None}}}),
            ("user_search", {"query": "s"}),
        ):
            assert session.post(f"{box.url}/api/v1/{event}", json=options, timeout=10).status_code in (
                200,
                400,
            )
    return "answers"


# -- order -----------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with contextlib.closing(Store(tmp_path / "sandbox.db")) as opened:
        yield opened


def test_of_two_at_the_same_moment_the_one_that_was_edited_later_is_the_later(store: Store) -> None:
    for name in "abc":
        store.insert("projects", {"project_id": name, "last_edited": 7})
    store.update("projects", "a", {"last_edited": 7})
    store.update("projects", "b", {"title": "this is no edit"})

    def order(*columns: str) -> str:
        return "".join(row["project_id"] for row in store.select("projects", order=columns))

    assert order("-last_edited") == "acb"
    assert order("last_edited") == "bca"
    assert order() == "abc"


def test_rows_made_at_the_same_moment_come_the_last_one_first_where_time_descends(store: Store) -> None:
    for name in "abc":
        store.insert("copies", {"copy_path_id": name, "time": 7, "source_path": "same"})

    assert [row["copy_path_id"] for row in store.select("copies", order=["-time"])] == ["c", "b", "a"]
    assert [row["copy_path_id"] for row in store.select("copies", order=["time"])] == ["a", "b", "c"]
    assert [row["copy_path_id"] for row in store.select("copies", order=["-source_path"])] == ["a", "b", "c"]


def test_the_order_of_edits_is_kept_with_the_data(tmp_path: Path) -> None:
    for names in ("ab", "cd"):
        with contextlib.closing(Store(tmp_path / "sandbox.db")) as store:
            for name in names:
                store.insert("projects", {"project_id": name, "last_edited": 7})
    with contextlib.closing(Store(tmp_path / "sandbox.db")) as store:
        store.update("projects", "b", {"last_edited": 7})

        found = store.select("projects", order=["-last_edited"])

    assert [row["project_id"] for row in found] == ["b", "d", "c", "a"]


# -- transactions ----------------------------------------------------------------------------------


def ids(store: Store) -> list[str]:
    return [row["project_id"] for row in store.select("projects")]


def insert(store: Store, project_id: str, problem: Exception | None = None) -> None:
    store.insert("projects", {"project_id": project_id})
    if problem:
        raise problem


def test_what_fails_within_a_transaction_takes_nothing_else_along(store: Store) -> None:
    with store.transaction():
        insert(store, "a")
        with contextlib.suppress(Failed), store.transaction():
            insert(store, "b")
            with contextlib.suppress(Failed), store.transaction():
                insert(store, "c", Failed("c"))
            raise Failed("b")
        insert(store, "d")

    assert ids(store) == ["a", "d"]


def test_a_message_that_fails_keeps_what_it_wrote_but_not_where_the_disk_failed(store: Store) -> None:
    for project_id, problem in (("a", Failed("a")), ("b", StorageFailed("b")), ("c", KeyError("c"))):
        with contextlib.suppress(Failed, KeyError), store.message():
            insert(store, project_id, problem)

    assert ids(store) == ["a"]


def test_work_that_comes_after_the_end_fails_as_it_does_on_a_server_that_ends(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.db")
    store.close()

    for part in (store.transaction, store.message):
        with pytest.raises(StorageFailed, match="the sandbox is ending"), part():
            raise AssertionError("it has no transaction")
    with pytest.raises(StorageFailed, match="the sandbox is ending"):
        store.select("projects")
