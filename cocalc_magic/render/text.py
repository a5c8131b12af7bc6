"""Format blocks as plain text, for terminals of any width and front ends without HTML."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import (
    Block,
    Board,
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
    Prose,
    Table,
    Terms,
    Title,
    Tree,
    Verdict,
)
from cocalc_magic.render.highlight import terminal_colors
from cocalc_magic.render.humanize import exact_value
from cocalc_magic.render.screen import NOTEBOOK, Screen
from cocalc_magic.sanitize import cut, visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MAX_CELL = 36  # a uuid is shown whole
_INDENT = "  "
_MAX_TERM = 44
_MIN_MEANING = 40  # columns beside a term; with fewer its meaning stands below it
_PAGE_WIDTH = 110
_TABLE_WIDTH = 160
_MAX_FRAME = 20_000


def format_text(blocks: Iterable[Block], screen: Screen = NOTEBOOK) -> str:
    """Return the blocks one below the other, without a newline at the end."""
    return screen.fit(_lines(blocks, screen))


def _lines(blocks: Iterable[Block], screen: Screen) -> Iterator[str]:
    for block in blocks:
        for text in _FORMS[type(block)](block, screen):
            yield from text.split("\n")


def _heading(heading: Heading, screen: Screen) -> Iterator[str]:
    event = f"{heading.event} → {heading.answer}" if heading.answer else heading.event
    projects = (f"{role} {_whole(words)}" for role, words in heading.projects)
    parts = (event, server_words(heading), *heading.remarks, *projects)
    words = [visible_line(part) for part in parts if part]
    first, *rest = _joined(words, screen)
    yield first.replace(words[0], screen.paint(words[0], "strong"), 1)
    yield from rest


def _joined(words: list[str], screen: Screen) -> Iterator[str]:
    """Yield lines of words with dots between them, as many as fit on each."""
    line = words[0]
    for word in words[1:]:
        if screen.width and len(line) + len(word) + 3 > screen.width:
            yield line
            *full, line = screen.wrap(f"{_INDENT}{word}", len(_INDENT), 0)
            yield from full
        else:
            line = f"{line} · {word}"
    yield line


def _whole(words: str) -> str:
    """Return the words with the exact value behind them, which text has no other place for."""
    exact = exact_value(words)
    return f"{words} ({exact})" if exact else words


def _done(done: Done, screen: Screen) -> Iterator[str]:
    yield from screen.wrap(" ".join(visible_line("".join(map(_whole, done.pieces))).split()))


def _verdict(verdict: Verdict, screen: Screen) -> Iterator[str]:
    word = visible_line(verdict.word)
    whole = ": ".join(part for part in (word, visible_line(verdict.text)) if part)
    first, *rest = screen.wrap(whole)
    yield screen.paint(word, verdict.tone) + first.removeprefix(word)
    yield from rest


def server_words(heading: Heading) -> str:
    """Return the server's name, with a mark for a sandbox (once, if that is its name too)."""
    if not heading.sandbox:
        return heading.server
    return "[sandbox]" if heading.server in ("", "sandbox") else f"{heading.server} [sandbox]"


def _terms(terms: Terms, screen: Screen) -> Iterator[str]:
    """Yield names to the left and meanings to the right, wrapped in their column."""
    if terms.label:
        yield f"{visible_line(terms.label)}:"
    heads = [f"{visible_line(name)}  {visible_line(remark)}".rstrip() for name, remark, _ in terms.rows]
    width = min(max(map(len, heads), default=0), _MAX_TERM)
    page = min(_PAGE_WIDTH, screen.width or _PAGE_WIDTH)
    for head, (_, _, meaning) in zip(heads, terms.rows, strict=True):
        if screen.width and page - width - 4 < _MIN_MEANING:
            yield f"  {head}"
            yield from (f"      {line}" for line in _broken(visible_line(meaning), page - 6))
            continue
        lines = _broken(visible_line(meaning), max(_MIN_MEANING, page - width - 4)) or [""]
        beside = [] if len(head) > width else lines[:1]  # a head that is too long has its meaning below it
        yield f"  {head:{width}}  {''.join(beside)}".rstrip()
        yield from (f"{'':{width + 4}}{line}" for line in lines[len(beside) :])


def _broken(text: str, width: int) -> list[str]:
    return wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _facts(facts: Facts, screen: Screen) -> Iterator[str]:
    yield from _pairs(facts.pairs, screen)


def _pairs(pairs: Iterable[tuple[str, str]], screen: Screen, before: str = "") -> Iterator[str]:
    """Yield names and values in two columns."""
    words = [(visible_line(name), visible_line(value)) for name, value in pairs]
    width = max((len(name) for name, _ in words), default=0)
    for name, value in words:
        indent = len(before) + width + 2
        first, *rest = screen.wrap(value, indent)
        yield f"{before}{screen.paint(f'{name:{width}}', 'muted')}  {first}"
        yield from rest


