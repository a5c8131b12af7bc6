"""The lessons as a student gets them: run from start to end, each exercise untouched."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from cocalc_magic.lessons.shipped import lesson_paths, shipped_exercises

if TYPE_CHECKING:
    from pathlib import Path

LESSONS = lesson_paths()
PER_LESSON = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
CHECK = re.compile(r"%cocalc check ([\w-]+)")
HINT = re.compile(r"^Hint: (.*)$", re.MULTILINE)


def ran(path: Path, folder: Path) -> nbformat.NotebookNode:
    """A lesson after a run, in a folder of its own."""
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs(cell: nbformat.NotebookNode) -> str:
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)
    return "\n".join(texts)


@pytest.mark.slow
@PER_LESSON
def test_a_lesson_runs_to_its_end_and_its_untouched_exercise_is_not_done(path: Path, tmp_path: Path) -> None:
    """Without an output that is an error, without a trace, and with no hint but the one on how to begin."""
    notebook = ran(path, tmp_path)
    checks = [cell for cell in notebook.cells if CHECK.fullmatch(cell.source)]

    assert [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ] == []
    assert bool(checks) == (path.parent / f"exercises/{path.stem}.yaml").exists()
    for cell in checks:
        assert "not yet" in outputs(cell)
        assert HINT.findall(outputs(cell)) == [
            shipped_exercises()[CHECK.findall(cell.source)[0]].hints[-1].say
        ]
        assert "could not be asked" not in outputs(cell)
    assert list(tmp_path.iterdir()) == []


@PER_LESSON
def test_a_lesson_is_kept_as_it_ran_last(path: Path) -> None:
    """`python notebooks/run.py --write notebooks/*.ipynb` runs and writes them."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    nbformat.validate(notebook)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert any(cell.outputs for cell in code)


@PER_LESSON
def test_a_lesson_checks_its_own_exercises_and_links_to_lessons_that_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    titles = [
        line
        for cell in json.loads(text)["cells"]
        for line in cell["source"][:1]
        if cell["cell_type"] == "markdown"
    ]
    names = set(CHECK.findall(text))

    assert names == {
        exercise.name
        for exercise in shipped_exercises().values()
        if f"# {exercise.lesson}" == titles[0].strip()
    }
    assert [
        name for name in re.findall(r"\]\(([\w-]+\.ipynb)\)", text) if not (path.parent / name).exists()
    ] == []
