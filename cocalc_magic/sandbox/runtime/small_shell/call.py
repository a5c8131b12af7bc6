"""One call of a program: its arguments, its streams, and where it runs."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.sandbox.runtime.small_shell.files import Files


class TimeOver(Exception):
    """Raised where a script has run for as long as it may."""


class Exit(Exception):
    """Raised where a script ends itself; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class Killed(Exception):
    """Raised where a script sends itself a signal that ends it."""

    def __init__(self, signal: int) -> None:
        super().__init__()
        self.signal = signal


class LoopEnd(Exception):
    """Raised by `break`, and by `continue`, with which the loop `goes_on`."""

    def __init__(self, *, goes_on: bool) -> None:
        super().__init__()
        self.goes_on = goes_on


class Usage(Exception):
    """Raised for arguments that a program does not take; its text says why."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.code = code


class OpenInput(io.BytesIO):
    """Standard input that stays open, though nothing ever comes: who waits for it waits for the time limit.

    That is not waited for, since nothing else could happen meanwhile.
    """

    def readable(self) -> bool:
        """Return True: only then does a text stream read it."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Raise `TimeOver`."""
        del size
        raise TimeOver

    read1 = readline = read

    def readinto(self, buffer: object) -> int:
        """Raise `TimeOver`."""
        del buffer
        raise TimeOver


class FileInput(io.BytesIO):
    """Standard input that is a file."""


class Output:
    """A stream, of which so many bytes are kept; to write to it after `deadline` raises `TimeOver`."""

    def __init__(self, limit: int, data: bytearray | None = None, deadline: float = float("inf")) -> None:
        self._limit, self._deadline = limit, deadline
        self.data = bytearray() if data is None else data

    @property
    def is_full(self) -> bool:
        """Whether nothing more is kept."""
        return len(self.data) >= self._limit

    def write(self, data: bytes) -> None:
        """Write bytes; those past the limit are dropped."""
        if time.monotonic() >= self._deadline:
            raise TimeOver
        self.data += data[: max(0, self._limit - len(self.data))]

    def line(self, text: str) -> None:
        """Write a line of text."""
        self.write(f"{text}\n".encode("utf-8", "surrogateescape"))


class Streams(NamedTuple):
    """What a command reads from and writes to."""

    stdin: io.BytesIO
    out: Output
    err: Output


@dataclass
class Call:
    """A program that is called.

    Args:
        name: Its name, which its errors begin with.
        deadline: When the time of the script is over, on the monotonic clock.
    """

    name: str
    args: list[str]
    files: Files
    environ: dict[str, str]
    deadline: float
    streams: Streams
    failed: int = field(default=0)

    @property
    def out(self) -> Output:
        """Its standard output."""
        return self.streams.out

    @property
    def err(self) -> Output:
        """Its standard error."""
        return self.streams.err

    @property
    def stdin(self) -> io.BytesIO:
        """Its standard input."""
        return self.streams.stdin

    def fail(self, what: str, code: int = 1) -> int:
        """Write why it failed, and return the exit code for that."""
        self.err.line(f"{self.name}: {what}")
        return code

    def flags(self, known: str, with_value: str = "") -> dict[str, str]:
        """Take the flags out of the arguments, and return them by their letters. Raises `Usage`.

        Args:
            known: The letters of flags without a value.
            with_value: Those of flags with one.
        """
        flags: dict[str, str] = {}
        rest, words = iter(self.args), list[str]()
        for word in rest:
            if word == "--":
                words += rest
            elif word.startswith("-") and len(word) > 1:
                flags |= self._letters(word[1:], rest, known, with_value)
            else:
                words.append(word)
        self.args = words
        return flags

    def _letters(self, letters: str, rest: Iterator[str], known: str, with_value: str) -> dict[str, str]:
        flags = {}
        for place, letter in enumerate(letters):
            if letter in with_value:
                flags[letter] = letters[place + 1 :] or next(rest, "")
                break
            if letter not in known:
                raise Usage(f"invalid option -- '{letter}'; here it has: -{' -'.join(known + with_value)}")
            flags[letter] = ""
        return flags

    def require(self, least: int, what: str = "operand") -> None:
        """Raise `Usage` where there are fewer arguments, as the usual programs say it."""
        program = self.name.rpartition(" ")[2]
        advice = f"\nTry '{program} --help' for more information."
        if len(self.args) < least and self.args and least == 2:
            follows = "destination file operand" if program in ("cp", "mv") else what
            raise Usage(f"missing {follows} after {quoted(self.args[-1])}{advice}", 1)
        if len(self.args) < least:
            raise Usage(f"missing {what}{advice}", 1)

    def inputs(
        self, most: int | None = None, cannot_open: str = "{}", cannot_read: str = "{}"
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the files that the arguments name with their content, else standard input.

        Those that can't be read are told on standard error; `failed` says so afterwards.

        Args:
            most: Bytes of each that are needed.
            cannot_open: What is told of a path that can't be opened.
            cannot_read: What is told of that of a folder.
        """
        for path in self.args or ["-"]:
            try:
                yield path, self.stdin.read() if path == "-" else self.read(path, most)
            except OSError as problem:
                words = cannot_read if isinstance(problem, IsADirectoryError) else cannot_open
                self.failed = self.fail(f"{words.format(path)}: {problem.strerror}")

    def read(self, path: str, most: int | None = None) -> bytes:
        """Return the content of a file. Raises `OSError`."""
        if self.files.is_folder(path):
            raise IsADirectoryError(0, "Is a directory")
        return self.files.read(path, most)

    def lines(self, cannot_open: str = "{}", cannot_read: str = "{}") -> list[str]:
        """Return the lines of all inputs."""
        inputs = [data for _, data in self.inputs(None, cannot_open, cannot_read)]
        return [line for data in inputs for line in lines_of(data)]

    def write(self, text: str) -> None:
        """Write text."""
        self.out.write(text.encode("utf-8", "surrogateescape"))

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises `TimeOver`."""
        time.sleep(max(0.0, min(seconds, self.deadline - time.monotonic())))
        self.check_time()

    def check_time(self) -> None:
        """Raise `TimeOver` once the time of the script is over."""
        if time.monotonic() >= self.deadline:
            raise TimeOver


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a text, without what ends them."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return lines if lines[-1] else lines[:-1]


def quoted(text: str) -> str:
    """Return a name as the usual programs quote it in their errors."""
    return f"'{text}'"
