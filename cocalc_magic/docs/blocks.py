"""A page of the documentation as blocks: headings, paragraphs, code and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Block, Note, Pre, Terms, Title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.docs.pages import DocPage

_PART = re.compile(r"^```(\S*)\n([\s\S]*?)^```$|^((?:\|.*\n?)+)|^((?:(?!```|\|).*\S.*\n?)+)", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*`])\*(?=\S)([^*`\n]+?)(?<=\S)\*(?![\w*])|`([^`]+)`")


def page_blocks(page: DocPage) -> Iterator[Block]:
    """Yield the blocks of a page."""
    for section in page.sections:
        yield Title(section.heading)
        yield from _blocks(section.text)


def _blocks(text: str) -> Iterator[Block]:
    for match in _PART.finditer(text):
        language, code, rows, words = match.groups()
        if code is not None:
            yield Pre(code.rstrip(), language="" if language in ("text", "sh") else language)
        elif rows:
            yield _table(rows)
        else:
            yield from (Note(plain(line)) for line in words.strip().splitlines())


def _table(rows: str) -> Terms:
    """Return a table of two or three columns, without its head."""
    cells = [
        [plain(cell.strip()) for cell in _CELL.split(line.strip().strip("|"))]
        for line in rows.splitlines()[2:]
    ]
    return Terms(tuple((row[0], " ".join(row[1:-1]), row[-1]) for row in cells))


def plain(text: str) -> str:
    """Return Markdown without its signs."""
    words = _STRONG.sub(r"\1", _LINK.sub(r"\1", text)).replace(r"\|", "|")
    return _EMPHASIS.sub(lambda match: match[1] or match[2], words)
