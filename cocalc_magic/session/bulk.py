"""Bulk work of one shell: what `--each` asks for, checked, confirmed, sent, and what is said of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.data import rows_of
from cocalc_magic.bulk.outcome import Problem
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.rows import row_name
from cocalc_magic.bulk.settings import MAX_DELETE, Settings, rows_within
from cocalc_magic.bulk.template import Condition, LineTemplate, Messages
from cocalc_magic.client.many import send_many
from cocalc_magic.errors import ConfirmationRequired, Interrupted, InvalidSyntax, NotSent, combine
from cocalc_magic.render.bulk import FIRST_SHOWN, Plan, ProgressWords, plan_page
from cocalc_magic.render.live_board import MAX_ROWS, LiveBoard
from cocalc_magic.sanitize import visible_line
from cocalc_magic.session.jobs import start
from cocalc_magic.session.session import seconds
from cocalc_magic.syntax.parse import read_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cocalc_magic.bulk.loop import Stop
    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.catalog import Message
    from cocalc_magic.client.client import Client
    from cocalc_magic.render.page import Page
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.line import Line
    from cocalc_magic.syntax.variables import Namespace

_log = logging.getLogger("cocalc_magic")
_AT_ONCE = "stopped at once; what became of the messages under way is looked up by the same line again."
_MAX_REFUSALS, _MAX_NAMES, _MAX_COMPARED = 5, 5, 100_000  # of a dry run: what is told, and rows looked at
_NOT_OF_MANY = {
    "show": "--dry-run shows the first messages whole.",
    "as": "A result is a table; made[0], made.to_frame() and made.to_csv(PATH) give its rows.",
    "form": "They go as JSON.",
}


@dataclass(frozen=True)
class BulkWork:
    """A line with `--each`, read: its messages, and how they are to be sent."""

    client: Client
    messages: Messages
    message: Message
    first: RowMessage | None
    settings: Settings
    timeout: float | None
    flags: Mapping[str, Any]
    quiet: bool

    @property
    def event(self) -> str:
        """The event of the messages."""
        return self.message.event

    @property
    def server(self) -> str:
        """Name of the server."""
        return self.client.server.name

    @property
    def count(self) -> int:
        """The number of messages; goes through all rows."""
        count = sum(1 for _ in self.messages)
        return count if self.settings.first is None else min(count, self.settings.first)

    @cached_property
    def board(self) -> LiveBoard | None:
        """The rows, for a page; `None` where there are more than one shows."""
        rows = [row.row for row in islice(self.messages, MAX_ROWS + 1)][: self.settings.first]
        board = LiveBoard()
        board.begin(rows, [self.event])
        return board if board.rows else None

    def plan(self) -> Plan:
        """Return what would be sent; goes through all rows, and sends nothing."""
        shown = min(FIRST_SHOWN, self.settings.first or FIRST_SHOWN)
        return Plan(
            self.message,
            self.client.server,
            self.count,
            self.messages.data,
            list(islice(self.messages, shown)),
            asks=self.asks,
            refusals=tuple(islice(self._refusals(), _MAX_REFUSALS)),
        )

    @property
    def asks(self) -> bool:
        """Whether a person has to be asked before they are sent."""
        nothing_happens = self.client.server.sandbox or self.client.router.is_offline
        return bool(self.message.confirm) and not nothing_happens

    def _refusals(self) -> Iterator[str]:
        """Yield which would not be sent, and why, as far as that is known without a request."""
        numbers: dict[bytes, int] = {}
        refused: dict[str, list[str]] = {}
        for row in islice(self.messages, _MAX_COMPARED):
            if problem := self._refusal(row):
                refused.setdefault(problem, []).append(row_name(row.row))
            if not self.message.reads(row.options):
                number, other = row.row.number, numbers.setdefault(row.identity(b""), row.row.number)
                if other != number:
                    yield f"rows {other} and {number} send the same message; --key COLUMN tells them apart"
        for problem, names in refused.items():
            yield f"{Problem(problem, len(names), tuple(names[:_MAX_NAMES])).rows}: {problem}"

    def _refusal(self, row: RowMessage) -> str:
        """Return why the server can't do it or the key may not send it; empty where that is not known."""
        try:
            self.client.router.first_message(row.event, row.options)
        except NotSent as problem:
            return problem.problem
        return ""

    def run(self, on_progress: Callable[[Progress], None], stop: Stop | None = None) -> BulkResult:
        """Send them, and return the result. Raises what `send_many` raises."""
        settings = self.settings
        outcomes = send_many(
            self.client.router,
            self.event,
            self.messages,
            jobs=settings.jobs,
            executor=settings.executor,
            again=settings.again,
            first=settings.first,
            max_fail=settings.max_fail,
            timeout=self.timeout,
            on_progress=on_progress,
            stop=stop,
        )
        result = BulkResult(
            outcomes,
            self.event,
            server=self.server,
            sandbox=self.client.server.sandbox,
            left_out=self.messages.data.left_out,
        )
        _log.debug("%s to %s: %s", visible_line(self.event), self.server, result.summary)
        return result


