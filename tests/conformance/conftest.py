"""A sandbox as a process, and a server before it that falsifies what it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.config import Server
from cocalc_magic.config.secret import Secret
from cocalc_magic.conformance.exchange import Side
from tests.conformance.mutations import Falsifier
from tests.sandbox.conftest import start, start_sandbox, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Running

__all__ = ["start_sandbox"]


def side(url: str, key: str | None) -> Side:
    return Side(Server("tested", url), Secret(key) if key else None)


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A sandbox that nobody has changed."""
    running = start()
    yield running
    stop(running)


@pytest.fixture
def falsifier(sandbox: Running) -> Iterator[Falsifier]:
    with Falsifier(sandbox.url) as server:
        yield server
