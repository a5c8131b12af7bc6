"""A small process that ends all others of a sandbox when the sandbox goes, however it goes.

The sandbox holds the other end of this process's standard input and writes lines to it: ``+ID`` for a
process group that began, ``-ID`` for one that ended. When the input closes, which the operating
system does even after ``kill -9``, every group that is left is killed, then everything that carries the
sandbox's mark (a command may have left its group), then the folders are removed.

A process carries the mark twice: in its environment, and as a limit of real-time computing so high that
it limits nothing. A program can be started with an empty environment; its limits it inherits.

Run as a script with the standard library alone: ``python -I -S janitor.py MARK NUMBER [FOLDER …]``.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PATIENCE = 0.8  # seconds for the last of them to go
PROJECTS = 1 << 18  # numbers that the limits of one sandbox may have, a project each
_LIMIT = b"Max realtime timeout"


class Mark(NamedTuple):
    """How processes are known: entries of the environment, all of them, or a limit in this range."""

    entries: frozenset[bytes]
    limits: range

    def is_on(self, process: int | str) -> bool:
        """Whether a process carries it. False for one that has gone, or is somebody else's."""
        try:
            with open(f"/proc/{process}/environ", "rb") as environ:
                if self.entries.issubset(environ.read().split(b"\0")):
                    return True
            with open(f"/proc/{process}/limits", "rb") as limits:
                return _real_time(limits) in self.limits and _stat(process)[0] != b"Z"
        except OSError:
            return False


def main() -> None:
    """Listens until the input closes, then clears up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    entry, first, folders = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3:]
    remove = _remover()
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[:1], int(line[1:])
        (groups.add if sign == "+" else groups.discard)(group)
    end(groups, Mark(frozenset([entry]), range(first, first + PROJECTS)))
    for folder in folders:
        remove(folder)


def _remover() -> Callable[[str], None]:
    """Load what removes a tree, by its path: a script without site has no packages to import it from."""
    module = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "folders", "tree.py"))
    remove: Callable[[str], None] = module["remove_path"]
    return remove


def end(groups: Iterable[int], mark: Mark) -> None:
    """Kills the groups, and the marked processes until there are none."""
    for group in groups:
        _kill(-group)
    deadline = time.monotonic() + PATIENCE
    while (left := list(marked(mark))) and time.monotonic() < deadline:
        for process in left:
            _kill(process)
        time.sleep(0.01)


def marked(mark: Mark) -> Iterator[int]:
    """The processes that carry the mark; none where there is no ``/proc`` to look into."""
    if not os.path.isdir("/proc/self"):
        return
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid() and mark.is_on(name):
            yield int(name)


def living_groups() -> set[int]:
    """The process groups in which somebody lives; none where there is no ``/proc`` to look into."""
    found = set()
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            with suppress(OSError):  # gone meanwhile
                state, _, group = _stat(name)[:3]
                found |= set() if state == b"Z" else {int(group)}
    return found


def _real_time(limits: Iterable[bytes]) -> int:
    """The limit of real-time computing, in microseconds; -1 for none."""
    for line in limits:
        if line.startswith(_LIMIT):
            limit = line[len(_LIMIT) :].split()[0]
            return int(limit) if limit.isdigit() else -1
    return -1


def _stat(process: int | str) -> list[bytes]:
    """State, parent, group and more of a process. Raises ``OSError``."""
    with open(f"/proc/{process}/stat", "rb") as stat:
        return stat.read().rpartition(b")")[2].split()


def _kill(process: int) -> None:
    try:
        if process < 0:
            os.killpg(-process, signal.SIGKILL)
        else:
            os.kill(process, signal.SIGKILL)
    except OSError:  # gone meanwhile
        pass


if __name__ == "__main__":
    main()
