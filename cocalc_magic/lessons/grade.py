"""How far an answer is: which checks hold, what is missing, and which hints fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.lessons.evidence import Evidence

if TYPE_CHECKING:
    from cocalc_magic.lessons.exercise import Exercise
    from cocalc_magic.session.session import Session

MAX_HINTS = 2  # at a time: more than that is not read


@dataclass(frozen=True)
class Grade:
    """What came of checking one exercise."""

    exercise: Exercise
    held: tuple[bool, ...]
    hints: tuple[str, ...] = ()
    problem: str = ""
    broken: dict[str, str] = field(default_factory=dict)  # conditions that could not be evaluated: why

    @property
    def score(self) -> int:
        """Number of checks that hold."""
        return sum(self.held)

    @property
    def total(self) -> int:
        """Number of checks."""
        return len(self.held)

    @property
    def done(self) -> bool:
        """True if all of them hold."""
        return all(self.held)

    @property
    def missing(self) -> tuple[str, ...]:
        """What does not hold yet, in words."""
        pairs = zip(self.exercise.checks, self.held, strict=True)
        return tuple(check.what for check, holds in pairs if not holds)


def grade(session: Session, exercise: Exercise) -> Grade:
    """Check an exercise and keep the best score of it in the session."""
    evidence = Evidence(session)
    held = tuple(evidence.holds(check.when) for check in exercise.checks)
    hints: list[str] = []
    if not all(held):
        hints = [hint.say for hint in exercise.hints if evidence.holds(hint.when)][:MAX_HINTS]
    result = Grade(exercise, held, tuple(hints), evidence.problem, evidence.broken)
    best = session.scores.get(exercise.name, (0, 0))[0]
    session.scores[exercise.name] = (max(best, result.score), result.total)
    return result
