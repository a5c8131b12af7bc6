"""Files of projects: where paths and links lead, what is opened, and what a copy passes over.

By descriptors, and by paths as where a system opens no folders.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.storage.folders import Folders
from cocalc_magic.sandbox.storage.folders.node_errors import FileError
from cocalc_magic.sandbox.storage.folders.rsync import CopyOptions
from cocalc_magic.sandbox.storage.folders.tree import BY_DESCRIPTOR
from tests.sandbox.api_v2 import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running

P, Q = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture(params=[True, False], ids=["by descriptor", "by path"])
def folders(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Folders]:
    if request.param and not BY_DESCRIPTOR:
        pytest.skip("this system opens no folders")
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    made = Folders(tmp_path / "alias" / "projects", by_descriptor=request.param)
    home = made.home(P)
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "b" / "f").write_text("inside")
    yield made
    made.close()


def read(folders: Folders, path: str, project: str = P) -> str:
    with folders.open(project, path) as file:
        return file.read(1_000).decode()


@pytest.mark.parametrize(
    "text",
    [
        "a/b/f",
        "./a//b/./f",
        "a/../a/b/f",
        "no/../a/b/f",
        "a/b/f/../f",
        "in/b/f",
        "round/round/a/b/f",
        "to-root/f",
    ],
)
def test_a_path_and_a_link_within_the_project_are_followed(folders: Folders, text: str) -> None:
    home = folders.home(P)
    (home / "in").symlink_to("a")
    (home / "round").symlink_to(".")
    (home / "to-root").symlink_to("a/../in/b")

    assert read(folders, text) == "inside"
    assert folders.real_path(P, text) == "a/b/f"


@pytest.mark.parametrize("alias", [True, False])
def test_an_absolute_path_into_the_project_is_followed(folders: Folders, tmp_path: Path, alias: bool) -> None:
    home = tmp_path / ("alias" if alias else "real") / "projects" / P
    (home / "absolute").symlink_to(home / "a" / "b")

    assert read(folders, str(home / "a" / "b" / "f")) == "inside"
    assert read(folders, "absolute/f") == "inside"
    assert read(folders, f"../{P}/absolute/f") == "inside"


@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../../x", "/etc/passwd", "/", "out/x", "out", "up/x", f"../{Q}/f", "gone/x"]
)
def test_what_leads_out_is_refused_whatever_is_asked(folders: Folders, tmp_path: Path, path: str) -> None:
    home = folders.home(P)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("outside")
    (home / "out").symlink_to(tmp_path / "outside")
    (home / "gone").symlink_to("/no/such/place")
    (home / "up").symlink_to("../..")
    (folders.home(Q) / "f").write_text("another's")
    how = CopyOptions(overwrite_newer=True)

    for attempt in (
        lambda: read(folders, path),
        lambda: folders.write(P, path, b"x"),
        lambda: folders.list(P, path, hidden=True),
        lambda: folders.facts(P, path),
        lambda: folders.real_path(P, path),
        lambda: folders.check(P, path),
        lambda: folders.remove(P, f"{path}/x"),
        lambda: folders.move(P, "a", f"{path}/x"),
        lambda: folders.copy((P, path), (Q, "copy"), how),
        lambda: folders.copy((P, "a"), (P, path), how),
        lambda: folders.copy((P, "a/b/f"), (P, path), how),
    ):
        with pytest.raises(Failed, match="leads out of it"):
            attempt()
    assert [one.name for one in (tmp_path / "outside").iterdir()] == ["x"]


def test_a_listing_tells_of_a_link_out_of_the_project_nothing_but_the_link(
    folders: Folders, tmp_path: Path
) -> None:
    home = folders.home(P)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("long enough to be told from the link")
    for name, target in (
        ("folder", tmp_path / "outside"),
        ("file", tmp_path / "outside" / "x"),
        ("in", home / "a"),
    ):
        (home / name).symlink_to(target)

    found = {one.name: one for one in folders.list(P, "", hidden=False)}

    assert (found["folder"].count, found["in"].count, found["a"].count) == (None, 1, 1)
    file = found["file"].facts
    assert file
    assert file.st_size == (home / "file").lstat().st_size


def test_a_write_through_a_link_to_nothing_makes_what_it_names(folders: Folders) -> None:
    home = folders.home(P)
    (home / "later").symlink_to("new/folder/f")

    folders.write(P, "later", b"made")

    assert (home / "later").is_symlink()
    assert (home / "new" / "folder" / "f").read_text() == "made"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_nothing_but_a_file_is_opened(folders: Folders) -> None:
    home = folders.home(P)
    os.mkfifo(home / "pipe")
    (home / "link").symlink_to("pipe")
    here = os.getcwd()
    with socket.socket(socket.AF_UNIX) as bound:
        os.chdir(home)  # the whole path is too long for a socket
        bound.bind("socket")
        os.chdir(here)

        for path in ("pipe", "link", "socket"):
            for attempt in (
                lambda path=path: read(folders, path),
                lambda path=path: folders.write(P, path, b"x"),
            ):
                with pytest.raises(Failed, match="is a pipe, socket or device"):
                    attempt()


def test_a_project_whose_folder_is_a_link_has_no_files(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (folders.root / Q).symlink_to(tmp_path / "outside")

    with pytest.raises(FileError):
        folders.write(Q, "f", b"x")
    with pytest.raises(Failed):
        folders.home(Q)
    assert list((tmp_path / "outside").iterdir()) == []


def test_what_is_removed_and_moved_is_the_link_itself(folders: Folders) -> None:
    home = folders.home(P)
    for name in ("one", "two"):
        (home / name).symlink_to("a")

    folders.remove(P, "one")
    folders.move(P, "two", "new/place/two")
    folders.remove(P, "no/such/thing")

    assert sorted(path.name for path in home.iterdir()) == ["a", "new"]
    assert os.readlink(home / "new" / "place" / "two") == "a"
    with pytest.raises(Failed, match="dest already exists"):
        folders.move(P, "new", "a")
    for path in ("", "..", "a/.."):
        with pytest.raises(Failed, match="names a whole one"):
            folders.remove(P, path)


def test_a_tree_is_copied_and_removed(folders: Folders) -> None:
    source, target = folders.home(P), folders.home(Q)
    folders.write(P, "/".join(["d"] * 60) + "/f", b"deep")
    (source / "a" / "link").symlink_to("b")

    outcome = folders.copy((P, ""), (Q, "all"), CopyOptions(backup=True))
    again = folders.copy((P, "a"), (Q, "all"), CopyOptions(delete_missing=True))

    assert (outcome.skipped, outcome.errors, again.errors) == ([], [], [])
    assert sorted(path.name for path in (target / "all").rglob("*")) == ["b", "f", "link"]
    folders.remove(Q, "all")
    assert list(target.iterdir()) == []


def test_a_folder_makes_no_way_for_a_backup(folders: Folders) -> None:
    """Here rsync removes the folder with all that is in it."""
    home = folders.home(P)
    folders.write(P, "f", b"new")
    folders.write(P, "g", b"old")
    folders.write(P, "g~/kept", b"kept")

    outcome = folders.copy((P, "f"), (P, "g"), CopyOptions(overwrite_newer=True, backup=True))

    assert len(outcome.errors) == 1
    assert ((home / "g").read_text(), (home / "g~" / "kept").read_text()) == ("old", "kept")


def test_what_is_made_is_gone_when_it_fails(folders: Folders) -> None:
    home = folders.home(P)
    (home / "target").mkdir()

    with pytest.raises(FileError):
        folders.write(P, "target", b"x")
    with pytest.raises(FileError):
        folders.write(P, "n" * 256, b"x")

    assert sorted(path.name for path in home.iterdir()) == ["a", "target"]
    assert [path.name for path in folders.root.iterdir()] == [P]


def test_what_a_dead_sandbox_was_making_is_removed_by_the_next(folders: Folders) -> None:
    (folders.root / ".cocalc-new-0123456789abcdef-0123456789abcdef").write_text("ha")

    Folders(folders.root).close()

    assert [path.name for path in folders.root.iterdir()] == [P]


# -- what a copy passes over -----------------------------------------------------------------------


@pytest.fixture
def odd(sandbox: Running) -> tuple[str, str]:
    """A project with a folder that holds what can be copied and what can't, and an empty one."""
    source, target = sandbox.project(), sandbox.project()
    bind = "import socket; socket.socket(socket.AF_UNIX).bind('d/sub/socket')"
    sandbox.run(
        source, "mkdir -p d/sub; echo text > d/f; mkfifo d/pipe; ln -s pipe d/to-pipe; ln -s f d/to-f"
    )
    sandbox.send("project_exec", project_id=source, command=sys.executable, args=["-c", bind])
    return source, target


