"""Running commands: real processes with limits, each in a group of its own, none left behind.

The texts of failures are those of the recorded server, with which clients compare.
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
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime.process_groups import Groups
from cocalc_magic.sandbox.storage.cache import SingleFlightCache
from cocalc_magic.sandbox.storage.folders.node_errors import spawn_error
from cocalc_magic.sandbox.storage.folders.tree import remove_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.sandbox.runtime.spawn import Process

LONGEST = 3_600.0  # seconds; a limit of 0 would be none, and hung the recorded server
MOST_OUTPUT = 100_000_000  # bytes a stream; what is more is thrown away while the command goes on
SHOWN_STDERR = 1_024  # characters of stderr in an error
_CHUNK = 65_536
_LOOK = 1.0  # seconds between looks at a command that is watched


@dataclass(frozen=True)
class Command:
    """What to run: a program with arguments, or (``bash``) a script of that text."""

    program: str
    args: list[str]
    folder: str
    home: str
    project_id: str
    timeout: float = 10.0
    max_output: int | None = None
    bash: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """What bash gets to run."""
        return shlex.join([self.program, *self.args]) if self.args else self.program


@dataclass
class Outcome:
    """What a command gave. ``exit_code`` is ``None`` when a signal ended it, that of a time limit too."""

    stdout: str
    stderr: str
    exit_code: int | None
    shown_as: str
    spawn_problem: dict[str, Any] | None = None
    in_time: bool = True


@dataclass
class Live:
    """A command as it runs: its process, once there is one, and the bytes that it has said so far.

    ``look`` is called about once a second meanwhile.
    """

    process_id: int | None = None
    said: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})
    begun: threading.Event = field(default_factory=threading.Event)
    look: Callable[[], None] | None = None


class Processes:
    """The commands of one sandbox; ``remove`` are folders that go with it."""

    def __init__(self, remove: Iterable[Path] = ()) -> None:
        self.scripts = Path(tempfile.mkdtemp(prefix="cocalc-"))
        self.groups = Groups((*remove, self.scripts))
        self.cache: SingleFlightCache[Outcome] = SingleFlightCache(20_000_000)

    def run(self, command: Command, live: Live | None = None) -> Outcome:
        """Runs it to its end or its limit. Blocks; raises nothing for what the command does.

        Raises :class:`Failed` when the folder is none or no more commands may start.
        """
        live = live or Live()
        if not command.bash:
            return self._run(command, [command.program, *command.args], live)
        text = f"ulimit -t {_cpu_limit(command.timeout)}\n{command.script}"
        try:
            script = self._script(text)
        except OSError:  # on a full disk commands go on: what they free may be what one wants
            return self._run(command, ["bash", "-c", text], live)
        try:
            return self._run(command, ["bash", str(script)], live)
        finally:
            remove_path(script.parent)

    def stop(self, project_id: str) -> None:
        """Ends every command and kernel of a project, those in the background too."""
        self.groups.stop(project_id)

    def close(self) -> None:
        """Ends every command, starts none from now on, and waits until the janitor has cleared up."""
        self.groups.close()

    # -- inside ------------------------------------------------------------------------------------

    def _script(self, text: str) -> Path:
        """Write a script into a folder of its own. Raises ``OSError``, and leaves nothing then."""
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
        except OSError as found:
            problem = found
        except ValueError:  # a null character
            raise Failed("error TypeError: a command holds no null character") from None
        if problem:
            return Outcome("", "", 1, shown, spawn_error(problem, words[0], words[1:]))
        live.process_id = process.pid
        live.begun.set()
        deadline = time.monotonic() + min(command.timeout, LONGEST)
        try:
            in_time = _Pipes(process, live, _room(command.max_output)).read(deadline)
            # It may have closed both and go on.
            code = process.wait(max(0.0, deadline - time.monotonic())) if in_time else None
        except subprocess.TimeoutExpired:
            code, in_time = None, False
        finally:
            self._end(process, keep_background=process.returncode is not None)
        return Outcome(
            cut(live.said["stdout"], command.max_output),
            cut(live.said["stderr"], command.max_output),
            code if code is None or code >= 0 else None,
            shown,
            in_time=in_time,
        )

    def _end(self, process: Process, keep_background: bool) -> None:
        """Kills what is left of the group, unless it ended by itself: then its background lives on."""
        if not keep_background:
            self.groups.end(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
        self.groups.forget_ended()


@dataclass
class _Pipes:
    """Both streams of a process, read side by side until they close or time is up."""

    process: Process
    live: Live
    room: int  # bytes of each that are kept

    def read(self, deadline: float) -> bool:
        """Reads both into ``live``; returns whether they closed in time."""
        with selectors.DefaultSelector() as selector:
            for name, data in self.live.said.items():
                selector.register(getattr(self.process, name), selectors.EVENT_READ, data)
            while selector.get_map() and (left := deadline - time.monotonic()) > 0:
                if self.live.look:
                    self.live.look()
                    left = min(left, _LOOK)
                for key, _ in selector.select(left):
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif len(key.data) < self.room:
                        key.data.extend(chunk)
            return not selector.get_map()


def _cpu_limit(timeout: float) -> str:
    return "unlimited" if timeout >= LONGEST else str(max(1, math.ceil(timeout)))


def _room(limit: int | None) -> int:
    """How many bytes hold so many characters, and one more, whatever they are."""
    return MOST_OUTPUT if limit is None else min(MOST_OUTPUT, 4 * limit + 4)


def cut(data: bytes | bytearray, limit: int | None) -> str:
    """What a command said as text, in at most so many characters and a note that it was cut."""
    text = data.decode("utf-8", "replace")
    if limit is None or len(text) < limit:
        return text
    return f"{text[:limit]} (truncated at {limit} characters)"


def shortened(text: str) -> str:
    """What an error shows of stderr."""
    return text if len(text) <= SHOWN_STDERR else f"{text[: SHOWN_STDERR - 1]}…"
