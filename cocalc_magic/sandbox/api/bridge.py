"""A call of a bridge: a method of the hub or of a project, by name, with arguments and a time limit."""

from __future__ import annotations

import time
from concurrent.futures import wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import executors
from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.domain.access import Caller

MAX_TIMEOUT = 2**31 - 1  # milliseconds; JavaScript's timers take more for none at all
TIMEOUT = 15_000  # milliseconds, where a request names none


def event_of(name: Any, *, of_project: bool) -> str:
    """Return a method's name in the catalog; what follows a second dot does not count, as recorded."""
    short = ".".join(name.split(".")[:2]) if isinstance(name, str) else ""
    return f"project:{short}" if of_project else short


@dataclass(frozen=True)
class Call:
    """A call of a method of the hub, or of a project.

    Args:
        timeout: Milliseconds that the answer may take.
        subject: Whom the bridge passes the call to, as it says where it gives up.
    """

    caller: Caller
    name: Any
    args: Any
    timeout: float
    subject: str
    project_id: str | None = None

    @property
    def event(self) -> str:
        """The method's name in the catalog."""
        return event_of(self.name, of_project=bool(self.project_id))

    def timed_out(self, error: str, code: str) -> Failed:
        """Return the bridge's failure of a call that it gave up."""
        return Failed(f"{error} - callHub: subject='{self.subject}', name='{self.name}', code='{code}' ")

    def check_time(self) -> None:
        """Raise `Failed` for a time limit that no answer can keep."""
        if self.timeout <= 0:
            raise self.timed_out("timeout must be positive", "undefined")
        if not 1 < self.timeout <= MAX_TIMEOUT:
            raise self.timed_out("timeout - Error: operation has timed out", "408")

    def run_in_time(self, run: Callable[[], Any]) -> Any:
        """Return what a method returns in time; after that it goes on, and its result is dropped.

        Of two limits that are the same, as the official client has them, the bridge's is the one that is
        reached: the method's own began later. That holds however late this thread is woken.
        """
        limit = time.monotonic() + self.timeout / 1000
        ended: list[float] = []

        def run_it() -> Any:
            try:
                return run()
            finally:
                ended.append(time.monotonic())

        worker = executors.executor(1, "method")
        future = worker.submit(run_it)
        worker.shutdown(wait=False)
        done, _ = wait([future], self.timeout / 1000)
        if not done or ended[0] > limit:
            raise self.timed_out("timeout", "408")
        return future.result()
