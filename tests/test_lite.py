"""The page's builder, without what it downloads: the folder that it takes, and its server's refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lite.download import BuildError
from lite.target import emptied

ROOT = Path(__file__).parents[1]


def test_a_folder_is_new_or_empty_or_an_earlier_build(tmp_path: Path) -> None:
    new, empty, earlier = tmp_path / "new", tmp_path / "empty", tmp_path / "earlier"
    empty.mkdir()
    earlier.mkdir()
    (earlier / "mark").touch()
    (earlier / "old").touch()

    for folder in (new, empty, earlier):
        assert emptied(folder, "mark") == folder
        assert not folder.exists()


def test_what_else_is_in_a_folder_stays(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.touch()

    with pytest.raises(BuildError, match="has files of something else"):
        emptied(tmp_path, "mark")
    with pytest.raises(BuildError, match="cannot be built into: File exists"):
        emptied(thesis, "mark")
    assert thesis.exists()


def test_the_current_folder_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mark").touch()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BuildError, match="is where you are"):
        emptied(Path(), "mark")
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("program", "words", "problem"),
    [
        ("lite", ["serve", "nowhere"], "there is no page in nowhere"),
        ("lite", ["serve", "docs/static", "--port", "99999"], "there is no page in docs/static"),
        ("docs", ["tests"], "not built: tests has files of something else"),
        ("docs", ["site", "--pages"], "unrecognized arguments: --pages"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(program: str, words: list[str], problem: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", program, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
