"""The process groups of a sandbox, in which commands and kernels run: started, limited and ended."""

from __future__ import annotations

import itertools
import os
import secrets
import sys
import threading
from typing import IO, TYPE_CHECKING

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime import reaper
from cocalc_magic.sandbox.runtime.spawn import ENDING, Process, Spawner
from cocalc_magic.sandbox.storage.folders.tree import remove_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAX_OF_PROJECT = 100  # living groups, including those in the background
MAX_GROUPS = 500  # of all projects
POSSIBLE = os.name == "posix"
NEEDS = "commands and kernels need Linux or macOS"
INHERITED = ("PATH", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "SHELL", "USER", "LOGNAME")


class Groups:
    """The process groups of one sandbox, and the reaper that outlives it, which removes its folder."""

    def __init__(self, folder: Path) -> None:
        self.mark = f"COCALC_SANDBOX={secrets.token_hex(16)}"
        self._first = secrets.randbits(43) * reaper.PROJECTS + (
            1 << 61
        )  # the first of the limits that mark projects
        self._numbers: dict[str, int] = {}
        self._next = itertools.count()
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._alive: dict[int, str] = {}  # group that may live -> project
        self._folder = folder
        self._reaper: Spawner | None = None  # started with the first process
        self._closed = False

    @property
    def parent(self) -> int:
        """The process id of the parent of all that is started."""
        return self._spawner().pid

    def start(
        self,
        words: list[str],
        project_id: str,
        folder: str,
        home: str,
        environ: Mapping[str, str] | None = None,
        output: IO[bytes] | None = None,
    ) -> Process:
        """Start a program in a group of its own, with its output in a file or else in pipes.

        Raises `OSError` and `ValueError` as `Popen` does, `Failed` when no more may start.
        """
        if not POSSIBLE:
            raise Failed(f"{NEEDS}; on {sys.platform} this sandbox does the rest")
        whole = {word: os.environ[word] for word in INHERITED if word in os.environ}
        whole["PATH"] = _search_path(whole.get("PATH", os.defpath))
        whole |= {"HOME": home, **(environ or {}), "COCALC_PROJECT_ID": project_id, **self._entry()}
        self._make_room(project_id)
        process = self._spawner().start(words, folder, whole, self._number(project_id), output)
        with self._lock:
            self._alive[process.pid] = project_id
        return process

    def end(self, process: Process) -> None:
        """Kill what is left of the group of a process that `start` returned."""
        with self._lock:
            known = process.pid in self._alive  # else the id may be another process's by now
        if known:
            reaper.kill(-process.pid)
        process.wait()

    def stop(self, project_id: str) -> None:
        """End all processes of a project, including those that left their group."""
        if self._reaper is None:  # nothing was ever started
            return
        number = self._number(project_id)
        entries = {**self._entry(), "COCALC_PROJECT_ID": project_id}
        mark = reaper.Mark(entries, range(number, number + 1))
        self.forget_ended()
        with self._lock:
            groups = [group for group, project in self._alive.items() if project == project_id]
        reaper.end(groups, mark)
        with self._lock:
            self._forget(groups)

    def running(self) -> list[tuple[int, str]]:
        """Return the living groups, with their projects."""
        self.forget_ended()
        with self._lock:
            return list(self._alive.items())

    def forget_ended(self) -> None:
        """Forget the groups that have no process left, whose ids may be reused."""
        with self._lock:
            self._forget([group for group in self._alive if not reaper.has_members(group)])

    def close(self) -> None:
        """End everything, start nothing from now on, and wait until all is cleaned up."""
        with self._starting:
            self._closed = True
        if self._reaper:
            self._reaper.close()
        else:
            remove_path(self._folder)

    # -- inside ------------------------------------------------------------------------------------

    def _spawner(self) -> Spawner:
        """Return what starts processes. Raises `Failed` after `close()`."""
        with self._starting:
            if self._reaper is None:
                if self._closed:
                    raise Failed(ENDING)
                self._reaper = Spawner(self.mark, self._first, self._folder, self._end_without_reaper)
            return self._reaper

    def _make_room(self, project_id: str) -> None:
        """Raise `Failed` where as many groups run as may."""
        if self._full(project_id) and (living := reaper.living_groups()):
            with self._lock:
                self._forget([group for group in self._alive if group not in living])
        if where := self._full(project_id):
            raise Failed(
                f"{where} already, those in the background counted; end some of them, or stop a project"
            )

    def _full(self, project_id: str) -> str:
        """Return how many groups run and where, if that is the limit; else nothing."""
        with self._lock:
            projects = list(self._alive.values())
        if projects.count(project_id) >= MAX_OF_PROJECT:
            return f"{MAX_OF_PROJECT} commands run in project {project_id}"
        return f"{MAX_GROUPS} commands run in the sandbox" if len(projects) >= MAX_GROUPS else ""

    def _forget(self, groups: Iterable[int]) -> None:
        """Forget groups; to be called with the lock held."""
        for group in groups:
            self._alive.pop(group, None)

    def _end_without_reaper(self) -> None:
        """End all processes now, since without the reaper nothing would end them later."""
        with self._lock:
            groups = list(self._alive)
            self._alive.clear()
        reaper.end(groups, reaper.Mark(self._entry(), self._limits()))

    def _entry(self) -> dict[str, str]:
        name, _, value = self.mark.partition("=")
        return {name: value}

    def _limits(self) -> range:
        return range(self._first, self._first + reaper.PROJECTS)

    def _number(self, project_id: str) -> int:
        """Return the limit that marks the processes of a project."""
        number = self._numbers.get(project_id)
        if number is None:
            number = self._numbers.setdefault(project_id, next(self._next) % reaper.PROJECTS)
        return self._first + number


def _search_path(inherited: str) -> str:
    """Return where commands are looked for: the sandbox's own Python, which kernels run on, is among them."""
    folders, own = inherited.split(os.pathsep), os.path.dirname(sys.executable)
    return inherited if own in folders else os.pathsep.join([own, *folders])
