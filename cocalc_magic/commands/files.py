"""`upload` and `download`: files of any kind into a project, and out of it."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.client.transfer.report import several
from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.records import records_page
from cocalc_magic.errors import InvalidSyntax, InvalidValue
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.humanize import byte_size
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from cocalc_magic.client.client import Client
    from cocalc_magic.client.projects import Project
    from cocalc_magic.client.transfer.report import Transfer
    from cocalc_magic.commands.records import RecordsPage
    from cocalc_magic.session.session import Session

_FLAGS = {"--project": True, "--to": True, "--force": False, "--quiet": False, "--server": True}
_COLUMNS = ("file", "here", "size", "done")


def upload(session: Session, argv: list[str]) -> RecordsPage:
    """Copy files and folders of this machine into a project; `*` and `?` in names are patterns."""
    words, flags = parse_args("upload", argv, _FLAGS)
    if not words:
        raise InvalidSyntax("upload takes files or folders.", "Write %cocalc upload data.csv --to data/")
    client, project = _target(session, "upload", flags)
    sources = [source for word in words for source in _matches(word)]
    counter = _ByteCounter()
    with _progress(session, "upload", client, flags, counter):
        transfer = client.upload(
            project.project_id, sources, flags.get("to", "."), force="force" in flags, progress=counter
        )
    return _page(session, transfer, project, "in")


def download(session: Session, argv: list[str]) -> RecordsPage:
    """Copy files and folders of a project into a folder here; `*` and `?` in names are patterns."""
    words, flags = parse_args("download", argv, _FLAGS)
    if not words:
        raise InvalidSyntax("download takes paths in a project.", "Write %cocalc download data.csv --to .")
    client, project = _target(session, "download", flags)
    to = os.path.join(flags.get("to", "."), "")  # a folder, whether or not it is there
    counter = _ByteCounter()
    with _progress(session, "download", client, flags, counter):
        transfer = client.download(project.project_id, words, to, force="force" in flags, progress=counter)
    return _page(session, transfer, project, "from")


class _ByteCounter:
    """Counts what is done, and says how far it is."""

    def __init__(self) -> None:
        self.done = self.total = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def words(self) -> str:
        """Return how far it is."""
        return (
            f"{byte_size(self.done)} of {byte_size(self.total)}"
            if self.total
            else "looking through the files"
        )


def _target(session: Session, command: str, flags: Mapping[str, str]) -> tuple[Client, Project]:
    client = session.client(flags.get("server"))
    name = flags.get("project") or session.project_id
    if not name:
        raise InvalidSyntax(
            f"{command} needs a project.", f'Write %cocalc {command} … --project "My project"',
            "Or make one the current one: %cocalc use PROJECT",
        )  # fmt: skip
    return client, client.router.projects.find(name)


def _matches(word: str) -> Iterator[Path]:
    """Yield the file of this name, or if there is none, those that match it as a pattern."""
    path = typed_path(word)
    if os.path.lexists(path) or not glob.has_magic(word):
        yield path
        return
    matching = sorted(glob.glob(str(path)))
    if not matching:
        raise InvalidValue(f"no file matches {word!r}.", f"Files are looked for in {Path.cwd()}.")
    yield from map(Path, matching)


def _progress(
    session: Session, command: str, client: Client, flags: Mapping[str, str], counter: _ByteCounter
) -> AbstractContextManager[object]:
    """Return a context that shows how far the transfer is."""
    quiet = "quiet" in flags
    return session.frontend.progress(command, client.server.name, counter.words, quiet=quiet)


def _page(session: Session, transfer: Transfer, project: Project, side: str) -> RecordsPage:
    records = [
        {
            "file": file.remote,
            "here": file.local,
            "size": file.size,
            "done": "was there already" if file.unchanged else ("uploaded" if side == "in" else "downloaded"),
        }
        for file in transfer.files
    ]
    return records_page(_COLUMNS, records, [*_notes(transfer, project, side)], session.frontend.keep)


def _notes(transfer: Transfer, project: Project, side: str) -> Iterator[Note]:
    went = [file for file in transfer.files if not file.unchanged]
    same = len(transfer.files) - len(went)
    name = repr(project.title) if project.title else project.project_id
    was = "was" if same == 1 else "were"
    there = f"; {same:,} with the same content {was} there already" if same else ""
    counted = f"{len(went):,} file{'' if len(went) == 1 else 's'}"
    verb = "went into" if side == "in" else "came from"
    yield Note(
        f"{counted} ({byte_size(transfer.size)}) {verb} the project {name} "
        f"in {transfer.elapsed:.1f} s{there}."
    )
    for reason in dict.fromkeys(reason for _, reason in transfer.left):
        paths = [path for path, why in transfer.left if why == reason]
        yield Note(f"Left out: {several(paths)} ({reason}).")
