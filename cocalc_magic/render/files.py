"""Files by their type: highlighted code, CSV as a table, SVG as a picture, notebooks as their cells."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import PICTURES, Block, Column, Facts, Frame, Note, Table
from cocalc_magic.render.embed import MAX_HTML, html_text
from cocalc_magic.render.fields import value_blocks
from cocalc_magic.render.highlight import language_of
from cocalc_magic.render.humanize import MAX_WORD, brief, byte_size
from cocalc_magic.render.markdown import markdown_html
from cocalc_magic.render.outputs import MAX_PICTURE, output_blocks, picture
from cocalc_magic.render.records import MAX_COLUMNS, MAX_ROWS
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.response import Response

MAX_CSV = 5_000_000  # characters; a longer file is shown as text
MAX_NOTEBOOK = 5_000_000
MAX_CELLS = 40
MAX_FILES = 10  # of one answer
MAX_JSON_LINE = 300  # characters of JSON on one line that people still read

_LISTS = ("text_file_read_from_project", "public_text_file_contents")
_DEFAULT_NAMES = {  # which say the type of the text if no path does
    "project:system.readTextFileFromProject": "",
    "project:editor.jupyterStripNotebook": "notebook.ipynb",
    "project:editor.jupyterRunNotebook": "notebook.ipynb",
}
EVENTS = frozenset({*_LISTS, *_DEFAULT_NAMES})
"""Events whose answer is text of files."""

_SEPARATORS = {"csv": ",", "tsv": "\t"}
_PICTURES = {kind.partition("/")[2].partition("+")[0]: kind for kind in PICTURES} | {"jpg": "image/jpeg"}


def file_view(response: Response) -> tuple[Block, ...] | None:
    """Return the text files of an answer, and what was wrong with some of several."""
    files = _texts(response)
    if files and response.event in _DEFAULT_NAMES and (cells := rendered_file(response)):
        return cells
    blocks = [block for path, content in files[:MAX_FILES] for block in file_blocks(path, content)]
    if len(files) > MAX_FILES:
        blocks.append(Note(f"… {len(files) - MAX_FILES:,} more files, in the response"))
    content = response.get("content")
    wrong = [file for file in content if file.get("error")] if files and isinstance(content, list) else []
    errors = (text_block(file["error"], file.get("path", ""), "error") for file in wrong[:MAX_FILES])
    return (*blocks, *errors) or None


def rendered_file(response: Response) -> tuple[Block, ...] | None:
    """Return the rendered form of a file that has one (Markdown, HTML, a notebook)."""
    for path, content in _texts(response)[:1]:
        return rendered_blocks(path, content)
    return None


def _texts(response: Response) -> list[tuple[str, str]]:
    """Return the text files of an answer, each with its path."""
    path = brief(response.request.options.get("path", ""), MAX_WORD)
    value = response.value
    if response.event in _LISTS:
        value = response.get("content", response.get("data"))
        if isinstance(value, list) and value and all(map(_is_file, value)):
            return [(file.get("path", ""), file["content"]) for file in value if "content" in file]
    elif response.event not in _DEFAULT_NAMES:
        return []
    return [(path or _DEFAULT_NAMES.get(response.event, ""), value)] if isinstance(value, str) else []


def _is_file(value: Any) -> bool:
    """Return whether the value is a file's text with its path, or what was wrong with the file."""
    if not isinstance(value, Mapping) or not ("content" in value or "error" in value):
        return False
    return all(isinstance(value.get(name, ""), str) for name in ("path", "content", "error"))


def file_blocks(path: str, content: str) -> tuple[Block, ...]:
    """Return the text of a file, or what the text is a form of."""
    if not content:
        return (Facts((("file", path),)), Note("The file is empty."))
    ending = _ending(path)
    if ending in _SEPARATORS and (table := csv_table(content, _SEPARATORS[ending])):
        return (_name(path, content), table)
    if ending == "json" and (blocks := _json(content)):
        return (_name(path, content), *blocks)
    if ending == "svg" and (image := picture("image/svg+xml", content, path, MAX_PICTURE)):
        return (_name(path, content), image)
    return (text_block(content, label=path, language=language_of(path)),)


def picture_blocks(name: str, encoded: str) -> tuple[Block, ...] | None:
    """Return a picture from a file's name and its bytes in base64; `None` if it is not one."""
    kind = _PICTURES.get(_ending(name), "")
    if kind == "image/svg+xml":
        try:
            encoded = base64.b64decode(encoded, validate=True).decode("utf-8")
        except ValueError:
            return None
    image = picture(kind, encoded, cut(name, MAX_WORD), MAX_PICTURE) if kind else None
    return (Facts((("file", cut(name, MAX_WORD)),)), image) if image else None


def rendered_blocks(path: str, content: str) -> tuple[Block, ...] | None:
    """Return a file that is written to be read in another form, in that form; `None` for others."""
    ending = _ending(path)
    if ending in ("md", "markdown"):
        html = markdown_html(content)
        return (Frame(html, content),) if html else None
    if ending in ("html", "htm") and len(content) <= MAX_HTML:
        return (Frame(content, html_text(content)),)
    return _notebook(content) if ending == "ipynb" else None


def csv_rows(content: str, separator: str) -> list[list[str]] | None:
    """Return the rows, with the one of the names first; `None` if it is not a table or too large."""
    if len(content) > MAX_CSV or "\0" in content:
        return None
    try:
        rows = [row for row in csv.reader(content.splitlines(keepends=True), delimiter=separator) if row]
    except csv.Error:
        return None
    return rows if len(rows) > 1 and len(rows[0]) > 1 else None


def csv_table(content: str, separator: str) -> Table | None:
    """Return the head of the table; `None` if the file is not one."""
    rows = csv_rows(content, separator)
    if rows is None:
        return None
    names, head = rows[0][:MAX_COLUMNS], rows[1 : MAX_ROWS + 1]
    filled = [[*row, *[""] * len(names)][: len(names)] for row in head]
    columns = tuple(
        Column(cut(name, MAX_WORD), all(_is_number(row[place]) for row in filled))
        for place, name in enumerate(names)
    )
    cells = tuple(tuple(cut(cell, MAX_WORD) for cell in row) for row in filled)
    return Table(columns, cells, len(rows) - 1, len(rows[0]), _csv_records(rows))


def _csv_records(rows: list[list[str]]) -> list[dict[str, Any]]:
    """Return the rows as records; a column of the same name as another gets a number in its name."""
    names: list[str] = []
    for name in rows[0]:
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return [dict(zip(names, map(_number_or_text, row), strict=False)) for row in rows[1:]]


def _number_or_text(text: str) -> Any:
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
    return Facts((("file", path), ("size", byte_size(len(content.encode("utf-8", "replace"))))))


def _json(content: str) -> tuple[Block, ...] | None:
    """Return the value of JSON that was not written to be read."""
    if not MAX_JSON_LINE < len(content) <= MAX_CSV or "\n" in content.strip():
        return None
    try:
        return value_blocks(json.loads(content))
    except (ValueError, RecursionError):
        return None


def _notebook(content: str) -> tuple[Block, ...] | None:
    """Return a notebook's cells as it shows them."""
    if len(content) > MAX_NOTEBOOK:
        return None
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(cells, list):
        return None
    blocks = [block for cell in islice(cells, MAX_CELLS) for block in _cell(cell, str(language))]
    if len(cells) > MAX_CELLS:
        blocks.append(Note(f"… {len(cells) - MAX_CELLS:,} more cells, in the response"))
    return tuple(blocks) or (Note("The notebook is empty."),)


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
