"""What tests of bulk work share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bulk.test_map import Course

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A course whose notebook and data are in folders of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    started = Course(tmp_path)
    yield started
    started.close()
