"""The hidden folder beside a class file, `.class/` beside `class.yaml`, that its owner alone can read.

Kernels and jobs write into it at the same time, each under its lock. A folder that something else made is
neither used nor removed: ours has a mark, and no other file of it is removed than those of ours.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.file_lock import locked
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOTES, PLAN, COLLECTED = "notes.json", "plan.json", "collected.json"
HOLDING_NAMES = (NOTES, PLAN, COLLECTED)
_MARK = "class-file"  # holds the name of the class file
_LOCK = "lock"
_OWN = frozenset({*HOLDING_NAMES, _MARK, _LOCK, ".gitignore"})


def folder_of(class_file: Path) -> Path:
    """Return the hidden folder of a class file."""
    return class_file.parent / f".{class_file.stem}"


def is_own(class_file: Path) -> bool:
    """Return whether the hidden folder is that of this class file, or there is none so far.

    One without a mark, of an earlier version, holds nothing but files of ours.
    """
    folder = folder_of(class_file)
    try:
        names = {path.name for path in folder.iterdir()}
        if _MARK not in names:
            return all(name in _OWN or name.startswith(".new-") for name in names)
        of = os.fsdecode((folder / _MARK).read_bytes()).strip()
        return of == class_file.name or not class_file.with_name(of).exists()  # it was renamed
    except FileNotFoundError:
        return not folder.is_symlink()
    except (OSError, ValueError):
        return False


def require_own(class_file: Path) -> None:
    """Raise `CoCalcError` where the hidden folder is not that of this class file."""
    if not is_own(class_file):
        raise CoCalcError(
            f"{folder_of(class_file)} is not the folder of {class_file}: something else made it.",
            f"The notes of a class go there. Call the class file otherwise: --file my-{class_file.name}",
        )


@contextmanager
def changing(class_file: Path) -> Iterator[None]:
    """Let nobody else write into the folder of a class in the block.

    Raises:
        CoCalcError: The class was forgotten, the folder is another's, or it can't be written.
    """
    require_own(class_file)
    _require_class(class_file)
    folder = folder_of(class_file)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise CoCalcError(f"{folder} can't be written: {problem.strerror}.") from None
    with locked(folder / _LOCK):
        _require_class(class_file)
        yield


def _require_class(class_file: Path) -> None:
    if not class_file.exists():
        raise CoCalcError(
            f"{class_file} is gone: what was done is not noted.", "course end --forget removes it, for one."
        )


def forget(class_file: Path, files: Iterable[str]) -> list[Path]:
    """Remove other files of a class and its folder, and return what was removed.

    Of the folder nothing is removed that is not ours; where there is such a thing, the folder stays.

    Raises:
        CoCalcError: Something can't be removed.
    """
    removed = list[Path]()
    try:
        for path in map(Path, files):
            if path.is_file():
                path.unlink()
                removed.append(path)
        if folder_of(class_file).is_dir() and is_own(class_file):
            removed += _emptied(folder_of(class_file))
    except OSError as problem:
        raise CoCalcError(f"{problem.filename} can't be removed: {problem.strerror}.") from None
    return removed


def _emptied(folder: Path) -> list[Path]:
    """Remove our own files of a folder, then the folder or the link to it where nothing is left in it."""
    with locked(folder / _LOCK):
        own = [path for path in folder.iterdir() if path.name in _OWN or path.name.startswith(".new-")]
        for path in own:
            if path.name not in (_MARK, _LOCK):
                path.unlink()
    for name in (_LOCK, _MARK):
        (folder / name).unlink(missing_ok=True)
    if any(folder.iterdir()):
        return own
    folder.unlink() if folder.is_symlink() else folder.rmdir()
    return [folder]


# -- files -----------------------------------------------------------------------------------------


def name_of(class_file: Path, path: Path) -> str:
    """Return what a file is noted by: its path from the folder of the class on, which may move with it."""
    here, full = class_file.parent.resolve(), path.resolve()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else str(full)


def path_of(class_file: Path, name: str) -> Path:
    """Return the file that is noted by a name."""
    return class_file.parent / name


def read_json(path: Path) -> Any:
    """Return what a file of the folder holds; `None` where there is none. Raises `CoCalcError`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CoCalcError(f"{path} can't be read: {problem.strerror}.") from None
    except (ValueError, RecursionError):
        raise damaged(path) from None


def damaged(path: Path) -> CoCalcError:
    """Return the error for a file of the folder that does not hold what was written."""
    return CoCalcError(
        f"{path} is damaged.", "Remove it: what is on the server is found by titles and members."
    )


def write_json(class_file: Path, name: str, content: Any) -> None:
    """Write a file of the folder, which no version control takes up, in a block of `changing`.

    Raises:
        CoCalcError: It can't be written.
    """
    folder = folder_of(class_file)
    texts = {_MARK: os.fsencode(f"{class_file.name}\n"), ".gitignore": b"*\n"}
    try:
        for other, text in texts.items():
            if not (folder / other).exists():
                replace_file(folder / other, text)
        replace_file(folder / name, json.dumps(content, indent=1) + "\n")  # ASCII: names may be no UTF-8
    except OSError as problem:
        raise CoCalcError(f"{folder / name} can't be written: {problem.strerror}.") from None
