"""Copies of the sandbox beside those of the real rsync, called as CoCalc calls it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import MessageFailed
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RSYNC = shutil.which("rsync")
pytestmark = pytest.mark.skipif(
    not RSYNC
    or "--omit-link-times" not in subprocess.run([RSYNC, "--help"], capture_output=True, text=True).stdout,
    reason="no rsync of version 3.1 or later is here: apt-get install rsync",
)
OLD, NEWER, RECENT = (
    946_684_800,
    978_307_200,
    1_600_000_000,
)  # of targets, of sources, and after these it is "now"


class Case(NamedTuple):
    """Two scripts that fill the folders of a source and of a target, what is copied where, and how.

    All is of OLD in the target and of NEWER in the source, but for what the third script changes; it sees both
    as `s` and `t`.
    """

    source: str
    target: str = ""
    path: str = "d"
    into: str = "d"
    later: str = ""
    options: tuple[str, ...] = ()


FILE = "mkdir d; echo new > d/x"
BOTH = ("mkdir d; echo new > d/x", "mkdir d; echo older > d/x")
CASES = {
    "a folder to where nothing is": Case("mkdir -p d/sub/deep; echo a > d/a; echo b > d/sub/deep/b"),
    "a folder under another name": Case("mkdir -p d/sub; echo a > d/sub/a", into="one/two"),
    "a folder into one that has more": Case(FILE, "mkdir -p d/own; echo o > d/own/o; echo p > d/p"),
    "an empty folder": Case("mkdir d", "mkdir d; echo a > d/a"),
    "a file to where nothing is": Case("echo a > f", path="f", into="f"),
    "a file under another name": Case("echo a > f", path="f", into="n/g"),
    "a file over a file": Case("echo new > f", "echo older > f", "f", "f"),
    "a file to a folder's name": Case("echo a > f", "mkdir f", "f", "f"),
    "a file to a folder with an empty one of its name": Case("echo a > f", "mkdir -p f/f", "f", "f"),
    "a file to a folder with a full one of its name": Case("echo a > f", "mkdir -p f/f/g", "f", "f"),
    "a file to a link to a folder": Case("echo a > f", "mkdir o; ln -s o f", "f", "f"),
    "a file to a link to a file": Case("echo a > f", "echo o > o; ln -s o f", "f", "f"),
    "a file to a link to nothing": Case("echo a > f", "ln -s nothing f", "f", "f"),
    "a file below a file": Case("echo a > f", "echo b > x", "f", "x/y"),
    "a folder to a file's name": Case(FILE, "echo a > d"),
    "a folder to a link to a folder": Case(FILE, "mkdir o; ln -s o d"),
    "a link to a folder": Case("mkdir o; echo a > o/a; ln -s o d"),
    "a link to a file": Case("echo a > o; ln -s o f", "", "f", "f"),
    "a link to a file over a file": Case("echo a > o; ln -s o f", "echo b > f", "f", "f"),
    "a file onto a full folder": Case(FILE, "mkdir -p d/x/y; echo z > d/x/y/z"),
    "a file onto an empty folder": Case(FILE, "mkdir -p d/x"),
    "a file onto a full folder, deleting": Case(
        FILE, "mkdir -p d/x/y; echo z > d/x/y/z", options=("delete",)
    ),
    "a file onto a full folder, deleting with backups": Case(
        FILE, "mkdir -p d/x/y; echo z > d/x/y/z; echo w > d/x/w", options=("delete", "backup")
    ),
    "a folder onto a file": Case("mkdir -p d/x; echo a > d/x/a", BOTH[1]),
    "a folder onto a file, with backups": Case("mkdir -p d/x; echo a > d/x/a", BOTH[1], options=("backup",)),
    "a folder onto a newer file": Case("mkdir -p d/x", BOTH[1], later="touch -d 2010-01-01 t/d/x"),
    "a folder onto a link to a folder": Case("mkdir -p d/x; echo a > d/x/a", "mkdir -p d/o; ln -s o d/x"),
    "links in a folder": Case("mkdir d; ln -s /etc/passwd d/out; ln -s nothing d/dangling; ln -s . d/round"),
    "a link onto a newer file": Case("mkdir d; ln -s q d/x", BOTH[1], later="touch -d 2010-01-01 t/d/x"),
    "a link onto another, with backups": Case(
        "mkdir d; ln -s q d/x", "mkdir d; ln -s r d/x", options=("backup",)
    ),
    "a link onto a full folder": Case("mkdir d; ln -s q d/x", "mkdir -p d/x/y"),
    "a link onto an empty folder": Case("mkdir d; ln -s q d/x", "mkdir -p d/x"),
    "a file onto a link": Case(FILE, "mkdir d; echo o > d/o; ln -s o d/x"),
    "a file onto a link, with backups": Case(FILE, "mkdir d; ln -s nothing d/x", options=("backup",)),
    "a pipe, and a link to it": Case("mkdir d; mkfifo -m 640 d/p; ln -s p d/l; echo a > d/a"),
    "a pipe onto a file, with backups": Case("mkdir d; mkfifo d/x", BOTH[1], options=("backup",)),
    "a pipe onto a full folder": Case("mkdir d; mkfifo d/x", "mkdir -p d/x/y"),
    "a pipe onto a pipe": Case("mkdir d; mkfifo -m 600 d/x", "mkdir d; mkfifo -m 644 d/x"),
    "a file onto a pipe": Case(FILE, "mkdir d; mkfifo d/x"),
    "a pipe alone": Case("mkfifo p", "", "p", "p"),
    "an older file": Case(*BOTH, later="touch -d 2010-01-01 t/d/x"),
    "an older file, overwriting": Case(*BOTH, later="touch -d 2010-01-01 t/d/x", options=("overwrite",)),
    "a file of the same time and size": Case(
        "mkdir d; echo 1 > d/x; chmod 600 d/x",
        "mkdir d; echo 2 > d/x",
        later="touch -d 2005-01-01 s/d/x t/d/x",
    ),
    "a file of the same time and another size": Case(*BOTH, later="touch -d 2005-01-01 s/d/x t/d/x"),
    "a file with backups": Case(*BOTH, options=("backup",)),
    "a file with a backup that is there": Case(BOTH[0], f"{BOTH[1]}; echo b > d/x~", options=("backup",)),
    "permissions of files": Case(
        "mkdir d; cd d; for m in 600 755 444 4711 000; do echo a > $m; chmod $m $m; done"
    ),
    "permissions of folders": Case(
        "mkdir -p d/a d/b d/c; chmod 700 d/a; chmod 1777 d/b; chmod 555 d/c; chmod 711 d"
    ),
    "permissions of a folder that is there": Case(
        "mkdir -p d/a; chmod 700 d/a", "mkdir -p d/a; chmod 755 d/a"
    ),
    "a folder that is closed to writing, again": Case(
        "mkdir -p d/a; echo new > d/a/x; echo y > d/a/y; chmod 555 d/a",
        "mkdir -p d/a; echo older > d/a/x; chmod 555 d/a",
    ),
    "times of files and folders": Case(
        "mkdir -p d/a/b; echo x > d/a/b/x", later="touch -d 2003-03-03 s/d; touch -d 2004-04-04 s/d/a/b"
    ),
    "hard links": Case("mkdir d; echo a > d/x; ln d/x d/y", "mkdir d; echo o > d/x; ln d/x d/z"),
    "deleting": Case(
        FILE, "mkdir -p d/a/b; echo c > d/a/b/c; echo g > d/g; ln -s q d/l; mkfifo d/p", options=("delete",)
    ),
    "deleting with backups": Case(
        FILE, "mkdir -p d/a/b; echo c > d/a/b/c; echo g > d/g; ln -s q d/l", options=("delete", "backup")
    ),
    "deleting backups": Case(FILE, "mkdir d; echo o > d/x~; echo p > d/q~", options=("delete",)),
    "deleting but for backups": Case(
        FILE, "mkdir d; echo o > d/x~; echo p > d/q~", options=("delete", "backup")
    ),
    "deleting but for what is excluded": Case(
        FILE, "mkdir -p d/a/b; echo c > d/a/b/c.log; echo g > d/g", options=("delete", "exclude=*.log")
    ),
    "excluding by name": Case("mkdir -p d/a; echo l > d/a/x.log; echo x > d/a/x", options=("exclude=*.log",)),
    "excluding folders": Case("mkdir -p d/a/x; echo l > d/a/x/l; echo x > d/x", options=("exclude=x/",)),
    "excluding from the top": Case("mkdir -p d/a; echo l > d/a/x; echo x > d/x", options=("exclude=/x",)),
    "excluding by the end of a path": Case(
        "mkdir -p d/a/b d/b; echo l > d/a/b/x; echo x > d/b/x; echo y > d/x", options=("exclude=a/b/x",)
    ),
    "excluding the file itself": Case("echo a > f", "", "f", "f", options=("exclude=f",)),
    "names that are hard": Case("mkdir d; cd d; touch -- '-n' ' ' 'a\nb' '*' '[x]' 'a~' .h; mkdir '\\'"),
}


class Homes(NamedTuple):
    source: Path
    target: Path


def fill(homes: Homes, case: Case, link: Path) -> None:
    """Runs the scripts, and gives everything its time."""
    for home, script, moment in ((homes.source, case.source, NEWER), (homes.target, case.target, OLD)):
        subprocess.run(["/bin/sh", "-euc", script], cwd=home, check=True)
        for folder, folders, files in os.walk(home, topdown=False):
            for name in (*folders, *files):
                os.utime(os.path.join(folder, name), (moment, moment), follow_symlinks=False)
    link.mkdir()
    (link / "s").symlink_to(homes.source)
    (link / "t").symlink_to(homes.target)
    subprocess.run(["/bin/sh", "-euc", case.later], cwd=link, check=True)


def tree(home: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kind, permissions, time, and what is in it. Times of links are not copied."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(home):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            kind = stat.S_IFMT(facts.st_mode)
            inside = os.readlink(path) if kind == stat.S_IFLNK else ""
            if kind == stat.S_IFREG and os.access(path, os.R_OK):
                with open(path) as file:
                    inside = file.read()
            moment = None if kind == stat.S_IFLNK else "now" if facts.st_mtime > RECENT else facts.st_mtime
            found[os.path.relpath(path, home)] = (oct(facts.st_mode), moment, inside)
    return found


def by_rsync(homes: Homes, case: Case) -> list[str]:
    """Copies as CoCalc does; returns what went wrong, a line each."""
    source, target = homes.source / case.path, homes.target / case.into
    into = "/" if source.is_dir() else ""
    made = target if into else target.parent
    done = subprocess.run(["/bin/mkdir", "-p", str(made)], capture_output=True, text=True)
    if done.returncode:
        return ["mkdir"]
    words = ["rsync", "-zaxs", "--omit-link-times"]
    words += [f"--{word}" for word in case.options if word != "overwrite"]
    words += [] if "overwrite" in case.options else ["--update"]
    done = subprocess.run([*words, f"{source}{into}", f"{target}{into}"], capture_output=True, text=True)
    return done.stderr.splitlines() if done.returncode else []


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("copies"), empty=True) as made:
        yield made


def by_sandbox(client: Client, source: str, target: str, case: Case) -> list[str]:
    exclude = [word.partition("=")[2] for word in case.options if word.startswith("exclude=")]
    more: dict[str, Any] = {"exclude": exclude} if exclude else {}
    try:
        client.copy_path_between_projects(
            src_project_id=source,
            src_path=case.path,
            target_project_id=target,
            target_path=case.into,
            overwrite_newer="overwrite" in case.options,
            delete_missing="delete" in case.options,
            backup="backup" in case.options,
            **more,
        )
    except MessageFailed as problem:
        return str(problem).splitlines()
    return []


def test_there_are_as_many_cases_as_are_asked_for() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("name", CASES)
def test_a_copy_is_what_rsync_makes(box: Sandbox, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    theirs = Homes(tmp_path / "rsync" / "source", tmp_path / "rsync" / "target")
    for home in theirs:
        home.mkdir(parents=True)
    with Client(box.url, box.key, session=box.session()) as client:
        source, target = (
            str(client.create_project(title=title)["project_id"]) for title in ("source", "target")
        )
        ours = Homes(*(box.world.folders.home(project_id) for project_id in (source, target)))
        fill(theirs, case, tmp_path / "rsync" / "both")
        fill(ours, case, tmp_path / "both")

        expected = by_rsync(theirs, case)
        problems = by_sandbox(client, source, target, case)

    assert bool(problems) == bool(expected), (problems, expected)
    for line in expected:
        if line.startswith("could not make way"):
            assert line in "\n".join(problems)
    assert tree(ours.target) == tree(theirs.target)
    assert tree(ours.source) == tree(theirs.source)
