"""`lessons` and `check`: the notebooks that come with the package, and how far an exercise is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands.args import parse_args
from cocalc_magic.errors import CoCalcError, ExerciseNotDone, InvalidSyntax
from cocalc_magic.lessons.exercise_file import read_exercises, sealed
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

if TYPE_CHECKING:
    from cocalc_magic.lessons.exercise import Exercise
    from cocalc_magic.lessons.grade import Grade
    from cocalc_magic.session.session import Session

_CHECK = {"--from": True, "--strict": False, "--solution": False, "--reset": False}
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
    if "reset" in flags:
        session.start_exercises()
        return Page((Note("The exercises begin anew: earlier messages and scores do not count."),))
    if not words:
        return Page(score_blocks(session.scores, shipped_exercises()))
    if len(words) > 1:
        raise InvalidSyntax("check takes one exercise.", "%cocalc check lists what was checked.")
    file = flags.get("from", "")
    exercise = session.exercises.get(file, {}).get(words[0]) or find_exercise(
        words[0], Path(file).expanduser() if file else None
    )
    if "solution" in flags:
        return Page((Title(exercise.name, "a solution"), *solution_blocks(exercise)))
    page = _graded(session, exercise, file)
    if "strict" in flags and not page.grade.done:
        raise ExerciseNotDone(f"{exercise.name} is not done.", *page.grade.missing)
    return page


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
    if "test" in flags:
        return _tested([Path(name) for name in (flags["test"], *words)])
    if "seal" in flags:
        return _sealed([Path(name) for name in (flags["seal"], *words)], flags.get("to"))
    if len(words) > 1:
        raise InvalidSyntax("lessons takes one folder.", "Write %cocalc lessons my-lessons")
    return _copied(Path(words[0]).expanduser()) if words else _listed()


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


def _sealed(files: list[Path], folder: str | None) -> Page:
    """Write exercise files as students get them, into a folder or beside the files."""
    targets = [Path(folder or file.parent) / f"{file.stem}.txt" for file in files]
    for file, target in zip(files, targets, strict=True):
        text = sealed(file)
        try:
            target.write_text(text, "utf-8")
        except OSError as problem:
            raise CoCalcError(f"{target} cannot be written: {problem.strerror}.") from None
    return Page(
        tuple(Note(f"{target} is for students: %cocalc check NAME --from {target}") for target in targets)
    )
