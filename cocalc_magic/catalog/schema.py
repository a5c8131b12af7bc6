"""The tables of the `query` message: what each holds, and who may read and write what of it.

The data is in `tables.yaml`, from the field lists of a server of March 2024 and from exchanges
recorded from it, and in `tables_2026.yaml`, which has what differs on a server of July 2026.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Column:
    """One field of a table.

    `kind`: `uuid`, `text`, `integer`, `number`, `boolean`, `timestamp`, `map` or
    `array`. `default` is what a reader gets where nothing is stored; for a map it is filled in key
    by key. `stored` is false for a field that queries may name and the server's database lacks.
    """

    name: str
    kind: str
    readable: bool = True
    writable: bool = False
    stored: bool = True
    default: Any = None


@dataclass(frozen=True)
class Reading:
    """Which rows of a table a caller gets.

    `rows` is one of

    - `all`, `computed` (no rows, but what the server works out)
    - `unfilled` (a filter whose value the server never fills in: the database refuses every read)
    - `own COLUMN`: those where this column is the caller's account; `in COLUMN`: those with it in a list
    - `of my projects`: of a given project, or else of all that the caller is in
    - `of the project`, `of the open project` (anybody's), `of the public project` (one that has
      published something): `project_id` must be given
    - `my collaborators`, `people of the project`, `administrators`, `site settings`, `of my courses`,
      `my mail`
    - `one syncdoc`, `syncdocs of the project`, `one id`

    Callers without an account read those tables alone that are `anonymous`.

    `days` hides rows whose timestamp is older than so many days. `options` hold unless the
    caller gives all of the names of one of them.
    """

    rows: str
    admin: bool = False
    anonymous: bool = False
    days: Mapping[str, float] = field(default_factory=dict)
    options: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Writing:
    """What a write of a table needs and does.

    `fill` names the columns whose value is not the caller's to choose: `caller`; `project` (must
    be given and be theirs), `owned project`, `this project` (for keys of projects alone); `path
    hash`, `new id` and `now` (if none is given). `nulls` clear a column instead of being left
    out; `whole` tables want their primary key.
    """

    admin: bool = False
    delete: bool = False
    nulls: bool = False
    whole: bool = False
    fill: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table; `stored_in` is the table that really holds its rows, `""` for none."""

    name: str
    about: str
    stored_in: str
    key: tuple[str, ...]
    read: Reading | None
    write: Writing | None
    _fields: Mapping[str, str]
    _defaults: Mapping[str, Any]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its fields, made when first asked for, since few of the tables are."""
        return tuple(_column(name, words, self._defaults.get(name)) for name, words in self._fields.items())

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """Return the column of this name."""
        return self._by_name.get(name)


OLD, NEW = "tables", "tables_2026"  # the files


def tables(generation: str = "v1") -> Mapping[str, Table]:
    """Return all tables by name, as an API of this generation reads and writes them."""
    return _old() if generation == "v1" else _new()


@cache
def _old() -> Mapping[str, Table]:
    return MappingProxyType({name: _table(name, entry) for name, entry in _document(OLD).items()})


@cache
def _new() -> Mapping[str, Table]:
    """Return the tables of today; those that have not changed are the same objects as the old ones."""
    entries, differences = _document(OLD), _document(NEW)
    gone = [path.split(".") for path in differences["gone"]]
    for name, difference in differences["tables"].items():
        entries[name] = _merged(entries.get(name, {}), difference)
    for path in gone:
        _remove(entries, path)
    changed = {*differences["tables"], *(path[0] for path in gone)}
    return MappingProxyType(
        {name: _table(name, entry) if name in changed else _old()[name] for name, entry in entries.items()}
    )


def _document(file: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name(f"{file}.json").read_bytes())
    return document


def _merged(old: Any, new: Any) -> Any:
    """Merge maps level by level; of anything else, the new one."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {name: _merged(old.get(name), value) for name, value in new.items()}


def _remove(entries: dict[str, Any], path: Sequence[str]) -> None:
    """Remove what a path leads to."""
    *way, last = path
    for name in way:
        entries = entries[name]
    del entries[last]


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    read, write = entry.get("read"), entry.get("write")
    return Table(
        name,
        entry["about"],
        entry.get("stored in", name),
        tuple(entry["key"]),
        Reading(**{**read, "options": tuple(read.get("options", ()))}) if read else None,
        Writing(**write) if write is not None else None,
        entry["fields"],
        entry.get("defaults", {}),
    )


def _column(name: str, words: str, default: Any) -> Column:
    """Return a column from its line: the kind, and `writable`, `write-only`, `unreadable` or `unstored`."""
    kind, _, mode = words.partition(", ")
    return Column(
        name,
        kind,
        readable=mode not in ("write-only", "unreadable"),
        writable=mode in ("writable", "write-only"),
        stored=mode != "unstored",
        default=default,
    )
