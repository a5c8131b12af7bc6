"""Files by their type: code in colours, CSV as a table, SVG as a picture, notebooks as their cells."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from cocalc_magic.render.blocks import PICTURES, Block, Column, Facts, Frame, Note, Table
from cocalc_magic.render.clean import cut
from cocalc_magic.render.embed import frame
from cocalc_magic.render.fields import value_blocks
from cocalc_magic.render.highlight.code import language_of
from cocalc_magic.render.humanize import size
from cocalc_magic.render.markdown import markdown_html
from cocalc_magic.render.outputs import PICTURE, output_blocks, picture
from cocalc_magic.render.records import CELL, COLUMNS, ROWS
from cocalc_magic.render.truncate import text_block

CSV_LIMIT = 5_000_000  # characters; what is longer is shown as text
NOTEBOOK_LIMIT = 5_000_000
CELLS = 40
LINE = 300  # characters of JSON on one line that people still read
_SEPARATORS = {"csv": ",", "tsv": "\t"}
_PICTURES = {kind.partition("/")[2].partition("+")[0]: kind for kind in PICTURES} | {"jpg": "image/jpeg"}


def file_blocks(path: str, content: str) -> tuple[Block, ...]:
    """What is shown of a text file at first: its text, or what the text is a form of."""
    if not content:
        return (Facts((("file", path),)), Note("The file is empty."))
    ending = _ending(path)
    if ending in _SEPARATORS and (table := csv_table(content, _SEPARATORS[ending])):
        return (_name(path, content), table)
    if ending == "json" and (made := _json(content)):
        return (_name(path, content), *made)
    if ending == "svg" and (shown := picture("image/svg+xml", content, path, PICTURE)):
        return (_name(path, content), shown)
    return (text_block(content, label=path, language=language_of(path)),)


def picture_blocks(name: Any, encoded: Any) -> tuple[Block, ...] | None:
    """A picture that came as a file's name and its bytes in base64; ``None`` for all else."""
    if not isinstance(name, str) or not isinstance(encoded, str):
        return None
    kind = _PICTURES.get(_ending(name), "")
    if kind == "image/svg+xml":
        try:
            encoded = base64.b64decode(encoded, validate=True).decode("utf-8")
        except ValueError:
            return None
    shown = picture(kind, encoded, cut(name, CELL), PICTURE) if kind else None
    return (Facts((("file", cut(name, CELL)),)), shown) if shown else None


def rendered_blocks(path: str, content: str) -> tuple[Block, ...] | None:
    """A file that is written to be read in another form, in that form; ``None`` for all others."""
    ending = _ending(path)
    if ending in ("md", "markdown"):
        html = markdown_html(content)
        return (Frame(html, content),) if html else None
    if ending in ("html", "htm") and len(content) <= frame.LIMIT:
        return (Frame(content, frame.words(content)),)
    return _notebook(content) if ending == "ipynb" else None


def csv_rows(content: str, separator: str) -> list[list[str]] | None:
    """The rows, the one of the names first; ``None`` for what is no table or too large."""
    if len(content) > CSV_LIMIT or "\0" in content:
        return None
    try:
        rows = [row for row in csv.reader(content.splitlines(keepends=True), delimiter=separator) if row]
    except csv.Error:
        return None
    return rows if len(rows) > 1 and len(rows[0]) > 1 else None


def csv_table(content: str, separator: str) -> Table | None:
    """The head of the table; ``None`` for what is none."""
    rows = csv_rows(content, separator)
    if rows is None:
        return None
    names, head = rows[0][:COLUMNS], rows[1 : ROWS + 1]
    filled = [[*row, *[""] * len(names)][: len(names)] for row in head]
    columns = tuple(
        Column(cut(name, CELL), all(_is_number(row[place]) for row in filled))
        for place, name in enumerate(names)
    )
    cells = tuple(tuple(cut(cell, CELL) for cell in row) for row in filled)
    return Table(columns, cells, len(rows) - 1, len(rows[0]), _csv_records(rows))


def _csv_records(rows: list[list[str]]) -> list[dict[str, Any]]:
    """The rows by their names; two columns of one name get numbers, and numbers are numbers."""
    names: list[str] = []
    for name in rows[0]:
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return [dict(zip(names, map(_typed, row), strict=False)) for row in rows[1:]]


def _typed(text: str) -> Any:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 and text[:1] != "0" else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _ending(path: str) -> str:
    name = path.rsplit("/", 1)[-1].lower()
    return name.rsplit(".", 1)[-1] if "." in name else ""


def _name(path: str, content: str) -> Facts:
    return Facts((("file", path), ("size", size(len(content.encode("utf-8", "replace"))))))


def _json(content: str) -> tuple[Block, ...] | None:
    """JSON that was not written to be read, as what it holds."""
    if not LINE < len(content) <= CSV_LIMIT or "\n" in content.strip():
        return None
    try:
        return value_blocks(json.loads(content))
    except (ValueError, RecursionError):
        return None


def _notebook(content: str) -> tuple[Block, ...] | None:
    """A notebook's cells as it shows them."""
    if len(content) > NOTEBOOK_LIMIT:
        return None
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(cells, list):
        return None
    shown = [block for cell in islice(cells, CELLS) for block in _cell(cell, str(language))]
    if len(cells) > CELLS:
        shown.append(Note(f"… {len(cells) - CELLS:,} more cells, in the response"))
    return tuple(shown) or (Note("The notebook is empty."),)


def _cell(cell: Any, language: str) -> Iterator[Block]:
    if not isinstance(cell, Mapping):
        return
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    if cell.get("cell_type") == "markdown" and (html := markdown_html(text)):
        yield Frame(html, text)
        return
    if text:
        yield text_block(text, language=language if cell.get("cell_type") == "code" else "")
    outputs = cell.get("outputs")
    if isinstance(outputs, list) and outputs:
        yield from output_blocks(outputs)
