"""A board in a page: rows by steps that follow the work, a filter, and the messages of a row by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.sanitize import visible_line
from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from cocalc_magic.render.blocks import Board, BoardRow
    from cocalc_magic.render.live_board import LiveBoard

MAX_CHANGES = 40  # rows that have changed, before all rows are sent again


class BoardView(anywidget.AnyWidget):
    """All rows, and those that have changed since these were sent.

    Both are in its state, so that a page which comes late or misses a message still has the whole. While a
    cell runs the kernel hears nothing from a page, so the page has all that it shows.
    """

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("board")).tag(sync=True)
    _css = Unicode(sheet("table", "board")).tag(sync=True)

    noun = Unicode().tag(sync=True)
    steps = List(Unicode()).tag(sync=True)
    rows = List(List(), help="Of each: version, name, cells as word and tone, messages.").tag(sync=True)
    changes = Dict(help="Rows by their places, as they are now.").tag(sync=True)

    def __init__(self, board: Board, live: LiveBoard | None = None, version: int = 0) -> None:
        self._live, self._sent = live, version
        super().__init__(
            noun=visible_line(board.noun),
            steps=[visible_line(step) for step in board.steps],
            rows=[_row(row, version) for row in board.rows],
        )
        if live is not None:
            live.watch(self._update)
            self._update()

    def _update(self) -> None:
        """Send the rows that have changed; called from the thread that works."""
        live = self._live
        if live is None or self.comm is None:  # it was closed
            return
        version = live.version
        changed = live.changed_since(self._sent)
        if len(changed) > MAX_CHANGES:
            self._sent = version
            with self.hold_sync():
                self.rows = list(map(_row, live.rows, live.versions))
                self.changes = {}
        else:
            self.changes = {str(place): _row(live.rows[place], live.versions[place]) for place in changed}


def live_board(live: LiveBoard) -> BoardView:
    """Return the view of work that goes on."""
    version = live.version  # before the picture: what changes meanwhile is sent once more
    return BoardView(live.picture(), live, version)


def _row(row: BoardRow, version: int) -> list[Any]:
    cells = [[visible_line(cell.word), cell.tone] for cell in row.cells]
    return [version, visible_line(row.name), cells, [visible_line(message) for message in row.messages]]
