"""Exercises that come with the package: each answer in a real kernel with a real sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cocalc_magic import host
from cocalc_magic.lessons.exercise_file import read_exercises, sealed
from cocalc_magic.lessons.shipped import EXERCISES, lesson_paths, shipped_exercises
from cocalc_magic.lessons.trial import problems, trials

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "exercises").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_right_answer_passes_mistakes_get_their_hints_and_untouched_is_not_done(source: Path) -> None:
    with trials(source) as tried:
        for exercise in read_exercises(source):
            assert list(problems(tried, exercise)) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(source, id=source.stem, marks=[] if source.stem.startswith("05") else [pytest.mark.long])
        for source in SOURCES
    ],
)
@pytest.mark.slow
def test_answers_are_checked_alike_where_nothing_can_be_started(source: Path) -> None:
    """As in a page, whose commands run in the small shell."""
    done = subprocess.run(
        [sys.executable, "-m", "cocalc_magic", "lessons", "--test", str(source)],
        env={**os.environ, host.VARIABLE: "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert "right, untouched and" in done.stdout


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_is_shipped_is_sealed_from_the_source(source: Path) -> None:
    """`cocalc-magic lessons --seal notebooks/exercises/*.yaml --to cocalc_magic/lessons/exercises` writes it."""
    assert (EXERCISES / f"{source.stem}.txt").read_text("utf-8") == sealed(source)


def test_every_exercise_is_of_a_lesson_and_has_at_least_six_hints() -> None:
    assert {source.stem for source in SOURCES} <= {path.stem for path in lesson_paths()}
    assert len(shipped_exercises()) >= len(SOURCES) > 10
    assert all(len(exercise.hints) >= 6 for exercise in shipped_exercises().values())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_solution_stands_in_clear_text_in_what_students_get(source: Path) -> None:
    texts = [(EXERCISES / f"{source.stem}.txt").read_text("utf-8")]
    texts.append((NOTEBOOKS / f"{source.stem}.ipynb").read_text("utf-8"))
    for exercise in read_exercises(source):
        cells = [line for cell in exercise.right for line in cell.splitlines() if len(line) > 30]
        setup = "\n".join(exercise.setup)

        for text in texts:
            plain = text.replace('\\"', '"')
            assert not all(line in plain or line in setup for line in cells)
