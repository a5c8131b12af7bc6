"""The journal of a job: what was about to be sent, and what came of it; it outlives the kernel.

One SQLite file a job, in Jupyter's data folder, readable by its owner alone. A message is entered before it
is sent and its outcome after; each `record` is one transaction that is on disk when it returns. While a job
runs, its file is locked for all other processes, and the lock goes with the process.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cocalc_magic.bulk.journal_file import create, failure, keep_name, sidecar
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.errors import InvalidMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.bulk.journal_file import About
    from cocalc_magic.bulk.rows import Row, RowMessage

State = Literal["begun", "done", "failed", "unknown"]
_STATES: tuple[State, ...] = ("begun", "done", "failed", "unknown")
_CHECKED_BYTES = 64 * 1024 * 1024  # of a journal that is looked through when it is opened
_LOCK_TIME = 1.0  # seconds that another process may take to look at it
_MAX_EQUAL = 5  # pairs of equal messages in an error
_LISTED = ""  # among the ids of a run, since there may have been none
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE messages (
    identity BLOB PRIMARY KEY, state INTEGER NOT NULL, run INTEGER NOT NULL, begun REAL NOT NULL,
    name TEXT NOT NULL, fields TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE listed (run INTEGER, id TEXT, PRIMARY KEY (run, id)) WITHOUT ROWID;
"""
_ROWS = "CREATE TEMP TABLE rows (identity BLOB PRIMARY KEY, number INT, place INT) WITHOUT ROWID"
_BEGIN = (
    "INSERT INTO messages (identity, state, run, begun, name) VALUES (?, 0, ?, ?, ?) "
    "ON CONFLICT (identity) DO UPDATE SET state = 0, run = excluded.run, begun = excluded.begun, "
    "fields = '', error = ''"
)


class Entry(NamedTuple):
    """What the journal knows of a message.

    Args:
        state: `begun`: it was about to be sent, and nothing is known of what came of it.
        run: The run that was about to send it.
        begun: When, in seconds since 1970.
        fields: The fields of the response.
        error: What went wrong.
    """

    state: State
    run: int
    begun: float
    fields: Mapping[str, Any]
    error: str


class Finished(NamedTuple):
    """What came of a message, to be entered."""

    identity: bytes
    state: State
    fields: Mapping[str, Any]
    error: str