NAMES = ["f", "pipe", "sub", "to-f", "to-pipe"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_what_cannot_be_copied_is_passed_over_and_told_by_every_face(
    sandbox: Running, odd: tuple[str, str]
) -> None:
    places = {"src_project_id": odd[0], "target_project_id": odd[1]}
    sandbox.send("query", query={"public_paths": {"project_id": odd[0], "path": "d"}})

    v1 = sandbox.send("copy_path_between_projects", **places, src_path="d")
    public = sandbox.send("copy_public_path_between_projects", **places, src_path="d", target_path="p")
    v2 = ask(sandbox, "projects/copy-path", **places, path="d", target_path="v2")
    conat = sandbox.call(
        "projects.copyPathBetweenProjects", {**places, "src_path": "d", "target_path": "conat"}
    )

    for answer in (v1, public, v2, conat):
        assert answer["skipped"] == ["sub/socket (a socket)"]
    for name in ("d", "p", "v2", "conat"):
        assert sandbox.run(odd[1], f"ls {name}; cat {name}/to-f")["stdout"].split() == [*NAMES, "text"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_what_is_passed_over_alone_is_told_too(sandbox: Running, odd: tuple[str, str]) -> None:
    places: dict[str, Any] = {"src_project_id": odd[0], "target_project_id": odd[1]}

    alone = sandbox.send("copy_path_between_projects", **places, src_path="d/sub/socket", target_path="s")
    nothing = sandbox.send("copy_path_between_projects", **places, src_path="d/f", target_path="f")

    assert alone["skipped"] == ["socket (a socket)"]
    assert "skipped" not in nothing
