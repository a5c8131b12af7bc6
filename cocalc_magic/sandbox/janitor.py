"""A small process that ends all others of a sandbox when the sandbox goes, however it goes.

The sandbox holds the other end of this process's standard input and writes lines to it: ``+ID`` for a
process group that began, ``-ID`` for one that ended. When the input closes, which the operating
system does even after ``kill -9``, every group that is left is killed, then everything that carries the
sandbox's mark in its environment (a command may have left its group), then the folders are removed.

Run as a script with the standard library alone: ``python -I -S janitor.py MARK [FOLDER …]``.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 0.8  # seconds for the last of them to go


def main() -> None:
    """Listens until the input closes, then clears up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    mark, folders = sys.argv[1].encode(), sys.argv[2:]
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[:1], int(line[1:])
        (groups.add if sign == "+" else groups.discard)(group)
    end(groups, mark)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end(groups: set[int], mark: bytes) -> None:
    """Kills the groups, and the marked processes until there are none."""
    for group in groups:
        _kill(-group)
    deadline = time.monotonic() + PATIENCE
    while (left := list(marked(mark))) and time.monotonic() < deadline:
        for process in left:
            _kill(process)
        time.sleep(0.01)


def marked(mark: bytes) -> Iterator[int]:
    """The processes that carry the mark; none where there is no ``/proc`` to look into."""
    if not os.path.isdir("/proc/self"):
        return
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as environ:
                    if mark in environ.read():
                        yield int(name)
            except OSError:  # gone meanwhile, or somebody else's
                continue


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
