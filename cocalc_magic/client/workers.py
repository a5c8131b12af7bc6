"""Messages sent by workers of an executor, which may be other processes and machines.

Nothing that travels to a worker holds a key: each finds its own, by its environment, keyring or key file.
"""

from __future__ import annotations

import sys
import uuid
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_magic import catalog, config
from cocalc_magic.bulk.attempt import Attempt, attempt
from cocalc_magic.client.routing import Router
from cocalc_magic.client.whose import account_and_world
from cocalc_magic.errors import CoCalcError, KeyRequired

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.response import Response

T = TypeVar("T")
_CHECK_TIME = 60.0  # seconds that workers may take to tell whose key they have
_BEGUN = "cocalc-magic"  # where Dask's scheduler keeps which messages were begun


@dataclass(frozen=True, slots=True)
class WorkerSend:
    """Sends a message from a worker, with the key that is found there.

    Args:
        url: The server's address.
        timeout: Seconds for an exchange.
    """

    url: str
    timeout: float

    def __call__(self, message: RowMessage) -> Response:
        """Send it. Raises `CoCalcError`."""
        return _router(self.url, self.timeout).exchange(catalog.find(message.event), message.options)


class WorkerExecutor(Executor):
    """Gives each call to another executor a token, so that none is taken for another or made twice."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., T], /, *args: Any, **_: Any) -> Future[T]:
        """Submit a call."""
        return self._executor.submit(_once, uuid.uuid4().hex, function, *args)


def require_keys(executor: WorkerExecutor, router: Router, jobs: int) -> None:
    """Ask as many workers as there are jobs for their key, before anything is sent.

    Raises:
        KeyRequired: One has none, or that of another account.
    """
    account = account_and_world(router)[0]
    url, timeout = router.server.url, router.timeout
    answers = [executor.submit(_account, url, timeout) for _ in range(jobs)]
    for answer in answers:
        account_id, problem = answer.result(_CHECK_TIME)
        if account_id != account:
            raise KeyRequired(
                problem or f"a worker has the key of another account of {router.server.name}.",
                f"Set COCALC_HOST={url} and COCALC_API_KEY where the workers start, or save a key file",
                "there. No key travels to a worker.",
            )


def _account(url: str, timeout: float) -> tuple[str, str]:
    """Return whose key this worker has for a server, or why there is none."""
    try:
        return account_and_world(_router(url, timeout))[0], ""
    except CoCalcError as problem:
        return "", f"a worker can't send: {problem.problem}"


@lru_cache(8)
def _router(url: str, timeout: float) -> Router:
    return Router(*config.connection(url), timeout)


def _once(token: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function, unless a worker that is lost had begun with it."""
    if function is attempt and _was_begun(token):
        return Attempt("lost", error="A worker was lost with it under way.")
    return function(*args)


def _was_begun(token: str) -> bool:
    """Note that a call begins, and return whether it was before: Dask repeats what a lost worker did."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return False
    try:
        distributed.get_worker()
    except ValueError:  # not a worker of Dask
        return False
    client = distributed.get_client()
    if client.get_metadata([_BEGUN, token], False):
        return True
    client.set_metadata([_BEGUN, token], True)
    return False
