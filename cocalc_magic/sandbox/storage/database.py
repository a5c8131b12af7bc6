"""One SQLite file: statements, transactions, and errors of the file or its disk.

Such errors are worded as PostgreSQL words them, since a CoCalc server passes those on; others are raised as
they are.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import CannotStart, Failed, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VERSION = 1  # of the tables; to be raised when older releases can no longer read them
MAX_CHECKED = 32 * 1024 * 1024  # bytes of a file that is checked at a start, at 1.5 ms a megabyte
BUSY_TIME = 0.5  # seconds to wait for another program that locks the file; all requests wait meanwhile
_DAMAGED = 'invalid page in file "{}": it is damaged, or no database'
_WORDS = {  # the beginning of SQLite's message -> PostgreSQL's message
    "database or disk is full": 'could not extend file "{}": No space left on device',
    # Also where a quota or a limit of file sizes is reached; SQLite does not distinguish them.
    "disk I/O error": 'could not write to file "{}": Input/output error, or no space left on device',
    "attempt to write a readonly database": 'cannot write to file "{}": it is read-only',
    "database is locked": 'could not obtain a lock on file "{}": another program holds it',
    "unable to open database file": 'could not open file "{}"',
    "database disk image is malformed": _DAMAGED,
    "malformed database schema": _DAMAGED,
    "file is not a database": _DAMAGED,
    "'utf-8' codec can't decode": _DAMAGED,  # of SQLite's own message, which quotes it
    "Could not decode to UTF-8": _DAMAGED,
    "Cannot operate on a closed database": "terminating connection: the sandbox is ending",
}
_SCHEMA = (
    "no such column",
    "no such table",
    "table ",
)  # how its messages begin where the tables are not ours
_PROBLEMS = (sqlite3.Error, UnicodeDecodeError)


class Database:
    """One file. Every method is safe to call from any thread; a write has happened when it returns.

    Raises `CannotStart` for a file that can't be used.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lock = threading.RLock()
        try:
            self._db = _opened(path)
        except _PROBLEMS as problem:
            raise _unusable(path, _words(problem, path.name) or str(problem)) from None
        try:
            self._check(path)
        except (CannotStart, StorageFailed) as problem:
            self._db.close()
            raise problem if isinstance(problem, CannotStart) else _unusable(path, str(problem)) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run a statement and return its rows. Raises `StorageFailed`."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except _PROBLEMS as problem:
                if words := _words(problem, self._name):
                    raise StorageFailed(words) from None
                raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes of a block, or none; other threads wait meanwhile. May be nested."""
        with self._lock:
            within = self._within()
            self.run("SAVEPOINT part" if within else "BEGIN")
            try:
                yield
                self._end("RELEASE part" if within else "COMMIT")
            except BaseException:
                with suppress(StorageFailed):
                    self._end("ROLLBACK TO part" if within else "ROLLBACK")
                    self._end("RELEASE part")  # of one within another
                raise

    @contextmanager
    def message(self) -> Iterator[None]:
        """Like `transaction`, but keep what was written before the message failed by itself."""
        failure: Failed | None = None
        with self.transaction():
            try:
                yield
            except StorageFailed:
                raise
            except Failed as problem:
                failure = problem
        if failure:
            raise failure

    # -- inside ------------------------------------------------------------------------------------

    def _check(self, path: Path) -> None:
        """Raise `CannotStart` for a later release's file, `StorageFailed` for a broken one."""
        version = int(self.run("PRAGMA user_version")[0][0])
        if version > VERSION:
            raise CannotStart(
                f"{path} was written by a later release (its tables have version {version}, this one knows "
                f"{VERSION}); update cocalc-magic, or name another folder."
            )
        tables = {row["name"] for row in self.run("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not version and tables and "api_keys" not in tables:
            raise CannotStart(f"{path} is not the data of a sandbox; name another folder.")
        if path.stat().st_size <= MAX_CHECKED and self.run("PRAGMA quick_check(1)")[0][0] != "ok":
            raise StorageFailed(_DAMAGED.format(self._name))
        if version < VERSION:
            self.run(f"PRAGMA user_version = {VERSION}")

    def _end(self, sql: str) -> None:
        """End a transaction, unless SQLite has rolled it back by itself, as on a full disk."""
        if self._within():
            self.run(sql)

    def _within(self) -> bool:
        """Whether a transaction is under way. Raises `StorageFailed` for a closed file, as `run` does."""
        try:
            return self._db.in_transaction
        except sqlite3.ProgrammingError as problem:
            raise StorageFailed(_words(problem, self._name)) from None


def _unusable(path: Path, words: str) -> CannotStart:
    return CannotStart(f"{path} can't be used: {words.removeprefix('error: ')}.")


def _opened(path: Path) -> sqlite3.Connection:
    """Open a connection. Raises `sqlite3.Error`."""
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_TIME)
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA temp_store = MEMORY")  # a large answer needs no room on the disk
    except sqlite3.Error:
        database.close()
        raise
    return database


def _words(problem: Exception, name: str) -> str | None:
    """Word a problem as PostgreSQL does; `None` where it is not one of the file or its disk."""
    text = str(problem)
    if text.startswith(_SCHEMA):
        return f'error: the tables of file "{name}" are damaged, or not those of this release: {text}'
    return next(
        (f"error: {words.format(name)}" for start, words in _WORDS.items() if text.startswith(start)), None
    )
