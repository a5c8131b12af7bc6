"""Run commands: real processes with limits, each in a group of its own.

The texts of failures are those of the recorded server.
"""

from __future__ import annotations

import math
import os
import selectors
import shlex
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime.process_groups import Groups
from cocalc_magic.sandbox.storage.cache import SingleFlightCache
from cocalc_magic.sandbox.storage.folders.node_errors import spawn_error
from cocalc_magic.sandbox.storage.folders.tree import remove_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.runtime.spawn import Process

MAX_TIME = 3_600.0  # seconds; a limit of 0 would be none, and hung the recorded server
MAX_OUTPUT = 100_000_000  # bytes of a stream; further ones are dropped while the command goes on
MAX_STDERR = 1_024  # characters of stderr in an error
_CHUNK = 65_536
_WATCH_INTERVAL = 1.0  # seconds between the samples of a command that is watched


@dataclass(frozen=True)
class Truncation:
    """A limit of output: `most` characters of each stream, and how the note names the limit."""

    most: float
    shown_as: str

    @property
    def characters(self) -> int:
        """The number of characters that are kept; none for a limit that is negative or not a number."""
        return math.floor(self.most) if 0 < self.most < math.inf else 0


@dataclass(frozen=True)
class Command:
    """A command: a program with arguments, or (`bash`) the text of a script.

    With `has_input`, its standard input stays open, though nothing ever comes.
    """

    program: str
    args: list[str]
    folder: str
    home: str
    project_id: str
    timeout: float = 10.0
    max_output: Truncation | None = None
    bash: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)
    has_input: bool = True

    @property
    def script(self) -> str:
        """The script that bash runs."""
        return shlex.join([self.program, *self.args]) if self.args else self.program


@dataclass
class Outcome:
    """The outcome of a command; `exit_code` is `None` where a signal ended it, as a time limit does."""

    stdout: str
    stderr: str
    exit_code: int | None
    shown_as: str
    spawn_problem: dict[str, Any] | None = None
    in_time: bool = True


@dataclass
class Live:
    """A command while it runs: its process, once there is one, and its output so far.

    `sample` is called about once a second meanwhile.
    """

    process_id: int | None = None
    output: dict[str, bytearray] = field(
        default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()}
    )
    begun: threading.Event = field(default_factory=threading.Event)
    sample: Callable[[], None] | None = None


class Runner(Protocol):
    """What runs the commands of one sandbox."""

    cache: SingleFlightCache[Outcome]

    def run(self, command: Command, live: Live | None = None) -> Outcome:
        """Run a command to its end or its limit. Raises `Failed` where it can't."""

    def running(self) -> list[tuple[int, str]]:
        """Return the living process groups, with their projects."""

    def stop(self, project_id: str) -> None:
        """End every command of a project, and those in the background."""

    def close(self) -> None:
        """End every command, and start none from now on."""


