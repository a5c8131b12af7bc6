"""Lists of records: as tables, and a few people or projects as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cocalc_magic.render.blocks import Block, Card, Cards, Column, Note, Table
from cocalc_magic.render.clean import cut, label, masked
from cocalc_magic.render.humanize import fact, is_moment, told
from cocalc_magic.render.links import file_address, is_uuid, linked, project_address
from cocalc_magic.render.trees import is_cut

ROWS = 20
COLUMNS = 12
CELL = 80
CARDS = 12  # more than that are a table
_WORD = 80
_FACTS = 8  # of one card
_PATHS = ("path", "filename")

_Records = Sequence[Mapping[str, Any]]


def record_blocks(records: _Records, address: str = "") -> tuple[Block, ...]:
    """Cards for a few people or projects, else a table; ``address`` is the server's, for their links."""
    if len(records) <= CARDS:
        for make in (_project, _user):
            made = [make(record, address) for record in records]
            if all(made):
                return (Cards(tuple(one for one in made if one)),)
    return (table(records, address),)


def card(record: Mapping[str, Any], address: str) -> Cards | None:
    """One project or one person, where the record is one and all that is known fits on a card."""
    made = _project(record, address) or _user(record, address)
    if made is None or sum(_is_known(value) for value in record.values()) > _FACTS:
        return None
    return None if any(is_cut(words) for _, words in made.facts) else Cards((made,))


def table(records: _Records, address: str = "") -> Table:
    """The head of the records; columns are the names of all fields in it."""
    head = list(records[:ROWS])
    names = column_names(head)
    shown = names[:COLUMNS]
    columns = tuple(Column(cut(str(name), _WORD), is_numeric(head, name)) for name in shown)
    rows = tuple(tuple(_cell(record, name, address) for name in shown) for record in head)
    return Table(columns, rows, len(records), len(names), records)


def column_names(records: _Records) -> list[str]:
    """The names of all fields, in the order in which they come up."""
    return list(dict.fromkeys(name for record in records for name in record))


def _cell(record: Mapping[str, Any], name: str, address: str) -> str:
    """One field in a few words, a file as a link to it; empty where the record has none of this name."""
    if name not in record:
        return ""
    words = told(str(name), masked(str(name), record[name]), CELL)
    if not address or name not in _PATHS:
        return words
    return linked(words, file_address(address, record.get("project_id"), record[name]))


def is_numeric(records: _Records, name: str) -> bool:
    """Whether all that the records have of a field are numbers but no times, and some are there."""
    values = [record[name] for record in records if record.get(name) is not None]
    return (
        bool(values)
        and not is_moment(str(name))
        and all(
            isinstance(value, int | float) and value is not True and value is not False for value in values
        )
    )


def _project(record: Mapping[str, Any], address: str) -> Card | None:
    project_id, title = record.get("project_id"), record.get("title")
    if not (is_uuid(project_id) and isinstance(title, str)):
        return None
    name = cut(title or "Untitled", _WORD)
    return Card(name, project_address(address, project_id), _facts(record, ("title",)))


def _user(record: Mapping[str, Any], address: str) -> Card | None:
    del address  # people have no page of their own
    first, last = record.get("first_name"), record.get("last_name")
    if not (isinstance(record.get("account_id"), str) and isinstance(first, str) and isinstance(last, str)):
        return None
    name = f"{first} {last}".strip() or "No name"
    return Card(cut(name, _WORD), "", _facts(record, ("first_name", "last_name")))


def _is_known(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _facts(record: Mapping[str, Any], but: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What else is known; what is unset is left out, and what does not fit is counted."""
    known = [name for name in record if name not in but and _is_known(record[name])]
    facts = [(label(name, _WORD), fact(str(name), record[name], CELL)) for name in known[:_FACTS]]
    if len(known) > _FACTS:
        facts.append(("…", f"{len(known) - _FACTS:,} more, in the response"))
    return tuple(facts)


def listing(files: _Records, address: str = "", project_id: Any = "", folder: str = "") -> tuple[Block, ...]:
    """A folder: folders (with a slash) before files, by name; sizes, and when each was last changed."""
    if not files:
        return (Note("The folder is empty."),)
    rows = [_listed(file, folder) for file in sorted(files, key=_in_order)]
    made = table([{name: row[name] for name in row if name != "path"} for row in rows])
    cells = (
        (linked(cells[0], file_address(address, project_id, row["path"])), *cells[1:])
        for row, cells in zip(rows, made.rows, strict=False)
    )
    return (Table(made.columns, tuple(cells), made.total, made.total_columns, made.records),)


def _in_order(file: Mapping[str, Any]) -> tuple[bool, str]:
    return not file.get("isdir"), str(file.get("name", "")).lower()


def _listed(file: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """A file as a row; what a folder has of size is none that people would call so."""
    name = f"{file.get('name', '')}{'/' if file.get('isdir') else ''}"
    row: dict[str, Any] = {"name": name}
    if isinstance(target := file.get("link_target"), str) and target:
        row["name"] = f"{name} → {target}"
    row["size"] = None if file.get("isdir") else file.get("size")
    row["modified"] = file.get("mtime")
    return {**row, "path": f"{folder}/{name}" if folder.strip("./") else name}
