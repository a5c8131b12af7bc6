"""Errors of the file system in the words of Node, which the recorded servers pass on."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = {
    "EACCES": "permission denied",
    "EBUSY": "resource busy or locked",
    "EEXIST": "file already exists",
    "EFBIG": "file too large",
    "EINVAL": "invalid argument",
    "EIO": "i/o error",
    "EISDIR": "illegal operation on a directory",
    "ELOOP": "too many symbolic links encountered",
    "EMFILE": "too many open files",
    "EMLINK": "too many links",
    "ENAMETOOLONG": "name too long",
    "ENFILE": "file table overflow",
    "ENOENT": "no such file or directory",
    "ENOMEM": "not enough memory",
    "ENOSPC": "no space left on device",
    "ENOTDIR": "not a directory",
    "ENOTEMPTY": "directory not empty",
    "ENXIO": "no such device or address",
    "EPERM": "operation not permitted",
    "EROFS": "read-only file system",
    "ETXTBSY": "text file is busy",
    "EXDEV": "cross-device link not permitted",
}


class FileError(OSError):
    """An error of the file system, with the name of Node's call.

    `on_path` is whether the call takes a path; `read` and `write` take an open file.
    """

    def __init__(self, problem: OSError, syscall: str) -> None:
        super().__init__(problem.errno or errno.EIO, problem.strerror or str(problem))
        self.syscall = syscall
        self.on_path = syscall not in ("read", "write")

    def words(self, name: str) -> str:
        """Return the text of Node's Error; `name` is the path as the call was given it."""
        return _text(self, f"{self.syscall} '{name}'" if self.on_path else self.syscall)

    @property
    def reason(self) -> str:
        """The system's own text and number, as Unix programs show them."""
        return f"{self.strerror} ({self.errno})"

    def fields(self, name: str) -> dict[str, Any]:
        """Return Node's error as JSON."""
        number = self.errno or errno.EIO
        fields = {"errno": -number, "code": _code(number), "syscall": self.syscall}
        return {**fields, "path": name} if self.on_path else fields


@contextmanager
def during(syscall: str) -> Iterator[None]:
    """Turn an `OSError` into a `FileError` of this call."""
    try:
        yield
    except FileError:
        raise
    except OSError as problem:
        raise FileError(problem, syscall) from None


def in_node_words(problem: OSError, syscall: str, name: str) -> str:
    """Return an error in Node's words; `name` is the path."""
    return _text(problem, f"{syscall} '{name}'")


def spawn_error(problem: OSError, program: str, args: list[str]) -> dict[str, Any]:
    """Return Node's error of a program that could not be started."""
    number = problem.errno or errno.EIO
    return {
        "errno": -number,
        "code": _code(number),
        "syscall": f"spawn {program}",
        "path": program,
        "spawnargs": args,
    }


def _text(problem: OSError, where: str) -> str:
    code = _code(problem.errno or errno.EIO)
    return f"{code}: {_WORDS.get(code, (problem.strerror or '').lower())}, {where}"


def _code(number: int) -> str:
    return errno.errorcode.get(number, "EIO")
