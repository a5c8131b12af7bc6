"""A listener that the shell has as its server, and real shells to send to it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.sandbox.testing import FakeServer
from tests.sent import ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-ListenersOwn7Key0000zX"


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServer]:
    """The configured server, which answers everything; files are looked for in a folder of the test."""
    with FakeServer(ANSWER) as started:
        monkeypatch.setenv("COCALC_HOST", started.url)
        monkeypatch.setenv("COCALC_API_KEY", KEY)
        monkeypatch.chdir(tmp_path)
        yield started
