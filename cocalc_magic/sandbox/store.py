"""The sandbox's memory: SQLite in one file; knows no HTTP and no folders.

Rows go in and out as dicts of Python values. Timestamps are integers, milliseconds since 1970; maps and
arrays are JSON in their columns. Names of tables and columns come from our own data alone, values
are always parameters.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Row = dict[str, Any]

_EXTRA_COLUMNS = {  # stored, and never seen by a query
    "accounts": {"position": "integer", "password": "text", "banned": "boolean", "found_by": "text"},
    "projects": {"position": "integer"},
}
_SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "timestamp": "INTEGER"}
_JSON_KINDS = ("map", "array")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT LIKE", "IS", "IS NOT")


def kinds() -> dict[str, dict[str, str]]:
    """Every stored table with the kind of each of its columns."""
    found: dict[str, dict[str, str]] = {}
    for table in TABLES.values():
        columns = {column.name: column.kind for column in table.columns}
        found.setdefault(table.stored_in, {}).update(columns)
    for name, extra in _EXTRA_COLUMNS.items():
        found[name].update(extra)
    return found


KINDS = kinds()
_KEYS = {table.stored_in: table.key for table in TABLES.values()}


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Store:
    """One database. Every method is safe to call from any thread; a write has happened when it returns."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._make_tables()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes in it happen, or none; it keeps other threads out meanwhile."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- rows --------------------------------------------------------------------------------------

    def get(self, table: str, key: str) -> Row | None:
        """The row with this primary key."""
        return next(iter(self.select(table, [(_KEYS[table], "=", key)], limit=1)), None)

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Adds a row."""
        names = list(row)
        marks = ", ".join("?" * len(names))
        columns = ", ".join(map(_quoted, names))
        self.run(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",
            [_stored(table, name, row[name]) for name in names],
        )
        self._follow_members(table, row, row)

    def update(self, table: str, key: str, changes: Mapping[str, Any]) -> None:
        """Changes columns of the row with this primary key."""
        if not changes:
            return
        setting = ", ".join(f"{_quoted(name)} = ?" for name in changes)
        values = [_stored(table, name, value) for name, value in changes.items()]
        self.run(f"UPDATE {table} SET {setting} WHERE {_KEYS[table]} = ?", [*values, key])
        self._follow_members(table, {_KEYS[table]: key}, changes)

    def select(
        self,
        table: str,
        where: Iterable[tuple[str, str, Any]] = (),
        *,
        member: str | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that meet all conditions ``(column, operator, value)``.

        ``member``: only projects that this account is in. ``order``: column names, ``-`` before one
        for descending; rows that tie come as they were made.
        """
        conditions, values = ["1"], []
        for column, operator, value in where:
            if operator not in OPERATORS:
                raise ValueError(operator)
            conditions.append(f"{_quoted(column)} {operator} ?")
            values.append(_stored(table, column, value))
        if member is not None:
            conditions.append("project_id IN (SELECT project_id FROM members WHERE account_id = ?)")
            values.append(member)
        ordering = ", ".join(
            f"{_quoted(name.lstrip('-'))} {_direction(name)}" for name in (*order, "position")
        )
        sql = f"SELECT * FROM {table} WHERE {' AND '.join(conditions)} ORDER BY {ordering} LIMIT ?"
        return [_loaded(table, row) for row in self.run(sql, [*values, -1 if limit is None else limit])]

    def accounts_found_by(self, words: Iterable[str], limit: int) -> list[Row]:
        """Accounts whose names (lower-cased, with their user name) contain every one of these patterns."""
        patterns = [f"%{word}%" for word in words]
        conditions = " AND ".join(["found_by LIKE ?"] * len(patterns)) or "1"
        order = "COALESCE(last_active, created) DESC, position DESC"
        sql = f"SELECT * FROM accounts WHERE {conditions} ORDER BY {order} LIMIT ?"
        return [_loaded("accounts", row) for row in self.run(sql, [*patterns, limit])]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.run(f"SELECT COUNT(*) FROM {table}")[0][0])

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Runs a statement of those who keep tables of their own here; returns its rows."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # -- inside ------------------------------------------------------------------------------------

    def _make_tables(self) -> None:
        with self.transaction():
            for name, columns in KINDS.items():
                described = ", ".join(
                    f"{_quoted(column)} {_SQL_TYPES.get(kind, 'TEXT')}"
                    + (" PRIMARY KEY" if column == _KEYS[name] else "")
                    for column, kind in columns.items()
                )
                self.run(f"CREATE TABLE IF NOT EXISTS {name} ({described})")
            self.run(
                "CREATE TABLE IF NOT EXISTS members (account_id TEXT, project_id TEXT, "
                "PRIMARY KEY (account_id, project_id)) WITHOUT ROWID"
            )
            self.run("CREATE INDEX IF NOT EXISTS members_of ON members (project_id)")
            self.run("CREATE INDEX IF NOT EXISTS accounts_email ON accounts (email_address)")
            self.run("CREATE INDEX IF NOT EXISTS accounts_name ON accounts (name)")

    def _follow_members(self, table: str, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Keeps ``members`` as the ``users`` map of the project says."""
        if table != "projects" or "users" not in changes:
            return
        project_id = row["project_id"]
        with self._lock:
            self.run("DELETE FROM members WHERE project_id = ?", [project_id])
            for account_id in changes["users"] or {}:
                self.run("INSERT INTO members VALUES (?, ?)", [account_id, project_id])


# -- values ----------------------------------------------------------------------------------------


def _quoted(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(name)
    return f'"{name}"'


def _direction(name: str) -> str:
    return "DESC" if name.startswith("-") else "ASC"


def _stored(table: str, column: str, value: Any) -> Any:
    if value is not None and KINDS[table][column] in _JSON_KINDS:
        return json.dumps(value)  # ASCII: lone halves of surrogate pairs are kept as their escapes
    return value


def _loaded(table: str, row: sqlite3.Row) -> Row:
    return {name: _value(KINDS[table][name], row[name]) for name in row.keys()}  # noqa: SIM118 - a Row is no dict


def _value(kind: str, stored: Any) -> Any:
    if stored is None:
        return None
    if kind in _JSON_KINDS:
        return json.loads(stored)
    return bool(stored) if kind == "boolean" else stored


def new_id() -> str:
    """A fresh uuid as text."""
    return str(uuid.uuid4())
