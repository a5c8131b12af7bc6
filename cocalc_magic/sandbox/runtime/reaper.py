"""A small process that starts all others of a sandbox, and ends them when the sandbox ends, however it ends.

Its standard input is a socket, on which the sandbox requests processes and is notified of their end. When it
closes, which the operating system does even after `kill -9`, all remaining processes are killed, and then
the folder is removed.

On Linux it is the subreaper of all that it starts: a process that has lost its parent becomes its child, so
that none escapes, whatever it detaches itself from. Where there are no subreapers, or this process has been
killed, processes are found by their groups and by two marks: in their environment, and on Linux as a limit of
real-time computing so high that it limits nothing.

It runs as a script: `python -I -S reaper.py PACKAGES MARK NUMBER FOLDER`. It starts with the standard
library alone, and takes psutil from the folder PACKAGES once a process has been started.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    import psutil

KILL_TIME = 0.8  # seconds for processes to end, while a caller waits
FINAL_KILL_TIME = 5.0  # seconds for processes to end when the sandbox has ended
PROJECTS = 1 << 18  # numbers that the limits of one sandbox may have, a project each
LENGTH = 4  # bytes of a request's length, which precede it; its files are sent with them
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


class Mark(NamedTuple):
    """What marks processes: entries of the environment, all of them, or a limit in this range."""

    entries: Mapping[str, str]
    limits: range

    def is_on(self, process: psutil.Process) -> bool:
        """Tell whether a process carries it; False for one that has ended, or is another user's."""
        import psutil  # late, as all that is slow: the start of a sandbox should not wait for it

        try:
            if self.entries.items() <= process.environ().items():
                return True
            return self._limits(process) and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False

    def _limits(self, process: psutil.Process) -> bool:
        import psutil  # as above

        return sys.platform.startswith("linux") and process.rlimit(psutil.RLIMIT_RTTIME)[0] in self.limits


def main() -> None:
    """Serve the sandbox until it ends, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM):  # handlers, since programs inherit ignored signals
        signal.signal(number, _nothing)
    packages, entry, first, folder = sys.argv[1:]
    if os.name == "posix":
        reaper = Reaper(socket.socket(fileno=0), packages)
        reaper.serve()
        name, _, value = entry.partition("=")
        reaper.end(Mark({name: value}, range(int(first), int(first) + PROJECTS)))
    else:
        sys.stdin.read()
    _remover()(folder)


def _remover() -> Callable[[str], None]:
    """Load the function that removes a tree, by its path: a script without site cannot import packages."""
    import runpy  # late

    sandbox = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    module = runpy.run_path(os.path.join(sandbox, "storage", "folders", "tree.py"))
    remove: Callable[[str], None] = module["remove_path"]
    return remove


def _nothing(*_: object) -> None:
    return None


class Reaper:
    """Starts processes for a sandbox, reports their end, and kills them after it."""

    def __init__(self, sandbox: socket.socket, packages: str) -> None:
        self._sandbox = sandbox
        self._packages = packages
        self._running: set[int] = set()  # processes, each the leader of a group of its own
        self._groups: set[int] = set()  # groups that may still have members
        self._ready = False

    def serve(self) -> None:
        """Start the processes that the sandbox requests, until it ends."""
        if sys.platform == "win32":  # which starts nothing
            return
        requests, (awake, wake) = self._sandbox.fileno(), os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)
        while True:
            ready = select.select([requests, awake], [], [])[0]
            if awake in ready:
                os.read(awake, 4096)
                self.reap()
            if requests in ready and not self._start_next():
                return

    def reap(self) -> None:
        """Wait for the children that have ended, and report those that the sandbox has requested."""
        if sys.platform == "win32":
            return
        with suppress(ChildProcessError):  # there are none
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                process, status = ended
                if process in self._running:
                    self._running.discard(process)
                    self._report(ended=process, code=os.waitstatus_to_exitcode(status))
        self._groups = {group for group in self._groups if group in self._running or has_members(group)}

    def end(self, mark: Mark) -> None:
        """Kill all that was started, and all that these processes have started."""
        if self._ready:
            end(self._groups, mark, self)
        self.reap()

    def _start_next(self) -> bool:
        """Start the process of the next request; return False when the sandbox has ended."""
        try:
            length, files = _receive_files(self._sandbox)
            for file in files:
                os.set_inheritable(file, False)
            text = _receive(self._sandbox, int.from_bytes(length, "big")) if len(length) == LENGTH else b""
        except OSError:
            return False
        if not text:
            return False
        first, self._ready = not self._ready, True
        if first:
            _become_subreaper()
        import json  # late

        request = json.loads(text)
        try:
            process = _start(request, files)
            self._running.add(process)
            self._groups.add(process)
            self._report(request=request["number"], process=process)
        except (OSError, ValueError) as problem:
            number = problem.errno if isinstance(problem, OSError) else None
            filename = problem.filename if isinstance(problem, OSError) else None
            self._report(request=request["number"], errno=number, filename=filename)
        finally:
            for file in files:
                os.close(file)
        if first:  # while the process runs, so that it is there whatever becomes of the folder
            sys.path.append(self._packages)
            import psutil  # noqa: F401  # for the end
        return True

    def _report(self, **event: Any) -> None:
        import json  # late

        with suppress(OSError):  # the sandbox has ended
            self._sandbox.sendall(json.dumps(event).encode() + b"\n")


# -- starting --------------------------------------------------------------------------------------


def _receive_files(sandbox: socket.socket) -> tuple[bytes, list[int]]:
    """Return the length of the next request, and the files that come with it."""
    if sys.platform == "win32":
        return b"", []
    return socket.recv_fds(sandbox, LENGTH, 3)[:2]


def _receive(sandbox: socket.socket, length: int) -> bytes:
    """Read so many bytes; none when the sandbox has ended."""
    data = bytearray()
    while len(data) < length and (more := sandbox.recv(length - len(data))):
        data += more
    return bytes(data) if len(data) == length else b""


def _start(request: Mapping[str, Any], files: list[int]) -> int:
    """Start a program and return its process id. Raises `OSError` and `ValueError` as `Popen` does."""
    with _limit(request["limit"]):
        process = _spawn(request["words"], request["folder"], request["environ"], files)
    process.returncode = 0  # the reaper waits for it
    return process.pid


def _spawn(
    words: list[str], folder: str, environ: dict[str, str], files: list[int]
) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own; the shell runs scripts without an interpreter, as in Node."""
    import subprocess  # late

    stdin, stdout, stderr = files
    try:
        return subprocess.Popen(
            words, cwd=folder, env=environ, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
        )
    except OSError as problem:
        if problem.errno != errno.ENOEXEC:
            raise
        return _spawn(["/bin/sh", *words], folder, environ, files)


