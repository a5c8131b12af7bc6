"""Start a project before something is done inside it, where the server does not do so itself.

On cocalc.ai what goes to a project that is stopped runs into a time-out, and one that is started is not
waited for. So the first message to a project starts it and waits until it answers; it is known to run then
for a while.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from cocalc_magic.catalog.raw import bare
from cocalc_magic.errors import Interrupted, ServiceTimeout

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message

KNOWN_TO_RUN = 60.0  # seconds after an answer of the project
START_TIMEOUT = 120.0  # seconds within which a project that starts has to answer
ATTEMPT = 12.0  # seconds of one question to it; servers wait a little shorter
_PAUSE = 1.0  # seconds between two
_ALSO = frozenset({"/exec", "projects.exec"})  # besides what is named after the project

Ask = Callable[[str], object]
"""Asks something about a project, by its id, and raises the failure of that."""


def runs_inside(message: Message) -> bool:
    """Return whether it is the project that answers a message, so that it has to run."""
    name = bare(message.event)
    return name.startswith("project:") or name in _ALSO


class ProjectStarter:
    """The projects of one server, started where they are not known to run.

    Args:
        start: Starts a project.
        ping: Asks a project itself.
        pause: Lets some seconds pass.
    """

    def __init__(self, start: Ask, ping: Ask, pause: Callable[[float], None]) -> None:
        self._start, self._ping, self._pause = start, ping, pause
        self._answered: dict[str, float] = {}

    def ensure_running(
        self, project_id: str, limit: float | None = None, on_wait: Callable[[], None] | None = None
    ) -> None:
        """Start a project unless it is known to run, and wait until it answers.

        Args:
            project_id: The project.
            limit: Seconds to wait at most.
            on_wait: Called when the project has been started and is waited for.

        Raises:
            CoCalcError: The project may not be started, or does not answer.
        """
        if time.monotonic() < self._answered.get(project_id, -math.inf) + KNOWN_TO_RUN:
            return
        try:
            self._start(project_id)
            if on_wait:
                on_wait()
            self._wait_for(project_id, time.monotonic() + (limit or START_TIMEOUT))
        except Interrupted as stopped:
            stopped.args = ("stopped while the project was starting; nothing was sent to it.",)
            raise
        self.answered(project_id)

    def answered(self, project_id: str) -> None:
        """Take it that a project runs, since it has answered."""
        self._answered[project_id] = time.monotonic()

    def forget(self, project_id: str) -> None:
        """Take it that a project may have stopped."""
        self._answered.pop(project_id, None)

    def _wait_for(self, project_id: str, deadline: float) -> None:
        while True:
            try:
                self._ping(project_id)
            except ServiceTimeout as problem:
                if time.monotonic() + _PAUSE > deadline:
                    problem.problem = "the project was started, and does not answer yet."
                    problem.hints = ("It may need longer: try again.",)
                    raise
                self._pause(_PAUSE)
            else:
                return
