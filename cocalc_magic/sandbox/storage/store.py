"""The tables of a sandbox, in one SQLite file.

Rows are dicts of Python values. Timestamps are integers, milliseconds since 1970; maps and arrays are JSON in
their columns. Names of tables and columns come from our own data only, values are always parameters.
"""

from __future__ import annotations

import json
import time
import uuid
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import GENERATIONS, tables
from cocalc_magic.sandbox.errors import StorageFailed
from cocalc_magic.sandbox.js_compat import well_formed
from cocalc_magic.sandbox.storage.database import Database
from cocalc_magic.sandbox.storage.internal_tables import EXTRA_COLUMNS, INTERNAL_TABLES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cocalc_magic.catalog import Table

Row = dict[str, Any]

_SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "timestamp": "INTEGER", "number": "NUMERIC"}
_LARGEST = 2**63 - 1  # that SQLite stores as an integer
_JSON_KINDS = ("map", "array")
_INDEXED = {
    "accounts": ("email_address", "name"),
    "copies": ("source_project_id", "target_project_id"),
}
_TURNS = {"accounts": ("created", "last_active"), "projects": ("last_edited",)}
"""Times whose order `turn`, a sequence number, decides where they are equal; on a real server none are."""
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT LIKE", "GLOB", "NOT GLOB", "IS", "IS NOT", "HAS")
_PATTERNS = (
    "LIKE",
    "NOT LIKE",
    "GLOB",
    "NOT GLOB",
    "HAS",
)  # whose operand is a text, whatever the column holds
_AMONG = {
    "projects of": "project_id IN (SELECT project_id FROM members WHERE account_id = ?)",
    "people of": "account_id IN (SELECT account_id FROM members WHERE project_id = ?)",
    "colleagues of": "account_id IN (SELECT account_id FROM members WHERE project_id IN "
    "(SELECT project_id FROM members WHERE account_id = ?))",
}


@cache
def keys(table: str) -> tuple[str, ...]:
    """Return the primary key of a stored table."""
    if table in INTERNAL_TABLES:
        return INTERNAL_TABLES[table][0]
    return next(above.key for above in _above(table))


@cache
def kinds(table: str) -> dict[str, str]:
    """Return the columns of a stored table with their kinds: all that any of the tables above it has."""
    if table in INTERNAL_TABLES:
        return INTERNAL_TABLES[table][1]
    columns: dict[str, str] = {}
    for above in _above(table):
        columns |= {column.name: column.kind for column in above.columns if column.stored}
    return columns | EXTRA_COLUMNS.get(table, {})


def _above(table: str) -> Iterator[Table]:
    """Find the tables of the catalog that are stored in this one, of every generation."""
    for generation in GENERATIONS:
        yield from (above for above in tables(generation).values() if above.stored_in == table)


