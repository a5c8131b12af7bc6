"""Grades and scores in words, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Facts, Note, Pre, Title, Verdict
from cocalc_magic.syntax.format import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.lessons.exercise import Exercise
    from cocalc_magic.lessons.grade import Grade
    from cocalc_magic.render.blocks import Block


def grade_blocks(grade: Grade) -> tuple[Block, ...]:
    """Return what was asked, how far it is, what is there and what is missing, and hints."""
    exercise = grade.exercise
    points = f"{grade.score} of {grade.total}"
    verdict = Verdict("done", points, "good") if grade.done else Verdict("not yet", points, "warning")
    pairs = zip(grade.held, exercise.checks, strict=True)
    checks = tuple(("✓" if held else "missing", check.what) for held, check in pairs)
    hints = tuple(Note(f"Hint: {hint}") for hint in grade.hints)
    problem = (Note(f"The server could not be asked: {grade.problem}"),) if grade.problem else ()
    return (Title(exercise.name, exercise.task), verdict, Facts(checks), *hints, *problem)


def solution_note(exercise: Exercise, file: str) -> Note:
    """Return how the solution is shown; `file` is where the exercise is from, if not from the package."""
    source = f" --from {format_value(file)}" if file else ""
    return Note(f"A solution: %cocalc check {format_value(exercise.name)}{source} --solution")


def solution_blocks(exercise: Exercise) -> tuple[Block, ...]:
    """Return the cells of a right answer."""
    return tuple(Pre(cell, language="python") for cell in exercise.right)


def score_blocks(scores: Mapping[str, tuple[int, int]], known: Mapping[str, Exercise]) -> tuple[Block, ...]:
    """Return the score of each exercise that was checked, and the sum."""
    if not scores:
        return (
            Note("No exercise has been checked yet."),
            Note(f"The lessons have {len(known)}: {', '.join(known)}."),
        )
    rows = tuple((name, f"{score} of {total}") for name, (score, total) in scores.items())
    reached, possible = (sum(numbers) for numbers in zip(*scores.values(), strict=True))
    done = sum(score == total for score, total in scores.values())
    words = f"{done} of {len(scores)} exercises are done; {reached} of {possible} points."
    return (Title("Score", words), Facts(rows))
