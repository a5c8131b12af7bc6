"""What is said while a message takes its time: for how long, what is waited for, how to stop."""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cocalc_magic.render.humanize import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Told(str):
    """One line for people, and what it is made of: ``what`` is going on, in which ``words``, how long.

    ``seconds`` is how long it has gone on, ``stop`` the sentence that says how it is stopped.
    """

    __slots__ = ("seconds", "stop", "what", "words")
    what: str
    words: str
    stop: str
    seconds: float

    def __new__(cls, what: str, words: str, stop: str, seconds: float) -> Told:
        """The line, as any text."""
        made = super().__new__(cls, f"{what}: {milliseconds(seconds)}, {words}. {stop}")
        made.what, made.words, made.stop, made.seconds = what, words, stop, seconds
        return made


QUICK = 1.0  # seconds in which nothing is said
EVERY = 1.0


@contextmanager
def waiting(
    event: str,
    server: str,
    stop: str,
    show: Callable[[str], None],
    words: Callable[[], str] | None = None,
) -> Iterator[Callable[[], None]]:
    """Says every second, beginning with the second one, that the message is under way; at the end ``""``.

    ``show`` is called in another thread, which sees the caller's context, and at the end in the caller's
    own; never at all for what is quick. ``stop`` is what a person has to stop waiting, ``words`` gives how
    far it is, where more is known than that it is waited for. Gives what is to be called once the message
    has become a job on the server, which ends when nobody waits for it any more.
    """
    over, is_job = threading.Event(), threading.Event()
    began = time.monotonic()
    said = []

    def watch() -> None:
        pause = QUICK
        while not over.wait(pause):
            pause = EVERY
            said.append(True)
            job = is_job.is_set()
            what, ends = ("runs as a job on", "it there") if job else ("waiting for", "the waiting")
            passed = time.monotonic() - began
            said_of_it = words() if words else f"{what} {server}"
            show(Told(event, said_of_it, f"{stop} ends {'it' if words else ends}.", passed))

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
