"""Files out of a project: listed with their hashes, planned, fetched, compared, moved into place."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.catalog import generations
from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.carrier import NOT_THIS_WAY, carrier_of
from cocalc_magic.client.transfer.local import Incoming, TooMuch, hash_of, new_file
from cocalc_magic.client.transfer.names import HOME, folded, in_project, is_pattern, parts_below, trouble
from cocalc_magic.client.transfer.report import FileCopy, Meter, Progress, Transfer, already_there, several
from cocalc_magic.errors import (
    AlreadyThere,
    CoCalcError,
    Interrupted,
    InvalidValue,
    KeyRefused,
    MessageFailed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any, BinaryIO

    from cocalc_magic.client.routing import Router
    from cocalc_magic.client.transfer.carrier import Carrier
    from cocalc_magic.client.transfer.scripts import Listing, RemoteFile

SMALL = 256 * 1024  # bytes of a file that comes by a command, with others
PIECE = 512 * 1024  # bytes that come by one command
AT_ONCE = 200  # files that come by one command
MAX_BYTES = 512 * 1024 * 1024  # of a file that is returned as a whole
_LISTING = 300.0  # seconds that a project may take to read all that is asked for
_WINDOWS = os.name == "nt"
_ONE_CASE = _WINDOWS or sys.platform == "darwin"  # A.txt and a.txt are one file


@dataclass(frozen=True)
class PendingFile:
    """One file to fetch, and where it goes here."""

    remote: RemoteFile
    target: Path


class NothingThere(InvalidValue):
    """The project has nothing at a path."""


class Download:
    """A download; `force` overwrites files that are here, and `listed` are the paths that the project had."""

    def __init__(self, carrier: Carrier, *, force: bool = False, progress: Progress | None = None) -> None:
        self.carrier = carrier
        self.force = force
        self.progress = progress
        self.listed: tuple[str, ...] = ()

    def run(self, paths: Sequence[str], to: Path, *, into: bool = True) -> Transfer:
        """Copy files and folders into a folder here, or a single one to exactly `to` where not `into`.

        A file goes into an existing folder in any case. Nothing is written outside of it.

        Raises:
            InvalidValue: A path is not in the project.
            AlreadyThere: A file would be overwritten.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        began = time.monotonic()
        listing = scripts.listing(
            self.carrier.run(self.carrier.scripts.list_files([in_project(path) for path in paths]), _LISTING)
        )
        if listing.missing:
            raise NothingThere(f"there is no {several(list(listing.missing))} in the project.")
        self.listed = tuple(file.path for file in listing.files)
        if not listing.roots:
            raise CoCalcError("the project listed nothing of what was asked for.")
        into = into or _is_folder(to, listing, paths)
        try:
            plan, left = self._placed(listing, to, into=into)
            todo, same = self._compared(plan, to)
            self._make_folders(listing, to, into=into)
            self._fetch(todo)
        except Interrupted as stopped:
            stopped.args = (
                "the download was stopped; what is here is whole, and a second one leaves it alone.",
            )
            raise
        except OSError as problem:
            where = problem.filename or to
            raise CoCalcError(f"{where} can't be written: {problem.strerror or problem}.") from None
        moved = [FileCopy(item.remote.path, str(item.target), item.remote.size) for item in todo]
        moved += [
            FileCopy(item.remote.path, str(item.target), item.remote.size, unchanged=True) for item in same
        ]
        left += [(path, "it is a link, or no file") for path in listing.others]
        return Transfer(tuple(moved), tuple(left), time.monotonic() - began)

    # -- planning ----------------------------------------------------------------------------------

    def _placed(
        self, listing: Listing, to: Path, *, into: bool
    ) -> tuple[list[PendingFile], list[tuple[str, str]]]:
        """Return where each file goes, and which have names that are not possible here."""
        plan, left = list[PendingFile](), list[tuple[str, str]]()
        known: Counter[tuple[str, ...]] = Counter()
        for file in {file.path: file for file in listing.files}.values():
            names = _names(file.path, listing.roots)
            reason = next(filter(None, (trouble(name, windows=_WINDOWS) for name in names)), "")
            known[key := folded(names) if _ONE_CASE else names] += 1
            if not reason and known[key] > 1:
                if not _ONE_CASE:
                    raise InvalidValue(f"two of these files would both be {'/'.join(names)} here.")
                reason = "another file has this name in other letters"
            if reason:
                left.append((file.path, reason))
            else:
                plan.append(PendingFile(file, _target(to, names, into=into)))
        return plan, left

    def _compared(self, plan: list[PendingFile], to: Path) -> tuple[list[PendingFile], list[PendingFile]]:
        """Return the files to fetch, and those that are here already with the same content."""
        todo, same, other = list[PendingFile](), list[PendingFile](), list[str]()
        for item in plan:
            _check_way(item.target, to)
            if _is_same(item):
                same.append(item)
            elif not os.path.lexists(item.target) or (self.force and not item.target.is_dir()):
                todo.append(item)
            else:
                other.append(str(item.target))
        if other:
            raise already_there(other, "here", "written", force=self.force)
        return todo, same

    def _make_folders(self, listing: Listing, to: Path, *, into: bool) -> None:
        if into:
            to.mkdir(parents=True, exist_ok=True)
        for path in sorted(listing.folders):
            names = _names(path, listing.roots)
            if not any(trouble(name, windows=_WINDOWS) for name in names):
                folder = _target(to, names, into=into)
                _check_way(folder / "x", to)
                folder.mkdir(parents=True, exist_ok=True)

    # -- fetching ----------------------------------------------------------------------------------

    def _fetch(self, todo: list[PendingFile]) -> None:
        total = sum(item.remote.size for item in todo)
        if todo and total > (free := shutil.disk_usage(_existing(todo[0].target)).free):
            raise CoCalcError(
                f"there is no room here: the files have {total:,} bytes, and {free:,} are free."
            )
        meter = Meter(total, self.progress)
        for group in _grouped([item for item in todo if item.remote.size <= SMALL]):
            self._fetch_small(group, meter)
        for item in todo:
            if item.remote.size > SMALL:
                self._fetch_large(item, meter)

    def _fetch_small(self, files: list[PendingFile], meter: Meter) -> None:
        script = self.carrier.scripts.read_files([item.remote.path for item in files])
        data = scripts.content(self.carrier.run(script))
        if len(data) != sum(item.remote.size for item in files):
            raise _changed(files[0].remote)
        start = 0
        for item in files:
            part = data[start : start + item.remote.size]
            start += len(part)
            self._keep(item, part)
            meter.add(len(part))

    def _keep(self, item: PendingFile, data: bytes) -> None:
        with self._opened(item) as file:
            incoming = Incoming(file, item.remote.size)
            incoming.write(data)
            _check_whole(incoming, item.remote)

    def _opened(self, item: PendingFile) -> AbstractContextManager[BinaryIO]:
        item.target.parent.mkdir(parents=True, exist_ok=True)
        return new_file(item.target, program=item.remote.program, force=self.force)

    def _fetch_large(self, item: PendingFile, meter: Meter) -> None:
        with self._opened(item) as file:
            incoming = Incoming(file, item.remote.size, meter.add)
            try:
                if not self._fetch_by_http(item.remote, incoming):
                    for data in _by_commands(self.carrier, item.remote):
                        incoming.write(data)
            except TooMuch:
                raise _changed(item.remote) from None
            _check_whole(incoming, item.remote)

    def _fetch_by_http(self, remote: RemoteFile, incoming: Incoming) -> bool:
        """Return whether the file came by HTTP; if not, nothing of it has come."""
        if not self.carrier.by_http:
            return False
        try:
            self.carrier.get(remote.path, incoming, remote.size)
        except NOT_THIS_WAY as problem:
            self.carrier.by_http = not isinstance(problem, KeyRefused)
            incoming.restart()
            return False
        return True