class Journal:
    """The journal of one job, open and locked until it is closed.

    Args:
        about: The job.

    Raises:
        JournalDamaged: What was sent before is not known any more.
        JournalFailed: Another kernel runs the job, or the file can't be read or written.
    """

    def __init__(self, about: About) -> None:
        self.path = about.path()
        with self._explained():
            is_new = create(self.path)
            self._inode = self.path.stat().st_ino
            self._db = sqlite3.connect(
                f"{self.path.as_uri()}?mode=rw",
                timeout=_LOCK_TIME,
                isolation_level=None,
                check_same_thread=False,
                uri=True,
            )
        try:
            with self._explained():
                self._open(about, is_new)
        except BaseException:
            self._db.close()
            raise

    def _open(self, about: About, is_new: bool) -> None:
        """Lock the file, and make or check its tables."""
        db = self._db
        for pragma in (
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = FULL",  # a transaction is on disk when it is over
            "temp_store = FILE",
            "cache_size = -4000",
        ):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN EXCLUSIVE")  # from here on others are told that it is locked
        if not self.path.exists() or self.path.stat().st_ino != self._inode:
            raise sqlite3.OperationalError("it was removed meanwhile; run it again")
        if is_new or not sidecar(self.path).exists():
            self._fill(about)
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'run'")
        db.execute("COMMIT")
        self._check()
        meta = dict(db.execute("SELECT name, value FROM meta"))
        if not meta.keys() >= {"salt", "run"}:
            raise sqlite3.DatabaseError("it does not say whose it is")
        self.salt: bytes = meta["salt"]
        self.run: int = meta["run"]
        replace_file(sidecar(self.path), json.dumps(asdict(about), ensure_ascii=False))
        if is_new:
            keep_name(self.path)

    def _fill(self, about: About) -> None:
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return  # the kernel has ended between here and the sidecar
        for statement in filter(str.strip, _SCHEMA.split(";")):
            self._db.execute(statement)
        meta = {**asdict(about), "salt": secrets.token_bytes(16), "run": 0}
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())

    def _check(self) -> None:
        """Raise for a damaged file, as far as that shows."""
        if self.path.stat().st_size < _CHECKED_BYTES:
            verdict = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise what goes wrong as `JournalFailed`."""
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            raise failure(self.path, problem) from None

    def check(self, messages: Iterable[RowMessage], forgotten: int = 0) -> Iterator[RowMessage]:
        """Yield each message, and raise `InvalidMessage` at the end where two are equal.

        Args:
            forgotten: So many of them are taken for new after that, whatever is known of them.
        """
        equal: list[tuple[int, Row]] = []
        with self._explained():
            self._db.execute(_ROWS)
            self._db.execute("BEGIN")
        try:
            for place, message in enumerate(messages):
                number = self._other_row(message.identity(self.salt), message.row.number, place)
                if number is not None:
                    equal.append((number, message.row))
                    if len(equal) > _MAX_EQUAL:
                        break
                yield message
            if not equal:
                self._forget_checked(forgotten)
        finally:
            with self._explained():
                self._db.execute("COMMIT")
                self._db.execute("DROP TABLE temp.rows")
        if equal:
            raise _equal(equal)

    def _forget_checked(self, count: int) -> None:
        with self._explained():
            self._db.execute(
                "DELETE FROM messages WHERE identity IN (SELECT identity FROM temp.rows WHERE place < ?)",
                (count,),
            )

    def _other_row(self, identity: bytes, number: int, place: int) -> int | None:
        """Return the number of the row that sends the same, or note this one."""
        with self._explained():
            row = (identity, number, place)
            if self._db.execute("INSERT OR IGNORE INTO temp.rows VALUES (?, ?, ?)", row).rowcount:
                return None
            other = self._db.execute("SELECT number FROM temp.rows WHERE identity = ?", (identity,))
            return int(other.fetchone()[0])

    def entry(self, identity: bytes) -> Entry | None:
        """Return what is known of a message."""
        with self._explained():
            row = self._db.execute(
                "SELECT state, run, begun, fields, error FROM messages WHERE identity = ?", (identity,)
            ).fetchone()
        if row is None:
            return None
        state, run, begun, fields, error = row
        return Entry(_STATES[state], run, begun, json.loads(fields) if fields else {}, error)

    def record(
        self,
        begin: Iterable[tuple[bytes, str]] = (),
        finished: Iterable[Finished] = (),
        withdrawn: Iterable[bytes] = (),
    ) -> None:
        """Enter what is about to be sent and what came of it; it is on disk when this returns.

        Args:
            begin: Identities and the rows' names.
            withdrawn: Those that are not sent after all.
        """
        now = time.time()
        with self._explained(), self._transaction():
            self._db.executemany(_BEGIN, [(identity, self.run, now, name) for identity, name in begin])
            self._db.executemany(
                "UPDATE messages SET state = ?, fields = ?, error = ? WHERE identity = ?",
                [_row(entry) for entry in finished],
            )
            self._db.executemany(
                "DELETE FROM messages WHERE identity = ?", [(identity,) for identity in withdrawn]
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def keep_listed(self, ids: Iterable[str]) -> None:
        """Enter the records that a server lists before this run sends anything."""
        with self._explained(), self._transaction():
            self._db.execute(
                "DELETE FROM listed WHERE run NOT IN (SELECT run FROM messages WHERE state IN (0, 3))"
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO listed VALUES (?, ?)", ((self.run, each) for each in (_LISTED, *ids))
            )

    def listed(self, run: int) -> set[str] | None:
        """Return the records that were there before a run; `None` where that is not known."""
        with self._explained():
            ids = {row[0] for row in self._db.execute("SELECT id FROM listed WHERE run = ?", (run,))}
        return ids if _LISTED in ids else None

    def fields(self, name: str) -> Iterator[Any]:
        """Yield the values that the responses so far have in the field of this name."""
        with self._explained():
            for (text,) in self._db.execute("SELECT fields FROM messages WHERE state = 1 AND fields <> ''"):
                if name in (fields := json.loads(text)):
                    yield fields[name]

    def close(self) -> None:
        """Close the file, which unlocks it."""
        self._db.close()


def _row(entry: Finished) -> tuple[int, str, str, bytes]:
    fields = json.dumps(dict(entry.fields), ensure_ascii=False, default=str) if entry.fields else ""
    return _STATES.index(entry.state), fields, entry.error, entry.identity


def _equal(pairs: list[tuple[int, Row]]) -> InvalidMessage:
    """Return the error for rows that send the same."""
    shown = [f"rows {number} and {row.number}" for number, row in pairs[:_MAX_EQUAL]]
    more = ", and more" if len(pairs) > _MAX_EQUAL else ""
    return InvalidMessage(
        f"{', '.join(shown)}{more} send the same message.",
        "Where that is meant, name a column that tells them apart: --key COLUMN",
    )
