"""The client's methods in an editor and under type checkers, which know them from `event_methods.pyi`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jedi
import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.stub import events_stub
from cocalc_magic.client import event_methods

if TYPE_CHECKING:
    from collections.abc import Sequence

STUB = Path(event_methods.__file__).with_suffix(".pyi")

GOOD = """
from uuid import UUID
from cocalc_magic import Client, Response

with Client() as client:
    project: Response = client.create_project(title="x", start=True)
    client.project_exec(project_id=UUID(project["project_id"]), command="ls", args=["-l"], timeout=9)
    client.query(query={"projects": [{"title": None}]})
"""
BAD = """
from cocalc_magic import Client
client = Client()
client.create_project(titel="x")
client.create_project(title=7)
client.create_projekt(title="x")
client.project_exec(command="ls")
"""
REFUSED = {4: "titel", 5: "title", 6: "create_projekt", 7: "project_id"}  # lines of BAD, and what is named


def test_the_stub_is_that_of_the_catalog() -> None:
    assert STUB.read_text("utf-8") == events_stub(), "python -m cocalc_magic.catalog writes it anew"


def test_an_editor_completes_options_and_shows_what_a_message_does() -> None:
    script = jedi.Script("from cocalc_magic import Client\nClient().create_project(")
    completed = {completion.name for completion in script.complete()}
    (signature,) = script.get_signatures()

    options = catalog.find("create_project").options
    assert {f"{option.name}=" for option in options} <= completed
    assert "Create a project that you own." in signature.docstring()


@pytest.mark.slow
def test_mypy_accepts_what_the_catalog_does_and_refuses_the_rest(tmp_path: Path) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]

    assert refused(mypy, tmp_path) == REFUSED


@pytest.mark.slow
def test_pyright_does_so_too(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="there is no pyright here: pip install basedpyright")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')  # as pyright's own
    pyright = [sys.executable, "-m", "basedpyright", f"--pythonpath={sys.executable}"]

    assert refused(pyright, tmp_path) == REFUSED


def refused(checker: Sequence[str], folder: Path) -> dict[int, str]:
    """The lines that the checker refuses, and which of the names that we look for it says there."""
    (folder / "good.py").write_text(GOOD.lstrip())
    (folder / "bad.py").write_text(f"# mistakes{BAD}")
    done = subprocess.run([*checker, "good.py", "bad.py"], cwd=folder, capture_output=True, text=True)
    problems = re.findall(r"(\w+\.py):(\d+)(?::\d+)?(?: -|:) error: (.*)", done.stdout)
    assert {file for file, _, _ in problems} == {"bad.py"}, done.stdout + done.stderr
    return {
        int(line): next((name for name in REFUSED.values() if f'"{name}"' in text), text)
        for _, line, text in problems
    }
