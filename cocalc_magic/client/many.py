"""Many messages of one event, each exactly once: what bulk work is for a client."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_magic import catalog, executors
from cocalc_magic.bulk.data import rows_of
from cocalc_magic.bulk.journal import Journal
from cocalc_magic.bulk.journal_file import About, forget
from cocalc_magic.bulk.read_back import Lookup
from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.bulk.run import run
from cocalc_magic.bulk.template import Messages, OptionsTemplate
from cocalc_magic.cassette import tape
from cocalc_magic.client.whose import account_and_world
from cocalc_magic.errors import CoCalcError, JournalDamaged
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.bulk.loop import Stop, Then
    from cocalc_magic.bulk.outcome import Outcomes, Progress
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.catalog import Message
    from cocalc_magic.client.routing import Router
    from cocalc_magic.client.whose import Owner
    from cocalc_magic.response import Response

T = TypeVar("T")
DEFAULT_JOBS = 8
_SANDBOX = "sandbox"  # in place of an address, which a sandbox has anew at each start


def send_many(
    router: Router,
    event: str,
    messages: Iterable[RowMessage],
    *,
    jobs: int = DEFAULT_JOBS,
    executor: Executor | None = None,
    again: bool = False,
    first: int | None = None,
    max_fail: float | None = None,
    timeout: float | None = None,
    folder: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
    then: Then | None = None,
    owner: Owner | None = None,
    listed: Iterable[str] | None = None,
) -> Outcomes:
    """Send the messages of one event; those that the journal knows as done are not sent again.

    Args:
        router: Sends them.
        event: Their event.
        messages: Checked messages, in a collection that can be gone through twice.
        executor: Whose workers send, with keys of their own; threads of this process if none is given.
        again: Send them as if nothing were known of them.
        timeout: Seconds for an exchange, in place of the client's and the message's own.
        folder: The notebook's folder, which the journal belongs to; the working directory if none is given.
        owner: Whose key it is, where that has just been asked.
        listed: The ids of what there is of the kind that the messages make, where that has just been asked.

    The others are those of `bulk.run.run`, which says what is raised.

    Raises:
        KeyRequired: A worker has no key; nothing was sent.
    """
    message = catalog.find(event)
    sample = next(iter(messages), None)
    # Where a recording answers, nothing is written, and a journal would know too much the next time.
    reads = router.is_offline or (sample is not None and message.reads(sample.options))
    with ExitStack() as stack:
        journal = None
        if not reads:
            about = job_of(router, message, folder or Path.cwd(), owner)
            journal = stack.enter_context(closing(_opened(about, again=again)))
        send, workers = _workers(router, executor, jobs, timeout, stack)
        return run(
            messages,
            send,
            executor=workers,
            jobs=jobs,
            journal=journal,
            lookup=None if reads else lookup_of(router, message, listed),
            idempotent=reads or bool(message.idempotent),
            again=again,
            first=first,
            max_fail=max_fail,
            on_progress=on_progress,
            stop=stop,
            then=then,
        )


def map_rows(
    router: Router, event: str, rows: Any, template: Mapping[str, Any], key: str = "", **how: Any
) -> BulkResult:
    """Send one message a row; see `Client.map`. `how` are options of `send_many`."""
    message = catalog.find(event)
    data = rows_of(list(rows) if isinstance(rows, Iterator) else rows)
    messages = Messages(data, OptionsTemplate(message, template), key=key)
    outcomes = send_many(router, event, messages, **how)
    is_sandbox = router.server.sandbox
    result = BulkResult(
        outcomes, event, server=router.server.name, sandbox=is_sandbox, left_out=data.left_out
    )
    if result.interrupted and result.failure:
        raise result.failure
    return result


def job_of(router: Router, message: Message, folder: Path, owner: Owner | None = None) -> About:
    """Return which job this is: what its journal is found again by. Raises `CoCalcError`."""
    account, world = owner or account_and_world(router)
    server = _SANDBOX if world else router.server.url
    return About(server, account, message.event, str(folder.resolve()), world)


def _opened(about: About, *, again: bool) -> Journal:
    """Open the journal; a damaged one is begun anew where all is sent again anyway."""
    try:
        return Journal(about)
    except JournalDamaged:
        if not again:
            raise
        forget(about.path())
        return Journal(about)


def lookup_of(router: Router, message: Message, listed: Iterable[str] | None = None) -> Lookup | None:
    """Return what finds out what became of a message; `None` where the catalog knows no way."""

    def ask(event: str, options: Mapping[str, Any]) -> Response:
        question = catalog.find(event)
        return router.exchange(question, check(question, options))

    return None if message.read_back is None else Lookup(message, message.read_back, ask, listed)


class _InTurn(Executor):
    """Threads whose messages are recorded in the order in which they are handed over."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    def submit(self, function: Callable[..., T], /, *args: Any, **options: Any) -> Future[T]:
        """Have a thread call the function."""
        return self._threads.submit(tape.begun_now(function), *args, **options)


def _workers(
    router: Router,
    executor: Executor | None,
    jobs: int,
    timeout: float | None,
    stack: ExitStack,
) -> tuple[Callable[[RowMessage], Response], Executor]:
    """Return what sends a message, and where it runs."""
    if executor is None or executors.is_local(executor):
        threads = executor or executors.executor(jobs, "cocalc-bulk")
        if executor is None:
            stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        in_turn = _InTurn(threads)
        return lambda row: router.exchange(catalog.find(row.event), row.options, timeout=timeout), in_turn
    if router.server.answer is not None:
        raise CoCalcError("workers elsewhere do not reach a sandbox in this process: leave the executor out.")
    from cocalc_magic.client.workers import WorkerExecutor, WorkerSend, require_keys  # late: few have any

    workers = WorkerExecutor(executor)
    require_keys(workers, router, jobs)
    return WorkerSend(router.server.url, timeout or router.timeout), workers
