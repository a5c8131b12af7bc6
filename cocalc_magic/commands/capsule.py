"""`pack` and `unpack`: a lesson as one notebook that runs without a server."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.paths import write_text
from cocalc_magic.errors import AlreadyThere, InvalidSyntax, did_you_mean
from cocalc_magic.lessons.shipped import lesson_paths
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import Page
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.session.session import Session

_ANOTHER = "Name another one: --to FILE.ipynb"
_PACK = {"--to": True}


def pack(session: Session, argv: list[str]) -> Page:
    """Make a capsule of a lesson: a notebook with its recording and its exercises inside.

    Raises:
        AlreadyThere: A file is in its place.
        CoCalcError: The lesson does not run, or not from its recording.
    """
    words, flags = parse_args("pack", argv, _PACK)
    if len(words) != 1:
        raise InvalidSyntax("pack takes one lesson.", "Write %cocalc pack my-lesson.ipynb")
    lesson = _lesson(words[0])
    target = typed_path(flags.get("to", f"{lesson.stem}-capsule.ipynb"))
    if os.path.lexists(target):  # before the minutes that it takes
        raise AlreadyThere(f"{target} is there already.", _ANOTHER)
    from cocalc_magic.lessons import packing  # late: it starts kernels

    with session.frontend.progress("pack", lesson.name):
        notebook = packing.pack(lesson)
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    write_text(target, text, _ANOTHER)
    size = f"{len(text.encode()) / 1000:,.0f} kB"
    return Page((Note(f"{target} ({size}) runs without a server, wherever this package is installed."),))


def unpack(session: Session, argv: list[str]) -> Page:
    """Answer the messages of this kernel from the capsule that the cell holds."""
    from cocalc_magic.cassette.player import StatePlayer  # late: few notebooks are capsules
    from cocalc_magic.lessons.capsule import unpacked

    capsule = unpacked(argv[0])
    player, exercises = StatePlayer(capsule.recording()), capsule.by_name()
    session.exercises = exercises
    session.start_exercises()
    session.replay(player)
    counted = f"{len(player.cassette.lines):,} messages, recorded on {player.cassette.recorded:%Y-%m-%d}"
    return Page((Note(f"This notebook answers by itself ({counted}): nothing is sent."),))


def _lesson(name: str) -> Path:
    """Return the notebook of this name: a file, or a lesson of the package by its name or number."""
    path = typed_path(name)
    if os.path.exists(path):  # also of a name that is too long to be one
        return path
    shipped = {path.stem: path for path in lesson_paths()}
    known = next((path for stem, path in shipped.items() if name in (stem, stem[:2], f"{stem}.ipynb")), None)
    if known is None:
        there_are = f"Lessons of the package: {', '.join(shipped)}"
        raise InvalidSyntax(f"there is no lesson {name!r}.", did_you_mean(name, shipped), there_are)
    return known
