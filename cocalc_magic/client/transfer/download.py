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

from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.carrier import NOT_THIS_WAY, carrier_of
from cocalc_magic.client.transfer.local import Incoming, TooMuch, hash_of, new_file
from cocalc_magic.client.transfer.names import HOME, folded, in_project, is_pattern, parts_below, trouble
from cocalc_magic.client.transfer.report import Meter, Moved, Progress, Transfer, several
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
class Fetched:
    """One file on its way: what it is in the project, where it goes here."""

    remote: RemoteFile
    target: Path


class Download:
    """One download; ``force`` writes over what is here."""

    def __init__(self, carrier: Carrier, *, force: bool = False, progress: Progress | None = None) -> None:
        self.carrier = carrier
        self.force = force
        self.progress = progress

    def run(self, paths: Sequence[str], to: Path, *, into: bool = True) -> Transfer:
        """Gets files and folders into a folder here; or a single one, not ``into`` it but as ``to`` itself.

        A file goes into a folder that is here in any case. Nothing is written outside of it. Raises
        :class:`InvalidValue` for what is not in the project, :class:`AlreadyThere` for what would be written
        over, and what asking raises.
        """
        began = time.monotonic()
        listing = scripts.listing(
            self.carrier.run(scripts.list_files([in_project(path) for path in paths]), _LISTING)
        )
        if listing.missing:
            raise InvalidValue(f"there is no {several(list(listing.missing))} in the project.")
        if not listing.roots:
            raise CoCalcError("the project told nothing of what was asked for.")
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
        moved = [Moved(one.remote.path, str(one.target), one.remote.size) for one in todo]
        moved += [Moved(one.remote.path, str(one.target), one.remote.size, unchanged=True) for one in same]
        left += [(path, "it is a link, or no file") for path in listing.others]
        return Transfer(tuple(moved), tuple(left), time.monotonic() - began)

    # -- planning ----------------------------------------------------------------------------------

    def _placed(
        self, listing: Listing, to: Path, *, into: bool
    ) -> tuple[list[Fetched], list[tuple[str, str]]]:
        """Where each file goes, and which have names that none can have here."""
        plan, left = list[Fetched](), list[tuple[str, str]]()
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
                plan.append(Fetched(file, _target(to, names, into=into)))
        return plan, left

    def _compared(self, plan: list[Fetched], to: Path) -> tuple[list[Fetched], list[Fetched]]:
        """What is to be fetched, and what is here already with the same content."""
        todo, same, other = list[Fetched](), list[Fetched](), list[str]()
        for one in plan:
            _check_way(one.target, to)
            if _is_same(one):
                same.append(one)
            elif not os.path.lexists(one.target) or (self.force and not one.target.is_dir()):
                todo.append(one)
            else:
                other.append(str(one.target))
        if other:
            verb = "is" if len(other) == 1 else "are"
            raise AlreadyThere(
                f"{several(other)} {verb} here already, with other content, and nothing was written.",
                "" if self.force else "--force, or force=True, writes over files; never over folders.",
            )
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

    def _fetch(self, todo: list[Fetched]) -> None:
        total = sum(one.remote.size for one in todo)
        if todo and total > (free := shutil.disk_usage(_existing(todo[0].target)).free):
            raise CoCalcError(
                f"there is no room here: the files have {total:,} bytes, and {free:,} are free."
            )
        meter = Meter(total, self.progress)
        for some in _together([one for one in todo if one.remote.size <= SMALL]):
            self._fetch_small(some, meter)
        for one in todo:
            if one.remote.size > SMALL:
                self._fetch_large(one, meter)

    def _fetch_small(self, files: list[Fetched], meter: Meter) -> None:
        data = scripts.content(self.carrier.run(scripts.read_files([one.remote.path for one in files])))
        if len(data) != sum(one.remote.size for one in files):
            raise _changed(files[0].remote)
        start = 0
        for one in files:
            part = data[start : start + one.remote.size]
            start += len(part)
            self._keep(one, part)
            meter.add(len(part))

    def _keep(self, one: Fetched, data: bytes) -> None:
        with self._opened(one) as file:
            incoming = Incoming(file, one.remote.size)
            incoming.write(data)
            _check_whole(incoming, one.remote)

    def _opened(self, one: Fetched) -> AbstractContextManager[BinaryIO]:
        one.target.parent.mkdir(parents=True, exist_ok=True)
        return new_file(one.target, program=one.remote.program, force=self.force)

    def _fetch_large(self, one: Fetched, meter: Meter) -> None:
        with self._opened(one) as file:
            incoming = Incoming(file, one.remote.size, meter.add)
            try:
                if not self._got(one.remote, incoming):
                    for data in _by_commands(self.carrier, one.remote):
                        incoming.write(data)
            except TooMuch:
                raise _changed(one.remote) from None
            _check_whole(incoming, one.remote)

    def _got(self, remote: RemoteFile, incoming: Incoming) -> bool:
        """Whether the file came beside the API; where not, nothing of it has come."""
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
    """Whether what is asked for goes into a folder though nobody says so."""
    if len(listing.roots) != 1 or listing.roots[0] == HOME or any(map(is_pattern, paths)):
        return True
    return listing.roots[0] not in listing.folders and to.is_dir()


