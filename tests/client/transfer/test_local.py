"""A file of this machine is whole at its place, or not there; folders are walked without their links."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.client.transfer.local import Incoming, Range, TooMuch, hash_of, new_file, walk
from cocalc_magic.errors import AlreadyThere, InvalidValue

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_stands_at_its_place_when_all_went_well(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with new_file(target, program=True, force=False) as file:
        file.write(b"x")
        assert not target.exists()

    assert target.read_bytes() == b"x"
    assert os.access(target, os.X_OK)
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_stands_there_when_something_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "a", program=False, force=True) as file:
        file.write(b"x" * (1 // 0))

    assert list(tmp_path.iterdir()) == []


def test_what_came_up_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with (
        pytest.raises(AlreadyThere, match="has come up meanwhile"),
        new_file(target, program=False, force=False) as file,
    ):
        target.write_bytes(b"mine" + b"" * file.write(b"new"))

    assert target.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [target]


def test_with_force_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    target = tmp_path / "link"
    target.symlink_to("mine")
    with new_file(target, program=False, force=True) as file:
        file.write(b"new")

    assert not target.is_symlink()
    assert ((tmp_path / "mine").read_bytes(), target.read_bytes()) == (b"mine", b"new")


def test_the_mode_of_a_new_file_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    with new_file(tmp_path / "a", program=False, force=False):
        pass

    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_comes_is_counted_and_compared(tmp_path: Path) -> None:
    counted: list[int] = []
    with (tmp_path / "a").open("w+b") as file:
        incoming = Incoming(file, 3, counted.append)
        incoming.write(b"xy")
        incoming.restart()
        for data in (b"a", b"bc"):
            assert not incoming.is_whole(hashlib.sha256(b"abc").hexdigest())
            incoming.write(data)
        assert incoming.is_whole(hashlib.sha256(b"abc").hexdigest())
        assert not incoming.is_whole(hashlib.sha256(b"abd").hexdigest())
        with pytest.raises(TooMuch):
            incoming.write(b"d")

    assert sum(counted) == 3
    assert (tmp_path / "a").read_bytes() == b"abc"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_folder_is_walked_without_links(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "a").write_bytes(b"12")
    (root / "sub" / "b").write_bytes(b"")
    (root / "to-file").symlink_to("a")
    (root / "to-folder").symlink_to("/")
    os.mkfifo(root / "pipe")

    found = walk(root)

    assert [(file.names, file.size) for file in found.files] == [
        (("root", "a"), 2),
        (("root", "sub", "b"), 0),
    ]
    assert found.folders == [("root", "sub", "empty")]
    assert sorted(path.name for path in found.others) == ["pipe", "to-file", "to-folder"]


def test_names_of_macos_go_as_other_systems_type_them(tmp_path: Path) -> None:
    apart, whole = (unicodedata.normalize(form, "Zoë") for form in ("NFD", "NFC"))
    (tmp_path / apart / "none").mkdir(parents=True)
    (tmp_path / apart / f"{apart}.md").write_bytes(b"")

    found = walk(tmp_path / apart, composed=True)

    assert (found.files[0].names, found.folders) == ((whole, f"{whole}.md"), [(whole, "none")])
    assert found.files[0].path.exists()


def test_a_link_that_is_named_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "link").symlink_to("a")

    assert walk(tmp_path / "link").files[0].names == ("link",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_what_can_not_be_sent_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "no", "No such file"),
        (tmp_path / "pipe", "neither a file nor a folder"),
    ):
        with pytest.raises(InvalidValue, match=words):
            walk(path)


def test_a_part_of_a_file_is_a_body(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        body = Range(file, 2, 5, b"<", b">")
        assert (b"".join(body), len(body)) == (b"<23456>", 7)
        with pytest.raises(OSError, match="become shorter"):
            list(Range(file, 8, 5))

    assert hash_of(path) == hashlib.sha256(b"0123456789").hexdigest()
