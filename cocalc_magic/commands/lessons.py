"""`lessons` and `check`: the notebooks that come with the package, and how far an exercise is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.paths import write_text
from cocalc_magic.errors import AlreadyThere, CoCalcError, ExerciseNotDone, InvalidSyntax
from cocalc_magic.lessons.exercise_file import is_sealed, read_exercises, sealed
from cocalc_magic.lessons.grade import grade
from cocalc_magic.lessons.report import grade_blocks, score_blocks, solution_blocks, solution_note
from cocalc_magic.lessons.shipped import (
    copy_lessons,
    find_exercise,
    lesson_paths,
    shipped_exercises,
)
from cocalc_magic.render.blocks import Facts, Note, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.sanitize.file_names import typed_path
from cocalc_magic.syntax.format import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cocalc_magic.lessons.exercise import Exercise
    from cocalc_magic.lessons.grade import Grade
    from cocalc_magic.session.session import Session

_CHECK = {"--from": True, "--strict": False, "--solution": False, "--reset": False}
_ELSEWHERE = "--to DIR writes into another folder."
_LESSONS = {"--test": True, "--seal": True, "--to": True}


@dataclass(frozen=True, repr=False)
class GradePage(LivePage):
    """How far an exercise is; true if it is done.

    `done`, `score`, `total`, `missing` (what does not hold yet, in words) and `hints` are for further code.
    """

    grade: Grade

    def __getattr__(self, name: str) -> Any:
        if name in ("done", "score", "total", "missing", "hints"):
            return getattr(self.grade, name)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __bool__(self) -> bool:
        return self.grade.done


def check(session: Session, argv: list[str]) -> Page:
    """Return how far an exercise is, its solution, or without a name the score.

    Raises:
        ExerciseNotDone: With `--strict`, if something is missing.
        InvalidSyntax: There is no exercise of this name.
    """
    words, flags = parse_args("check", argv, _CHECK)
    if problem := _not_together(words, flags):
        raise InvalidSyntax(problem, "Write %cocalc check NAME; %cocalc check lists what was checked.")
    if "reset" in flags:
        session.start_exercises()
        return Page((Note("The exercises begin anew: earlier messages and scores do not count."),))
    if not words:
        return Page(score_blocks(session.scores, shipped_exercises()))
    file = flags.get("from", "")
    exercise = session.exercises.get(file, {}).get(words[0]) or find_exercise(
        words[0], typed_path(file) if file else None
    )
    if "solution" in flags:
        return Page((Title(exercise.name, "a solution"), *solution_blocks(exercise)))
    page = _graded(session, exercise, file)
    if "strict" in flags and not page.grade.done:
        raise ExerciseNotDone(f"{exercise.name} is not done.", *page.grade.missing)
    return page


def _not_together(words: list[str], flags: Mapping[str, str]) -> str:
    """Return what is wrong with the arguments of `check`; empty if nothing is."""
    if "reset" in flags:
        return "--reset of check is of all exercises, and stands alone." if words or len(flags) > 1 else ""
    if {"solution", "strict"} <= flags.keys():
        return "check takes --solution or --strict, not both."
    if not words and flags:
        return f"--{next(iter(flags))} of check needs an exercise."
    return "check takes one exercise." if len(words) > 1 else ""


def _graded(session: Session, exercise: Exercise, file: str) -> GradePage:
    first = grade(session, exercise)

    def live() -> object:
        from cocalc_magic import widgets  # late: with the page that shows them

        return widgets.ExerciseView(first, lambda: grade(session, exercise))

    note = () if first.done else (solution_note(exercise, file),)
    return GradePage((*grade_blocks(first), *note), live, first)


def lessons(_session: Session, argv: list[str]) -> Page:
    """List the lessons; copy them into a folder; test or seal a file of exercises."""
    words, flags = parse_args("lessons", argv, _LESSONS)
    if {"test", "seal"} <= flags.keys():
        raise InvalidSyntax("lessons takes --test or --seal, not both.", "Test the file first, then seal it.")
    if "to" in flags and "seal" not in flags:
        raise InvalidSyntax("--to of lessons goes with --seal.", "Copies go to %cocalc lessons DIR")
    if "test" in flags:
        return _tested([typed_path(name) for name in (flags["test"], *words)])
    if "seal" in flags:
        folder = typed_path(flags["to"]) if "to" in flags else None
        return _sealed([typed_path(name) for name in (flags["seal"], *words)], folder)
    if len(words) > 1:
        raise InvalidSyntax("lessons takes one folder.", "Write %cocalc lessons my-lessons")
    return _copied(typed_path(words[0])) if words else _listed()


def _listed() -> Page:
    names = tuple((path.name[:2], path.stem[3:].replace("-", " ")) for path in lesson_paths())
    return Page(
        (
            Title("Lessons", "notebooks that run on the sandbox, with exercises"),
            Facts(names),
            Note("%cocalc lessons DIR copies them into a folder."),
        )
    )


def _copied(folder: Path) -> Page:
    if folder.name in ("", ".."):  # "in .." reads as the end of a sentence
        folder = folder.resolve()
    copies = copy_lessons(folder)
    if not copies:
        return Page((Note(f"All lessons are in {folder} already."),))
    first = next((path for path in sorted(folder.glob("*.ipynb"))), folder)
    return Page((Note(f"{len(copies)} files are in {folder}. Begin with {first}."),))


def _tested(files: list[Path]) -> Page:
    """Try the answers of exercise files; raise if one is not as it should be."""
    from cocalc_magic.lessons import trial  # late: it starts a kernel

    facts: list[tuple[str, str]] = []
    wrong: list[str] = []
    for file in files:
        exercises = read_exercises(file)
        with trial.trials(file) as tried:
            for exercise in exercises:
                wrong += [f"{exercise.name}: {problem}." for problem in trial.problems(tried, exercise)]
                facts.append((exercise.name, f"right, untouched and {len(exercise.hints)} wrong answers"))
    if wrong:
        raise CoCalcError("exercises are not as they should be.", *wrong)
    return Page((Title("Tested", f"as they should be: {len(facts)}"), Facts(tuple(facts))))


def _sealed(files: list[Path], folder: Path | None) -> Page:
    """Write exercise files as students get them, into a folder or beside the files; all of them or none."""
    targets = [(folder or file.parent) / f"{file.stem}.txt" for file in files]
    texts = [sealed(file) for file in files]
    _refuse_targets(files, targets)
    for text, target in zip(texts, targets, strict=True):
        write_text(target, text, _ELSEWHERE, force=is_sealed(target))
    checks = ((target, format_value(str(target))) for target in targets)
    return Page(
        tuple(Note(f"{target} is for students: %cocalc check NAME --from {name}") for target, name in checks)
    )


def _refuse_targets(files: list[Path], targets: list[Path]) -> None:
    """Raise `AlreadyThere` if a target is a source, comes twice, or is there and is none of ours."""
    sources, seen = {os.path.realpath(file) for file in files}, set[str]()
    for target in targets:
        place = os.path.realpath(target)
        if place in sources:
            raise AlreadyThere(f"{target} is the file that is to be sealed.", _ELSEWHERE)
        if place in seen:
            raise AlreadyThere(f"{target} would be written twice.", "Seal files of one name one by one.")
        if os.path.lexists(target) and not is_sealed(target):
            raise AlreadyThere(f"{target} is there already, and is not a sealed file.", _ELSEWHERE)
        seen.add(place)
