"""What was done for a class, kept in a hidden folder beside its file that its owner alone can read.

`.class/` beside `class.yaml` holds `notes.json` (whose project is which, what was handed out, collected and
returned) and `plan.json`. The server stays the truth: a noted project counts while the server lists it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = 1


@dataclass
class KnownProject:
    """Whose project it is.

    Args:
        email: The student's address, in lower case.
        name: The student's name.
        prepared: A digest of the commands that prepared it.
        plan: The plan that it was made by.
    """

    email: str
    name: str
    prepared: str = ""
    plan: str = ""


@dataclass
class Notes:
    """What is noted of one class.

    Args:
        projects: By id of the project.
        handouts: By handout and address: `handed_out`, `collected`, `returned` (ISO dates), `grade`, ….
        files: Reports and other files with people's names that were written elsewhere.
        ended: When the class was ended, as an ISO date.
    """

    projects: dict[str, KnownProject] = field(default_factory=dict)
    handouts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    ended: str = ""

    def add_file(self, path: Path) -> None:
        """Note a file with people's names in it."""
        name = str(path.resolve())
        if name not in self.files:
            self.files.append(name)

    def note(self, handout: str, address: str, **values: str) -> None:
        """Note what was done with a handout for a student."""
        self.handouts.setdefault(handout, {}).setdefault(address, {}).update(values)


def folder_of(class_file: Path) -> Path:
    """Return the hidden folder of a class file."""
    return class_file.with_name(f".{class_file.stem}")


def load(class_file: Path) -> Notes:
    """Return what is noted; nothing where there is no file.

    Raises:
        CoCalcError: The file can't be read.
    """
    content = read_json(folder_of(class_file) / "notes.json")
    if content is None:
        return Notes()
    try:
        names = {item.name for item in fields(KnownProject)}
        known = {
            str(project_id): KnownProject(
                **{name: str(value) for name, value in entry.items() if name in names}
            )
            for project_id, entry in content["projects"].items()
        }
        handouts = {
            str(name): {str(who): {k: str(v) for k, v in entry.items()} for who, entry in entries.items()}
            for name, entries in content["handouts"].items()
        }
        files = [str(name) for name in content["files"]]
        ended = str(content["ended"])
    except (KeyError, TypeError, AttributeError):
        raise damaged(folder_of(class_file) / "notes.json") from None
    return Notes(known, handouts, files, ended)


def save(class_file: Path, notes: Notes) -> None:
    """Write what is noted, whole or not at all. Raises `CoCalcError` where it can't be written."""
    projects = {project_id: vars(known) for project_id, known in notes.projects.items()}
    write_json(
        folder_of(class_file) / "notes.json", {"version": VERSION, **vars(notes), "projects": projects}
    )


def forget(class_file: Path, files: Iterable[str]) -> list[Path]:
    """Remove the folder of a class and other files of it, and return what was removed.

    Raises:
        CoCalcError: Something can't be removed.
    """
    removed = list[Path]()
    folder = folder_of(class_file)
    try:
        for path in map(Path, files):
            if path.is_file():
                path.unlink()
                removed.append(path)
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
            removed.append(folder)
    except OSError as problem:
        raise CoCalcError(f"{problem.filename} can't be removed: {problem.strerror}.") from None
    return removed


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


def write_json(path: Path, content: Any) -> None:
    """Write a file of the folder, which no version control takes up. Raises `CoCalcError`."""
    try:
        replace_file(path, json.dumps(content, indent=1) + "\n")  # ASCII: names of files may be no UTF-8
        ignore = path.with_name(".gitignore")
        if not ignore.exists():
            replace_file(ignore, "*\n")
    except OSError as problem:
        raise CoCalcError(f"{path} can't be written: {problem.strerror}.") from None
