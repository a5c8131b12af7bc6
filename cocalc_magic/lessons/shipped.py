"""The lessons and exercises that come with the package, and copies of the notebooks for a person."""

from __future__ import annotations

import os
import shutil
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidSyntax, did_you_mean
from cocalc_magic.lessons.exercise_file import read_document, read_exercises
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Collection

    from cocalc_magic.lessons.exercise import Exercise

HERE = Path(__file__).parent
EXERCISES = HERE / "exercises"
FEW = 20  # names that an error lists
SANITIZE = "nbval_sanitize.cfg"


def notebooks_folder() -> Path:
    """Return where the notebooks are: in the wheel, or in a copy of the repository."""
    packed = HERE / "notebooks"
    return packed if packed.is_dir() else HERE.parents[1] / "notebooks"


def lesson_paths() -> list[Path]:
    """Return the notebooks in their order."""
    return sorted(notebooks_folder().glob("[0-9][0-9]-*.ipynb"))


def copy_lessons(folder: Path) -> list[Path]:
    """Copy the notebooks into a folder and return the copies; those that are there already stay as they are.

    Raises:
        AlreadyThere: A file is in the place of the folder.
        CoCalcError: It cannot be written.
    """
    if os.path.exists(folder) and not folder.is_dir():
        raise AlreadyThere(f"{folder} is a file.", "Name a folder: %cocalc lessons DIR")
    copies = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*lesson_paths(), notebooks_folder() / SANITIZE):
            copy = folder / path.name
            if not os.path.lexists(copy):  # a link to nothing would be written through
                shutil.copyfile(path, copy)
                copies.append(copy)
    except OSError as problem:
        raise CoCalcError(f"{folder} cannot be written: {problem.strerror}.") from None
    return copies


@cache
def shipped_exercises() -> dict[str, Exercise]:
    """Return the exercises of the package's lessons by name, in the order of the lessons."""
    exercises = (item for path in sorted(EXERCISES.glob("*.txt")) for item in read_exercises(path))
    return {exercise.name: exercise for exercise in exercises}


def document_of(name: str, file: Path | None = None) -> Any:
    """Return what the file holds in which this exercise is: this one, or one of the package.

    Raises:
        InvalidSyntax: As `find_exercise` does.
    """
    find_exercise(name, file)
    documents = map(read_document, [file] if file else sorted(EXERCISES.glob("*.txt")))
    return next(document for document in documents if name in map(str, document["exercises"]))


def find_exercise(name: str, file: Path | None = None) -> Exercise:
    """Return an exercise of a file, or of the package's lessons.

    Raises:
        InvalidSyntax: There is none of this name, or the file is not an exercise file.
    """
    known = {item.name: item for item in read_exercises(file)} if file else shipped_exercises()
    if name not in known:
        raise InvalidSyntax(
            f"there is no exercise {name!r}.", did_you_mean(name, known), f"There are: {_few(known)}"
        )
    return known[name]


def _few(names: Collection[str]) -> str:
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return ", ".join(cut(name, 80) for name in islice(names, FEW)) + more
