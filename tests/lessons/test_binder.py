"""What Binder starts, without Docker: the first lesson is what one sees."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab as Binder starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={ROOT}"]
    process = subprocess.Popen(
        [ROOT / "binder/start", *command],
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    lines = iter(process.stderr.readline, b"") if process.stderr else iter(())
    assert any(b"is running at" in line for line in lines)
    yield f"http://127.0.0.1:{port}/"
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=40)


@pytest.mark.slow
def test_binder_opens_at_the_first_lesson(started: str) -> None:
    with urllib.request.urlopen(started, timeout=60) as answer:
        assert answer.url == f"{started}lab/tree/notebooks/01-first-steps.ipynb"

    assert (ROOT / "notebooks/01-first-steps.ipynb").exists()


def test_binder_installs_this_package_with_jupyterlab() -> None:
    assert (ROOT / "binder/requirements.txt").read_text("utf-8").strip() == "-e .[lab]"
