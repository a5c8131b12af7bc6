"""Blocks of help as Markdown."""

from __future__ import annotations

import re
from functools import singledispatch
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import Block, Note, Pre, Terms, Title, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNS = re.compile(r"([\\`*_<>\[\]{}#~|])")


def plain(text: str) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Return a text as code within a line of a table."""
    return f"`{text}`".replace("|", r"\|") if text else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells that are Markdown."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *map(list, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fence(text: str, language: str) -> str:
    """Return a block of code."""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}\n"


@singledispatch
def markdown(block: Block) -> str:
    """Return a block as Markdown.

    Raises:
        TypeError: It is of a kind that help does not have.
    """
    raise TypeError(f"help has no {type(block).__name__}")


@markdown.register
def _(block: Title) -> str:
    return f"# {plain(block.name)}\n\n{plain(block.text)}\n"


@markdown.register
def _(block: Note) -> str:
    words, magic, line = block.text.partition(": %%")  # a line to type ends such a note
    return f"{plain(words)}{f': {code(magic[2:] + line)}' if magic else ''}\n"


@markdown.register
def _(block: Verdict) -> str:
    return f"**{plain(block.word)}**: {plain(block.text)}\n"


@markdown.register
def _(block: Pre) -> str:
    heading = f"## {plain(block.label)}\n\n" if block.label else ""
    return heading + fence(block.text, "ipython")


@markdown.register
def _(block: Terms) -> str:
    heading = f"## {plain(block.label)}\n\n" if block.label else ""
    wide = any(remark for _, remark, _ in block.rows)
    rows = (
        (code(name), *([plain(remark)] if wide else []), plain(meaning))
        for name, remark, meaning in block.rows
    )
    short = ("Error", "When") if block.label == "Errors" else ("Name", "Meaning")
    return heading + table(("Name", "Kind", "Meaning") if wide else short, rows)
