"""A lesson as one notebook with a recording and its exercises inside, which runs without a server."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.cassette import file
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.lessons.exercise_file import exercises_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.cassette.file import Cassette
    from cocalc_magic.lessons.exercise import Exercise

NAME = "this capsule"
LOAD = "%load_ext cocalc_magic"
UNPACK = "%%cocalc unpack"
WIDTH = 100  # characters of a line of it
MAX_PACKED = 1_000_000  # characters of the cell that holds all of it
MAX_BYTES = 20_000_000  # unpacked
_LOAD_LINE = re.compile(r"^%(?:load_ext|reload_ext) cocalc_magic[ \t]*(?:#.*)?(?:\n|\Z)", re.MULTILINE)
_ABOUT = """\
*{name}, as a capsule.* The answers of the server are in this notebook, in the folded cell below: it runs \
wherever the package `cocalc-magic` is installed, without a server, an account or a network. It was made by \
version {version}; what to install, and how, is at the place from which you have the notebook.

**Without the package** it is for reading: below each cell stands what came out of it. There, do not run it: \
its cells would only say that there is no module `cocalc_magic`.

**Exercises**: one right answer to each is recorded. For any other, `%cocalc replay --stop` goes on with the \
sandbox that comes with the package."""


@dataclass(frozen=True)
class Capsule:
    """What a lesson needs to run without a server.

    Args:
        cassette: The recording, as the text of its file.
        exercises: What the exercise files hold, by the name that the lesson gives them; empty: the package's.
    """

    cassette: str
    exercises: Mapping[str, Any] = field(default_factory=dict)

    def recording(self) -> Cassette:
        """Return the recording. Raises `InvalidCassette`."""
        return file.parse(NAME, self.cassette.encode("utf-8", "surrogatepass"))

    def by_name(self) -> dict[str, dict[str, Exercise]]:
        """Return the exercises by file and name. Raises `InvalidSyntax`."""
        return {
            source: {exercise.name: exercise for exercise in exercises_of(document, NAME)}
            for source, document in self.exercises.items()
        }


def packed(capsule: Capsule) -> str:
    """Return a capsule as a text for a cell, in which nobody reads a solution by accident.

    Raises:
        CoCalcError: It is too large.
    """
    content = {"cassette": capsule.cassette, "exercises": capsule.exercises}
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    text = base64.b64encode(zlib.compress(data, 9)).decode()
    if len(text) > MAX_PACKED or len(data) > MAX_BYTES:
        raise CoCalcError(
            f"what was recorded is too large for a capsule, {len(text):,} characters.",
            f"A capsule may have {MAX_PACKED:,}. Leave out what sends or fetches large files.",
        )
    return "\n".join(text[start : start + WIDTH] for start in range(0, len(text), WIDTH))


def unpacked(text: str) -> Capsule:
    """Return the capsule that a cell holds.

    Raises:
        InvalidSyntax: It is damaged.
    """
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode("".join(text.split()), validate=True), MAX_BYTES)
        content = json.loads(data)
        return Capsule(str(content["cassette"]), dict(content["exercises"]))
    except (ValueError, RecursionError, zlib.error, KeyError, TypeError):
        raise InvalidSyntax("this capsule is damaged.", "Ask for the notebook again.") from None


def without_load(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells without the lines that load the extension, which a capsule does before all of them."""
    left = []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and _LOAD_LINE.search(source):
            source = _LOAD_LINE.sub("", source).lstrip("\n")
            if not source.strip():
                continue
        left.append({**cell, "source": source})
    return left


def first_cells(name: str, version: str, capsule: Capsule) -> list[dict[str, Any]]:
    """Return what stands before a lesson: what this is, in words, and the cells that make it run."""
    folded = {"jupyter": {"source_hidden": True}, "tags": ["cocalc-magic-capsule"]}
    about = _ABOUT.format(name=name, version=version)
    return [
        {"cell_type": "markdown", "id": "capsule-about", "metadata": {}, "source": about},
        _code("capsule-load", LOAD, {}),
        _code("capsule-data", f"{UNPACK}\n{packed(capsule)}", folded),
    ]


def _code(cell_id: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    base = {"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source}
    return {**base, "execution_count": None, "outputs": []}
