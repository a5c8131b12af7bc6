"""Make a capsule of a lesson: run it with a recorder, then try that it runs from the recording alone.

The lesson runs in a kernel of its own in an empty folder, once as it stands with a right answer to each
exercise, which is recorded; then twice from the recording: untouched, which gives the outputs that are kept,
and with the right answers.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cocalc_magic
from cocalc_magic.cassette import file, search
from cocalc_magic.errors import CoCalcError, InvalidSyntax, SecretsFound
from cocalc_magic.lessons.capsule import LOAD, Capsule, first_cells, without_load
from cocalc_magic.lessons.exercise_file import exercises_of
from cocalc_magic.lessons.shipped import document_of
from cocalc_magic.syntax import outline
from cocalc_magic.syntax.format import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cocalc_magic.lessons.exercise import Exercise

CELL_TIMEOUT = 120  # seconds
MAX_NOTEBOOK = 20_000_000  # bytes
_MAX_PLACES = 5
_MARK = "cocalc-magic-capsule:"
_DONE = """
import json as _json
from cocalc_magic import config as _config
_left = [line for line in {lines!r} if not get_ipython().run_line_magic("cocalc", line).done]
print({mark!r} + _json.dumps([_left, _config.sandbox().running is not None]))
"""


@dataclass
class _Lesson:
    """A notebook that is to be packed.

    Args:
        path: Its file.
        content: The notebook, as JSON.
        cells: Its cells without those that load the extension.
        documents: What its exercise files hold, by the name that it gives them.
    """

    path: Path
    content: dict[str, Any]
    cells: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> _Lesson:
        """Read a notebook with its exercises. Raises `CoCalcError`."""
        lesson = cls(path, _content(path))
        lesson.cells = without_load(lesson.content["cells"])
        for name, source in dict.fromkeys(item for cell in lesson.cells for item in _checks(cell)):
            document = document_of(name, _beside(path, source) if source else None)
            whole = lesson.documents.setdefault(source, {**document, "exercises": {}})
            whole["exercises"] |= {
                known: content for known, content in document["exercises"].items() if str(known) == name
            }
        return lesson

    def answered(self) -> Iterator[dict[str, Any]]:
        """Yield the cells with, after each check, a right answer, and another check after each cell of it."""
        exercises = self.exercises
        for cell in self.cells:
            yield cell
            for name, source in _checks(cell):
                for answer in exercises[source, name].right:
                    yield _code(answer, "raises-exception")  # as one that shows a failure does
                    yield _code(f"%cocalc {_line(name, source)}")

    @property
    def exercises(self) -> dict[tuple[str, str], Exercise]:
        """The exercises by file and name."""
        return {
            (source, exercise.name): exercise
            for source, document in self.documents.items()
            for exercise in exercises_of(document, str(self.path))
        }


def pack(path: Path) -> dict[str, Any]:
    """Return the capsule of a lesson, a notebook as JSON.

    Raises:
        CoCalcError: The lesson cannot be read or does not run, or it does not run from its recording: a cell
            needs what no recording has, such as a fault of the sandbox or a server of its own.
        SecretsFound: A secret would be in it.
    """
    lesson = _Lesson.read(path)
    _refuse_secrets(path.name, lesson.cells)
    with _folder() as folder:
        capsule = Capsule(_recorded(lesson, folder), lesson.documents)
    begin = first_cells(path.stem, cocalc_magic.__version__, capsule)
    with _folder() as folder:
        ran = _run(lesson, [*begin, *lesson.cells], folder, "runs, but not from its recording")
    with _folder() as folder:
        _try(lesson, [*begin, *lesson.answered()], folder)
    _refuse_secrets(path.name, [cell for cell in ran if cell["id"] != "capsule-data"])
    return {**lesson.content, "cells": ran, "metadata": _metadata(lesson.content)}


def _recorded(lesson: _Lesson, folder: str) -> str:
    """Return the recording of a lesson with its right answers."""
    cassette = Path(folder) / "capsule.jsonl"
    for source, document in lesson.documents.items():
        if source:
            copy = Path(folder) / source
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(json.dumps(document), "utf-8")  # which is YAML, too
    record = [_code(LOAD), _code(f"%cocalc record {format_value(str(cassette))}")]
    _run(lesson, [*record, *lesson.answered(), _code("%cocalc record --stop")], folder, "does not run")
    if file.folder_of(cassette).exists():
        raise CoCalcError(f"{lesson.path.name} has messages that are too large for a capsule.")
    return cassette.read_text("utf-8")


def _try(lesson: _Lesson, cells: list[dict[str, Any]], folder: str) -> None:
    """Run a capsule with its right answers; raise unless all are found to be right, without a sandbox."""
    lines = [_line(name, source) for source, name in lesson.exercises]
    last = _code(_DONE.format(lines=lines, mark=_MARK))
    ran = _run(lesson, [*cells, last], folder, "runs, but its answers do not from its recording")
    printed = "".join(output.get("text", "") for output in ran[-1]["outputs"])
    left, has_sandbox = json.loads(printed.partition(_MARK)[2])
    if has_sandbox:
        raise CoCalcError(
            f"{lesson.path.name} starts a sandbox of its own, which no recording answers for.",
            "In a capsule go messages of %cocalc alone, those of a Client do not.",
        )
    if left:
        raise CoCalcError(f"{lesson.path.name}: on the recording these are not done: {', '.join(left)}.")


# -- running ---------------------------------------------------------------------------------------


def _run(lesson: _Lesson, cells: Iterable[dict[str, Any]], folder: str, trouble: str) -> list[dict[str, Any]]:
    """Run cells in a kernel of their own, and return them with their outputs."""
    try:
        import nbformat  # late: few people make capsules, and who only opens one needs neither
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError:
        raise CoCalcError("pack needs nbclient and nbformat.", "pip install nbclient nbformat") from None
    clean = [{**cell, **({"outputs": []} if cell["cell_type"] == "code" else {})} for cell in cells]
    notebook = nbformat.from_dict({**lesson.content, "cells": clean, "nbformat_minor": 5})
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": folder}},
    )
    try:
        client.execute(env={**os.environ, "JUPYTER_DATA_DIR": f"{folder}/.data"}, stderr=subprocess.DEVNULL)
    except CellExecutionError as problem:
        raise CoCalcError(f"{lesson.path.name} {trouble}.", f"{problem.ename}: {problem.evalue}") from None
    except CellTimeoutError:
        raise CoCalcError(
            f"{lesson.path.name} {trouble}.", f"A cell takes longer than {CELL_TIMEOUT} s."
        ) from None
    except DeadKernelError:
        raise CoCalcError(f"{lesson.path.name} {trouble}.", "The kernel ended.") from None
    ran: list[dict[str, Any]] = json.loads(json.dumps(notebook.cells).replace(folder, "."))
    return ran


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cocalc-capsule-", ignore_cleanup_errors=True) as folder:
        yield folder


def _checks(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and file of each exercise that a cell checks."""
    if cell["cell_type"] != "code":
        return
    for usage in outline.read([cell["source"]]):
        if usage.name == "check" and not {"--solution", "--reset"} & set(usage.words):
            names, source = _named(usage.words)
            if len(names) == 1:  # another number is refused when the cell runs
                yield names[0], source


