"""A pool of kernels that are ready for code, so that it need not wait for their start."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from cocalc_magic.sandbox.runtime.kernel_client import Kernel

MAX_KERNELS = 4  # of the whole sandbox; the oldest one is ended first
IDLE_TIME = 600.0  # seconds that a kernel waits for code

Place = tuple[str, str, str, tuple[tuple[str, str], ...]]  # project, name of the kernel, folder, environment


@dataclass
class _Entry:
    place: Place
    kernel: Kernel
    stack: ExitStack  # ends the kernel and cleans up
    timer: threading.Timer


class KernelPool:
    """The waiting kernels of one sandbox. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []

    def has(self, place: Place) -> bool:
        """Tell whether a kernel is ready there."""
        with self._lock:
            return any(entry.place == place and entry.kernel.alive for entry in self._waiting)

    def put(self, place: Place, stack: ExitStack, kernel: Kernel) -> None:
        """Add a kernel."""
        timer = threading.Timer(IDLE_TIME, self.end, [kernel])
        timer.daemon = True
        with self._lock:
            self._waiting.append(_Entry(place, kernel, stack, timer))
            over = self._waiting[:-MAX_KERNELS]
        timer.start()
        for entry in over:
            self.end(entry.kernel)

    def take(self, place: Place) -> tuple[ExitStack, Kernel] | None:
        """Remove and return a living kernel that is ready there, with what ends it."""
        while entry := self._pop(lambda entry: entry.place == place):
            if entry.kernel.alive:
                return entry.stack, entry.kernel
            entry.stack.close()
        return None

    def end(self, kernel: Kernel) -> bool:
        """End a kernel; return False where it is not in the pool."""
        entry = self._pop(lambda entry: entry.kernel is kernel)
        if entry:
            entry.stack.close()
        return entry is not None

    def close(self) -> None:
        """End all."""
        while entry := self._pop(lambda _: True):
            entry.stack.close()

    def _pop(self, matches: Callable[[_Entry], bool]) -> _Entry | None:
        with self._lock:
            entry = next(filter(matches, self._waiting), None)
            if entry:
                self._waiting.remove(entry)
                entry.timer.cancel()
        return entry
