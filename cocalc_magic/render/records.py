"""Lists of records: as tables, or for a few people or projects as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Block, Card, Cards, Column, Note, Table
from cocalc_magic.render.humanize import (
    MAX_WORD,
    fact_text,
    field_text,
    file_url,
    is_cut,
    is_moment,
    label,
    linked,
    project_url,
)
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import mask_named

MAX_ROWS = 20
MAX_COLUMNS = 12
MAX_CARDS = 12  # more records are a table
_MAX_FACTS = 8  # of one card
_PATHS = ("path", "filename")

_Records = Sequence[Mapping[str, Any]]


def record_blocks(records: _Records, site: str = "") -> tuple[Block, ...]:
    """Return cards for a few people or projects, else a table; `site` is the server's URL, for links."""
    if len(records) <= MAX_CARDS:
        for make in (_project, _user):
            cards = [make(record, site) for record in records]
            if all(cards):
                return (Cards(tuple(filter(None, cards))),)
    return (table(records, site),)


def card(record: Mapping[str, Any], site: str) -> Cards | None:
    """Return one project or person, if the record is one and all that is known fits on a card."""
    card_ = _project(record, site) or _user(record, site)
    if card_ is None or sum(_is_known(value) for value in record.values()) > _MAX_FACTS:
        return None
    return None if any(is_cut(words) for _, words in card_.facts) else Cards((card_,))


def table(records: _Records, site: str = "") -> Table:
    """Return the head of the records; columns are the names of all fields in it."""
    head = list(records[:MAX_ROWS])
    names = column_names(head)
    shown = names[:MAX_COLUMNS]
    columns = tuple(Column(cut(str(name), MAX_WORD), is_numeric(head, name)) for name in shown)
    rows = tuple(tuple(_cell(record, name, site) for name in shown) for record in head)
    return Table(columns, rows, len(records), len(names), records)


def column_names(records: _Records) -> list[str]:
    """Return the names of all fields, in the order of their first record, or as the records know them."""
    known = getattr(records, "columns", None)
    return (
        list(known)
        if known is not None
        else list(dict.fromkeys(name for record in records for name in record))
    )


def _cell(record: Mapping[str, Any], name: str, site: str) -> str:
    """Return one field in a few words, a file as a link to it; empty if the record does not have it."""
    if name not in record:
        return ""
    words = field_text(str(name), mask_named(str(name), record[name]), MAX_WORD)
    if not site or name not in _PATHS:
        return words
    return linked(words, file_url(site, record.get("project_id"), record[name]))


def is_numeric(records: _Records, name: str) -> bool:
    """Return whether all known values of a field, of which there are some, are numbers and not times."""
    values = [record[name] for record in records if record.get(name) is not None]
    return (
        bool(values)
        and not is_moment(str(name))
        and all(
            isinstance(value, int | float) and value is not True and value is not False for value in values
        )
    )


def _project(record: Mapping[str, Any], site: str) -> Card | None:
    project_id, title = record.get("project_id"), record.get("title")
    if not (isinstance(project_id, str) and is_uuid(project_id) and isinstance(title, str)):
        return None
    name = cut(title or "Untitled", MAX_WORD)
    return Card(name, project_url(site, project_id), _facts(record, ("title",)))


def _user(record: Mapping[str, Any], _site: str) -> Card | None:  # people do not have pages
    first, last = record.get("first_name"), record.get("last_name")
    if not (isinstance(record.get("account_id"), str) and isinstance(first, str) and isinstance(last, str)):
        return None
    name = f"{first} {last}".strip() or "No name"
    return Card(cut(name, MAX_WORD), "", _facts(record, ("first_name", "last_name")))


def _is_known(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _facts(record: Mapping[str, Any], but: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return what else is known; unset fields are left out, and those that do not fit are counted."""
    known = [name for name in record if name not in but and _is_known(record[name])]
    facts = [(label(name), fact_text(str(name), record[name], MAX_WORD)) for name in known[:_MAX_FACTS]]
    if len(known) > _MAX_FACTS:
        facts.append(("…", f"{len(known) - _MAX_FACTS:,} more, in the response"))
    return tuple(facts)


def listing(files: _Records, site: str = "", project_id: Any = "", folder: str = "") -> tuple[Block, ...]:
    """Return a folder: folders (with a slash) before files, by name; sizes, and last changes."""
    if not files:
        return (Note("The folder is empty."),)
    rows = [_row(file, folder) for file in sorted(files, key=_folders_first)]
    whole = table([{name: row[name] for name in row if name != "path"} for row in rows])
    cells = (
        (linked(cells[0], file_url(site, project_id, row["path"])), *cells[1:])
        for row, cells in zip(rows, whole.rows, strict=False)
    )
    return (replace(whole, rows=tuple(cells)),)


def _folders_first(file: Mapping[str, Any]) -> tuple[bool, str]:
    return not file.get("isdir"), str(file.get("name", "")).lower()


def _row(file: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Return a file as a row; a folder's size is not what people call its size."""
    name = f"{file.get('name', '')}{'/' if file.get('isdir') else ''}"
    row: dict[str, Any] = {"name": name}
    if isinstance(target := file.get("link_target"), str) and target:
        row["name"] = f"{name} → {target}"
    row["size"] = None if file.get("isdir") else file.get("size")
    row["modified"] = file.get("mtime")
    return {**row, "path": f"{folder}/{name}" if folder.strip("./") else name}
