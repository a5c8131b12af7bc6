"""Many messages of one event, each exactly once: what bulk work is for a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    from cocalc_magic.bulk.outcome import Outcomes, Progress
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.bulk.run import Stop
    from cocalc_magic.client.routing import Router


def send_many(
    router: Router,
    event: str,
    messages: Iterable[RowMessage],
    *,
    jobs: int = 8,
    executor: Executor | None = None,
    again: bool = False,
    first: int | None = None,
    max_fail: float | None = None,
    folder: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
) -> Outcomes:
    """Send the messages of one event, those alone that the journal does not know as done.

    Args:
        messages: Checked messages, in a collection that can be gone through twice.
        again: Forget what was done before.
        folder: The notebook's folder, which the journal belongs to; the working directory if none is given.

    The others are those of `bulk.run.run`, which says what is raised.
    """
    raise NotImplementedError
