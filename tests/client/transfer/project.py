"""A project that is a folder of this machine: its commands are run here, and it can be made to lie."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, BinaryIO

from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.upload import PIECE
from cocalc_magic.errors import KeyRefused, MessageFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cocalc_magic.client.streams import Sink


class Project:
    """The ways into a folder: bash, and with `by_http` reading and writing its files."""

    scripts = scripts

    def __init__(self, home: Path, *, by_http: bool = False) -> None:
        self.home = home
        self.by_http = by_http
        self.went: list[str] = []
        self.before: Callable[[str], None] = lambda script: None
        self.says: Callable[[str], str] | None = None  # in place of what would be printed
        self.after: Callable[[str], None] = lambda script: None

    def run(self, script: str, seconds: float = 60.0) -> str:
        del seconds
        assert script.isascii()
        assert len(script) < 2 * PIECE
        self.before(script)
        if self.says:
            return self.says(script)
        file = self.home.parent / "a.sh"  # as CoCalc does: a script may be longer than an argument
        file.write_text(script)
        done = subprocess.run(["/bin/bash", file], cwd=self.home, capture_output=True, text=True)
        if done.returncode:
            raise MessageFailed(f"the command failed: {done.stderr}")
        self.after(script)
        return done.stdout

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        self.went.append(path)
        file.seek(start)
        (self.home / path).write_bytes(file.read(size))

    def get(self, path: str, sink: Sink, size: int) -> None:
        del size
        self.went.append(path)
        sink.write((self.home / path).read_bytes())


class Refusing(Project):
    """A project of a server whose uploads and downloads do not take the key, after so many of them."""

    def __init__(self, home: Path, good: int = 0) -> None:
        super().__init__(home, by_http=True)
        self.good = good

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        super().put(path, file, start, size)
        if len(self.went) > self.good:
            (self.home / path).write_bytes(b"half of it")
            raise KeyRefused("no")

    def get(self, path: str, sink: Sink, size: int) -> None:
        sink.write(b"half of it")
        self.went.append(path)
        raise KeyRefused("no")


def tree(folder: Path) -> dict[str, bytes | None]:
    """All below a folder, files with their bytes, folders with `None`."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
