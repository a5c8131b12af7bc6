"""An exercise: what a student is asked to do, and how an answer is recognized."""

from __future__ import annotations

from dataclasses import dataclass

CELL = "# %%"
"""The line that parts the cells of an answer, as in scripts that editors split into cells."""


@dataclass(frozen=True)
class Check:
    """One thing that an answer has to bring about: in words, and as a Python expression."""

    what: str
    when: str


@dataclass(frozen=True)
class Hint:
    """What to say about a likely mistake, when it was made, and cells that make it."""

    say: str
    when: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        name: What `%cocalc check` calls it.
        lesson: The title of its lesson.
        task: What to do, in words.
        checks: What is looked at.
        hints: Mistakes that are recognized, the most telling first.
        right: Cells of a right answer.
        setup: Cells that the lesson runs before.
    """

    name: str
    lesson: str
    task: str
    checks: tuple[Check, ...]
    hints: tuple[Hint, ...]
    right: tuple[str, ...]
    setup: tuple[str, ...] = ()


def cells_of(text: str) -> tuple[str, ...]:
    """Split a text into cells at its lines `# %%`; a blank text has none."""
    cells: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.rstrip() == CELL:
            cells.append([])
        else:
            cells[-1].append(line)
    return tuple(cell for lines in cells if (cell := "\n".join(lines).strip()))
