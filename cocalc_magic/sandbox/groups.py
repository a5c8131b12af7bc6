"""The process groups of a sandbox: started, counted, found again and ended, none left behind.

Knows nothing of what runs in them: commands and kernels are started here alike.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cocalc_magic.sandbox import janitor
from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_OF_PROJECT = 100  # groups that live, those in the background too
MOST = 500  # of all projects
POSSIBLE = os.name == "posix"
NEEDS = "commands and kernels need Linux or macOS"
INHERITED = ("PATH", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "SHELL", "USER", "LOGNAME")


class Groups:
    """All of one sandbox, and the janitor that outlives it; ``remove`` are folders that go with it."""

    def __init__(self, remove: Iterable[Path] = ()) -> None:
        self.mark = f"COCALC_SANDBOX={secrets.token_hex(16)}"
        self._first = secrets.randbits(43) * janitor.PROJECTS + (1 << 61)  # of the marks that are limits
        self._numbers: dict[str, int] = {}
        self._next = itertools.count()
        self._lock = threading.Lock()
        self._closed = False
        self._alive: dict[int, str] = {}  # groups that may live -> their project
        self._janitor = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(janitor.__file__)), self.mark, str(self._first)]
            + [str(folder) for folder in remove],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def start(
        self,
        words: list[str],
        project_id: str,
        folder: str,
        home: str,
        environ: Mapping[str, str] | None = None,
        output: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Starts a program in a group of its own; ``output`` is where both of its streams go.

        Raises ``OSError`` and ``ValueError`` as ``Popen`` does, :class:`Failed` when no more may start.
        """
        if not POSSIBLE:
            raise Failed(f"{NEEDS}; on {sys.platform} this sandbox does the rest")
        name, _, value = self.mark.partition("=")
        whole = {word: os.environ[word] for word in INHERITED if word in os.environ}
        whole |= {"HOME": home, **(environ or {}), "COCALC_PROJECT_ID": project_id, name: value}
        self._make_room(project_id)
        with self._lock:  # a command that starts is told of before the janitor hears of the end
            if self._closed:
                raise Failed("the sandbox is ending")
            with _limit(self._number(project_id)):
                process = _spawn(words, folder, whole, output)
            self._alive[process.pid] = project_id
            try:
                self._tell("+", process.pid)
            except OSError:
                _kill_group(process.pid)
                process.wait()
                raise Failed("the sandbox has lost its janitor, and starts no command without it") from None
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kills what is left of the group of a process that :meth:`start` gave."""
        _kill_group(process.pid)
        process.wait()

    def stop(self, project_id: str) -> None:
        """Ends all of a project, those that left their group too."""
        name = f"COCALC_PROJECT_ID={project_id}"
        number = self._number(project_id)
        mark = janitor.Mark(frozenset([self.mark.encode(), name.encode()]), range(number, number + 1))
        self.forget_ended()
        with self._lock:
            groups = [group for group, project in self._alive.items() if project == project_id]
        janitor.end(groups, mark)
        with self._lock:
            self._forget(groups)

    def running(self) -> list[tuple[int, str]]:
        """The groups that live, with their projects."""
        self.forget_ended()
        with self._lock:
            return list(self._alive.items())

    def forget_ended(self) -> None:
        """Drops the groups that have no process left, whose ids may be somebody else's soon."""
        with self._lock:
            self._forget([group for group in self._alive if not _alive(group)])

    def close(self) -> None:
        """Ends everything, starts nothing from now on, and waits until the janitor has cleared up."""
        self.forget_ended()
        with self._lock:
            self._closed = True
            if self._janitor.stdin:
                with suppress(OSError):  # it has been killed
                    self._janitor.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._janitor.wait(5)

    # -- inside ------------------------------------------------------------------------------------

    def _make_room(self, project_id: str) -> None:
        """Raises :class:`Failed` when as many run as may."""
        if self._full(project_id) and (living := janitor.living_groups()):
            with self._lock:
                self._forget([group for group in self._alive if group not in living])
        if where := self._full(project_id):
            raise Failed(
                f"{where} already, those in the background counted; end some of them, or stop a project"
            )

    def _full(self, project_id: str) -> str:
        """How many run and where, when that is the most that may; else nothing."""
        with self._lock:
            projects = list(self._alive.values())
        if projects.count(project_id) >= MOST_OF_PROJECT:
            return f"{MOST_OF_PROJECT} commands run in project {project_id}"
        return f"{MOST} commands run in the sandbox" if len(projects) >= MOST else ""

    def _forget(self, groups: Iterable[int]) -> None:
        """Drops groups; to be called with the lock held."""
        for group in groups:
            if group in self._alive and not self._closed:
                del self._alive[group]
                with suppress(OSError):
                    self._tell("-", group)

    def _number(self, project_id: str) -> int:
        """The limit that marks the processes of a project."""
        number = self._numbers.get(project_id)
        if number is None:
            number = self._numbers.setdefault(project_id, next(self._next) % janitor.PROJECTS)
        return self._first + number

    def _tell(self, sign: str, group: int) -> None:
        if self._janitor.stdin:
            self._janitor.stdin.write(f"{sign}{group}\n")
            self._janitor.stdin.flush()


@contextmanager
def _limit(number: int) -> Iterator[None]:
    """Marks by a limit what is started meanwhile, where there are such; see the janitor for the reason.

    A process inherits it as it begins. To set it from outside is too late: it may have children by then.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # which Windows has not

    before, most = resource.getrlimit(resource.RLIMIT_RTTIME)
    with suppress(OSError, ValueError):  # somebody has set a lower one for good
        resource.setrlimit(resource.RLIMIT_RTTIME, (number, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_RTTIME, (before, most))


def _spawn(
    words: list[str], folder: str, environ: dict[str, str], output: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """Starts a program in a group of its own; a script without an interpreter is the shell's, as in Node."""
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except OSError as problem:
        if problem.errno != errno.ENOEXEC:
            raise
        return _spawn(["/bin/sh", *words], folder, environ, output)


def _alive(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # gone, or (macOS) going
        os.killpg(group, signal.SIGKILL)
