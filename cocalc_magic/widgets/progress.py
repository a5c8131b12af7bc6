"""A line that says what a cell waits for, with a clock and a *Stop* button in a page.

While a cell runs most kernels hear nothing from a page, so a widget could not answer. The view host's script
finds the line by its attribute, updates its clock and adds the button.
"""

from __future__ import annotations

import time
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from cocalc_magic.render import format_html
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.widgets.board_view import live_board
from cocalc_magic.widgets.view_host import get_view_host

if TYPE_CHECKING:
    from cocalc_magic.render.live_board import LiveBoard
    from cocalc_magic.render.progress import ProgressLine

MAX_DETAIL = 300  # characters


def since(line: ProgressLine) -> str:
    """Return the line with the time when it began, for a front end that does not update its clock."""
    return f"{line.what}: {line.words}{_began(line.seconds)} {line.stop}"


def progress_html(line: ProgressLine) -> str:
    """Return the line for a page: what it says, since when, and how it is stopped, in this order.

    The attribute names this kernel's view host, so that those of other notebooks leave it alone.
    """
    name = get_view_host().name
    return (
        f'<div data-ccm-progress="{name}" data-ccm-seconds="{line.seconds:.1f}">'
        f'<span role="status">{escape(f"{line.what}: {line.words}")}</span>'
        f"<span>{escape(_began(line.seconds))}</span><span> {escape(line.stop)}</span>"
        f"{''.join(map(_detail, line.details))}</div>"
    )


def board_html(board: LiveBoard) -> str:
    """Return the rows of work that goes on, for a page: live where it knows this kernel."""
    return get_view_host().offer(format_html([board.picture()]), partial(live_board, board))


def _detail(text: str) -> str:
    return f"<div>{escape(visible_line(cut(text, MAX_DETAIL)))}</div>"


def _began(seconds: float) -> str:
    return f" since {time.strftime('%H:%M:%S %Z', time.localtime(time.time() - seconds)).rstrip()}."
