"""`AsyncClient` against the sandbox: many messages on one loop, errors, cancelled tasks."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import AsyncClient, CoCalcError
from cocalc_magic.errors import UnknownEvent
from tests.timing import granted

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic import Client


def test_a_thousand_messages_on_one_loop(client: Client) -> None:
    async def main() -> list[str]:
        async with AsyncClient(client.server, client.key) as connected:
            answers = await asyncio.gather(*(connected.ping(id=f"number {place}") for place in range(1_000)))
        return [str(answer.id) for answer in answers]

    assert asyncio.run(main()) == [f"number {place}" for place in range(1_000)]


def test_what_goes_wrong_is_raised(client: Client) -> None:
    async def main() -> None:
        async with AsyncClient(client.server, client.key) as connected:
            with pytest.raises(UnknownEvent):
                await connected.send("pingg")
            with pytest.raises(AttributeError, match="there is no such event"):
                await connected.pingg()
            with pytest.raises(CoCalcError):
                await connected.project_exec(project_id="00000000-0000-4000-8000-000000000000", command="ls")

    asyncio.run(main())


def test_a_task_that_is_cancelled_waits_no_longer(client: Client, project_id: str, tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    async def main() -> float:
        async with AsyncClient(client.server, client.key) as connected:
            command = {"command": f"touch '{begun}'; sleep 20", "bash": True}
            task = asyncio.ensure_future(connected.project_exec(project_id=project_id, **command))
            while not begun.exists():
                await connected.ping()
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return time.monotonic() - began

    assert asyncio.run(main()) < granted(5, time.monotonic), "leaving the client waits for its threads, too"
