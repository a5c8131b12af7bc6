"""``upload`` and ``download``: files of any kind into a project, and out of it."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import sort
from cocalc_magic.commands.records import records_page
from cocalc_magic.errors import InvalidSyntax, InvalidValue
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.humanize import size

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
MAX_NAMED = 5  # of what was left out


def upload(session: Session, words: list[str]) -> RecordsPage:
    """Put files and folders of this machine into a project; ``*`` and ``?`` in names are patterns."""
    alone, flags = sort("upload", words, _FLAGS)
    if not alone:
        raise InvalidSyntax("upload takes files or folders.", "Write %cocalc upload data.csv --to data/")
    client, project = _meant(session, "upload", flags)
    sources = [source for word in alone for source in _found(word)]
    gauge = _Gauge()
    with _told(session, "upload", client, flags, gauge):
        done = client.upload(
            project.project_id, sources, flags.get("to", "."), force="force" in flags, progress=gauge
        )
    return _page(session, done, project, "in")


def download(session: Session, words: list[str]) -> RecordsPage:
    """Get files and folders of a project into a folder here; ``*`` and ``?`` in names are patterns."""
    alone, flags = sort("download", words, _FLAGS)
    if not alone:
        raise InvalidSyntax("download takes paths in a project.", "Write %cocalc download data.csv --to .")
    client, project = _meant(session, "download", flags)
    to = os.path.join(flags.get("to", "."), "")  # a folder, whether or not it is there
    gauge = _Gauge()
    with _told(session, "download", client, flags, gauge):
        done = client.download(project.project_id, alone, to, force="force" in flags, progress=gauge)
    return _page(session, done, project, "from")


class _Gauge:
    """How far it is, for people."""

    def __init__(self) -> None:
        self.done = self.total = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def words(self) -> str:
        """How far it is, in words."""
        return f"{size(self.done)} of {size(self.total)}" if self.total else "looking through the files"


def _meant(session: Session, command: str, flags: Mapping[str, str]) -> tuple[Client, Project]:
    client = session.client(flags.get("server"))
    name = flags.get("project") or (session.project[0] if session.project else "")
    if not name:
        raise InvalidSyntax(
            f"{command} needs a project.", f'Write %cocalc {command} … --project "My project"',
            "Or make one the current one: %cocalc use PROJECT",
        )  # fmt: skip
    return client, client.router.projects.find(name)


def _found(word: str) -> Iterator[Path]:
    """The file of this name; where there is none, those that match it as a pattern."""
    path = Path(word).expanduser()
    if os.path.lexists(path) or not glob.has_magic(word):
        yield path
        return
    matching = sorted(glob.glob(str(path)))
    if not matching:
        raise InvalidValue(f"no file matches {word!r}.", f"Files are looked for in {Path.cwd()}.")
    yield from map(Path, matching)


def _told(
    session: Session, command: str, client: Client, flags: Mapping[str, str], gauge: _Gauge
) -> AbstractContextManager[object]:
    """Says how far it is while it takes its time."""
    quiet = "quiet" in flags
    return session.surroundings.waiting(command, client.server.name, gauge.words, quiet=quiet)


def _page(session: Session, done: Transfer, project: Project, side: str) -> RecordsPage:
    records = [
        {
            "file": file.remote,
            "here": file.local,
            "size": file.size,
            "done": "was there already" if file.unchanged else ("uploaded" if side == "in" else "downloaded"),
        }
        for file in done.files
    ]
    return records_page(_COLUMNS, records, [*_notes(done, project, side)], session.surroundings.keep)


def _notes(done: Transfer, project: Project, side: str) -> Iterator[Note]:
    went = [file for file in done.files if not file.unchanged]
    same = len(done.files) - len(went)
    name = repr(project.title) if project.title else project.project_id
    there = f"; {same:,} with the same content {'was' if same == 1 else 'were'} there already" if same else ""
    counted = f"{len(went):,} file{'' if len(went) == 1 else 's'}"
    verb = "went into" if side == "in" else "came from"
    yield Note(f"{counted} ({size(done.size)}) {verb} the project {name} in {done.elapsed:.1f} s{there}.")
    for reason in dict.fromkeys(reason for _, reason in done.left):
        paths = [path for path, why in done.left if why == reason]
        more = f" and {len(paths) - MAX_NAMED:,} more" if len(paths) > MAX_NAMED else ""
        yield Note(f"Left out: {', '.join(paths[:MAX_NAMED])}{more} ({reason}).")
