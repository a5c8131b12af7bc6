"""A sandbox that is no process, whose commands run in the small shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client, config

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    sandbox = config.EmbeddedSandbox()
    with Client(*sandbox.start("--in-process")) as connected:
        yield connected
    sandbox.stop()
