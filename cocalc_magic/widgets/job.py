"""A job in the background: how far it is, its rows, what failed so far, *Stop*, and at the end its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.render.blocks import Block, Note, Pre
from cocalc_magic.render.bulk import RenderedResult, problem_facts
from cocalc_magic.widgets.blocks_view import BlocksView
from cocalc_magic.widgets.board_view import live_board
from cocalc_magic.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.session.frontend import Keep
    from cocalc_magic.session.jobs import Job


class JobView(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One job; the job tells it of each step, from its own thread."""

    def __init__(self, job: Job, keep: Keep | None = None) -> None:
        self._job, self._keep = job, keep
        self.line = StatusLine()
        self.stop = W.Button(
            description="Stop",
            tooltip="Finish what is under way, and send nothing more",
            layout={"width": "auto"},
        )
        self.stop.on_click(self._stopped)
        self.answer = W.VBox()  # the board while it goes on, then the result
        super().__init__([W.HBox([self.stop]), self.line, self.answer])
        self.add_class("ccm-sending")
        job.watch(self._update)

    def _stopped(self, _: Any) -> None:
        self.stop.disabled, self.stop.description = True, "Stopping …"
        self._job.stop()

    def _update(self) -> None:
        if self.comm is None:  # it was closed
            return
        self.line.say(*_blocks(self._job))
        if not self._job.running:
            self.stop.layout.display = "none"
            self.answer.children = (self._end(),)
        elif self._job.board is not None and self._job.board.rows and not self.answer.children:
            self.answer.children = (live_board(self._job.board),)

    def _end(self) -> W.Widget:
        """Return the result, or why there is none."""
        problem = self._job.problem
        if problem is not None:
            return W.HTML(render.format_html([Pre(str(problem), tone="error")]))
        rendered = RenderedResult(self._job.outcome)
        return BlocksView((rendered.heading, *rendered.content), self._keep)


def _blocks(job: Job) -> Iterator[Block]:
    """Return what the line says: how far the job is, and the errors so far."""
    yield Note(f"{job.event}: {job.line}")
    progress = job.progress
    if job.running and progress is not None and progress.errors:
        yield problem_facts(progress.errors)
