"""A board as HTML that stands by itself: small, since it is saved with the notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cocalc_magic.design import COLORS
from cocalc_magic.render.styles import COLUMN, ROW
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from cocalc_magic.render.blocks import Board, BoardRow, Cell

MAX_BYTES = 160_000  # of its rows
_TINTS = {
    "good": COLORS["success-tint"].plain,
    "warning": COLORS["warning-tint"].plain,
    "error": COLORS["danger-tint"].plain,
}
_LEFT = "text-align:left"
_HEAD = f"{_LEFT};font-weight:600;vertical-align:bottom"
_QUIET = "font-weight:normal;opacity:0.72"
_BOX = "max-height:360px;overflow:auto;margin:4px 0"


def board_html(board: Board) -> str:
    """Return the rows as a table that scrolls, as many as fit into 160 kB, and how many there are.

    A message is beside a row where something is wrong with it. Colours are tints behind the words.
    """
    counts = ("", *board.counts(), "")
    names = (board.noun, *board.steps, "last message" if any(map(_trouble, board.rows)) else "")
    head = "".join(_name(name, count) for name, count in zip(names, counts, strict=True) if name)
    rows, shown = _rows(board)
    label = escape(visible_line(f"Board of {board.noun}s"))
    return (
        f'<div style="{_BOX}" tabindex="0" role="region" aria-label="{label}">'
        f'<table style="border-collapse:collapse;margin:0;font-size:inherit;white-space:nowrap">'
        f"<tr>{head}</tr>{rows}</table></div>"
        f'<div style="opacity:0.72">{_text(_words(board, shown))}</div>'
    )


def _name(name: str, count: str) -> str:
    below = f'<div style="{_QUIET}">{count}</div>' if count else ""
    return f'<td{COLUMN} style="{_HEAD}">{_text(name)}{below}</td>'


def _rows(board: Board) -> tuple[str, int]:
    """Return the rows that fit, and how many these are."""
    lines, size = [], 0
    for row in board.rows:
        lines.append(_row(row))
        size += len(lines[-1].encode())
        if size > MAX_BYTES:
            lines.pop()
            break
    return "".join(lines), len(lines)


def _row(row: BoardRow) -> str:
    """Return a row; where all of its cells have one colour, the row has it."""
    tones = {cell.tone for cell in row.cells}
    shared = tones.pop() if len(tones) == 1 else ""
    cells = "".join(_cell(cell, shared) for cell in row.cells)
    message = f'<td style="{_LEFT}">{_text(_trouble(row))}</td>' if _trouble(row) else ""
    tint = f' style="background:{_TINTS[shared]}"' if shared else ""
    name = f'<td{ROW} style="{_LEFT};white-space:nowrap">{_text(row.name)}</td>'
    return f"<tr{tint}>{name}{cells}{message}</tr>"


def _cell(cell: Cell, shared: str) -> str:
    tint = f";background:{_TINTS[cell.tone]}" if cell.tone and cell.tone != shared else ""
    return f'<td style="{_LEFT}{tint}">{_text(cell.word)}</td>'


def _trouble(row: BoardRow) -> str:
    """Return the last message of a row where something is wrong."""
    wrong = any(cell.tone in ("warning", "error") for cell in row.cells)
    return row.messages[-1] if wrong and row.messages else ""


def _words(board: Board, shown: int) -> str:
    total = len(board.rows)
    of_all = f"{total:,}" if shown == total else f"{shown:,} of {total:,}"
    words = f"{of_all} {board.noun}{'' if total == 1 else 's'}"
    return f"{words}, as of {board.moment}" if board.moment else words


def _text(text: str) -> str:
    return escape(visible_line(text), quote=False)
