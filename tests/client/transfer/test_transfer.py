"""Files into a project and out of it: what goes, what stays, and what is left when something goes wrong."""

from __future__ import annotations

import base64
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.download import Download, read
from cocalc_magic.client.transfer.upload import PART, Upload
from cocalc_magic.errors import AlreadyThere, CoCalcError, Interrupted, InvalidValue
from tests.client.transfer.project import Project, Refusing, tree

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = random.Random(1).randbytes(1_300_000)  # noqa: S311 - any bytes, the same each time
NAMES = ["a b", "ü", "a'b", '"', "$HOME", "`id`", "\\", "a\nb", "-rf", "*", "#", "~", "日本"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with files of all kinds."""
    folder = tmp_path / "here" / "src"
    (folder / "sub" / "none").mkdir(parents=True)
    (folder / "empty").write_bytes(b"")
    (folder / "bytes").write_bytes(bytes(range(256)) * 3)
    (folder / "sub" / "large").write_bytes(LARGE)
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    for name in NAMES:
        (folder / name).write_text(name)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe")).write_bytes(b"raw")
    return folder


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


@pytest.fixture
def back(tmp_path: Path) -> Path:
    folder = tmp_path / "back"
    folder.mkdir()
    return folder


def in_project(home: Path) -> dict[str, bytes | None]:
    """What a project holds, without the folder that uploads keep there."""
    return {path: data for path, data in tree(home).items() if not path.startswith(".cache")}


def nothing_is_left(home: Path) -> bool:
    return not any((home / scripts.STAGES).glob("*"))


# -- up --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_http", [False, True])
def test_a_folder_goes_up_as_it_is(here: Path, there: Path, by_http: bool) -> None:
    project = Project(there, by_http=by_http)
    done = Upload(project).run([here], ".")

    assert in_project(there)["src"] is None
    assert {path[4:]: data for path, data in in_project(there).items() if path != "src"} == tree(here)
    assert os.access(there / "src" / "run", os.X_OK)
    assert not os.access(there / "src" / "bytes", os.X_OK)
    assert len(done.files) == 5 + len(NAMES)
    assert done.size == sum(path.stat().st_size for path in here.rglob("*") if path.is_file())
    assert bool(project.went) == by_http
    assert nothing_is_left(there)


@pytest.mark.parametrize(
    ("to", "path"),
    [
        (".", "bytes"),
        ("~/", "bytes"),
        ("new", "new"),
        ("new/", "new/bytes"),
        ("deep/er/new.bin", "deep/er/new.bin"),
        ("folder", "folder/bytes"),
        ("folder/x", "folder/x"),
    ],
)
def test_one_file_goes_into_a_folder_or_gets_a_name(here: Path, there: Path, to: str, path: str) -> None:
    (there / "folder").mkdir()
    done = Upload(Project(there)).run([here / "bytes"], to)

    assert [file.remote for file in done.files] == [path]
    assert (there / path).read_bytes() == (here / "bytes").read_bytes()


def test_several_go_into_a_folder(here: Path, there: Path) -> None:
    Upload(Project(there)).run([here / "bytes", here / "sub"], "data")

    assert set(in_project(there)) == {"data", "data/bytes", "data/sub", "data/sub/none", "data/sub/large"}


def test_a_folder_gets_a_name_and_the_same_one_a_second_time(here: Path, there: Path, back: Path) -> None:
    for unchanged in (False, True):
        done = Upload(Project(there)).run([here / "sub"], "named")
        assert [file.unchanged for file in done.files] == [unchanged]
    assert set(in_project(there)) == {"named", "named/none", "named/large"}

    for unchanged in (False, True):
        done = Download(Project(there)).run(["named"], back / "again", into=False)
        assert [file.unchanged for file in done.files] == [unchanged]
    assert set(tree(back)) == {"again", "again/none", "again/large"}


def test_a_file_goes_into_a_folder_that_is_here(here: Path, back: Path) -> None:
    for _ in range(2):
        Download(Project(here)).run(["bytes"], back, into=False)

    assert set(tree(back)) == {"bytes"}


def test_what_a_pattern_finds_goes_into_a_folder(here: Path, back: Path) -> None:
    Download(Project(here)).run(["byt*"], back / "new", into=False)

    assert set(tree(back)) == {"new", "new/bytes"}


def test_an_empty_folder_goes_too(here: Path, there: Path) -> None:
    Upload(Project(there)).run([here / "sub" / "none"], ".")

    assert in_project(there) == {"none": None}


def test_what_is_there_already_is_left_alone(here: Path, there: Path) -> None:
    Upload(Project(there)).run([here], ".")
    before = (there / "src" / "bytes").stat()
    again = Upload(Project(there, by_http=True)).run([here], ".")

    assert again.size == 0
    assert all(file.unchanged for file in again.files)
    assert (there / "src" / "bytes").stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("force", [False, True])
def test_other_content_is_told_of_and_written_over_when_asked(here: Path, there: Path, force: bool) -> None:
    for name in ("bytes", "empty"):
        (there / name).write_text("mine")
    run: Callable[[], object] = lambda: Upload(Project(there), force=force).run(  # noqa: E731
        [here / "bytes", here / "empty", here / "run"], "."
    )
    if force:
        run()
        assert (there / "bytes").read_bytes() == (here / "bytes").read_bytes()
        return
    with pytest.raises(AlreadyThere, match=r"bytes, empty are in the project already, .* nothing was sent"):
        run()
    assert in_project(there) == {"bytes": b"mine", "empty": b"mine"}


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_is_never_written_over_nor_a_file_taken_for_one(
    here: Path, there: Path, force: bool
) -> None:
    (there / "bytes").mkdir()
    (there / "src").write_text("a file")
    for sources, to in (([here / "bytes"], "."), ([here], "."), ([here / "run"], "src/x")):
        with pytest.raises(AlreadyThere):
            Upload(Project(there), force=force).run(sources, to)

    assert in_project(there) == {"bytes": None, "src": b"a file"}


def test_what_came_up_meanwhile_stays(here: Path, there: Path) -> None:
    project = Project(there)

    def come_up(script: str) -> None:
        if "move 0" in script:
            (there / "bytes").write_text("mine")

    project.before = come_up
    with pytest.raises(AlreadyThere, match="has come up meanwhile"):
        Upload(project).run([here / "bytes"], ".")
    assert in_project(there) == {"bytes": b"mine"}
    assert nothing_is_left(there)


def test_what_arrives_otherwise_is_not_written(here: Path, there: Path) -> None:
    project = Project(there, by_http=True)

    def spoil(script: str) -> None:
        if "@numbers" in script:
            next((there / scripts.STAGES).glob("*/*")).write_bytes(b"spoiled")

    project.before = spoil
    with pytest.raises(CoCalcError, match="did not arrive as sent, and nothing was written"):
        Upload(project).run([here], ".")
    assert in_project(there) == {}
    assert nothing_is_left(there)


def test_a_file_that_changes_while_it_goes_is_told(here: Path, there: Path) -> None:
    project = Project(there)

    def shorten(script: str) -> None:
        if "mkdir" in script:
            (here / "sub" / "large").write_bytes(b"short")

    project.before = shorten
    with pytest.raises(CoCalcError, match="sub/large did not arrive as sent"):
        Upload(project).run([here / "sub"], ".")
    assert in_project(there) == {}


def test_an_interrupt_leaves_nothing_behind(here: Path, there: Path) -> None:
    project = Project(there)

    def stop(script: str) -> None:
        if "tar -x" in script:
            raise Interrupted.waiting_for("lab")

    project.before = stop
    with pytest.raises(Interrupted, match="the upload was stopped; nothing was written in the project"):
        Upload(project).run([here], ".")
    assert in_project(there) == {}
    assert nothing_is_left(there)


@pytest.mark.parametrize("good", [0, 1])
def test_where_uploads_are_refused_commands_go_on(tmp_path: Path, there: Path, good: int) -> None:
    large = tmp_path / "large"
    large.write_bytes(random.Random(2).randbytes(PART + 700_000))  # noqa: S311
    project = Refusing(there, good)
    Upload(project).run([large], ".")

    assert (there / "large").read_bytes() == large.read_bytes()
    assert len(project.went) == good + 1
    assert not project.by_http


def test_old_leavings_are_cleared_and_young_ones_are_not(here: Path, there: Path) -> None:
    for name, age in (("old", 3 * 86_400), ("young", 60)):
        stage = there / scripts.STAGES / name
        stage.mkdir(parents=True)
        moment = stage.stat().st_mtime - age
        os.utime(stage, (moment, moment))
    Upload(Project(there)).run([here / "bytes"], ".")

    assert [stage.name for stage in (there / scripts.STAGES).iterdir()] == ["young"]


def test_two_files_of_one_path_are_refused(here: Path, there: Path) -> None:
    (here / "sub" / "bytes").write_bytes(b"x")

    with pytest.raises(InvalidValue, match="several of these files would be bytes"):
        Upload(Project(there)).run([here / "bytes", here / "sub" / "bytes"], ".")


def test_links_are_left_out_and_told(here: Path, there: Path) -> None:
    (here / "sub" / "link").symlink_to("/etc/passwd")

    done = Upload(Project(there)).run([here / "sub"], ".")

    assert done.left == ((str(here / "sub" / "link"), "it is a link, or no file"),)
    assert not os.path.lexists(there / "sub" / "link")


@pytest.mark.parametrize("by_http", [False, True])
def test_progress_goes_from_nothing_to_all(here: Path, there: Path, back: Path, by_http: bool) -> None:
    size = sum(path.stat().st_size for path in here.rglob("*") if path.is_file())
    project = Project(there, by_http=by_http)
    up: list[tuple[int, int]] = []
    down: list[tuple[int, int]] = []
    Upload(project, progress=lambda *now: up.append(now)).run([here], ".")
    Download(project, progress=lambda *now: down.append(now)).run(["src"], back)

    for told in (up, down):
        assert (told[0], told[-1]) == ((0, size), (size, size))
        assert told == sorted(told)


# -- down ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_http", [False, True])
def test_a_folder_comes_down_as_it_is(here: Path, back: Path, by_http: bool) -> None:
    project = Project(here.parent, by_http=by_http)
    done = Download(project).run(["src"], back)

    assert {path[4:]: data for path, data in tree(back).items() if path != "src"} == tree(here)
    assert os.access(back / "src" / "run", os.X_OK)
    assert len(done.files) == 5 + len(NAMES)
    assert bool(project.went) == by_http


@pytest.mark.parametrize(
    ("paths", "into", "files"),
    [
        (["src/bytes"], True, {"bytes"}),
        (["./src/../src/bytes"], True, {"bytes"}),
        (["src/bytes"], False, {"."}),
        (["src/sub"], True, {"sub", "sub/large", "sub/none"}),
        (["src/sub/"], False, {".", "large", "none"}),
        (["src/sub", "src/empty"], True, {"empty", "sub", "sub/large", "sub/none"}),
        (["src/b*s", "src/e?pty"], True, {"bytes", "empty"}),
        (["src/[be]*"], True, {"bytes", "empty"}),
        (["src/*"], True, {"*"}),  # there is a file of this name
    ],
)
def test_what_is_asked_for_comes(
    here: Path, tmp_path: Path, paths: list[str], into: bool, files: set[str]
) -> None:
    to = tmp_path / "new"
    Download(Project(here.parent)).run(paths, to, into=into)

    found = set(tree(to)) | ({"."} if not into else set()) if to.is_dir() else {"."}
    assert found == files


def test_the_whole_project_comes_into_the_folder_itself(here: Path, back: Path) -> None:
    Download(Project(here)).run(["."], back)

    assert tree(back) == tree(here)


def test_what_is_not_there_is_told_before_anything_comes(here: Path, back: Path) -> None:
    with pytest.raises(InvalidValue, match=r"there is no src/no, src/\*\.no in the project"):
        Download(Project(here.parent)).run(["src/bytes", "src/no", "src/*.no"], back)

    assert tree(back) == {}


def test_a_second_download_leaves_what_is_here(here: Path, back: Path) -> None:
    Download(Project(here.parent)).run(["src"], back)
    (back / "src" / "bytes").unlink()
    again = Download(Project(here.parent)).run(["src"], back)

    assert [file.remote for file in again.files if not file.unchanged] == ["src/bytes"]


@pytest.mark.parametrize("force", [False, True])
def test_other_content_here_is_told_of_and_written_over_when_asked(
    here: Path, back: Path, force: bool
) -> None:
    (back / "bytes").write_text("mine")
    (back / "run").symlink_to("bytes")
    download = Download(Project(here), force=force)
    if force:
        download.run(["bytes", "run", "empty"], back)
        assert (back / "bytes").read_bytes() == (here / "bytes").read_bytes()
        assert (back / "run").read_bytes() == (here / "run").read_bytes()
        return
    with pytest.raises(AlreadyThere, match=r"bytes, .*run are here already, .* nothing was written"):
        download.run(["bytes", "run", "empty"], back)
    assert sorted(path.name for path in back.iterdir()) == ["bytes", "run"]
    assert (back / "bytes").read_text() == "mine"


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_here_is_never_written_over(here: Path, back: Path, force: bool) -> None:
    (back / "bytes").mkdir()
    with pytest.raises(AlreadyThere):
        Download(Project(here), force=force).run(["bytes"], back)


def test_where_downloads_are_refused_commands_go_on(here: Path, back: Path) -> None:
    project = Refusing(here)
    Download(project).run(["sub/large"], back)

    assert (back / "large").read_bytes() == LARGE
    assert project.went == ["sub/large"]
    assert not project.by_http


def test_links_of_a_project_are_left_out_unless_they_are_named(here: Path, back: Path) -> None:
    (here / "sub" / "link").symlink_to("../bytes")
    (here / "sub" / "to-folder").symlink_to("/etc")

    done = Download(Project(here)).run(["sub"], back)
    assert {path for path, _ in done.left} == {"sub/link", "sub/to-folder"}
    Download(Project(here)).run(["sub/link"], back)
    assert (back / "link").read_bytes() == (here / "bytes").read_bytes()


def test_one_file_is_read_by_commands_alone(here: Path) -> None:
    project = Project(here)

    assert read(project, "sub/large") == LARGE
    assert read(project, "empty") == b""
    for path in ("no", "sub", "*none"):
        with pytest.raises(CoCalcError, match="there is no such file"):
            read(project, path)


# -- a project that lies ---------------------------------------------------------------------------


def listed(*paths: str, root: str = "./src", content: bytes = b"x") -> str:
    """A listing of files with such paths, each of which holds the same."""
    import hashlib

    def encoded(*texts: str) -> str:
        joined = "".join(f"{text}\0" for text in texts)
        return base64.b64encode(joined.encode("utf-8", "surrogateescape")).decode()

    hashes = "\n".join(hashlib.sha256(content).hexdigest() for _ in paths)
    sizes = "\n".join(str(len(content)) for _ in paths)
    return (
        f"@missing\n@roots\n{encoded(root)}\n@files\n{encoded(*paths)}\n@sizes\n{sizes}\n@hashes\n{hashes}\n"
        "@programs\n@folders\n@others\n@end\n"
    )


def lying(here: Path, listing: str, content: bytes = b"x") -> Project:
    project = Project(here.parent)
    printed = base64.b64encode(content).decode()
    project.says = lambda script: listing if "@roots" in script else printed
    return project


@pytest.mark.parametrize(
    "path",
    [
        *(
            "./src/../../evil",
            "../evil",
            "/tmp/evil",
            "./src/../evil",
            "./elsewhere/evil",
            "./srcx",
            "/",
            "..",
        ),
        *("./src/a/../../../evil", "./src/.."),
    ],
)
def test_a_path_that_leads_elsewhere_is_not_written(here: Path, back: Path, path: str) -> None:
    before = tree(back.parent)
    with pytest.raises(CoCalcError):
        Download(lying(here, listed(path)), force=True).run(["src"], back)

    assert tree(back.parent) == before


def test_nothing_is_written_through_a_link(here: Path, back: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (back / "src").symlink_to(outside)

    with pytest.raises(AlreadyThere, match="is a link, and nothing is written through it"):
        Download(Project(here.parent), force=True).run(["src"], back)
    assert tree(outside) == {}


@pytest.mark.parametrize("content", [b"", b"y", b"xx", b"x" * 1_000_000])
def test_content_that_is_not_what_was_listed_is_not_written(here: Path, back: Path, content: bytes) -> None:
    with pytest.raises(CoCalcError, match="has changed while it was read"):
        Download(lying(here, listed("./src/a"), content)).run(["src"], back)

    assert {path for path, data in tree(back).items() if data is not None} == set()


def test_a_large_file_that_becomes_larger_is_not_written(here: Path, back: Path) -> None:
    project = Project(here, by_http=True)

    def grow(script: str) -> None:
        if "@roots" in script:
            with (here / "sub" / "large").open("ab") as file:
                file.write(b"more")

    project.after = grow
    with pytest.raises(CoCalcError, match="large has changed while it was read"):
        Download(project).run(["sub/large"], back)
    assert tree(back) == {}


@pytest.mark.parametrize("printed", ["", "<html>", "@end\n", "@roots\nA\n@end\n", "x" * 100_000])
def test_an_answer_of_any_other_form_is_an_error_with_words(here: Path, back: Path, printed: str) -> None:
    project = Project(here)
    project.says = lambda _: printed
    with pytest.raises(CoCalcError):
        Download(project).run(["src"], back)
    with pytest.raises(CoCalcError):
        Upload(project).run([here / "bytes"], "x/")

    assert tree(back) == {}


def test_there_is_room_or_nothing_comes(here: Path, back: Path) -> None:
    listing = listed("./src/a").replace("@sizes\n1\n", f"@sizes\n{2**52}\n")

    with pytest.raises(CoCalcError, match="there is no room here"):
        Download(lying(here, listing)).run(["src"], back)
