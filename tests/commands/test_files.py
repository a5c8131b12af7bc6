"""upload and download, as one types them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.commands.files import _ByteCounter
from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidSyntax, InvalidValue
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic import Client


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the notebook, with files in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("1,2\n")
    (tmp_path / "b c.csv").write_text("3\n")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\xff")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "week 1.md").write_text("# Week 1\n")
    return tmp_path


@pytest.fixture
def there(shell: Any, client: Client, folder: Path) -> Iterator[Any]:
    """A shell with a current project of its own."""
    shell.user_ns["project"] = client.create_project(title=f"Files of {folder.name}")
    shell.cell("%cocalc use $project")
    yield shell
    shell.cell("%cocalc use --clear")


def test_files_go_into_the_current_project_and_back(there: Any, folder: Path) -> None:
    up = there.cell("%cocalc upload *.csv photo.png notes --to data/")
    down = there.cell("%cocalc download data --to back")

    assert [record["file"] for record in up] == [
        "data/a.csv", "data/b c.csv", "data/photo.png", "data/notes/week 1.md"
    ]  # fmt: skip
    assert {record["here"] for record in down} == {
        f"back/data/{name}" for name in ("a.csv", "b c.csv", "photo.png", "notes/week 1.md")
    }
    assert (folder / "back/data/photo.png").read_bytes() == (folder / "photo.png").read_bytes()
    assert {record["done"] for record in up} == {"uploaded"}
    assert {record["done"] for record in there.cell("%cocalc upload *.csv --to data/")} == {
        "was there already"
    }


def test_what_went_is_told_and_is_a_value(there: Any) -> None:
    done = there.cell("%cocalc upload a.csv notes")

    text = str(done)
    assert "2 files (13 bytes) went into the project 'Files of " in text
    assert "notes/week 1.md" in text
    assert list(done.to_frame().columns) == ["file", "here", "size", "done"]
    assert len(done) == 2


def test_a_project_is_named_as_everywhere(shell: Any, client: Client, folder: Path) -> None:
    shell.user_ns["project"] = client.create_project(title=f"Named {folder.name}")
    shell.user_ns["files"] = ["a.csv", folder / "photo.png"]
    for words in ("$project", f'"Named {folder.name}"', '${project["project_id"][:9]}'):
        done = shell.cell(f"%cocalc upload $files --project {words} --force")
        assert [record["file"] for record in done] == ["a.csv", "photo.png"]

    assert client.download(shell.user_ns["project"], "a.csv") == b"1,2\n"


def test_patterns_are_those_of_a_shell(there: Any, folder: Path) -> None:
    (folder / "star*.csv").write_text("*")
    assert len(there.cell("%cocalc upload ?.csv 'star*.csv'")) == 2
    assert [record["file"] for record in there.cell("%cocalc download '?.csv' --to x")] == ["a.csv"]
    with pytest.raises(InvalidValue, match=r"no file matches '\*\.nope'"):
        there.cell("%cocalc upload *.nope")


def test_what_is_there_is_not_written_over_unasked(there: Any, folder: Path) -> None:
    there.cell("%cocalc upload a.csv")
    (folder / "a.csv").write_text("changed\n")

    with pytest.raises(AlreadyThere, match=r"a\.csv is in the project already"):
        there.cell("%cocalc upload a.csv")
    with pytest.raises(AlreadyThere, match=r"a\.csv is here already"):
        there.cell("%cocalc download a.csv")
    assert "1 file (8 bytes)" in str(there.cell("%cocalc upload a.csv --force"))
    assert "1 with the same content was there already" in str(there.cell("%cocalc download a.csv"))


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("upload", InvalidSyntax, "upload takes files or folders"),
        ("download", InvalidSyntax, "download takes paths in a project"),
        ("upload nope", InvalidValue, "nope can't be read: No such file or directory"),
        ("download nope", InvalidValue, "there is no nope in the project"),
        ("download ../x", InvalidValue, "is not a path in a project"),
        ("download /etc/passwd", InvalidValue, "is not a path in a project"),
        ("upload a.csv --to ../x", InvalidValue, "is not a path in a project"),
        ("upload a.csv --loud", InvalidSyntax, "upload has no flag --loud"),
        ("upload a.csv --project nope-nope", InvalidValue, "no project of yours is called 'nope-nope'"),
    ],
)
def test_a_mistake_is_told(there: Any, line: str, error: type[CoCalcError], words: str) -> None:
    with pytest.raises(error, match=words):
        there.cell(f"%cocalc {line}")


def test_without_a_project_it_is_told_what_to_write(shell: Any, client: Client, folder: Path) -> None:
    for line in ("upload a.csv", "download a.csv"):
        with pytest.raises(InvalidSyntax, match="needs a project") as caught:
            shell.cell(f"%cocalc {line}")
        assert "--project" in str(caught.value)
        assert "%cocalc use PROJECT" in str(caught.value)


def test_hostile_names_are_harmless_where_they_are_told(there: Any, folder: Path) -> None:
    name = "<img src=x>\x1b[2J\u202e${1}.txt"
    (folder / name).write_text("x")
    (folder / "link").symlink_to("a.csv")
    there.user_ns["name"] = name
    up = there.cell("%cocalc upload $name")
    down = there.cell("%cocalc download . --to back")

    for page in (up, down):
        assert "<img" not in page._repr_html_()
        assert "\x1b" not in str(page) + page._repr_html_()
    assert (folder / "back" / name).read_text() == "x"


def test_help_tells_both(shell: Any) -> None:
    assert "A file is there only when it is complete" in str(shell.cell("%cocalc help upload"))
    assert "nothing is written outside of it" in str(shell.cell("%cocalc help download"))


def test_how_far_it_is_is_told_in_words() -> None:
    gauge = _ByteCounter()
    assert gauge.words() == "looking through the files"
    gauge(34_000_000, 200_000_000)
    assert gauge.words() == "34 MB of 200 MB"


def test_a_session_without_a_shell_moves_files_too(client: Client, folder: Path) -> None:
    from cocalc_magic import commands

    made = client.create_project(title=f"No shell {folder.name}")
    session = Session(frontend=HeadlessFrontend())
    commands.run(session, f"upload a.csv --project {made['project_id']} --server sandbox", None)
    done = commands.run(session, f"download a.csv --project {made['project_id']} --to ./x", None)

    assert [record["here"] for record in done] == ["x/a.csv"]
