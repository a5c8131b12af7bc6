"""The client for asyncio: any number of messages on one loop, each in a thread of a bounded pool.

async with AsyncClient() as client:
    answers = await asyncio.gather(*(client.ping() for _ in range(1_000)))
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

from cocalc_magic import executors
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.client.client import Client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from cocalc_magic.response import Response

DEFAULT_JOBS = 32


class AsyncClient:
    """A `Client` whose messages are awaited: `await client.ping()`, `await client.send("ping")`.

    Args:
        arguments: Those of `Client`.
        jobs: Messages that are under way at the same time; the others wait for their turn.
        options: Those of `Client`.
    """

    def __init__(self, *arguments: Any, jobs: int = DEFAULT_JOBS, **options: Any) -> None:
        self.client = Client(*arguments, **options)
        self._pool = executors.executor(jobs, "cocalc-async")

    def __getattr__(self, event: str) -> Callable[..., Awaitable[Response]]:
        method = getattr(self.client, event)

        def send(**options: Any) -> Awaitable[Response]:
            return self._run(method, options)

        return send

    async def send(self, event: str, /, **options: Any) -> Response:
        """Send one message and return its response; raises what `Client.send` raises.

        A task that is cancelled stops waiting at once; what was asked may still be going on at the server.
        """
        return await self._run(lambda **named: self.client.send(event, **named), options)

    async def _run(self, method: Callable[..., Response], options: dict[str, Any]) -> Response:
        stop = CancelToken()

        def work() -> Response:
            with stop.active():
                return method(**options)

        context = contextvars.copy_context()
        future = asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)
        try:
            return await future
        except asyncio.CancelledError:
            stop.cancel()
            raise

    async def aclose(self) -> None:
        """Close the connections; wait for messages that are under way."""
        await asyncio.wrap_future(executors.executor(1, "cocalc-end").submit(self._pool.shutdown))
        self.client.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
