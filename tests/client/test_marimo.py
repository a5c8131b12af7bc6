"""The client in a notebook of marimo, which has no magics."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    from cocalc_magic import Client
    from cocalc_magic.sandbox import Sandbox

    with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
        project = client.create_project(title="From marimo")
    return (project,)


@app.cell
def _(project):
    project
    return


if __name__ == "__main__":
    (_, shown), names = app.run()
    print(names["project"]["event"], shown is names["project"])
"""


@pytest.mark.skipif(find_spec("marimo") is None, reason="there is no marimo (pip install marimo)")
def test_a_script_of_cells_uses_the_client_as_it_is(tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.py"
    notebook.write_text(NOTEBOOK, "utf-8")

    done = subprocess.run([sys.executable, notebook], capture_output=True, text=True, check=False)

    assert done.stdout == "project_created True\n", done.stderr
