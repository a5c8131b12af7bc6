"""The files of journals: where they are, who may read them, and what is wrong where they can't be used."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.errors import JournalDamaged, JournalFailed

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class About:
    """Which job a journal is of.

    Args:
        server: The server's address.
        account: Whose key it is: the id of an account or a project.
        event: The event of its messages.
        folder: The notebook's folder.
        world: The id of a sandbox's world; empty for other servers.
    """

    server: str
    account: str
    event: str
    folder: str
    world: str = ""

    def path(self) -> Path:
        """Return the file of its journal."""
        text = json.dumps(asdict(self), sort_keys=True)
        return journal_dir() / f"{blake2b(text.encode(), digest_size=16).hexdigest()}.db"


def journal_dir() -> Path:
    """Return the folder of the journals in Jupyter's data folder; it may not exist yet."""
    from jupyter_core.paths import jupyter_data_dir  # late: few sessions send many messages

    return Path(jupyter_data_dir()) / "cocalc-magic" / "jobs"


def sidecar(path: Path) -> Path:
    """Return the file that tells which job a journal is of, also while that is locked."""
    return path.with_suffix(".json")


def forget(path: Path) -> None:
    """Remove a journal. Raises `JournalFailed` where its job is running, or it can't be removed."""
    try:
        if path.exists():
            with _locked(path):
                if os.name == "posix":  # elsewhere an open file can't be removed
                    _remove(path)
        _remove(path)
    except (sqlite3.Error, OSError) as problem:
        raise failure(path, problem) from None


def _remove(path: Path) -> None:
    for file in (sidecar(path), path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        file.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock a journal; raise `sqlite3.OperationalError` where it is in use. A damaged one is not locked."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            pass
        yield


def create(path: Path) -> bool:
    """Make the file where it is missing, for its owner alone, and return whether it was."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sidecar(path).exists() and not path.exists():
        raise FileNotFoundError(2, "it is gone, and what was sent before with it", str(path))
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    return True


def failure(path: Path, problem: Exception) -> JournalFailed:
    """Return the error for a journal that can't be used."""
    text = str(problem)
    if isinstance(problem, sqlite3.OperationalError) and "locked" in text:
        return JournalFailed(
            "this job is running already, in this kernel or another.", "Wait for it, or stop it there."
        )
    is_damaged = isinstance(problem, sqlite3.DatabaseError) and (
        not isinstance(problem, sqlite3.OperationalError) or text.startswith("no such table")
    )
    if is_damaged or isinstance(problem, FileNotFoundError):
        reason = problem.strerror if isinstance(problem, OSError) else text
        return JournalDamaged(
            f"the journal of this job is damaged: {reason}.",
            f"Its file is {path}",
            "What was sent before is not known any more. To send all rows again: --again",
        )
    reason = problem.strerror or text if isinstance(problem, OSError) else text
    return JournalFailed(f"the journal {path} can't be used: {reason}.", "Nothing is sent without it.")


def keep_name(path: Path) -> None:
    """Put it on disk that there is a new file of this name."""
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
