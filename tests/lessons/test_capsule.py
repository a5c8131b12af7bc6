"""A lesson as one notebook: made from a teacher's own, moved, and run where there is no server."""

from __future__ import annotations

import base64
import json
import random
import zlib
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from cocalc_magic import Client
from cocalc_magic.cassette import file
from cocalc_magic.cassette.player import StatePlayer
from cocalc_magic.errors import (
    AlreadyThere,
    CoCalcError,
    InvalidCassette,
    InvalidSyntax,
    NotRecorded,
    SecretsFound,
)
from cocalc_magic.lessons.capsule import MAX_BYTES, MAX_PACKED, Capsule, packed, unpacked
from cocalc_magic.lessons.packing import pack
from tests.leaks.examples import KEYS
from tests.lessons.test_check import OWN

if TYPE_CHECKING:
    from pathlib import Path

CHECK = "%cocalc check hello --from own.yaml"
CELLS = (
    "%load_ext cocalc_magic\n%cocalc sandbox start",
    "%cocalc user_search query=sam",
    "import cocalc_magic\nprint('value', 6 * 7)",
    CHECK,
)
RUNNING = "from cocalc_magic import config\nprint('sandbox:', config.sandbox().running)"
QUERY = {"projects": [{"project_id": None, "title": None}]}
HEAD = {
    "cassette": 1,
    "recorded": "2026-03-01T09:30:00Z",
    "servers": [{"name": "lab", "url": "https://lab.example.org"}],
}


def lesson(folder: Path, *cells: str) -> Path:
    """A notebook of a teacher, with an exercise file beside it."""
    (folder / "own.yaml").write_text(OWN, "utf-8")
    path = folder / "my-lesson.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def capsule(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a capsule."""
    return json.dumps(pack(lesson(tmp_path_factory.mktemp("teacher"), *CELLS)))


