"""Blocks as HTML that is at home in any notebook and harmless in all of them.

There is nothing to load and nothing that runs: a dozen tags, and styles on the elements. JupyterLab
cleans the HTML of untrusted notebooks; it drops ``var(…)`` and keeps plain values. So a style that
follows the theme is given twice, plain first, and colours are see-through greys, which suit light
and dark themes alike.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cocalc_magic.render.blocks import (
    Block,
    Column,
    Facts,
    Heading,
    Node,
    Pre,
    Table,
    Terms,
    Title,
    Tree,
)
from cocalc_magic.render.clean import visible, visible_line
from cocalc_magic.render.text import hidden_words, skipped_words, table_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROOT = (
    "font-family: sans-serif; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; font-size: var(--jp-ui-font-size1, 13px); line-height: 1.5;"
    " word-wrap: break-word; overflow-wrap: anywhere"
)
_CODE = (
    "font-family: monospace; font-family: var(--jp-code-font-family, monospace);"
    " font-size: 12px; font-size: var(--jp-code-font-size, 12px)"
)
_QUIET = "opacity: 0.72"
_HEADING = "margin-bottom: 4px"
_BADGE = (
    "padding: 1px 7px; border: 1px solid rgba(217, 119, 6, 0.55); border-radius: 9px;"
    " background: rgba(245, 158, 11, 0.18); font-size: 11px; font-weight: 600"
)
_FAILED = (
    "padding: 1px 7px; border: 1px solid rgba(220, 38, 38, 0.55); border-radius: 9px;"
    " background: rgba(220, 38, 38, 0.14); font-size: 11px; font-weight: 600"
)
_PRE = (
    "margin: 2px 0 6px 0; padding: 6px 10px; border: none; max-height: 360px; overflow: auto;"
    " white-space: pre-wrap; word-wrap: break-word; line-height: 1.4; border-left: 3px solid "
)
_TONES = {
    "": "rgba(128, 128, 128, 0.25); background: rgba(128, 128, 128, 0.07)",
    "warning": "rgba(217, 119, 6, 0.7); background: rgba(245, 158, 11, 0.1)",
    "error": "rgba(220, 38, 38, 0.75); background: rgba(220, 38, 38, 0.08)",
}
_SCROLL = "overflow-x: auto; margin: 2px 0"
_GRID = "border-collapse: collapse; border: none; margin: 0; font-size: inherit"
_CELL = (
    "padding: 3px 18px 3px 2px; border: none; background: none; vertical-align: top;"
    " word-wrap: normal; overflow-wrap: normal; text-align: "
)
# A table wider than the page scrolls; short cells (a uuid, a date) stay on one line.
_SHORT_CELL = "; white-space: nowrap"
_LONG_CELL = "; min-width: 220px"
_RULE = "; border-bottom: 1px solid rgba(128, 128, 128, 0.22)"
_FACT = "padding: 1px 18px 1px 0; border: none; background: none; text-align: left; vertical-align: top"
_NODE = "margin: 0; padding: 0 0 0 16px; word-wrap: break-word"
_BRANCH = "margin: 0; padding: 0"
_SUMMARY = "margin: 0; padding: 0; cursor: pointer; display: list-item"
_KINDS = {
    "text": "color: var(--jp-mirror-editor-string-color, inherit); white-space: pre-wrap",
    "number": "color: var(--jp-mirror-editor-number-color, inherit)",
    "word": "color: var(--jp-mirror-editor-keyword-color, inherit)",
    "many": _QUIET,
}
_SHORT = 40
# A tree opens its first level by itself while that stays a screenful.
_OPEN = 12


class _Html(str):
    """Text that is markup already; all other text is escaped when it is put into an element."""

    __slots__ = ()


def format_html(blocks: Iterable[Block]) -> str:
    """The blocks one below the other, in one element."""
    return _element("div", _ROOT, *(_block(block) for block in blocks))


def _element(tag: str, style: str, *content: str, attribute: str = "") -> _Html:
    # The one place where text becomes HTML. Tags, styles and attributes are this module's own.
    inner = "".join(part if isinstance(part, _Html) else escape(visible(part)) for part in content)
    styled = f' style="{style}"' if style else ""
    return _Html(f"<{tag}{attribute}{styled}>{inner}</{tag}>")


def _block(block: Block) -> _Html:
    match block:
        case Heading():
            return _heading(block)
        case Facts():
            return _facts(block)
        case Pre():
            return _pre(block)
        case Table():
            return _table(block)
        case Tree():
            return _element("div", _CODE, *_nodes(block.nodes, block.hidden, len(block.nodes) <= _OPEN))
        case Title():
            return _title(block)
        case Terms():
            return _terms(block)
        case _:  # a note
            return _element("div", f"{_QUIET}; white-space: pre-wrap", block.text)


def _heading(heading: Heading) -> _Html:
    parts = [_event(heading)]
    if heading.server and not (heading.sandbox and heading.server == "sandbox"):
        parts.append(_element("span", _QUIET, visible_line(heading.server)))
    if heading.sandbox:
        parts.append(_element("span", _BADGE, "sandbox"))
    if heading.failed:
        parts.append(_element("span", _FAILED, "failed"))
    parts += [_element("span", _QUIET, visible_line(remark)) for remark in heading.remarks]
    return _element("div", _HEADING, *_between(_element("span", _QUIET, " · "), parts))


def _event(heading: Heading) -> _Html:
    event = _element("b", "", visible_line(heading.event))
    if not heading.answer:
        return event
    return _element("span", "", event, _element("span", _QUIET, f" → {visible_line(heading.answer)}"))


def _between(mark: _Html, parts: list[_Html]) -> Iterator[_Html]:
    for number, part in enumerate(parts):
        if number:
            yield mark
        yield part


def _facts(facts: Facts) -> _Html:
    rows = (
        _element(
            "tr",
            "background: none",
            _element("td", f"{_FACT}; {_QUIET}", visible_line(name)),
            _element("td", _FACT, visible_line(value)),
        )
        for name, value in facts.pairs
    )
    return _element("table", _GRID, _element("tbody", "", *rows))


def _title(title: Title) -> _Html:
    text = (" · ", title.text) if title.text else ()
    return _element("div", _HEADING, _element("b", "", visible_line(title.name)), *text)


def _terms(terms: Terms) -> _Html:
    label = (
        (_element("div", "font-weight: 600; margin-top: 6px", visible_line(terms.label)),)
        if terms.label
        else ()
    )
    rows = (
        _element(
            "tr",
            "background: none",
            _element("td", f"{_FACT}; {_CODE}", visible_line(name)),
            _element("td", f"{_FACT}; {_QUIET}", visible_line(remark)),
            _element("td", f"{_FACT}; white-space: normal", visible_line(meaning)),
        )
        for name, remark, meaning in terms.rows
    )
    return _element("div", "", *label, _element("table", _GRID, _element("tbody", "", *rows)))


def _pre(pre: Pre) -> _Html:
    label = (_element("div", _QUIET, visible_line(pre.label)),) if pre.label else ()
    content: list[str] = [pre.text]
    if pre.skipped:
        content += ["\n", _element("span", _QUIET, skipped_words(pre)), "\n", pre.tail]
    return _element("div", "", *label, _element("pre", f"{_CODE}; {_PRE}{_TONES[pre.tone]}", *content))


def _table(table: Table) -> _Html:
    head = _row("th", table.columns, [column.name for column in table.columns])
    rows = (_row("td", table.columns, row) for row in table.rows)
    grid = _element("table", _GRID, _element("thead", "", head), _element("tbody", "", *rows))
    return _element("div", "", _element("div", _SCROLL, grid), _element("div", _QUIET, table_words(table)))


def _row(tag: str, columns: tuple[Column, ...], cells: Iterable[str]) -> _Html:
    weight = "; font-weight: 600" if tag == "th" else ""
    made = (
        _element(tag, f"{_cell_style(column, cell)}{weight}", visible_line(cell))
        for column, cell in zip(columns, cells, strict=True)
    )
    return _element("tr", "background: none", *made)


def _cell_style(column: Column, cell: str) -> str:
    side = "right" if column.numeric else "left"
    return f"{_CELL}{side}{_RULE}{_SHORT_CELL if len(cell) <= _SHORT else _LONG_CELL}"


def _nodes(nodes: tuple[Node, ...], hidden: int, is_open: bool) -> Iterator[_Html]:
    for node in nodes:
        if node.children:
            yield _branch(node, is_open)
        else:
            yield _element("div", _NODE, *_named(node), *_hidden(node.hidden, False))
    yield from _hidden(hidden, True)


def _branch(node: Node, is_open: bool) -> _Html:
    inner = _element("div", _NODE, *_nodes(node.children, node.hidden, False))
    summary = _element("summary", _SUMMARY, *_named(node))
    return _element("details", _BRANCH, summary, inner, attribute=" open" if is_open else "")


def _named(node: Node) -> tuple[_Html, ...]:
    name = _element("span", "font-weight: 600", visible_line(node.name))
    return (name, _Html(": "), _element("span", _KINDS[node.kind], visible_line(node.text)))


def _hidden(hidden: int, some_shown: bool) -> Iterator[_Html]:
    if hidden:
        yield _element("div", f"{_NODE}; {_QUIET}", hidden_words(hidden, some_shown))
