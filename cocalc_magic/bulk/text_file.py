"""A file of text, opened so that a wrong encoding is told with its line."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO


@contextmanager
def opened(path: Path, encoding: str, *, newline: str | None = None) -> Iterator[IO[str]]:
    """Open a file to read text from it in the block.

    Args:
        path: The file.
        encoding: Its encoding; empty for that of its byte order mark, or else UTF-8.
        newline: As for `open`.

    Raises:
        InvalidValue: It can't be read, or is not text in this encoding, with the line; also within the block.
    """
    try:
        encoding = encoding or _marked(path)
        with path.open(encoding=encoding, newline=newline) as file:
            yield file
    except UnicodeError:
        raise InvalidValue(
            f"{path}, line {_undecodable(path, encoding)}: "
            f"this is not {encoding.removesuffix('-sig').upper()} text.",
            f"Another encoding stands behind a colon: --each {path}:latin-1",
        ) from None
    except OSError as problem:
        raise InvalidValue(f"{path} can't be read: {problem.strerror}.") from None


def _marked(path: Path) -> str:
    """Return the encoding that the byte order mark names; UTF-8 without one."""
    with path.open("rb") as file:
        start = file.read(3)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if start == BOM_UTF8 else "utf-8"


def _undecodable(path: Path, encoding: str) -> int:
    """Return the number of the first line that is not text in this encoding; 1 where lines can't be told."""
    if encoding.startswith("utf-8"):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode(encoding)
                except UnicodeError:
                    return number
    return 1
