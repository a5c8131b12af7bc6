"""Local files as values: the text of a file unchanged, with its line ends."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidValue
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from cocalc_magic.catalog import Option

MAX_BYTES = 200_000_000  # no server takes as much in a message


def read_text(option: Option, name: str, default: str = "utf-8") -> str:
    """Return the text of the file in `@name` or `@name:encoding`, unchanged.

    Raises:
        InvalidValue: It is not a file, can't be read, or is not text.
    """
    path, encoding = split_encoding(name)
    data = _bytes(path)
    try:
        return data.decode(encoding or default)
    except UnicodeError:
        raise InvalidValue(
            f"{path} is not {encoding or 'UTF-8'} text.",
            f"Another encoding stands behind a colon: {option.name}=@{path}:latin-1",
            f"A file that is not text is not an option's value: %cocalc upload {path}",
        ) from None


def split_encoding(name: str) -> tuple[Path, str]:
    """Return the path and the encoding after it; an existing file of the whole name wins."""
    path, colon, encoding = name.rpartition(":")
    if path and colon and not _exists(typed_path(name)):
        if _is_encoding(encoding):
            return typed_path(path), encoding
        if encoding and _exists(typed_path(path)):
            raise InvalidValue(
                f"there is no encoding {encoding!r}.", "Encodings are utf-8, latin-1, cp1252, utf-16, …"
            )
    return typed_path(name), ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_encoding(name: str) -> bool:
    """Return whether Python has this text encoding."""
    try:
        b"a".decode(name)
    except UnicodeError:  # as UTF-16 says to a single byte
        return True
    except (LookupError, ValueError):  # unknown, or between bytes; a zero in the name
        return False
    return True


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InvalidValue(f"{path} is a folder.", "One file is an option's value.")
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device has no end
            raise InvalidValue(f"{path} is not a file.")
        if status.st_size > MAX_BYTES:
            raise InvalidValue(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise InvalidValue(
            f"{path} can't be read: {reason}.", f"Files are looked for in {Path.cwd()}."
        ) from None
