"""What was done for a class: whose project is which, what was handed out, collected and returned.

The server stays the truth: a noted project counts while the server lists it. Kernels and jobs note things at
the same time: each adds to the file what it has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from cocalc_magic.course.class_folder import (
    NOTES,
    changing,
    damaged,
    folder_of,
    read_json,
    require_own,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
        files: Reports with people's names, from the folder of the class file on.
        archives: Lists that were written to be kept when the rest is forgotten.
        folders: Where these notes have been, by which journals are known.
        ended: When the class was ended, as an ISO date.
        loaded: What was read from the file: all else is what this run has changed.
    """

    projects: dict[str, KnownProject] = field(default_factory=dict)
    handouts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    ended: str = ""
    folders: list[str] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def note(self, handout: str, address: str, **values: str) -> None:
        """Note what was done with a handout for a student."""
        self.handouts.setdefault(handout, {}).setdefault(address, {}).update(values)

    def readdress(self, moved: Mapping[str, str]) -> None:
        """Give what was done for students to their new addresses, by their old ones."""
        for name, entries in self.handouts.items():
            kept = {who: entry for who, entry in entries.items() if who not in moved}
            for old, new in moved.items():
                if old in entries:
                    kept[new] = {**entries[old], **kept.get(new, {})}
            self.handouts[name] = kept

    def content(self) -> dict[str, Any]:
        """Return what the file holds, a copy."""
        handouts = {
            name: {who: {**entry} for who, entry in entries.items()}
            for name, entries in self.handouts.items()
        }
        return {
            "version": VERSION,
            "projects": {project_id: {**vars(known)} for project_id, known in self.projects.items()},
            "handouts": handouts,
            "files": [*self.files],
            "ended": self.ended,
            "folders": [*self.folders],
            "archives": [*self.archives],
        }


def load(class_file: Path) -> Notes:
    """Return what is noted; nothing where there is no file.

    Raises:
        CoCalcError: The file can't be read, or the folder is not of this class.
    """
    require_own(class_file)
    return _notes(class_file, read_json(folder_of(class_file) / NOTES))


def _notes(class_file: Path, content: Any) -> Notes:
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
            if name  # an earlier version noted the home folder so
        }
        files, folders, archives = (
            [str(name) for name in content.get(kind, ())] for kind in ("files", "folders", "archives")
        )
        notes = Notes(known, handouts, files, str(content["ended"]), folders, archives)
    except (KeyError, TypeError, AttributeError):
        raise damaged(folder_of(class_file) / NOTES) from None
    notes.loaded = notes.content()
    return notes


def save(class_file: Path, notes: Notes) -> None:
    """Add what has changed since the notes were loaded to what the file holds now.

    Raises:
        CoCalcError: It can't be written, or the class was forgotten meanwhile.
    """
    if (place := str(folder_of(class_file).resolve())) not in notes.folders:
        notes.folders.append(place)
    with changing(class_file):
        now = _notes(class_file, read_json(folder_of(class_file) / NOTES)).content()
        content = _merged(now, notes.loaded, notes.content())
        write_json(class_file, NOTES, content)
    vars(notes).update(vars(_notes(class_file, content)))


def _merged(now: Any, before: Any, mine: Any) -> Any:
    """Return `now` with what differs between `before` and `mine`."""
    if isinstance(now, dict) and isinstance(mine, dict):
        before = before or {}
        gone = before.keys() - mine.keys()
        new = {key: value for key, value in mine.items() if key in now or value != before.get(key)}
        kept = {key: value for key, value in now.items() if key not in gone}
        return kept | {key: _merged(now.get(key), before.get(key), value) for key, value in new.items()}
    if isinstance(now, list) and isinstance(mine, list):
        removed = [value for value in before or () if value not in mine]
        return list(dict.fromkeys(value for value in [*now, *mine] if value not in removed))
    return now if mine == before else mine
