"""Students' files here: a folder for each with the name on it, and files that come together without loss."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.client.transfer.local import hash_of
from cocalc_magic.sanitize.file_names import possible_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.course.definition import Student

_LONGEST = 80  # characters


def folder_names(students: Iterable[Student], noted: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the name of each student's folder, by address.

    It is the student's name; where several would be the same on some system, the address is added.

    Args:
        students: The students.
        noted: The folders of earlier times by address: who has one keeps it, and nobody else gets it.
    """
    kept = {address: name for address, name in (noted or {}).items() if name and _possible(name) == name}
    names = {student.address: _possible(student.name) or _possible(student.email) for student in students}
    taken = Counter(_folded(name) for name in (names | kept).values())
    free = {
        address: name if taken[_folded(name)] == 1 else f"{name} ({_possible(address)})"
        for address, name in names.items()
    }
    return free | {address: name for address, name in kept.items() if address in names}


def _possible(name: str) -> str:
    """Return a name that a folder can have everywhere, as close to this one as it goes; empty for none."""
    return possible_name(unicodedata.normalize("NFC", name).replace("\x7f", "-")[:_LONGEST])


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


@dataclass(frozen=True)
class Arrival:
    """What became of one file: its path below the folder, its hash, whether it is new or beside another."""

    path: str
    hash: str
    new: bool = False
    conflict: bool = False


def merge(source: Path, target: Path) -> list[Arrival]:
    """Move the files below one folder into another, and return what became of each.

    A folder that is made is for its owner alone.

    A file whose content is there already is left alone; beside one with other content it is kept under a name
    of its own, `answer (2).txt`. Nothing is written over.

    Raises:
        OSError: A file can't be moved; it stays where it was.
    """
    files = sorted(_files(source))
    if files:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_placed(path, target, path.relative_to(source)) for path in files]


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names)


def _placed(path: Path, target: Path, inside: Path) -> Arrival:
    digest = hash_of(path)
    for number in count(1):
        name = inside if number == 1 else inside.with_name(f"{inside.stem} ({number}){inside.suffix}")
        place = target / name
        if not os.path.lexists(place):
            _parent(place).mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
            return Arrival(str(name), digest, new=True, conflict=number > 1)
        if place.is_file() and not place.is_symlink() and hash_of(place) == digest:
            return Arrival(str(name), digest)
    raise AssertionError  # pragma: no cover - the loop ends by returning


def _parent(place: Path) -> Path:
    """Return the folder that a file goes into. Raises `OSError` where a link leads elsewhere."""
    if place.parent.is_symlink():
        raise OSError(f"{place.parent} is a link")
    return place.parent