def read(
    session: Session, line: Line, body: str | None, namespace: Namespace, commands: Iterable[str]
) -> BulkWork:
    """Return the bulk work that a line and its cell ask for; the first row is checked.

    Raises:
        InvalidMessage: A flag, the data or the first row does not fit.
        KeyRequired: There is no key for the server.
    """
    flags, problems = read_flags(line, namespace)
    problems += [InvalidSyntax(f"--{name} does not go with --each.", _NOT_OF_MANY[name])
                 for name in flags if name in _NOT_OF_MANY]  # fmt: skip
    if problems:
        raise combine(problems)
    template = LineTemplate(line, body, namespace, session.default, tuple(commands))
    where = Condition(flags["where"], namespace) if "where" in flags else None
    messages = Messages(rows_of(flags["each"]), template, where, str(flags.get("key", "")))
    settings, timeout = Settings.of(flags), seconds(flags.get("timeout"))
    first = next(iter(messages), None)  # which names the event, where the line does not
    quiet = line.silent or bool(flags.get("quiet"))
    client = session.client(flags.get("server"))
    return BulkWork(client, messages, template.message, first, settings, timeout, flags, quiet)


def do(session: Session, work: BulkWork) -> BulkResult | Page | Job:
    """Do what a line asks for: show what would be sent, begin it, or send it. Raises what `send` does."""
    words = ProgressWords()
    try:
        return _done(session, work, words)
    except KeyboardInterrupt:
        if words.progress is None or words.progress.phase == "checking":
            raise Interrupted.waiting_for(work.server, sent=False) from None
        raise Interrupted(_AT_ONCE) from None


def _done(session: Session, work: BulkWork, words: ProgressWords) -> BulkResult | Page | Job:
    if work.flags.get("dry-run"):
        return plan_page(work.plan())
    if work.flags.get("background"):
        confirm(session, work)
        return start(session.jobs, work)
    return send(session, work, words)


def send(session: Session, work: BulkWork, words: ProgressWords) -> BulkResult:
    """Send all messages, with progress in words, and return the result.

    Raises:
        ConfirmationRequired: The messages have to be confirmed, or remove more than they may.
        BulkFailed: Some rows have failed, or were not sent; unless `--no-raise` is given.
    """
    confirm(session, work)
    words.board = work.board if session.frontend.page and not work.quiet else None
    with session.frontend.progress(work.event, work.server, words.text, quiet=work.quiet):
        result = work.run(words)
    failure = result.failure
    if failure is None or (work.flags.get("no-raise") and not result.interrupted):
        return result
    if not work.quiet:
        session.frontend.show(result)
    raise failure


def confirm(session: Session, work: BulkWork) -> None:
    """Return if the messages may be sent: a person has agreed where they ask, and they don't remove too much.

    Raises:
        ConfirmationRequired: Nobody has agreed.
    """
    if work.message.may_remove:
        _confirm_removal(session, work)
    if not work.asks or work.flags.get("yes"):
        return
    question = f"{work.event} asks first, and would be sent {work.count:,} times. {work.message.confirm}"
    if session.agrees(f"{question} Send them?"):
        return
    if session.frontend.page:
        session.frontend.show_send_button(
            work.event, work.server, question, lambda _: start(session.jobs, work)
        )
    raise ConfirmationRequired(question, "Run it with --yes")


def _confirm_removal(session: Session, work: BulkWork) -> None:
    """Let no more be removed than the flag says, unless a person types how many it is."""
    removed = sum(work.message.removes_by(row.options) for row in work.messages)
    removed = removed if work.settings.first is None else min(removed, work.settings.first)
    total = work.messages.data.count
    bound = MAX_DELETE if work.settings.max_delete is None else work.settings.max_delete
    if removed <= rows_within(bound, total):
        return
    share = f"{removed:,} of {total:,} rows, more than {_words(bound)}"
    problem = f"{work.event} removes something for {share}."
    if not session.types(f"{problem} Type {removed} to go on: ", str(removed)):
        raise ConfirmationRequired(problem, f"If that is meant: --max-delete {removed}")


def _words(bound: float) -> str:
    return f"{100 * bound:g} %" if 0 < bound < 1 else f"{bound:g}"
