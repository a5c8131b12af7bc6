"""Progress of a message that takes more than a second: how long, what it waits for, how to stop it."""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cocalc_magic.host import IN_PAGE
from cocalc_magic.render.humanize import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.render.live_board import LiveBoard


class ProgressText(str):
    """How far it is, on one line; `details` are lines of a page below it, `board` has all rows there."""

    __slots__ = ("board", "details")
    details: tuple[str, ...]
    board: LiveBoard | None

    def __new__(
        cls, words: str, details: tuple[str, ...] = (), board: LiveBoard | None = None
    ) -> ProgressText:
        """Return the words with the attributes."""
        text = super().__new__(cls, words)
        text.details, text.board = details, board
        return text


class ProgressLine(str):
    """One line of text, with its parts as attributes.

    Attributes:
        what: The event or command.
        words: What it waits for, or how far it is.
        stop: The sentence on how to stop it.
        seconds: How long it has been running.
        details: What a page shows below the line.
        board: The rows, which a page shows by their steps.
    """

    __slots__ = ("board", "details", "seconds", "stop", "what", "words")
    what: str
    words: str
    stop: str
    seconds: float
    details: tuple[str, ...]
    board: LiveBoard | None

    def __new__(cls, what: str, words: str, stop: str, seconds: float) -> ProgressLine:
        """Return the line made of these parts."""
        line = super().__new__(cls, f"{what}: {duration(seconds)}, {words}. {stop}")
        line.what, line.words, line.stop, line.seconds = what, words, stop, seconds
        line.details = words.details if isinstance(words, ProgressText) else ()
        line.board = words.board if isinstance(words, ProgressText) else None
        return line


FIRST_AFTER = 1.0  # seconds
INTERVAL = 1.0


@contextmanager
def waiting(
    event: str,
    server: str,
    stop: str,
    show: Callable[[str], None],
    words: Callable[[], str] | None = None,
) -> Iterator[Callable[..., None]]:
    """Show every second, from the second one on, that a message is being waited for; `""` at the end.

    Args:
        event: The event or command.
        server: Name of the server it waits for.
        stop: What a person uses to stop it.
        show: Called in another thread, which copies the caller's context, and at the end in the caller's own;
            never for a message that takes less than a second.
        words: Returns how far it is, if more is known than that it is waited for.

    Yields:
        A function to call once the message has become a job on the server, which ends with the wait; or with
        words for what it waits for there, if that is not the message.
    """
    over, state = threading.Event(), {"does": "waiting for", "ends": "the waiting"}

    def change(does: str = "") -> None:
        state.update({"does": does} if does else {"does": "runs as a job on", "ends": "it there"})

    began = time.monotonic()
    shown = []

    def watch() -> None:
        pause = FIRST_AFTER
        while not over.wait(pause):
            pause = INTERVAL
            shown.append(True)
            seconds = time.monotonic() - began
            how_far = words() if words else f"{state['does']} {server}"
            stops = f"{stop} ends {'it' if words else state['ends']}."
            show(ProgressLine(event, how_far, stops, seconds))

    if IN_PAGE:  # nothing ticks, and nobody could stop it
        yield change
        return
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(watch), daemon=True, name="cocalc-waiting")
    thread.start()
    try:
        yield change
    finally:
        over.set()
        thread.join()
        if shown:
            show("")
