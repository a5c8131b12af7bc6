"""What was collected: the path and the folder here, and of each student the folder and its files' hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.course.class_folder import COLLECTED, changing, folder_of, read_json, write_json
from cocalc_magic.course.local_files import folder_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cocalc_magic.course.definition import Student
    from cocalc_magic.course.local_files import Arrival


def folders(class_file: Path) -> list[str]:
    """Return the paths of the folders that were collected into. Raises `CoCalcError`."""
    return list(_record(class_file))


def path_in(class_file: Path, into: Path) -> str:
    """Return the path in the projects that a folder has its files from; empty where nothing has come."""
    entry = _entry(class_file, into)
    students = entry.get("students")
    came = isinstance(students, dict) and any(known.get("files") for known in students.values())
    return str(entry.get("path") or "") if came else ""


def folders_of(class_file: Path, into: Path, students: Sequence[Student]) -> dict[str, str]:
    """Return the name of each student's folder below one that is collected into, by address.

    Whose a folder is does not change with the names in the class file.
    """
    entries = _entry(class_file, into).get("students")
    noted = {
        address: str(entry.get("folder"))
        for address, entry in (entries if isinstance(entries, dict) else {}).items()
        if isinstance(entry, dict)
    }
    return folder_names(students, noted)


def note(
    class_file: Path,
    into: Path,
    path: str,
    arrived: Mapping[str, Sequence[Arrival]],
    names: Mapping[str, str],
) -> None:
    """Note the hash of each file that was collected, by student. Raises `CoCalcError`.

    Args:
        class_file: The class file.
        into: The folder that it was collected into.
        path: Where it is in the projects.
        arrived: The files of each student, by address.
        names: The folders of the students, by address.
    """
    with changing(class_file):
        kept = _record(class_file)
        entry = kept.setdefault(_key_of(into), {"path": path, "students": {}})
        entry["path"] = path
        for address, files in arrived.items():
            known = entry["students"].setdefault(address, {"folder": names[address], "files": {}})
            known["files"] |= {file.path: file.hash for file in files}
        write_json(class_file, COLLECTED, kept)


def readdress(class_file: Path, moved: Mapping[str, str]) -> None:
    """Give students' folders to their new addresses, by their old ones. Raises `CoCalcError`."""
    with changing(class_file):
        kept = _record(class_file)
        for students in _students(kept):
            before = {old: students.pop(old) for old in moved if old in students}
            for old, entry in before.items():  # one that has a folder by the new address keeps both
                students[old if moved[old] in students else moved[old]] = entry
        if kept:
            write_json(class_file, COLLECTED, kept)


def _students(kept: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield whose folders are noted, of each folder that was collected into."""
    for entry in kept.values():
        if isinstance(entry, dict) and isinstance(entry.get("students"), dict):
            yield entry["students"]


def _entry(class_file: Path, into: Path) -> Mapping[str, Any]:
    entry = _record(class_file).get(_key_of(into))
    return entry if isinstance(entry, dict) else {}


def _key_of(into: Path) -> str:
    return str(into.resolve())


def _record(class_file: Path) -> dict[str, Any]:
    content = read_json(folder_of(class_file) / COLLECTED)
    return content if isinstance(content, dict) else {}
