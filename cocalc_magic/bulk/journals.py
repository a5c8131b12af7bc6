"""The journals on this machine: which jobs they are of, whose names they hold, and removing them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.bulk.journal_file import About, forget, journal_dir, sidecar
from cocalc_magic.errors import InvalidValue, JournalFailed, what_there_is

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALL = "all"
_ID = 8  # characters of a file's name that a journal is called by
_MAX_NAMES = 3
_STATES = ("begun", "done", "failed", "unknown")


@dataclass(frozen=True)
class Kept:
    """A journal on disk.

    Args:
        path: Its file.
        about: The job it is of.
        changed: When it was last changed, in seconds since 1970.
        counts: Rows by what came of them; empty while a job runs, and of a file that is damaged.
        names: What the first rows are called.
        problem: `running`, or `damaged`; empty for one that was read.
    """

    path: Path
    about: About
    changed: float
    counts: Mapping[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    problem: str = ""

    @property
    def id(self) -> str:
        """What it is called in commands."""
        return self.path.stem[:_ID]


def kept() -> list[Kept]:
    """Return the journals on this machine, the last changed first."""
    journals = [_read(path) for path in journal_dir().glob("*.db") if path.exists()]
    return sorted(journals, key=lambda journal: -journal.changed)


def _read(path: Path) -> Kept:
    changed = path.stat().st_mtime if path.exists() else 0.0  # another kernel may remove it meanwhile
    about = _about(path)
    try:
        # One that was removed meanwhile is not made anew.
        address = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as db:
            counts = db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall()
            names = db.execute("SELECT name FROM messages LIMIT ?", (_MAX_NAMES,)).fetchall()
    except sqlite3.DatabaseError as problem:
        return Kept(path, about, changed, problem="running" if "locked" in str(problem) else "damaged")
    by_state = {_STATES[state]: count for state, count in counts}
    return Kept(path, about, changed, by_state, tuple(name for (name,) in names))


def _about(path: Path) -> About:
    try:
        return About(**json.loads(sidecar(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return About("?", "?", "?", "?")


def forget_kept(id_: str) -> list[Kept]:
    """Remove the journal that is called so, or all that are not in use, and return those that are gone.

    Raises:
        InvalidValue: There is no such journal.
        JournalFailed: Its job is running, or it can't be removed.
    """
    journals = kept()
    if id_ == ALL:
        idle = [journal for journal in journals if journal.problem != "running"]
        for journal in idle:
            forget(journal.path)
        return idle
    matching = [journal for journal in journals if journal.id == id_]
    if not matching:
        names = [journal.id for journal in journals]
        hints = what_there_is(id_, names, "There are", "%cocalc jobs lists them.")
        raise InvalidValue(f"there is no journal {id_!r}.", *hints)
    if matching[0].problem == "running":
        raise JournalFailed(f"the job of {id_} is running.", "Wait for it, or stop it there.")
    forget(matching[0].path)
    return matching
