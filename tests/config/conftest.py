"""A config folder of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.config.servers_file import config_dir

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our folder in a Jupyter configuration that is empty."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    return config_dir()
