"""Format blocks as plain text, for terminals and front ends without HTML."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import (
    Block,
    Card,
    Cards,
    Done,
    Facts,
    Frame,
    Heading,
    Node,
    Note,
    Picture,
    Pre,
    Table,
    Terms,
    Title,
    Tree,
    Verdict,
    exact_value,
)
from cocalc_magic.sanitize import cut, visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MAX_CELL = 36  # a uuid is shown whole
_INDENT = "  "
_MAX_TERM = 44
_PAGE_WIDTH = 110
_TABLE_WIDTH = 160
_MAX_FRAME = 20_000


def format_text(blocks: Iterable[Block]) -> str:
    """Return the blocks one below the other, without a newline at the end."""
    return "\n".join(line for block in blocks for line in _FORMS[type(block)](block))


def _heading(heading: Heading) -> Iterator[str]:
    event = f"{heading.event} → {heading.answer}" if heading.answer else heading.event
    projects = (f"{role} {_whole(words)}" for role, words in heading.projects)
    parts = (event, server_words(heading), *heading.remarks, *projects)
    yield " · ".join(visible_line(part) for part in parts if part)


def _whole(words: str) -> str:
    """Return the words with the exact value behind them, which text has no other place for."""
    exact = exact_value(words)
    return f"{words} ({exact})" if exact else words


def _done(done: Done) -> Iterator[str]:
    yield " ".join(visible_line("".join(map(_whole, done.pieces))).split())


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield ": ".join(visible_line(part) for part in (verdict.word, verdict.text) if part)


def server_words(heading: Heading) -> str:
    """Return the server's name, with a mark for a sandbox (once, if that is its name too)."""
    if not heading.sandbox:
        return heading.server
    return "[sandbox]" if heading.server in ("", "sandbox") else f"{heading.server} [sandbox]"


def _terms(terms: Terms) -> Iterator[str]:
    """Yield names to the left and meanings to the right, wrapped in their column."""
    if terms.label:
        yield f"{visible_line(terms.label)}:"
    heads = [f"{visible_line(name)}  {visible_line(remark)}".rstrip() for name, remark, _ in terms.rows]
    width = min(max(map(len, heads), default=0), _MAX_TERM)
    for head, (_, _, meaning) in zip(heads, terms.rows, strict=True):
        lines = wrap(visible_line(meaning), max(40, _PAGE_WIDTH - width - 4)) or [""]
        yield f"  {head:{width}}  {lines[0]}".rstrip()
        yield from (f"{'':{width + 4}}{line}" for line in lines[1:])


def _facts(facts: Facts) -> Iterator[str]:
    width = max(len(name) for name, _ in facts.pairs)
    for name, value in facts.pairs:
        yield f"{visible_line(name):{width}}  {visible_line(value)}"


def _card(card: Card) -> Iterator[str]:
    yield " · ".join(visible_line(part) for part in (card.name, card.address) if part)
    if card.facts:
        yield from (f"{_INDENT}{line}" for line in _facts(Facts(card.facts)))


def _pre(pre: Pre) -> Iterator[str]:
    if pre.label:
        yield f"{visible_line(pre.label)}:"
    yield visible(pre.text).removesuffix("\n")
    if pre.skipped:
        yield skipped_words(pre)
        yield visible(pre.tail).removesuffix("\n")


def skipped_words(pre: Pre) -> str:
    """Return what is shown between the two ends of a long text."""
    return f"… {pre.skipped:,} characters not shown; the response has them all …"


def _table(table: Table) -> Iterator[str]:
    table = _as_wide(table)
    names = [visible_line(column.name) for column in table.columns]
    rows = [[cut(visible_line(cell), _MAX_CELL) for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    for row in (names, ["─" * width for width in widths], *rows):
        yield _row(table, row, widths)
    yield table_words(table)


def _as_wide(table: Table) -> Table:
    """Return the table with as many columns as fit into a wide terminal."""
    left = _TABLE_WIDTH
    for place, column in enumerate(table.columns):
        cells = [
            cut(visible_line(cell), _MAX_CELL) for cell in (column.name, *(row[place] for row in table.rows))
        ]
        left -= max(map(len, cells)) + 2
        if left < 0 and place:
            rows = tuple(row[:place] for row in table.rows)
            return replace(table, columns=table.columns[:place], rows=rows)
    return table


def _row(table: Table, cells: list[str], widths: list[int]) -> str:
    sides = (">" if column.numeric else "<" for column in table.columns)
    padded = (f"{cell:{side}{width}}" for cell, side, width in zip(cells, sides, widths, strict=True))
    return "  ".join(padded).rstrip()


def table_words(table: Table) -> str:
    """Return how much of the table is shown: `20 of 48,211 rows`."""
    words = _count(len(table.rows), table.total, "row")
    if len(table.columns) < table.total_columns:
        words += f", {_count(len(table.columns), table.total_columns, 'column')}"
    return f"{words}; the response has them all" if " of " in words else words


def _count(shown: int, total: int, noun: str) -> str:
    plural = noun if total == 1 else f"{noun}s"
    return f"{total:,} {plural}" if shown == total else f"{shown:,} of {total:,} {plural}"


def _nodes(nodes: tuple[Node, ...], hidden: int, indent: str) -> Iterator[str]:
    for node in nodes:
        yield f"{indent}{visible_line(node.name)}: {visible_line(node.text)}"
        yield from _nodes(node.children, node.hidden, indent + _INDENT)
    if hidden:
        yield indent + hidden_words(hidden, bool(nodes))


def hidden_words(hidden: int, some_shown: bool) -> str:
    """Return what is shown in place of values that a tree leaves out."""
    return f"… {hidden:,} more, in the response" if some_shown else "… not shown, but in the response"


def _title(title: Title) -> Iterator[str]:
    yield ": ".join(visible_line(part) for part in (title.name, title.text) if part)


def _picture(picture: Picture) -> Iterator[str]:
    yield f"[{picture.kind}] {visible_line(picture.meaning)}".rstrip()


def _frame(frame: Frame) -> Iterator[str]:
    yield visible(cut(frame.text, _MAX_FRAME))


def _note(note: Note) -> Iterator[str]:
    yield visible(note.text)


_FORMS: dict[type, Callable[[Any], Iterator[str]]] = {
    Heading: _heading,
    Verdict: _verdict,
    Done: _done,
    Facts: _facts,
    Pre: _pre,
    Table: _table,
    Tree: lambda tree: _nodes(tree.nodes, tree.hidden, ""),
    Title: _title,
    Terms: _terms,
    Cards: lambda cards: chain.from_iterable(map(_card, cards.cards)),
    Picture: _picture,
    Frame: _frame,
    Note: _note,
}
