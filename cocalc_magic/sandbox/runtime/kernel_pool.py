"""Kernels that have been started before there is code for them, so that the next code need not wait."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from cocalc_magic.sandbox.runtime.kernel_client import Kernel

MOST = 4  # in the whole sandbox; the one that has waited longest makes room
IDLE = 600.0  # seconds that one waits for code, and no longer

Place = tuple[str, str, str]  # project, name of the kernel, folder


@dataclass
class _Spare:
    place: Place
    kernel: Kernel
    stack: ExitStack  # ends it and clears away after it
    timer: threading.Timer


class Spares:
    """The kernels of one sandbox that wait. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Spare] = []

    def has(self, place: Place) -> bool:
        """Whether one waits there."""
        with self._lock:
            return any(spare.place == place and spare.kernel.alive for spare in self._waiting)

    def put(self, place: Place, stack: ExitStack, kernel: Kernel) -> None:
        """Lets a kernel wait."""
        timer = threading.Timer(IDLE, self.end, [kernel])
        timer.daemon = True
        with self._lock:
            self._waiting.append(_Spare(place, kernel, stack, timer))
            over = self._waiting[:-MOST]
        timer.start()
        for spare in over:
            self.end(spare.kernel)

    def take(self, place: Place) -> tuple[ExitStack, Kernel] | None:
        """A kernel that waits there and lives; what it is ended by goes along."""
        while spare := self._pop(lambda one: one.place == place):
            if spare.kernel.alive:
                return spare.stack, spare.kernel
            spare.stack.close()
        return None

    def end(self, kernel: Kernel) -> bool:
        """Ends a kernel if it waits; false when it does not."""
        spare = self._pop(lambda one: one.kernel is kernel)
        if spare:
            spare.stack.close()
        return spare is not None

    def close(self) -> None:
        """Ends all that wait."""
        while spare := self._pop(lambda _: True):
            spare.stack.close()

    def _pop(self, fits: Callable[[_Spare], bool]) -> _Spare | None:
        with self._lock:
            spare = next(filter(fits, self._waiting), None)
            if spare:
                self._waiting.remove(spare)
                spare.timer.cancel()
        return spare
