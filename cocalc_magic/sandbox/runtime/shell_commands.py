"""The commands of a sandbox that starts no processes: they run in the small shell, one after the other."""

from __future__ import annotations

import io
import os
import secrets
import stat
import time
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime.processes import (
    MAX_TIME,
    Command,
    Live,
    Outcome,
    byte_limit,
    null_character,
    truncate,
)
from cocalc_magic.sandbox.runtime.small_shell.call import Killed, OpenInput, Output, Streams, TimeOver
from cocalc_magic.sandbox.runtime.small_shell.files import Files
from cocalc_magic.sandbox.runtime.small_shell.script import Script
from cocalc_magic.sandbox.runtime.small_shell.state import State
from cocalc_magic.sandbox.storage.cache import SingleFlightCache
from cocalc_magic.sandbox.storage.folders.node_errors import spawn_error

if TYPE_CHECKING:
    from cocalc_magic.sandbox.storage.folders import Folders

_INHERITED = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SHELL": "/bin/bash", "USER": "user"}


class ShellCommands:
    """The commands of one sandbox, as `Runner`; `folders` are those of its projects."""

    def __init__(self, folders: Folders) -> None:
        self.cache: SingleFlightCache[Outcome] = SingleFlightCache(20_000_000)
        self._folders = folders

    def run(self, command: Command, live: Live | None = None) -> Outcome:
        """Run a command to its end, or until its time is over between two programs."""
        live, words = live or Live(), [command.program, *command.args]
        if command.bash:  # as a real one shows it
            words = ["bash", f"/tmp/cocalc-{secrets.token_hex(4)}/a.sh"]  # noqa: S108 - no file has this name
        shown = " ".join(words)
        if "\0" in command.script:
            raise Failed(null_character([command.program, *command.args]))
        try:
            script = self._script(command, live, words)
        except OSError as problem:
            return Outcome("", "", 1, shown, spawn_error(problem, words[0], words[1:]))
        live.begun.set()
        code: int | None = None
        in_time = True
        try:
            code = script.run(command.script) if command.bash else script.call(words)
        except TimeOver:
            in_time = False
        except Killed:
            pass
        except FileNotFoundError as problem:
            return Outcome("", "", 1, shown, spawn_error(problem, words[0], words[1:]))
        out, err = (truncate(live.output[name], command.max_output) for name in ("stdout", "stderr"))
        return Outcome(out, err, code, shown, in_time=in_time)

    def running(self) -> list[tuple[int, str]]:
        """Return nothing: what runs has ended before anybody can ask."""
        return []

    def stop(self, project_id: str) -> None:
        """Do nothing: there is nothing in the background."""

    def close(self) -> None:
        """Do nothing: nothing runs."""

    def _script(self, command: Command, live: Live, words: list[str]) -> Script:
        """Return the shell that runs a command. Raises `OSError` where its folder is missing."""
        files = Files(self._folders, command.project_id)
        if not stat.S_ISDIR(os.stat(command.folder).st_mode):
            raise Failed("error Error: spawn ENOTDIR")
        files.change_to(command.folder)
        environ = {**_INHERITED, "HOME": files.home, "PWD": files.cwd, **command.environ}
        environ["COCALC_PROJECT_ID"] = command.project_id
        limit = byte_limit(command.max_output)
        deadline = time.monotonic() + min(command.timeout, MAX_TIME)
        out, err = (Output(limit, live.output[name], deadline) for name in ("stdout", "stderr"))
        stdin = OpenInput() if command.has_input else io.BytesIO()
        state = State(files, environ, limit, deadline, exported=set(environ))
        if command.bash:  # a real one has a line before, with its limit of time
            state.args, state.lines_before = words[1:], 1
        return Script(state, Streams(stdin, out, err))
