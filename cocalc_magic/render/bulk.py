"""A result of bulk work as blocks: how it went, what failed by its texts, and the rows, failed ones first."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cocalc_magic.bulk.result import GO_ON
from cocalc_magic.render.blocks import Block, Facts, Heading, Note, Table, Verdict
from cocalc_magic.render.html import format_frame
from cocalc_magic.render.humanize import MAX_WORD
from cocalc_magic.render.records import table
from cocalc_magic.render.text import format_text
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.render.screen import Screen

_MAX_GROUPS = 10


class RenderedResult:
    """A result as it is shown; blocks, text and HTML are each made once, when first used."""

    def __init__(self, result: BulkResult) -> None:
        self.result = result

    @cached_property
    def heading(self) -> Heading:
        """The first line: which message, how many, where."""
        result = self.result
        return Heading(
            result.event,
            server=result.server,
            sandbox=result.sandbox,
            failed=bool(result.failure),
            remarks=(f"{len(result):,} row{'' if len(result) == 1 else 's'}",),
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


def _content(result: BulkResult) -> Iterator[Block]:
    failed = result.failure is not None
    word = ("stopped" if result.stopped else "failed") if failed else "done"
    yield Verdict(word, _verdict_words(result), "error" if failed else "good")
    groups = result.groups()
    if groups:
        yield Facts(tuple((group.rows, cut(group.error, 2 * MAX_WORD)) for group in groups[:_MAX_GROUPS]))
    if len(groups) > _MAX_GROUPS:
        yield Note(f"{len(groups) - _MAX_GROUPS:,} more errors are in the table.")
    if len(result):
        yield rows_table(result)
    if result.left_out:
        rows = f"{result.left_out:,} row{'' if result.left_out == 1 else 's'}"
        yield Note(f"{rows} that had failed before were left out of the data.")
    if failed:
        yield Note(GO_ON)


def rows_table(result: BulkResult) -> Table:
    """Return the rows as a table, those that failed first."""
    return table(result.failed_first)


def _verdict_words(result: BulkResult) -> str:
    return f"{result.stopped}; {result.summary}" if result.stopped else result.summary
