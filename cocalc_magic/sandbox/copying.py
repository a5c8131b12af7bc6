"""Copying files between projects, as the recorded server does it with rsync; knows no HTTP.

What is newer at the target is kept unless ``overwrite_newer``; ``delete_missing`` removes what the
source has not; ``backup`` keeps what is replaced under its name with a ``~``; ``exclude`` holds
patterns of names. Links are copied as links, and never followed out of a project.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ENTRIES = 100_000  # files and folders of one copy


@dataclass(frozen=True)
class How:
    """The options of a copy."""

    overwrite_newer: bool = False
    delete_missing: bool = False
    backup: bool = False
    exclude: tuple[str, ...] = ()


def copy(source: Path, target: Path, how: How) -> None:
    """Copies a file, or what is in a folder. Raises ``OSError``."""
    if source == target:
        return
    if not source.is_dir() or source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_file(source, target / source.name if target.is_dir() else target, how)
        return
    entries = list(_entries(source, how.exclude))  # before anything is written: the target may lie within
    target.mkdir(parents=True, exist_ok=True)
    for relative in entries:
        _copy_entry(source / relative, target / relative, how)
    if how.delete_missing:
        _delete_missing(target, set(entries), how.exclude)


def _entries(root: Path, exclude: tuple[str, ...]) -> Iterator[Path]:
    """Everything below a folder, relative to it, folders before what is in them."""
    count = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if not _excluded(name, exclude))
        for name in (*folders, *sorted(files)):
            if _excluded(name, exclude):
                continue
            count += 1
            if count > MOST_ENTRIES:
                raise OSError(f"more than {MOST_ENTRIES:,} files are not copied at once")
            yield here / name


def _copy_entry(source: Path, target: Path, how: How) -> None:
    if source.is_symlink() or not source.is_dir():
        _copy_file(source, target, how)
    elif target.is_symlink() or (target.exists() and not target.is_dir()):
        target.unlink()
        target.mkdir()
    else:
        target.mkdir(exist_ok=True)


def _copy_file(source: Path, target: Path, how: How) -> None:
    """One file or link; others (pipes, sockets) are passed over."""
    found = source.lstat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        return
    if target.is_symlink() or target.is_file():
        if not how.overwrite_newer and target.lstat().st_mtime > found.st_mtime:
            return
        if how.backup:
            target.replace(target.with_name(f"{target.name}~"))
        else:
            target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)
    shutil.copy2(source, target, follow_symlinks=False)


def _delete_missing(target: Path, kept: set[Path], exclude: tuple[str, ...]) -> None:
    for relative in sorted(_entries(target, exclude), reverse=True):
        found = target / relative
        if relative in kept or not os.path.lexists(found):
            continue
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()


def _excluded(name: str, exclude: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in exclude)
