"""Blocks as HTML that is at home in any notebook and harmless in all of them.

There is nothing to load and nothing that runs: a dozen tags, and styles on the elements. JupyterLab
cleans the HTML of untrusted notebooks; it drops ``var(…)`` and keeps plain values. So a style that
follows the theme is given twice, plain first, and colours are see-through greys, which suit light
and dark themes alike. Values that share a line stand in ``bdi``, so that Hebrew or Arabic turns itself alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.render.blocks import (
    Block,
    Card,
    Cards,
    Column,
    Facts,
    Frame,
    Heading,
    Link,
    Node,
    Note,
    Picture,
    Pre,
    Table,
    Terms,
    Title,
    Tree,
    Verdict,
)
from cocalc_magic.render.clean import visible_line
from cocalc_magic.render.element import Html, element, exactly, words
from cocalc_magic.render.embed import frame_html, picture_html
from cocalc_magic.render.highlight import colored
from cocalc_magic.render.text import hidden_words, skipped_words, table_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ROOT = (
    "font-family: sans-serif; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; font-size: var(--jp-ui-font-size1, 13px); line-height: 1.5;"
    " word-wrap: break-word; overflow-wrap: anywhere"
)
_CODE = (
    "font-family: monospace; font-family: var(--jp-code-font-family, monospace);"
    " font-size: 12px; font-size: var(--jp-code-font-size, 12px)"
)
# Dollars of a shell are no formulas, and MathJax knows commands that make links.
_NO_MATH = ' class="mathjax_ignore tex2jax_ignore"'
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
_GOOD = (
    "padding: 1px 7px; border: 1px solid rgba(22, 163, 74, 0.55); border-radius: 9px;"
    " background: rgba(34, 197, 94, 0.14); font-size: 11px; font-weight: 600"
)
_PLAIN = (
    "padding: 1px 7px; border: 1px solid rgba(128, 128, 128, 0.55); border-radius: 9px;"
    " font-size: 11px; font-weight: 600"
)
_VERDICTS = {"good": _GOOD, "warning": _BADGE, "error": _FAILED, "": _PLAIN}
_ROW, _COLUMN = ' scope="row"', ' scope="col"'
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
_CARDS = "display: flex; flex-wrap: wrap; gap: 8px; margin: 2px 0"
_CARD = (
    "padding: 8px 12px; border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 6px; min-width: 220px;"
    " max-width: 100%; box-sizing: border-box"
)
_SHORT = 40
_NAME = 24
# A tree opens its first level by itself while that stays a screenful.
_OPEN = 36


def format_html(blocks: Iterable[Block]) -> str:
    """The blocks one below the other, in one element on one line.

    In an exported notebook the HTML stands in Markdown, where an empty line ends it and what follows is
    Markdown again, with its links and pictures, and where what is between dollars is a formula.
    """
    html = element("div", _ROOT, *(_block(block) for block in blocks), attribute=_NO_MATH)
    return html.replace("\n", "&#10;").replace("$", "&#36;")


def _block(block: Block) -> Html:
    return _FORMS[type(block)](block)


def _heading(heading: Heading) -> Html:
    parts = [_event(heading)]
    if heading.server and not (heading.sandbox and heading.server == "sandbox"):
        parts.append(element("bdi", _QUIET, visible_line(heading.server)))
    if heading.sandbox:
        parts.append(element("span", _BADGE, "sandbox"))
    if heading.failed:
        parts.append(element("span", _FAILED, "failed"))
    parts += [element("bdi", _QUIET, words(remark)) for remark in heading.remarks]
    return element("div", _HEADING, *_between(element("span", _QUIET, " · "), parts))


def _event(heading: Heading) -> Html:
    event = element("bdi", "font-weight: bold", visible_line(heading.event))
    if not heading.answer:
        return event
    answer = element("bdi", "", visible_line(heading.answer))
    return element("span", "", event, element("span", _QUIET, " → ", answer))


def _between(mark: Html, parts: list[Html]) -> Iterator[Html]:
    for number, part in enumerate(parts):
        if number:
            yield mark
        yield part


def _verdict(verdict: Verdict) -> Html:
    badge = element("span", _VERDICTS[verdict.tone], visible_line(verdict.word))
    return element("div", "margin: 2px 0", badge, f" {visible_line(verdict.text)}" if verdict.text else "")


def _facts(facts: Facts) -> Html:
    rows = (
        element(
            "tr",
            "background: none",
            element(
                "th",
                f"{_FACT}{_whole(name)}; font-weight: normal; {_QUIET}",
                visible_line(name),
                attribute=_ROW,
            ),
            element("td", _FACT, words(value), attribute=exactly(value)),
        )
        for name, value in facts.pairs
    )
    # An untrusted notebook breaks no long words: there they scroll.
    return element("div", _SCROLL, element("table", _GRID, element("tbody", "", *rows)))


def _title(title: Title) -> Html:
    text = (" · ", title.text) if title.text else ()
    return element("div", _HEADING, element("b", "", visible_line(title.name)), *text)


def _terms(terms: Terms) -> Html:
    label = (
        (element("div", "font-weight: 600; margin-top: 6px", visible_line(terms.label)),)
        if terms.label
        else ()
    )
    rows = (
        element(
            "tr",
            "background: none",
            element(
                "th",
                f"{_FACT}{_whole(name)}; font-weight: normal; {_CODE}",
                visible_line(name),
                attribute=_ROW,
            ),
            element("td", f"{_FACT}; {_QUIET}", visible_line(remark)),
            element("td", f"{_FACT}; white-space: normal", visible_line(meaning)),
        )
        for name, remark, meaning in terms.rows
    )
    return element("div", "overflow-x: auto", *label, element("table", _GRID, element("tbody", "", *rows)))


def _whole(name: str) -> str:
    """A name is not broken, unless it is as long as a narrow page."""
    return _SHORT_CELL if len(name) <= _NAME else ""


def _pre(pre: Pre) -> Html:
    label = (element("div", _QUIET, visible_line(pre.label)),) if pre.label else ()
    content: list[str] = [*colored(pre.text, pre.language)]
    if pre.skipped:
        content += ["\n", element("span", _QUIET, skipped_words(pre)), "\n"]
        content += colored(pre.tail, pre.language)
    return element("div", "", *label, element("pre", f"{_CODE}; {_PRE}{_TONES[pre.tone]}", *content))


def _card(card: Card) -> Html:
    head = element("b", "", words(Link(card.name, card.address) if card.address else card.name))
    facts = (_facts(Facts(card.facts)),) if card.facts else ()
    return element("div", _CARD, head, *facts)


def _table(table: Table) -> Html:
    head = _row("th", table.columns, [column.name for column in table.columns])
    rows = (_row("td", table.columns, row) for row in table.rows)
    grid = element("table", _GRID, element("thead", "", head), element("tbody", "", *rows))
    return element("div", "", element("div", _SCROLL, grid), element("div", _QUIET, table_words(table)))


def _row(tag: str, columns: tuple[Column, ...], cells: Iterable[str]) -> Html:
    weight, scope = ("; font-weight: 600", _COLUMN) if tag == "th" else ("", "")
    made = (
        element(tag, f"{_cell_style(column, cell)}{weight}", words(cell), attribute=exactly(cell) + scope)
        for column, cell in zip(columns, cells, strict=True)
    )
    return element("tr", "background: none", *made)


def _cell_style(column: Column, cell: str) -> str:
    side = "right" if column.numeric else "left"
    return f"{_CELL}{side}{_RULE}{_SHORT_CELL if len(cell) <= _SHORT else _LONG_CELL}"


def _nodes(nodes: tuple[Node, ...], hidden: int, is_open: bool) -> Iterator[Html]:
    for node in nodes:
        if node.children:
            yield _branch(node, is_open)
        else:
            yield element("div", _NODE, *_named(node), *_hidden(node.hidden, False))
    yield from _hidden(hidden, True)


def _branch(node: Node, is_open: bool) -> Html:
    inner = element("div", _NODE, *_nodes(node.children, node.hidden, False))
    summary = element("summary", _SUMMARY, *_named(node))
    return element("details", _BRANCH, summary, inner, attribute=" open" if is_open else "")


def _named(node: Node) -> tuple[Html, ...]:
    name = element("bdi", "font-weight: 600", visible_line(node.name))
    return (name, Html(": "), element("bdi", _KINDS[node.kind], visible_line(node.text)))


def _hidden(hidden: int, some_shown: bool) -> Iterator[Html]:
    if hidden:
        yield element("div", f"{_NODE}; {_QUIET}", hidden_words(hidden, some_shown))


def _cards(cards: Cards) -> Html:
    return element("div", _CARDS, *map(_card, cards.cards))


def _tree(tree: Tree) -> Html:
    shown = len(tree.nodes) + sum(len(node.children) for node in tree.nodes)
    return element("div", _CODE, *_nodes(tree.nodes, tree.hidden, shown <= _OPEN))


def _note(note: Note) -> Html:
    return element("div", f"{_QUIET}; white-space: pre-wrap", note.text)


_FORMS: dict[type, Callable[[Any], Html]] = {
    Heading: _heading,
    Verdict: _verdict,
    Facts: _facts,
    Pre: _pre,
    Table: _table,
    Tree: _tree,
    Title: _title,
    Terms: _terms,
    Cards: _cards,
    Picture: picture_html,
    Frame: frame_html,
    Note: _note,
}