def _card(card: Card, screen: Screen) -> Iterator[str]:
    name = screen.paint(visible_line(card.name), "strong")
    yield " · ".join(part for part in (name, visible_line(card.address)) if part)
    yield from _pairs(card.facts, screen, _INDENT)


def _pre(pre: Pre, screen: Screen) -> Iterator[str]:
    if pre.label:
        yield screen.paint(f"{visible_line(pre.label)}:", "muted")
    yield from _preformatted(pre, pre.text, screen)
    if pre.skipped:
        yield screen.paint(skipped_words(pre), "muted")
        yield from _preformatted(pre, pre.tail, screen)


def _preformatted(pre: Pre, text: str, screen: Screen) -> Iterator[str]:
    if screen.colors and pre.language == "ansi":
        yield terminal_colors(text).removesuffix("\n")
    elif not pre.language:
        for line in screen.wrap(visible(text).removesuffix("\n")):
            yield screen.paint(line, pre.tone)
    else:
        yield visible(text).removesuffix("\n")


def skipped_words(pre: Pre) -> str:
    """Return what is shown between the two ends of a long text."""
    return f"… {pre.skipped:,} characters not shown; the response has them all …"


def _table(table: Table, screen: Screen) -> Iterator[str]:
    if screen.width is None:
        table = _as_wide(table)
    limit = _MAX_CELL if screen.width is None else _TABLE_WIDTH
    names = [visible_line(column.name) for column in table.columns]
    rows = [[cut(visible_line(cell), limit) for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    if screen.width is not None and sum(widths) + 2 * (len(widths) - 1) > screen.width:
        yield from _one_below_another(names, rows, screen)
    else:
        yield screen.paint(_row(table, names, widths), "strong")
        for row in (["─" * width for width in widths], *rows):
            yield _row(table, row, widths)
    yield screen.paint(table_words(table), "muted")


def _board(board: Board, screen: Screen) -> Iterator[str]:
    yield from _table(board.table(), screen)


def _one_below_another(names: list[str], rows: list[list[str]], screen: Screen) -> Iterator[str]:
    """Yield a table that is too wide record by record, without what a record does not have."""
    for number, row in enumerate(rows, 1):
        yield screen.paint(f"─── {number} ───", "muted")
        yield from _pairs((pair for pair in zip(names, row, strict=True) if pair[1]), screen)


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


def _tree(tree: Tree, screen: Screen) -> Iterator[str]:
    yield from _nodes(tree.nodes, tree.hidden, "", screen)


def _nodes(nodes: tuple[Node, ...], hidden: int, indent: str, screen: Screen) -> Iterator[str]:
    for node in nodes:
        name = f"{indent}{visible_line(node.name)}: "
        first, *rest = screen.wrap(visible_line(node.text), len(indent) + 4, len(name))
        yield f"{name}{first}"
        yield from rest
        yield from _nodes(node.children, node.hidden, indent + _INDENT, screen)
    if hidden:
        yield indent + hidden_words(hidden, bool(nodes))


def hidden_words(hidden: int, some_shown: bool) -> str:
    """Return what is shown in place of values that a tree leaves out."""
    return f"… {hidden:,} more, in the response" if some_shown else "… not shown, but in the response"


def _title(title: Title, screen: Screen) -> Iterator[str]:
    yield from screen.wrap(": ".join(visible_line(part) for part in (title.name, title.text) if part))


def _picture(picture: Picture, screen: Screen) -> Iterator[str]:
    yield from screen.wrap(f"[{picture.kind}] {visible_line(picture.meaning)}".rstrip())


def _frame(frame: Frame, _: Screen) -> Iterator[str]:
    yield visible(cut(frame.text, _MAX_FRAME))


def _note(note: Note, screen: Screen) -> Iterator[str]:
    yield from screen.wrap(visible(note.text))


def _prose(prose: Prose, screen: Screen) -> Iterator[str]:
    yield from screen.wrap(visible_line("".join(prose.pieces)))


_FORMS: dict[type, Callable[[Any, Screen], Iterator[str]]] = {
    Heading: _heading,
    Verdict: _verdict,
    Done: _done,
    Facts: _facts,
    Pre: _pre,
    Table: _table,
    Board: _board,
    Tree: _tree,
    Title: _title,
    Terms: _terms,
    Cards: lambda cards, screen: chain.from_iterable(_card(card, screen) for card in cards.cards),
    Picture: _picture,
    Frame: _frame,
    Note: _note,
    Prose: _prose,
}