class Processes:
    """The commands of one sandbox.

    Args:
        folder: Where their scripts are; it is removed at the end, however the sandbox ends.
    """

    def __init__(self, folder: Path) -> None:
        self.scripts = folder
        self.groups = Groups(folder)
        self.cache: SingleFlightCache[Outcome] = SingleFlightCache(20_000_000)

    def run(self, command: Command, live: Live | None = None) -> Outcome:
        """Run a command to its end or its limit.

        Raises `Failed` where the folder is missing or no more commands may start.
        """
        live = live or Live()
        if not command.bash:
            return self._run(command, [command.program, *command.args], live)
        text = f"ulimit -t {_cpu_limit(command.timeout)}\n{command.script}"
        try:
            script = self._script(text)
        except OSError:  # on a full disk commands still run: they may free space
            return self._run(command, ["bash", "-c", text], live)
        try:
            return self._run(command, ["bash", str(script)], live)
        finally:
            remove_path(script.parent)

    def running(self) -> list[tuple[int, str]]:
        """Return the living process groups, with their projects."""
        return self.groups.running()

    def stop(self, project_id: str) -> None:
        """End every command and kernel of a project, and those in the background."""
        self.groups.stop(project_id)

    def close(self) -> None:
        """End every command, start none from now on, and wait until the reaper has cleaned up."""
        self.groups.close()

    # -- inside ------------------------------------------------------------------------------------

    def _script(self, text: str) -> Path:
        """Write a script into a folder of its own. Raises `OSError`, and leaves nothing behind."""
        folder = Path(tempfile.mkdtemp(dir=self.scripts))
        try:
            (folder / "a.sh").write_text(text, "utf-8")
        except OSError:
            remove_path(folder)
            raise
        return folder / "a.sh"

    def _run(self, command: Command, words: list[str], live: Live) -> Outcome:
        shown = " ".join(words)
        problem: OSError | None = None
        try:
            if not os.path.isdir(command.folder):
                os.stat(command.folder)
                raise Failed("error Error: spawn ENOTDIR")
            process = self.groups.start(
                words, command.project_id, command.folder, command.home, command.environ
            )
        except OSError as error:
            problem = error
        except ValueError:  # a null character
            raise Failed(null_character(words)) from None
        if problem:
            return Outcome("", "", 1, shown, spawn_error(problem, words[0], words[1:]))
        if process.stdin and not command.has_input:
            process.stdin.close()
        live.process_id = process.pid
        live.begun.set()
        deadline = time.monotonic() + min(command.timeout, MAX_TIME)
        try:
            in_time = _Pipes(process, live, byte_limit(command.max_output)).read(deadline)
            # It may have closed both streams and go on.
            code = process.wait(max(0.0, deadline - time.monotonic())) if in_time else None
        except subprocess.TimeoutExpired:
            code, in_time = None, False
        finally:
            self._end(process, keep_background=process.returncode is not None)
        return Outcome(
            truncate(live.output["stdout"], command.max_output),
            truncate(live.output["stderr"], command.max_output),
            code if code is None or code >= 0 else None,
            shown,
            in_time=in_time,
        )

    def _end(self, process: Process, keep_background: bool) -> None:
        """Kill what is left of the group, unless the command ended by itself: then its background goes on."""
        if not keep_background:
            self.groups.end(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
        self.groups.forget_ended()


@dataclass
class _Pipes:
    """Both streams of a process, read until they close or the time is over."""

    process: Process
    live: Live
    limit: int  # bytes of each

    def read(self, deadline: float) -> bool:
        """Read both into `live`; return whether they closed in time."""
        with selectors.DefaultSelector() as selector:
            for name, data in self.live.output.items():
                selector.register(getattr(self.process, name), selectors.EVENT_READ, data)
            while selector.get_map() and (remaining := deadline - time.monotonic()) > 0:
                if self.live.sample:
                    self.live.sample()
                    remaining = min(remaining, _WATCH_INTERVAL)
                for key, _ in selector.select(remaining):
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif len(key.data) < self.limit:
                        key.data.extend(chunk)
            return not selector.get_map()


def null_character(words: list[str]) -> str:
    """Word which part of a command has a null character, as Node does."""
    number = next((number for number, word in enumerate(words) if "\0" in word), 0)
    shown = words[number].replace("\0", "\\x00")
    what = f"args[{number - 1}]" if number else "file"
    return (
        "error TypeError [ERR_INVALID_ARG_VALUE]: "
        f"The argument '{what}' must be a string without null bytes. Received '{shown}'"
    )


def _cpu_limit(timeout: float) -> str:
    return "unlimited" if timeout >= MAX_TIME else str(max(1, math.ceil(timeout)))


def byte_limit(limit: Truncation | None) -> int:
    """Return how many bytes hold so many characters, and one more."""
    if limit is None or limit.most == math.inf:
        return MAX_OUTPUT
    return min(MAX_OUTPUT, 4 * limit.characters + 4)


def truncate(data: bytes | bytearray, limit: Truncation | None) -> str:
    """Decode output, to at most so many characters, with a note where it has as many."""
    text = data.decode("utf-8", "replace")
    if limit is None or limit.most == math.inf:
        return text
    kept = text[: limit.characters]
    return f"{kept} (truncated at {limit.shown_as} characters)" if len(kept) >= limit.most else kept


def shortened(text: str) -> str:
    """Return what an error shows of stderr."""
    return text if len(text) <= MAX_STDERR else f"{text[: MAX_STDERR - 1]}…"