def _named(words: Iterable[str]) -> tuple[list[str], str]:
    """Return the exercises that the words of a `check` name, and the file of its `--from`."""
    names, source, rest = list[str](), "", iter(words)
    for word in rest:
        flag, sign, value = word.partition("=")
        if flag == "--from":
            source = value if sign else next(rest, "")
        elif not word.startswith("-"):
            names.append(word)
    return names, source


def _line(name: str, source: str) -> str:
    words = (name, "--from", source) if source else (name,)
    return f"check {' '.join(map(format_value, words))}"


def _code(source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


# -- files -----------------------------------------------------------------------------------------


def _content(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_NOTEBOOK:
            raise CoCalcError(f"{path} is larger than {MAX_NOTEBOOK // 1_000_000} MB.")
        content = json.loads(path.read_text("utf-8"))
        forms = [(cell["cell_type"], "".join(cell["source"])) for cell in content["cells"]]
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not a notebook"
        raise CoCalcError(f"{path} cannot be read: {reason}.") from None
    if content.get("nbformat") != 4 or not forms:
        raise CoCalcError(f"{path} is not a notebook of format 4, or is empty.")
    return dict(content)


def _beside(path: Path, source: str) -> Path:
    """Return the exercise file that a lesson names. Raises `InvalidSyntax` if it is not beside the lesson."""
    if Path(source).is_absolute() or {"..", "~"} & set(Path(source).parts):
        raise InvalidSyntax(f"{source} is not beside {path.name}.", "Put the exercise file into its folder.")
    return path.parent / source


def _metadata(content: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a notebook without the state of widgets, which belongs to another run."""
    return {name: value for name, value in content.get("metadata", {}).items() if name != "widgets"}


def _refuse_secrets(name: str, cells: list[dict[str, Any]]) -> None:
    hits = list(dict.fromkeys(search.places(cells)))
    if hits:
        raise SecretsFound(f"{name} would have a secret in a cell or an output.", *hits[:_MAX_PLACES])