def _names(path: str, roots: Sequence[str]) -> tuple[str, ...]:
    """The names below the folder that all goes into, that of what was asked for first.

    Raises :class:`CoCalcError` for a path that is below nothing that was asked for.
    """
    for root in roots:
        if root == HOME or path == root or path.startswith(f"{root}/"):
            own = () if root == HOME else (root.rpartition("/")[2],)
            return (*own, *parts_below(path, root))
    raise CoCalcError(f"the project tells of a file that was not asked for: {path[:100]!r}.")


def _target(to: Path, names: tuple[str, ...], *, into: bool) -> Path:
    return to.joinpath(*(names if into else names[1:]))


def _check_way(target: Path, to: Path) -> None:
    """Raises :class:`AlreadyThere` where a folder on the way is none, or a link that may lead elsewhere."""
    for folder in target.parents:
        if folder == to or folder in to.parents:
            return
        if folder.is_symlink():
            raise AlreadyThere(f"{folder} is a link, and nothing is written through it.")
        if folder.exists() and not folder.is_dir():
            raise AlreadyThere(f"{folder} is no folder.")


def _is_same(one: Fetched) -> bool:
    target, remote = one.target, one.remote
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
    except MessageFailed as problem:
        if problem.status not in (404, 405) or router.generations() != {"v1"}:
            raise  # servers of the first API alone have nothing beside it
    return read(carrier, path)


def read(carrier: Carrier, path: str) -> bytes:
    """Return the bytes of one file, by commands alone. Raises `MessageFailed` where there is none."""
    listing = scripts.listing(carrier.run(scripts.list_files([in_project(path)]), _LISTING))
    if len(listing.files) != 1 or [file.path for file in listing.files] != list(listing.roots):
        raise MessageFailed(f"{path} was not read: there is no such file.")
    data = b"".join(_by_commands(carrier, listing.files[0]))
    if hashlib.sha256(data).hexdigest() != listing.files[0].hash:
        raise _changed(listing.files[0])
    return data


def _by_commands(carrier: Carrier, remote: RemoteFile) -> Iterator[bytes]:
    for start in range(0, remote.size, PIECE):
        size = min(PIECE, remote.size - start)
        yield scripts.content(carrier.run(scripts.read_range(remote.path, start, size)))


def _together(files: list[Fetched]) -> Iterator[list[Fetched]]:
    """Small files that come by one command."""
    some, size = list[Fetched](), 0
    for one in files:
        if some and (size + one.remote.size > PIECE or len(some) >= AT_ONCE):
            yield some
            some, size = [], 0
        some, size = [*some, one], size + one.remote.size
    if some:
        yield some


def _existing(path: Path) -> Path:
    return next(folder for folder in path.parents if folder.exists())
