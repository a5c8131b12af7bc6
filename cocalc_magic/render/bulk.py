"""A result of bulk work as blocks: how it went, what failed by its texts, and the rows, failed ones first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cocalc_magic.bulk.rows import row_name
from cocalc_magic.render.blocks import Block, Facts, Heading, Note, Table, Title, Verdict
from cocalc_magic.render.html import format_frame
from cocalc_magic.render.humanize import MAX_WORD, duration
from cocalc_magic.render.page import Page
from cocalc_magic.render.progress import ProgressText
from cocalc_magic.render.records import table
from cocalc_magic.render.text import format_text
from cocalc_magic.render.truncate import text_block
from cocalc_magic.response import Request
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cocalc_magic.bulk.data import Data
    from cocalc_magic.bulk.outcome import Problem, Progress
    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.catalog import Message
    from cocalc_magic.config import Server
    from cocalc_magic.render.chart import Chart
    from cocalc_magic.render.live_board import LiveBoard
    from cocalc_magic.render.screen import Screen

FIRST_SHOWN = 3  # messages of a plan that are shown whole
_MAX_PROBLEMS = 10


class RenderedResult:
    """A result as it is shown; blocks, text and HTML are each made once, when first used."""

    def __init__(self, result: BulkResult) -> None:
        self.result = result

    @cached_property
    def heading(self) -> Heading:
        """The first line: which message, how many, where."""
        result = self.result
        return Heading(
            cut(result.event, MAX_WORD),
            server=cut(result.server, MAX_WORD),
            sandbox=result.sandbox,
            failed=bool(result.failure),
            remarks=(f"{len(result):,} {result.noun}{'' if len(result) == 1 else 's'}",),
        )

    @cached_property
    def content(self) -> tuple[Block, ...]:
        """What stands below the heading."""
        return tuple(_content(self.result))

    @cached_property
    def text(self) -> str:
        """Plain text, for notebooks without HTML."""
        return format_text((self.heading, *self.content))

    def text_on(self, screen: Screen) -> str:
        """Return the text as it fits a screen."""
        return format_text((self.heading, *self.content), screen)

    @cached_property
    def html(self) -> str:
        """HTML that stands by itself."""
        return format_frame(self.heading, self.content)

    def chart(self) -> Chart:
        """Return a chart of how the rows went. Raises `PackageMissing`."""
        from cocalc_magic.render.plots import of_result  # late: few results are charted

        return of_result(self.result)


def _content(result: BulkResult) -> Iterator[Block]:
    failed = result.failure is not None
    word, tone = result.state
    yield Verdict(word, _verdict_words(result), tone)
    problems = result.problems()
    if problems:
        yield problem_facts(problems)
    if len(problems) > _MAX_PROBLEMS:
        yield Note(f"{len(problems) - _MAX_PROBLEMS:,} more errors are in the table.")
    if result.board is not None:
        yield result.board
    elif len(result):
        yield rows_table(result)
    yield from _left_out(result.left_out)
    if failed and result.go_on:
        yield Note(result.go_on)
    yield from map(Note, result.remarks)


def problem_facts(problems: Sequence[Problem]) -> Facts:
    """Return errors with the names of their rows, the first ten."""
    return Facts(
        tuple(
            (cut(problem.rows, 2 * MAX_WORD), cut(problem.error, 2 * MAX_WORD))
            for problem in problems[:_MAX_PROBLEMS]
        )
    )


def _left_out(count: int) -> Iterator[Note]:
    if count:
        rows = (
            "1 row that had failed before was"
            if count == 1
            else f"{count:,} rows that had failed before were"
        )
        yield Note(f"{rows} left out of the data.")


def rows_table(result: BulkResult) -> Table:
    """Return the rows as a table, those that failed first."""
    return table(result.failed_first)


def _verdict_words(result: BulkResult) -> str:
    return f"{cut(result.stopped, 2 * MAX_WORD)}; {result.summary}" if result.stopped else result.summary


@dataclass(frozen=True)
class Plan:
    """What bulk work would send: how many messages, and the first of them."""

    message: Message
    server: Server
    count: int
    data: Data
    first: Sequence[RowMessage]
    asks: bool
    refusals: tuple[str, ...]


def plan_page(plan: Plan) -> Page:
    """Return what would be sent, secrets masked."""
    return Page(tuple(_plan_blocks(plan)))


def _plan_blocks(plan: Plan) -> Iterator[Block]:
    count = f"{plan.count:,} message{'' if plan.count == 1 else 's'}"
    yield Title(
        plan.message.event, f"{count} to {plan.server.name}, of {plan.data.count:,} rows; nothing is sent."
    )
    for refusal in plan.refusals:
        yield Verdict("refused", refusal, "error")
    if plan.asks:
        yield Verdict("asks first", plan.message.confirm, "warning")
    for row in plan.first:
        shown = Request(row.event, row.options, plan.message.secret).shown()
        text = mask_secrets(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
        yield text_block(text, row_name(row.row), language="json")
    if plan.count > len(plan.first):
        yield Note(f"And {plan.count - len(plan.first):,} more.")
    yield from _left_out(plan.data.left_out)


class ProgressWords:
    """What is said of a job while it goes on: `17/30 · 2 failed · 5/s · 3 s left`; `board` has its rows."""

    def __init__(self, board: LiveBoard | None = None) -> None:
        self.progress: Progress | None = None
        self.board = board

    def __call__(self, progress: Progress) -> None:
        """Take the progress that is said from now on."""
        self.progress = progress
        if self.board is not None:
            self.board.take(progress.outcomes)

    def text(self) -> ProgressText:
        """Return how far it is, with the errors so far."""
        problems = self.progress.errors if self.progress else ()
        details = tuple(f"{problem.rows}: {problem.error}" for problem in problems[:_MAX_PROBLEMS])
        return ProgressText(self.line, details, self.board)

    @property
    def line(self) -> str:
        """How far it is, on one line."""
        progress = self.progress
        if progress is None or progress.total is None:
            return "checking the rows"
        parts = [
            f"{progress.done:,}/{progress.total:,}",
            f"{progress.before:,} done before" if progress.before else "",
            f"{progress.failed:,} failed" if progress.failed else "",
            f"{progress.rate:.3g}/s" if progress.rate else "",
            f"{_left(progress.seconds_left)} left" if progress.seconds_left is not None else "",
            _PHASES.get(progress.phase, ""),
        ]
        return " · ".join(filter(None, parts))


_PHASES = {
    "waiting": "the server asks to wait",
    "reading back": "looking up what became of messages without an answer",
}


def _left(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 59.5 else duration(seconds)
