"""Responses, forms and the explorer come to life in the lowest and the newest JupyterLab 4 and Notebook 7.

The short form is every other test of this folder: it has those that are installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Kept, both, running_lab
from tests.browser.test_front_ends import SOURCES, looks_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Lab, Page

UV = shutil.which("uv") or ""
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not UV, reason="uv resolves the lowest versions (pip install uv)"),
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["lowest-direct", "highest"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of an environment with these versions of what the package depends on."""
    folder = tmp_path_factory.mktemp(request.param)
    python = folder / "venv" / "bin" / "python"
    wanted, resolved = folder / "wanted.in", folder / "resolved.txt"
    wanted.write_text("notebook>=7.2,<8\n")
    _uv("venv", "--python", sys.executable, folder / "venv")
    _uv("pip", "compile", ROOT / "pyproject.toml", wanted, "--extra", "lab", "--resolution", request.param,
        "--python", python, "--output-file", resolved)  # fmt: skip
    _uv("pip", "install", "--python", python, "-r", resolved)
    _uv("pip", "install", "--python", python, "--no-deps", ROOT)
    with running_lab(folder, str(python)) as started:
        yield started


@pytest.fixture
def kept() -> Kept:
    """A page of its own for every test: the next may be of another JupyterLab."""
    return Kept()


@both
def test_all_is_alive(page: Page, lab: Lab, app: str) -> None:
    page.open(lab.notebook("versions.ipynb", *SOURCES), app)
    page.run_all()

    looks_alive(page)
    assert page.errors == []


def _uv(*words: str | Path) -> None:
    subprocess.run([UV, *words, "--quiet"], check=True)
