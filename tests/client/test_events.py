"""The client's methods in an editor and under type checkers, which know them from `event_methods.pyi`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jedi
import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.stub import events_stub
from cocalc_magic.client import event_methods

STUB = Path(event_methods.__file__).with_suffix(".pyi")

CALLS = Path(__file__).with_name("typed_calls.py")


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
def test_pyright_refuses_what_mypy_does(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="there is no pyright here: pip install basedpyright")
    config = {
        "typeCheckingMode": "standard",
        "enableTypeIgnoreComments": False,
    }  # as pyright's own, but for marks
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    text = CALLS.read_text("utf-8")
    (tmp_path / CALLS.name).write_text(text)

    command = [sys.executable, "-m", "basedpyright", f"--pythonpath={sys.executable}", CALLS.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    problems = dict(re.findall(r"\w+\.py:(\d+):\d+ - error: (.*)", done.stdout))
    marked = {
        number: line.rpartition("# ")[2]
        for number, line in enumerate(text.splitlines(), 1)
        if "type: ignore" in line
    }
    assert {int(number) for number in problems} == marked.keys(), done.stdout + done.stderr
    assert [name for number, name in marked.items() if f'"{name}"' not in problems[str(number)]] == []
