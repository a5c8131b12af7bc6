"""What is said while a message takes its time: for how long, what is waited for, how to stop."""

from __future__ import annotations

import contextvars
import secrets
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.people import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUICK = 1.0  # seconds in which nothing is said
EVERY = 1.0


@contextmanager
def waiting(event: str, server: str, stop: str, show: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Says every second, beginning with the second one, that the message is under way; at the end ``""``.

    ``show`` is called in another thread, which sees the caller's context, and at the end in the caller's
    own; never at all for what is quick. ``stop`` is what a person has to stop waiting. Gives what is to be
    called once the message has become a job on the server, which ends when nobody waits for it any more.
    """
    over, is_job = threading.Event(), threading.Event()
    began = time.monotonic()
    said = []

    def watch() -> None:
        pause = QUICK
        while not over.wait(pause):
            pause = EVERY
            said.append(True)
            passed = milliseconds(time.monotonic() - began)
            job = is_job.is_set()
            what, ends = ("runs as a job on", "it there") if job else ("waiting for", "the waiting")
            show(f"{event}: {passed}, {what} {server}. {stop} ends {ends}.")

    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(watch), daemon=True, name="cocalc-waiting")
    thread.start()
    try:
        yield is_job.set
    finally:
        over.set()
        thread.join()
        if said:
            show("")


class Progress:
    """One output of a cell that is written anew, and empty at the end; ``publisher`` is the shell's."""

    def __init__(self, publisher: Any) -> None:
        self._publisher = publisher
        self._id = secrets.token_hex(8)
        self._shown = False

    def show(self, text: str) -> None:
        """Puts the text in the place of the last one."""
        transient = {"display_id": self._id}
        self._publisher.publish({"text/plain": text}, transient=transient, update=self._shown)
        self._shown = True


def show_on_line(text: str) -> None:
    """Puts the text in the place of the last one on a terminal's line."""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()