def _is_folder(to: Path, listing: Listing, paths: Sequence[str]) -> bool:
    """Return whether the files go into a folder though the target does not say so."""
    if len(listing.roots) != 1 or listing.roots[0] == HOME or any(map(is_pattern, paths)):
        return True
    return listing.roots[0] not in listing.folders and to.is_dir()


def _names(path: str, roots: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a path below the target folder, beginning with the requested file or folder.

    Raises:
        CoCalcError: The path is below nothing that was requested.
    """
    for root in roots:
        if root == HOME or path == root or path.startswith(f"{root}/"):
            own = () if root == HOME else (root.rpartition("/")[2],)
            return (*own, *parts_below(path, root))
    raise CoCalcError(f"the project tells of a file that was not asked for: {path[:100]!r}.")


def _target(to: Path, names: tuple[str, ...], *, into: bool) -> Path:
    return to.joinpath(*(names if into else names[1:]))


def _check_way(target: Path, to: Path) -> None:
    """Raise `AlreadyThere` where a parent is not a folder, or is a link that may lead elsewhere."""
    for folder in target.parents:
        if folder == to or folder in to.parents:
            return
        if folder.is_symlink():
            raise AlreadyThere(f"{folder} is a link, and nothing is written through it.")
        if folder.exists() and not folder.is_dir():
            raise AlreadyThere(f"{folder} is not a folder.")


def _is_same(item: PendingFile) -> bool:
    target, remote = item.target, item.remote
    if target.is_symlink() or not target.is_file() or target.stat().st_size != remote.size:
        return False
    return hash_of(target) == remote.hash


def _check_whole(incoming: Incoming, remote: RemoteFile) -> None:
    if not incoming.is_whole(remote.hash):
        raise _changed(remote)


def _changed(remote: RemoteFile) -> CoCalcError:
    return CoCalcError(f"{remote.path} has changed while it was read: try again.")


def read_bytes(router: Router, project: Any, path: str) -> bytes:
    """Return the bytes of one file.

    Raises:
        InvalidValue: The path leads out of the project.
        MessageFailed: There is no such file, or it is too large to be returned as a whole.
    """
    carrier, data = carrier_of(router, project, ask=False), io.BytesIO()
    try:
        if carrier.by_http:
            carrier.get(path, data, MAX_BYTES, router.timeout)
            return data.getvalue()
    except MessageFailed:
        # Servers of the first API alone have nothing beside it, and some send files from elsewhere.
        spoken = generations.of(router.generations())
        if not spoken or any(generation.downloads for generation in spoken):
            raise
    return read(carrier, path)


def read(carrier: Carrier, path: str) -> bytes:
    """Return the bytes of one file, by commands alone. Raises `MessageFailed` where there is none."""
    listing = scripts.listing(carrier.run(carrier.scripts.list_files([in_project(path)]), _LISTING))
    if len(listing.files) != 1 or [file.path for file in listing.files] != list(listing.roots):
        raise MessageFailed(f"{path} was not read: there is no such file.")
    data = b"".join(_by_commands(carrier, listing.files[0]))
    if hashlib.sha256(data).hexdigest() != listing.files[0].hash:
        raise _changed(listing.files[0])
    return data


def _by_commands(carrier: Carrier, remote: RemoteFile) -> Iterator[bytes]:
    for start in range(0, remote.size, PIECE):
        size = min(PIECE, remote.size - start)
        yield scripts.content(carrier.run(carrier.scripts.read_range(remote.path, start, size)))


def _grouped(files: list[PendingFile]) -> Iterator[list[PendingFile]]:
    """Group small files that are fetched by one command."""
    group, size = list[PendingFile](), 0
    for item in files:
        if group and (size + item.remote.size > PIECE or len(group) >= AT_ONCE):
            yield group
            group, size = [], 0
        group, size = [*group, item], size + item.remote.size
    if group:
        yield group


def _existing(path: Path) -> Path:
    return next(folder for folder in path.parents if folder.exists())
