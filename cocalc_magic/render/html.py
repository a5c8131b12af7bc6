"""Format blocks as HTML that works in any notebook and is harmless in all of them.

It loads nothing and runs nothing: a dozen tags, and styles on the elements. Values that share a line are
isolated, so that Hebrew or Arabic does not turn the others. The tags are those that exports keep which clean
HTML (`nbconvert --sanitize-html` shows others as text); trees (`details`), pictures and frames need more.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import UUID
from cocalc_magic.design import HYPHENATED
from cocalc_magic.render import styles
from cocalc_magic.render.blocks import (
    Block,
    Board,
    Card,
    Cards,
    Column,
    Done,
    Facts,
    Frame,
    Heading,
    Humanized,
    Link,
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
from cocalc_magic.render.embed import frame_html, picture_html
from cocalc_magic.render.highlight import styled_pieces
from cocalc_magic.render.humanize import exact_value
from cocalc_magic.render.text import hidden_words, skipped_words, table_words
from cocalc_magic.sanitize import visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_SHORT_CELL = 40  # characters that stay on one line
MAX_NAME = 24
MAX_REMARK = 30  # characters of a remark that stands beside its meaning
_ID_END = 4  # characters of an id that are shown behind the ellipsis
_WRAPPED = ("", "ansi", "markdown", "latex")  # text, that is broken at blanks; code scrolls
MAX_OPEN = 36  # nodes of the first two levels of a tree that is open at first


class Html(str):
    """Text that is markup already; other text is escaped when it is put into an element."""

    __slots__ = ()


def element(tag: str, style: str, *content: str, attribute: str = "") -> Html:
    """Return an element around its content: here all text is sanitized and escaped.

    Tag, style and attribute are this package's own.
    """
    inner = "".join(part if isinstance(part, Html) else escape(visible(part)) for part in content)
    styled = f' style="{style}"' if style else ""
    return Html(f"<{tag}{attribute}{styled}>{inner}</{tag}>")


def _isolated(style: str, *content: str, exact: str = "") -> Html:
    """Return content whose direction turns nothing around it."""
    return element("span", style, *content, attribute=styles.ISOLATED + exact)


def _exact(value: str) -> str:
    """Return the attribute that shows the exact value behind words, if they have it."""
    exact = value.exact if isinstance(value, Humanized) else exact_value(value)
    return f' title="{escape(visible_line(exact))}"' if exact else ""


def _words(value: str) -> Html:
    """Return one line of a value, ids in it shortened; a page of the server opens in another tab."""
    words = _with_ids(visible_line(value))
    if not (isinstance(value, Link) and value.address.startswith(("http://", "https://"))):
        return words
    address = f' href="{escape(value.address)}" target="_blank" rel="noopener noreferrer"'
    return element("a", "", words, attribute=address + _exact(value))


def _with_ids(text: str) -> Html:
    """Return harmless text with its ids shortened to `14850763…2df1`."""
    pieces: list[str] = []
    place = 0
    for match in UUID.finditer(text):
        pieces += [escape(text[place : match.start()]), _short_id(match[0])]
        place = match.end()
    return Html("".join([*pieces, escape(text[place:])]))


def _short_id(whole: str) -> Html:
    """Return an id of which the middle is not drawn; whoever copies or reads it aloud gets all of it."""
    start = element("span", styles.ID_START, whole[:-_ID_END])
    return element(
        "span",
        f"{styles.CODE}{styles.WHOLE}",
        start,
        whole[-_ID_END:],
        attribute=f' class="ccm-id" title="{whole}"',
    )


def format_html(blocks: Iterable[Block]) -> str:
    """Return the blocks one below the other, in one element on one line.

    In an exported notebook the HTML is inside Markdown, where an empty line would end it, and text between
    dollars would be a formula.
    """
    parts = (_FORMS[type(block)](block) for block in blocks)
    return _on_one_line(element("div", styles.ROOT, *parts, attribute=styles.NO_MATH))


def format_frame(heading: Heading, blocks: Iterable[Block]) -> str:
    """Return the same in a frame, under the heading."""
    parts = (_FORMS[type(block)](block) for block in blocks)
    head = element("div", styles.HEADING, heading_html(heading))
    frame = element("div", styles.ROOT + styles.FRAME, head, *parts, attribute=styles.NO_MATH)
    return _on_one_line(frame)


def _on_one_line(html: str) -> str:
    return html.replace("\n", "&#10;").replace("$", "&#36;")


def heading_html(heading: Heading) -> Html:
    """Return the event, the server and how it went, on one line if that fits."""
    parts = [_event(heading)]
    if heading.server and not (heading.sandbox and heading.server == "sandbox"):
        parts.append(_isolated(styles.QUIET, visible_line(heading.server)))
    if heading.sandbox:
        parts.append(element("span", styles.BADGE, "sandbox"))
    if heading.failed:
        parts.append(element("span", styles.FAILED, "failed"))
    remarks = [_remark(remark) for remark in heading.remarks]
    remarks += [_remark(words, f"{role} ") for role, words in heading.projects]
    parts += _between(element("span", styles.QUIET, "·"), remarks)
    return element("span", "", *_between(Html(" "), parts))


def _remark(words: str, before: str = "") -> Html:
    whole = styles.WHOLE if len(words) <= MAX_NAME else ""
    return _isolated(styles.QUIET + whole, before, _words(words), exact=_exact(words))


def _event(heading: Heading) -> Html:
    event = _isolated("font-weight: bold", visible_line(heading.event))
    if not heading.answer:
        return event
    answer = _isolated("", visible_line(heading.answer))
    return element("span", "", event, element("span", styles.QUIET, " → ", answer))


def _between(mark: Html, parts: list[Html]) -> Iterator[Html]:
    for number, part in enumerate(parts):
        if number:
            yield mark
        yield part


def _verdict(verdict: Verdict) -> Html:
    badge = element("span", styles.VERDICTS[verdict.tone], visible_line(verdict.word))
    return element("div", "margin: 2px 0", badge, f" {visible_line(verdict.text)}" if verdict.text else "")


def _done(done: Done) -> Html:
    pieces = (
        element("b", "", _words(piece), attribute=_exact(piece)) if place % 2 else element("span", "", piece)
        for place, piece in enumerate(done.pieces)
        if piece
    )
    return element("div", "margin: 2px 0", element("span", styles.MARK), *pieces)


def _facts(facts: Facts) -> Html:
    rows = (
        _named_row(name, styles.QUIET, element("td", styles.FACT, _words(value), attribute=_exact(value)))
        for name, value in facts.pairs
    )
    # An untrusted notebook does not break long words: there they scroll.
    return element("div", styles.SCROLL, _grid(rows))


def _title(title: Title) -> Html:
    text = (" · ", title.text) if title.text else ()
    return element("div", styles.HEADING, element("b", "", visible_line(title.name)), *text)


def _terms(terms: Terms) -> Html:
    label = (
        (element("div", "font-weight: 600; margin-top: 6px", visible_line(terms.label)),)
        if terms.label
        else ()
    )
    return element("div", "", *label, element("div", "", *map(_term, terms.rows), attribute=styles.LIST))


def _term(row: tuple[str, str, str]) -> Html:
    """Return a name with its remark, and beside it the meaning; below what there is no room for."""
    name, remark, meaning = row
    remarks = _isolated(styles.QUIET, *_unbroken(visible_line(remark)))
    beside = [Html(" "), remarks] if 0 < len(remark) <= MAX_REMARK else []
    below = [element("span", styles.TERM_BELOW, remarks)] if len(remark) > MAX_REMARK else []
    long = len(name) > MAX_REMARK
    code = _isolated(styles.CODE if long else styles.TERM_NAME, *_unbroken(visible_line(name)))
    head = element("span", styles.TERM_LONG if long else styles.TERM, code, *beside)
    body = element("span", styles.TERM_BELOW if long else styles.MEANING, *_unbroken(visible_line(meaning)))
    return element("div", styles.TERM_ROW, *_between(Html(" "), [head, body, *below]), attribute=styles.ITEM)


def _unbroken(text: str) -> Iterator[str]:
    """Yield harmless text in pieces, such that no line ends at a hyphen of an option, a date or an id."""
    end = 0
    for match in HYPHENATED.finditer(text):
        yield text[end : match.start()]
        yield element("span", styles.UNBROKEN, match[0])
        end = match.end()
    yield text[end:]


def _named_row(name: str, style: str, *cells: Html) -> Html:
    """Return a row with a name at its head, on one line unless it is as long as a narrow page."""
    width = styles.SHORT_CELL if len(name) <= MAX_NAME else ""
    style = f"{styles.FACT}{width}; font-weight: normal; {style}"
    head = element("td", style, visible_line(name), attribute=styles.ROW)
    return element("tr", "background: none", head, *cells)


def _grid(rows: Iterable[Html]) -> Html:
    return element("table", styles.GRID, *rows)


def _pre(pre: Pre) -> Html:
    label = (element("div", styles.QUIET, visible_line(pre.label)),) if pre.label else ()
    content: list[str] = [*_highlighted(pre.text, pre.language)]
    if pre.skipped:
        content += ["\n", element("span", styles.QUIET, skipped_words(pre)), "\n"]
        content += _highlighted(pre.tail, pre.language)
    lines = styles.WRAPPED if pre.language in _WRAPPED else styles.UNWRAPPED
    style = f"{styles.CODE}; {styles.PRE}{styles.TONES[pre.tone]}{lines}"
    return element("div", "", *label, element("pre", style, *content))


def _highlighted(text: str, language: str) -> Iterator[str]:
    if not language:
        yield from _unbroken(visible(text))
        return
    for piece, style in styled_pieces(text, language):
        if style:
            yield element("span", style, piece)
        else:
            yield from _unbroken(visible(piece))  # before it is split, so that secrets are seen


def _card(card: Card) -> Html:
    head = element("b", "", _words(Link(card.name, card.address) if card.address else card.name))
    facts = (_facts(Facts(card.facts)),) if card.facts else ()
    return element("div", styles.CARD, head, *facts)


def _table(table: Table) -> Html:
    head = _row(table.columns, [column.name for column in table.columns], "; font-weight: 600", styles.COLUMN)
    grid = _grid((head, *(_row(table.columns, row) for row in table.rows)))
    return element(
        "div", "", element("div", styles.SCROLL, grid), element("div", styles.QUIET, table_words(table))
    )


def _row(columns: tuple[Column, ...], cells: Iterable[str], weight: str = "", role: str = "") -> Html:
    parts = (
        element("td", f"{_cell_style(column, cell)}{weight}", _words(cell), attribute=_exact(cell) + role)
        for column, cell in zip(columns, cells, strict=True)
    )
    return element("tr", "background: none", *parts)


def _cell_style(column: Column, cell: str) -> str:
    side = "right" if column.numeric else "left"
    width = styles.SHORT_CELL if len(cell) <= MAX_SHORT_CELL else styles.LONG_CELL
    return f"{styles.CELL}{side}{styles.RULE}{width}"


def _board(board: Board) -> Html:
    from cocalc_magic.render.board_html import board_html  # late: few views have one

    return Html(board_html(board))


def _nodes(nodes: tuple[Node, ...], hidden: int, is_open: bool) -> Iterator[Html]:
    for node in nodes:
        if node.children:
            yield _branch(node, is_open)
        else:
            yield element("div", styles.NODE, *_named(node), *_hidden(node.hidden, False))
    yield from _hidden(hidden, True)


def _branch(node: Node, is_open: bool) -> Html:
    """Return a node that folds, without styles of its own: exports that clean HTML show its tags as text."""
    inner = element("div", styles.NODE, *_nodes(node.children, node.hidden, False))
    summary = element("summary", "", element("span", styles.POINTED, *_named(node)))
    return element("details", "", summary, inner, attribute=" open" if is_open else "")


def _named(node: Node) -> tuple[Html, ...]:
    name = _isolated("font-weight: 600", visible_line(node.name))
    return (name, Html(": "), _isolated(styles.KINDS[node.kind], visible_line(node.text)))


def _hidden(hidden: int, some_shown: bool) -> Iterator[Html]:
    if hidden:
        yield element("div", f"{styles.NODE}; {styles.QUIET}", hidden_words(hidden, some_shown))


def _tree(tree: Tree) -> Html:
    shown = len(tree.nodes) + sum(len(node.children) for node in tree.nodes)
    return element("div", styles.CODE, *_nodes(tree.nodes, tree.hidden, shown <= MAX_OPEN))


def _note(note: Note) -> Html:
    return element("div", f"{styles.QUIET}; white-space: pre-wrap", *_unbroken(visible(note.text)))


def _prose(prose: Prose) -> Html:
    pieces = (
        _set_apart(piece) if place % 2 else visible_line(piece) for place, piece in enumerate(prose.pieces)
    )
    return element("div", "margin: 4px 0", *pieces)


def _set_apart(piece: str) -> Html:
    if isinstance(piece, Link):
        return _words(piece)
    return element("span", styles.CODE, *_unbroken(visible_line(piece)))


_FORMS: dict[type, Callable[[Any], Html]] = {
    Heading: lambda heading: element("div", styles.HEADING, heading_html(heading)),
    Verdict: _verdict,
    Done: _done,
    Facts: _facts,
    Pre: _pre,
    Table: _table,
    Board: _board,
    Tree: _tree,
    Title: _title,
    Terms: _terms,
    Cards: lambda cards: element("div", styles.CARDS, *map(_card, cards.cards)),
    Picture: lambda picture: Html(picture_html(picture)),
    Frame: lambda frame: Html(frame_html(frame)),
    Note: _note,
    Prose: _prose,
}