def ran(text: str, folder: Path, *more: str) -> list[str]:
    """What came out of the cells of a capsule and of more cells, in an empty folder."""
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [
        "\n".join(part.get("text") or part.get("data", {}).get("text/plain", "") for part in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.slow
def test_a_capsule_runs_in_another_folder_without_a_sandbox_and_its_checks_work(
    capsule: str, tmp_path: Path
) -> None:
    """A check may be run as often as one likes, before an answer and after it."""
    texts = ran(
        capsule, tmp_path, CHECK, "%cocalc create_project title=Hello", CHECK, "answer = 42", CHECK, RUNNING
    )

    assert "This notebook answers by itself" in texts[1]
    assert [text.partition("\n")[2].partition("\n")[0] for text in texts if text.startswith("hello:")] == [
        "not yet: 0 of 2",
        "not yet: 0 of 2",
        "not yet: 1 of 2",
        "done: 2 of 2",
    ]
    assert texts[-1].strip() == "sandbox: None"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_capsule_reads_well_without_the_package_and_has_no_address_and_no_solution(capsule: str) -> None:
    cells = json.loads(capsule)["cells"]
    outputs = json.dumps([cell.get("outputs") for cell in cells])
    recording = unpacked(cells[2]["source"].partition("\n")[2]).cassette

    assert "Without the package" in cells[0]["source"]
    assert cells[2]["metadata"]["jupyter"]["source_hidden"]
    assert "value 42" in outputs
    assert "not yet: 0 of 2" in outputs
    assert "user_search" in recording
    assert [text for text in ("@example.edu", "Student", "sk-") if text in recording + outputs] == []
    assert "title=Hello" not in capsule


@pytest.mark.slow
def test_what_does_not_run_is_told_and_nothing_is_written(shell: Any, tmp_path: Path) -> None:
    path = lesson(tmp_path, "%load_ext cocalc_magic", "1 / 0")

    with pytest.raises(CoCalcError) as raised:
        shell.cell(f"%cocalc pack {path} --to {tmp_path}/capsule.ipynb")

    assert str(raised.value) == "my-lesson.ipynb does not run.\n  ZeroDivisionError: division by zero"
    assert not (tmp_path / "capsule.ipynb").exists()


@pytest.mark.parametrize(
    ("check", "content", "problem"),
    [
        ("hello --from own.yaml", "[]", "own.yaml: the file"),
        ("hello --from own.yaml", "lesson: x\nexercises: []", "own.yaml: exercises"),
        ("nothing --from own.yaml", OWN, "there is no exercise 'nothing'"),
        ("nothing --from=own.yaml", OWN, "There are: hello"),
        ("nothing", OWN, "there is no exercise 'nothing'"),
        ("hello --from ../own.yaml", OWN, "is not beside my-lesson.ipynb"),
    ],
)
def test_an_exercise_that_cannot_be_packed_is_told_before_anything_runs(
    shell: Any, tmp_path: Path, check: str, content: str, problem: str
) -> None:
    path = lesson(tmp_path, f"%cocalc check {check}")
    (tmp_path / "own.yaml").write_text(content, "utf-8")

    with pytest.raises(InvalidSyntax, match=problem):
        shell.cell(f"%cocalc pack {path} --to {tmp_path}/capsule.ipynb")


@pytest.mark.long
def test_what_no_recording_answers_for_is_refused(tmp_path: Path) -> None:
    """A client of Python is not the shell's, and starts a sandbox."""
    path = lesson(tmp_path, "%load_ext cocalc_magic", "from cocalc_magic import Client\nClient().ping()")

    with pytest.raises(CoCalcError, match="starts a sandbox of its own"):
        pack(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{}", "it is not a notebook"), ('{"cells": [{}]}', "it is not a notebook"), ("x", "it is not a notebook"),
     ('{"cells": [], "nbformat": 4}', "is empty")],
)  # fmt: skip
def test_what_is_not_a_lesson_is_told(shell: Any, tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(content, "utf-8")

    with pytest.raises(CoCalcError, match=problem):
        shell.cell(f"%cocalc pack {path} --to {tmp_path}/capsule.ipynb")
    with pytest.raises(AlreadyThere):
        shell.cell(f"%cocalc pack {path} --to {path}")
    with pytest.raises(InvalidSyntax, match="Lessons of the package: 01-first-steps"):
        shell.cell("%cocalc pack no-such-lesson")


def test_a_key_in_a_cell_is_refused_before_anything_runs(shell: Any, tmp_path: Path) -> None:
    path = lesson(tmp_path, f"key = {KEYS['sk-']!r}")

    with pytest.raises(SecretsFound) as raised:
        shell.cell(f"%cocalc pack {path} --to {tmp_path}/capsule.ipynb")

    assert KEYS["sk-"] not in str(raised.value)
    assert not (tmp_path / "capsule.ipynb").exists()


@pytest.mark.parametrize(
    "text",
    ["", "%%%", "YWJj", base64.b64encode(zlib.compress(b"[]")).decode(),
     base64.b64encode(zlib.compress(b" " * (MAX_BYTES + 1) + b'{"cassette": "", "exercises": {}}')).decode()],
    ids=["empty", "not Base64", "not compressed", "another value", "too large"],
)  # fmt: skip
def test_a_damaged_capsule_is_refused(shell: Any, text: str) -> None:
    with pytest.raises(InvalidSyntax, match="this capsule is damaged"):
        shell.cell(f"%%cocalc unpack\n{text}\n")


@pytest.mark.parametrize("recording", ["nothing", "\ud800"])
def test_a_capsule_whose_recording_is_damaged_is_refused(shell: Any, recording: str) -> None:
    with pytest.raises(InvalidCassette, match="this capsule, line 1"):
        shell.cell(f"%%cocalc unpack\n{packed(Capsule(recording))}\n")


def test_a_capsule_is_not_larger_than_a_notebook_may_be() -> None:
    """What cannot be compressed is refused before it is written."""
    with pytest.raises(CoCalcError, match="too large for a capsule"):
        packed(Capsule(random.Random(1).randbytes(MAX_PACKED).hex()))  # noqa: S311 - it is only to be large


def recorded(*lines: tuple[str, dict[str, Any], dict[str, Any]]) -> Client:
    """A client that a recording of these messages answers by their state."""
    texts = [json.dumps(HEAD)]
    texts += [json.dumps({"event": event, "options": options, "status": 200, "response": response})
              for event, options, response in lines]  # fmt: skip
    return Client.answered_by(StatePlayer(file.parse("this capsule", "\n".join(texts).encode())))


def test_what_reads_is_answered_as_it_was_after_what_has_been_written() -> None:
    made = ("create_project", {"title": "One"}, {"event": "project_created", "project_id": "1"})
    lists = [
        ("query", {"query": QUERY}, {"event": "query", "query": {"projects": titles}})
        for titles in ([], ["One"])
    ]
    client = recorded(lists[0], lists[0], made, lists[1])

    before = [client.query(query=QUERY)["query"]["projects"] for _ in range(3)]
    client.create_project(title="One")
    after = [client.query(query=QUERY)["query"]["projects"] for _ in range(3)]

    assert before == [[]] * 3
    assert after == [["One"]] * 3


def test_what_is_not_recorded_is_told_without_what_comes_nearest() -> None:
    """That may be the answer to an exercise."""
    client = recorded(
        ("create_project", {"title": "The solution"}, {"event": "project_created", "project_id": "1"})
    )

    with pytest.raises(NotRecorded, match="this capsule does not have this create_project") as raised:
        client.create_project(title="Something")

    assert "The solution" not in str(raised.value)
    assert "%cocalc replay --stop" in str(raised.value)