@contextmanager
def _limit(number: int) -> Iterator[None]:
    """Mark the processes that are started meanwhile, and their descendants, by a limit, on Linux."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # Windows does not have it; late

    before = resource.getrlimit(resource.RLIMIT_RTTIME)
    with suppress(OSError, ValueError):  # a lower hard limit is set
        resource.setrlimit(resource.RLIMIT_RTTIME, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_RTTIME, before)


def _become_subreaper() -> None:
    """Become the parent of every descendant whose own parent ends, on Linux."""
    if sys.platform.startswith("linux"):
        with suppress(ImportError, OSError, AttributeError):  # Python without ctypes, or another C library
            import ctypes

            ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


# -- ending ----------------------------------------------------------------------------------------


def end(groups: Iterable[int], mark: Mark, reaper: Reaper | None = None) -> None:
    """Kill the groups, the marked processes and the reaper's descendants, until there are none."""
    for group in groups:
        kill(-group)
    deadline = time.monotonic() + (FINAL_KILL_TIME if reaper else KILL_TIME)
    while (remaining := _remaining(mark, reaper)) and time.monotonic() < deadline:
        for process in remaining:
            kill(process)
        time.sleep(0.01)
        if reaper:
            reaper.reap()


def _remaining(mark: Mark, reaper: Reaper | None) -> set[int]:
    return {*marked(mark), *(descendants(os.getpid()) if reaper else ())}


def marked(mark: Mark) -> Iterator[int]:
    """Yield the processes that carry the mark."""
    import psutil  # late

    for process in psutil.process_iter():
        if process.pid != os.getpid() and mark.is_on(process):
            yield process.pid


def descendants(ancestor: int) -> set[int]:
    """Return the living descendants of a process."""
    import psutil  # late

    return {
        process.pid for process in psutil.Process(ancestor).children(recursive=True) if _is_living(process)
    }


def living_groups() -> set[int]:
    """Return the process groups that have a living member."""
    import psutil  # late

    return {process_group(process.pid) for process in psutil.process_iter() if _is_living(process)}


def members(groups: Container[int]) -> Iterator[tuple[int, psutil.Process]]:
    """Yield the living processes of these groups, each after its group."""
    import psutil  # late

    for number in psutil.pids():
        if (group := process_group(number)) in groups:
            with suppress(psutil.Error):  # it has ended meanwhile
                if _is_living(process := psutil.Process(number)):
                    yield group, process


def _is_living(process: psutil.Process) -> bool:
    import psutil  # late

    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:  # it has ended meanwhile
        return False


def process_group(process: int) -> int:
    """Return the group of a process; 0 if it has ended, or the system does not tell."""
    if sys.platform == "win32":
        return 0
    try:
        return os.getpgid(process)
    except OSError:
        return 0


def has_members(group: int) -> bool:
    """Tell whether a group has a process."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def kill(process: int) -> None:
    """Kill a process, or the group of a negative number, unless it has ended."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # it has ended meanwhile
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main()
