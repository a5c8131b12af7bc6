"""Lists of records: as tables, and a few people or projects as cards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cocalc_magic.render.blocks import Block, Card, Cards, Column, Note, Table
from cocalc_magic.render.clean import cut, masked
from cocalc_magic.render.people import told

ROWS = 20
COLUMNS = 12
CELL = 80
CARDS = 12  # more than that are a table
_WORD = 80
_FACTS = 8  # of one card
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_Records = Sequence[Mapping[str, Any]]


def record_blocks(records: _Records, address: str = "") -> tuple[Block, ...]:
    """Cards for a few people or projects, else a table; ``address`` is the server's, for their links."""
    if len(records) <= CARDS:
        for card in (_project, _user):
            made = [card(record, address) for record in records]
            if all(made):
                return (Cards(tuple(one for one in made if one)),)
    return (table(records),)


def table(records: _Records) -> Table:
    """The head of the records; columns are the names of all fields in it."""
    head = list(records[:ROWS])
    names = column_names(head)
    shown = names[:COLUMNS]
    columns = tuple(Column(cut(str(name), _WORD), is_numeric(head, name)) for name in shown)
    rows = tuple(tuple(cell(record, name) for name in shown) for record in head)
    return Table(columns, rows, len(records), len(names), records)


def column_names(records: _Records) -> list[str]:
    """The names of all fields, in the order in which they come up."""
    return list(dict.fromkeys(name for record in records for name in record))


def cell(record: Mapping[str, Any], name: str) -> str:
    """One field in a few words; empty where the record has none of this name."""
    return told(str(name), masked(str(name), record[name]), CELL) if name in record else ""


def is_numeric(records: _Records, name: str) -> bool:
    """Whether all that the records have of a field are numbers, and some are there."""
    values = [record[name] for record in records if record.get(name) is not None]
    return bool(values) and all(
        isinstance(value, int | float) and value is not True and value is not False for value in values
    )


def _project(record: Mapping[str, Any], address: str) -> Card | None:
    project_id, title = record.get("project_id"), record.get("title")
    if not (isinstance(project_id, str) and isinstance(title, str) and _UUID.fullmatch(project_id)):
        return None
    link = f"{address}/projects/{project_id.lower()}" if address.startswith(("http://", "https://")) else ""
    return Card(cut(title or "Untitled", _WORD), link, _facts(record, ("title",)))


def _user(record: Mapping[str, Any], address: str) -> Card | None:
    del address  # people have no page of their own
    first, last = record.get("first_name"), record.get("last_name")
    if not (isinstance(record.get("account_id"), str) and isinstance(first, str) and isinstance(last, str)):
        return None
    name = f"{first} {last}".strip() or "No name"
    return Card(cut(name, _WORD), "", _facts(record, ("first_name", "last_name")))


def _facts(record: Mapping[str, Any], but: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What else is known; what is unset is left out."""
    known = [name for name in record if name not in but and record[name] is not None][:_FACTS]
    return tuple((cut(str(name).replace("_", " "), _WORD), cell(record, name)) for name in known)


def listing(files: _Records) -> tuple[Block, ...]:
    """A folder: names (a folder's ends with a slash), sizes, and when each was last changed."""
    if not files:
        return (Note("The folder is empty."),)
    return (table([_listed(file) for file in files]),)


def _listed(file: Mapping[str, Any]) -> dict[str, Any]:
    """A file as a row; a folder has its name alone."""
    if file.get("isdir"):
        return {"name": f"{file.get('name', '')}/"}
    return {name: file[name] for name in ("name", "size", "mtime") if name in file}
