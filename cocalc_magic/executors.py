"""Where many calls run: in threads, or one after the other where none can start.

Apart from `host`, since `concurrent.futures` takes as long to load as a message takes to send.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_magic.host import IN_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class AtOnce(Executor):
    """Runs each call in the thread that submits it, before `submit` returns."""

    def submit(self, function: Callable[..., T], /, *args: Any, **options: Any) -> Future[T]:
        """Call the function, and return a future that has its result or its exception."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **options))
        except Exception as problem:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(problem)
        return future


def executor(jobs: int, name: str) -> Executor:
    """Return an executor with so many threads of this name."""
    return AtOnce() if IN_PAGE else ThreadPoolExecutor(jobs, name)


def is_local(workers: Executor | None) -> bool:
    """Tell whether calls run in this process."""
    return isinstance(workers, ThreadPoolExecutor | AtOnce)