def now() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def iso(milliseconds: int) -> str:
    """Write a time as CoCalc does: ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def new_id() -> str:
    """Return a random uuid as text."""
    return str(uuid.uuid4())


class Store(Database):
    """The tables of one database. Reading creates no table, so that it works on a full disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._known_tables: set[str] = set()
        self._turn: int | None = None
        self._create_members()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes of a block, or none; other threads wait meanwhile. May be nested."""
        try:
            with super().transaction():
                yield
        except BaseException:
            self._known_tables.clear()  # those made in the transaction do not exist any more
            raise

    # -- rows --------------------------------------------------------------------------------------

    def get(self, table: str, *key: Any) -> Row | None:
        """Return the row with this primary key."""
        where = [(name, "=", value) for name, value in zip(keys(table), key, strict=True)]
        return next(iter(self.select(table, where, limit=1)), None)

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Insert a row; one whose key is a number that is not given gets the next."""
        self._create(table)
        row = self._with_turn(table, row)
        names = list(row)
        marks = ", ".join("?" * len(names))
        columns = ", ".join(map(_quoted, names))
        values = [_to_sql(table, name, row[name]) for name in names]
        with self.transaction():
            self.run(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
            self._update_members(table, row, row)

    def update(self, table: str, key: Any, changes: Mapping[str, Any]) -> None:
        """Change columns of the row with this primary key, a tuple where the key has several columns."""
        if not changes:
            return
        self._create(table)
        key = key if isinstance(key, tuple) else (key,)
        changes = self._with_turn(table, changes)
        setting = ", ".join(f"{_quoted(name)} = ?" for name in changes)
        values = [_to_sql(table, name, value) for name, value in changes.items()]
        with self.transaction():
            self.run(f"UPDATE {table} SET {setting} WHERE {_has_key(table)}", [*values, *key])
            self._update_members(table, dict(zip(keys(table), key, strict=True)), changes)

    def delete(self, table: str, *key: Any) -> None:
        """Delete the row with this primary key, if there is one."""
        self._create(table)
        self.run(f"DELETE FROM {table} WHERE {_has_key(table)}", key)

    def select(
        self,
        table: str,
        where: Iterable[tuple[str, str, Any]] = (),
        *,
        among: tuple[str, str] | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> list[Row]:
        """Return the rows that meet all conditions `(column, operator, value)`.

        Args:
            among: One of `projects of`, `people of` and `colleagues of`, with an id.
            order: Column names, with `-` before one for descending; nulls are the largest values. Rows
                that tie are in the order of their creation, and by a descending time in the reverse one.
        """
        if not self._exists(table):
            return []
        conditions, values = ["1"], []
        for column, operator, value in where:
            if operator not in OPERATORS:
                raise ValueError(operator)
            conditions.append(_condition(column, operator))
            values.append(well_formed(value) if operator in _PATTERNS else _to_sql(table, column, value))
        if among is not None:
            conditions.append(_AMONG[among[0]])
            values.append(among[1])
        chosen = [f"{_ordered(name)} {_nulls(name)}" for name in order]
        ordering = ", ".join([*chosen, *map(_ordered, _last_keys(table, order))])
        sql = (
            f"SELECT rowid AS position, * FROM {table} "
            f"WHERE {' AND '.join(conditions)} ORDER BY {ordering} LIMIT ?"
        )
        return [_from_sql(table, row) for row in self.run(sql, [*values, -1 if limit is None else limit])]

    def search_accounts(self, parts: Iterable[Sequence[str]], limit: int, *, everything: bool) -> list[Row]:
        """Return accounts whose names (in lower case, with the user name) contain all patterns of a part.

        With `everything`, addresses are searched as well, and accounts that are not listed.
        """
        text = "found_by || char(10) || COALESCE(email_address, '')" if everything else "found_by"
        patterns = [[f"%{word}%" for word in words] for words in parts]
        conditions = " OR ".join(f"({' AND '.join([f'{text} LIKE ?'] * len(words))})" for words in patterns)
        conditions = f"({conditions or '0'})" + ("" if everything else " AND unlisted IS NOT 1")
        order = "COALESCE(last_active, created) DESC, turn DESC, rowid DESC"
        sql = f"SELECT rowid AS position, * FROM accounts WHERE {conditions} ORDER BY {order} LIMIT ?"
        values = [well_formed(pattern) for words in patterns for pattern in words]
        return [_from_sql("accounts", row) for row in self.run(sql, [*values, limit])]

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self.run(f"SELECT COUNT(*) FROM {table}")[0][0]) if self._exists(table) else 0

    def clear(self) -> None:
        """Delete the rows of every table, including those of keys, sessions and settings."""
        for row in self.run("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self.run(f"DELETE FROM {row[0]}")

    # -- inside ------------------------------------------------------------------------------------

    def _create(self, table: str) -> None:
        """Create a table when it is first used: there are many, and a start should not wait for them."""
        if table in self._known_tables:
            return
        key = keys(table)
        columns = ", ".join(
            f"{_quoted(column)} {_SQL_TYPES.get(kind, 'TEXT')}"
            + (" PRIMARY KEY" if (column,) == key else "")  # SQLite numbers integer keys by itself
            for column, kind in kinds(table).items()
        )
        whole = f", PRIMARY KEY ({', '.join(map(_quoted, key))})" if len(key) > 1 else ""
        with self._lock:
            self.run(f"CREATE TABLE IF NOT EXISTS {table} ({columns}{whole})")
            self._add_columns(table)
            indexed = _INDEXED.get(table, ("project_id",) if "project_id" in kinds(table) else ())
            for column in indexed:
                self.run(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({_quoted(column)})")
            self._known_tables.add(table)

    def _exists(self, table: str) -> bool:
        """Tell whether a table exists, and complete it with what a later release has added."""
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        if table not in self._known_tables and not self.run(sql, [table]):
            return False
        self._create(table)
        return True

    def _with_turn(self, table: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add a sequence number to changes that set a time of `_TURNS`."""
        if not any(name in changes for name in _TURNS.get(table, ())):
            return changes
        with self._lock:
            if self._turn is None:
                for name in _TURNS:
                    self._create(name)
                turns = [self.run(f"SELECT MAX(turn) FROM {name}")[0][0] for name in _TURNS]
                self._turn = max(turn or 0 for turn in turns)
            self._turn += 1
            return {**changes, "turn": self._turn}

    def _add_columns(self, table: str) -> None:
        """Add the columns that the table of an older release lacks."""
        existing = {row["name"] for row in self.run(f"PRAGMA table_info({table})")}
        for column, kind in kinds(table).items():
            if column not in existing:
                self.run(f"ALTER TABLE {table} ADD COLUMN {_quoted(column)} {_SQL_TYPES.get(kind, 'TEXT')}")

    def _create_members(self) -> None:
        self.run(
            "CREATE TABLE IF NOT EXISTS members (account_id TEXT, project_id TEXT, "
            "PRIMARY KEY (account_id, project_id)) WITHOUT ROWID"
        )
        self.run("CREATE INDEX IF NOT EXISTS members_of ON members (project_id)")

    def _update_members(self, table: str, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Update `members` by the `users` map of the project."""
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


def _condition(column: str, operator: str) -> str:
    """Return the SQL of a condition on one value; `HAS` is one on the elements of a list."""
    if operator == "HAS":
        return f"? IN (SELECT value FROM json_each({_quoted(column)}))"
    return f"{_quoted(column)} {operator} ?"


def _has_key(table: str) -> str:
    return " AND ".join(f"{_quoted(name)} = ?" for name in keys(table))


def _last_keys(table: str, order: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that decide between rows that tie."""
    last = order[-1] if order else ""
    column = last.lstrip("-")
    descends = "-" if last.startswith("-") and kinds(table).get(column) == "timestamp" else ""
    turn = (f"{descends}turn",) if column in _TURNS.get(table, ()) else ()
    return (*turn, f"{descends}rowid")


def _ordered(name: str) -> str:
    return f"{_quoted(name.lstrip('-'))} {'DESC' if name.startswith('-') else 'ASC'}"


def _nulls(name: str) -> str:
    return "NULLS FIRST" if name.startswith("-") else "NULLS LAST"


def _to_sql(table: str, column: str, value: Any) -> Any:
    if value is not None and kinds(table)[column] in _JSON_KINDS:
        return json.dumps(value)  # ASCII: unpaired surrogates are stored as their escapes
    if isinstance(value, int) and abs(value) > _LARGEST:
        return float(value)
    return well_formed(value) if isinstance(value, str) else value


def _from_sql(table: str, row: sqlite3.Row) -> Row:
    known = kinds(table)
    return {name: _value(known.get(name, "integer"), row[name]) for name in row.keys()}  # noqa: SIM118 - a Row is not a dict


def _value(kind: str, stored: Any) -> Any:
    if stored is None:
        return None
    if kind in _JSON_KINDS:
        try:
            return json.loads(stored)
        except ValueError:
            raise StorageFailed(f"error: invalid {kind} in the database: it is damaged") from None
    return bool(stored) if kind == "boolean" else stored
