"""The folder that a build is written into."""

from __future__ import annotations

import shutil
from pathlib import Path

from lite.download import BuildError


def emptied(folder: Path, mark: str) -> Path:
    """Return the path of a folder to build into; an earlier build in it, which has the mark, is removed.

    Raises:
        BuildError: It is no folder, cannot be written, or has files of something else.
    """
    target = folder.resolve()
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()) and not (target / mark).is_file():
            raise BuildError(f"{folder} has files of something else: name a new folder, or an empty one")
        if target in (Path.cwd(), *Path.cwd().parents):
            raise BuildError(f"{folder} is where you are: name another folder")
        shutil.rmtree(target)
    except OSError as problem:
        raise BuildError(f"{folder} cannot be built into: {problem.strerror}") from problem
    return target
