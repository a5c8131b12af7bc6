"""What Binder starts, without Docker: the first lesson is what one sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FIRST = "notebooks/01-first-steps.ipynb"


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Iterator[str]]:
    """What a JupyterLab says that is started as Binder starts it."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=0",
    ]
    process = subprocess.Popen(
        [ROOT / "binder/start", *command, f"--ServerApp.root_dir={ROOT}"],
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr
    yield iter(process.stderr.readline, "")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)


@pytest.mark.slow
def test_binder_opens_at_the_first_lesson(said: Iterator[str]) -> None:
    addresses = (line for line in said if "http://127.0.0.1" in line)

    assert f"/lab/tree/{FIRST}?token=" in next(addresses)
    assert (ROOT / FIRST).exists()


def test_binder_installs_this_package_with_jupyterlab() -> None:
    assert (ROOT / "binder/requirements.txt").read_text("utf-8").strip() == "-e .[lab]"
