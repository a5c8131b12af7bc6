"""A page of the documentation as blocks: headings, paragraphs, code and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Block, Link, Pre, Prose, Terms, Title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.docs.pages import DocPage

_PART = re.compile(r"^```(\S*)\n([\s\S]*?)^```$|^((?:\|.*\n?)+)|^((?:(?!```|\|).*\S.*\n?)+)", re.MULTILINE)
_PLAIN = ("text", "sh", "ipython")  # and cells, whose lines are mostly of our own language
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SET_APART = re.compile(r"`([^`]+)`|<(https?://[^>]+)>")
_OUTSIDE = re.compile(r"\[([^\]]*)\]\((https?://[^)]*)\)")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*`])\*(?=\S)([^*`\n]+?)(?<=\S)\*(?![\w*])|`([^`]+)`")


def page_blocks(page: DocPage) -> Iterator[Block]:
    """Yield the blocks of a page."""
    for section in page.sections:
        yield Title(section.heading)
        yield from _blocks(section.text)
    rows = tuple((other.name.rpartition("/")[2], "", other.title) for other in page.leads_to)
    if rows:
        yield Terms(rows, "Pages that this one leads to: %cocalc docs NAME")


def _blocks(text: str) -> Iterator[Block]:
    for match in _PART.finditer(text):
        language, code, rows, words = match.groups()
        if code is not None:
            yield Pre(code.rstrip(), language="" if language in _PLAIN else language)
        elif rows:
            yield _table(rows)
        else:
            yield from map(prose, words.strip().splitlines())


def _table(rows: str) -> Terms:
    """Return a table of two or three columns, without its head."""
    cells = [
        [plain(cell.strip()) for cell in _CELL.split(line.strip().strip("|"))]
        for line in rows.splitlines()[2:]
    ]
    return Terms(tuple((row[0], " ".join(row[1:-1]), row[-1]) for row in cells))


def prose(text: str) -> Prose:
    """Return a paragraph of Markdown, with its code and its links to other sites."""
    text = _STRONG.sub(r"\1", _LINK.sub(r"\1", _OUTSIDE.sub(r"\1 <\2>", text)))
    pieces, end = [], 0
    for match in _SET_APART.finditer(text):
        code, address = match.groups()
        pieces += [plain(text[end : match.start()]), code or Link(address, address)]
        end = match.end()
    return Prose((*pieces, plain(text[end:])))


def plain(text: str) -> str:
    """Return Markdown without its signs."""
    words = _STRONG.sub(r"\1", _LINK.sub(r"\1", text)).replace(r"\|", "|")
    return _EMPHASIS.sub(lambda match: match[1] or match[2], words)
