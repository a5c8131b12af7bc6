"""Files into a project: planned, sent in pieces to a folder of their own, compared, moved into place."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.carrier import NOT_THIS_WAY, SHORT
from cocalc_magic.client.transfer.local import LocalFile, hash_of, unreadable, walk
from cocalc_magic.client.transfer.names import HOME, in_project, joined
from cocalc_magic.client.transfer.report import FileCopy, Meter, Progress, Transfer, already_there, several
from cocalc_magic.client.transfer.scripts import PathState, Piece
from cocalc_magic.errors import AlreadyThere, CoCalcError, Interrupted, InvalidValue

_T = TypeVar("_T")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from cocalc_magic.client.transfer.carrier import Carrier

SMALL = 256 * 1024  # bytes of a file that goes by a command, with others
PIECE = 512 * 1024  # bytes that go by one command
PART = 8 * 1024 * 1024  # bytes that go by one request beside the API: proxies have limits of their own
AT_ONCE = 300  # paths in one command
_DISK = 20_000_000  # bytes a second that a project reads, writes and hashes at least


@dataclass(frozen=True)
class PendingFile:
    """One file to send: its number in the upload's folder, the local file, its target path, its hash."""

    number: int
    local: LocalFile
    path: str
    hash: str


class Upload:
    """An upload; `force` overwrites files that are there."""

    def __init__(self, carrier: Carrier, *, force: bool = False, progress: Progress | None = None) -> None:
        self.carrier = carrier
        self.force = force
        self.progress = progress
        self.stage = f"{scripts.STAGES}/{uuid.uuid4().hex}"
        self.state = "nothing was written in the project"

    def run(self, sources: Sequence[Path], to: str) -> Transfer:
        """Copy files and folders into a folder of the project, or a single one to a path there.

        A `to` that ends with a slash is a folder to copy into; for a file so is an existing folder.

        Raises:
            InvalidValue: A source can't be read, or `to` is not a path in a project.
            AlreadyThere: A file would be overwritten.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        began = time.monotonic()
        trees = [walk(source) for source in sources]
        place = self._placing(sources, to)
        files = [(place(file.names), file) for tree in trees for file in tree.files]
        plan, same = self._compared(files)
        folders = [place(names) for tree in trees for names in tree.folders]
        if plan or folders:
            with self._staged():
                self._send(plan)
                self._check(plan)
                self._move(plan, folders)
        moved = [FileCopy(item.path, str(item.local.path), item.local.size) for item in plan]
        moved += [FileCopy(path, str(file.path), file.size, unchanged=True) for path, file in same]
        left = [(str(path), "it is a link, or no file") for tree in trees for path in tree.others]
        return Transfer(tuple(moved), tuple(left), time.monotonic() - began)

    # -- planning ----------------------------------------------------------------------------------

    def _placing(self, sources: Sequence[Path], to: str) -> Callable[[tuple[str, ...]], str]:
        """Return a function from names below a source (its own first) to the path in the project.

        A folder with an explicit path gets exactly that one, so that a second upload does the same.
        """
        base = in_project(to)
        into = len(sources) > 1 or to.endswith("/") or base == HOME
        if into or (not sources[0].is_dir() and self._looks([base])[0].kind == "folder"):
            return lambda names: joined(base, "/".join(names))
        return lambda names: "/".join((base, *names[1:]))

    def _looks(self, paths: Sequence[str]) -> list[PathState]:
        looks: list[PathState] = []
        for group in _in_groups(paths):
            printed = self.carrier.run(self.carrier.scripts.look_at(group))
            looks += scripts.looks(printed)
        if len(looks) != len(paths):
            raise CoCalcError("the project listed another number of files than it was asked about.")
        return looks

    def _compared(
        self, files: list[tuple[str, LocalFile]]
    ) -> tuple[list[PendingFile], list[tuple[str, LocalFile]]]:
        """Return the files to send, and those that are there already with the same content."""
        paths = [path for path, _ in files]
        if twice := [path for path, count in Counter(paths).items() if count > 1]:
            raise InvalidValue(f"several of these files would be {several(twice)} in the project.")
        plan, same, other = list[PendingFile](), list[tuple[str, LocalFile]](), list[str]()
        for (path, file), look in zip(files, self._looks(paths), strict=True):
            hash_ = _hash(file)
            if look.kind == "file" and (look.size, look.hash) == (file.size, hash_):
                same.append((path, file))
            elif look.kind == "nothing" or (self.force and look.kind in ("file", "other")):
                plan.append(PendingFile(len(plan), file, path, hash_))
            else:
                other.append(path)
        if other:
            raise already_there(other, "in the project", "sent", force=self.force)
        return plan, same

    # -- sending -----------------------------------------------------------------------------------

    @contextmanager
    def _staged(self) -> Iterator[None]:
        """Make a folder in the project for incomplete files; it is removed at the end in any case."""
        self.carrier.run(self.carrier.scripts.begin(self.stage))
        try:
            yield
        except Interrupted as stopped:
            stopped.args = (f"the upload was stopped; {self.state}.",)
            raise
        finally:
            with suppress(CoCalcError, Interrupted):
                self.carrier.run(self.carrier.scripts.remove(self.stage), 20.0)

    def _send(self, plan: list[PendingFile]) -> None:
        meter = Meter(sum(item.local.size for item in plan), self.progress)
        waiting: list[Piece] = []
        for item in plan:
            try:
                with item.local.path.open("rb") as file:
                    for piece in self._pieces(item, file, meter):
                        waiting = self._written(waiting, piece, meter)
            except OSError as problem:
                raise unreadable(problem, item.local.path) from None
        self._write(waiting, meter)

    def _pieces(self, item: PendingFile, file: BinaryIO, meter: Meter) -> Iterator[Piece]:
        """Yield the pieces of a file that go by commands: those that did not go by HTTP."""
        offset = self._put(item, file, meter) if item.local.size > SMALL else 0
        file.seek(offset)
        while offset < item.local.size or not item.local.size:
            data = file.read(min(PIECE, item.local.size - offset))
            yield Piece(item.number, offset, data, whole=len(data) == item.local.size)
            offset += len(data)
            if not data:
                return  # an empty file; or one that has become shorter, which will not go unnoticed

    def _put(self, item: PendingFile, file: BinaryIO, meter: Meter) -> int:
        """Send a large file by HTTP as far as that works, and return the offset that was reached."""
        for offset in range(0, item.local.size, PART):
            size = min(PART, item.local.size - offset)
            name = Piece(item.number, offset, b"", whole=size == item.local.size).name
            try:
                if not self.carrier.by_http:
                    return offset
                self.carrier.put(f"{self.stage}/{name}", file, offset, size)
            except NOT_THIS_WAY:
                self.carrier.by_http = False
                return offset
            meter.add(size)
        return item.local.size

    def _written(self, waiting: list[Piece], piece: Piece, meter: Meter) -> list[Piece]:
        """Send the pieces once they fill a command, and return those that wait for more."""
        room = PIECE - sum(len(other.data) for other in waiting)
        if len(piece.data) > room or len(waiting) >= AT_ONCE:
            self._write(waiting, meter)
            waiting = []
        return [*waiting, piece]

    def _write(self, pieces: list[Piece], meter: Meter) -> None:
        if pieces:
            self.carrier.run(self.carrier.scripts.write_pieces(self.stage, pieces))
            meter.add(sum(len(piece.data) for piece in pieces))

    # -- at the end --------------------------------------------------------------------------------

    def _check(self, plan: list[PendingFile]) -> None:
        """Compare what has arrived with what was sent. Raises `CoCalcError` where it differs."""
        size = sum(item.local.size for item in plan)
        script = self.carrier.scripts.check(self.stage)
        arrived = scripts.checked(self.carrier.run(script, SHORT + size / _DISK)) if plan else {}
        wrong = [item.path for item in plan if arrived.get(item.number) != (item.local.size, item.hash)]
        if wrong:
            raise CoCalcError(
                f"{several(wrong)} did not arrive as sent, and nothing was written.",
                "Has it changed meanwhile, or is the project's disk full? Try again.",
            )

    def _move(self, plan: list[PendingFile], folders: list[str]) -> None:
        self.state = "some files may be in the project already, and a second upload leaves those alone"
        for group in _in_groups(plan):
            moves = [(item.number, item.path, item.local.program) for item in group]
            script = self.carrier.scripts.move(self.stage, moves, force=self.force)
            stayed = set(scripts.stopped(self.carrier.run(script)))
            if late := [item.path for item in group if item.number in stayed]:
                raise AlreadyThere(f"{several(late)} has come up meanwhile, and is left as it is.")
        for paths in _in_groups(folders):
            self.carrier.run(self.carrier.scripts.make_folders(paths))


def _in_groups(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _hash(file: LocalFile) -> str:
    try:
        return hash_of(file.path)
    except OSError as problem:
        raise unreadable(problem, file.path) from None
