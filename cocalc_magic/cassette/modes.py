"""When to record and when to replay: the modes of the pytest plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cocalc_magic.cassette import file
from cocalc_magic.cassette.player import Player
from cocalc_magic.cassette.recorder import Recorder
from cocalc_magic.cassette.tape import Tape
from cocalc_magic.errors import InvalidCassette, InvalidValue, NotRecorded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cocalc_magic.cassette.recorder import Recording
    from cocalc_magic.cassette.tape import Generations, Outcome, Outgoing, Send
    from cocalc_magic.config import Server

NONE, ONCE, NEW, REWRITE = "none", "once", "new", "rewrite"
MODES = {
    NONE: "replay, and record nothing",
    ONCE: "replay what is there, else record",
    NEW: "replay, and add what is not there",
    REWRITE: "record anew",
}


class SavedTape(Tape, Protocol):
    """A tape that is saved at its end, where it has recorded something."""

    def save(self) -> Recording | None:
        """Write what was recorded."""


def tape_for(path: Path, mode: str) -> SavedTape:
    """Return what records to a file or replays it, by the mode and by whether it is there.

    Raises:
        InvalidCassette: There is nothing to replay, or it is damaged.
        InvalidValue: There is no such mode.
    """
    if mode not in MODES:
        raise InvalidValue(f"there is no record mode {mode!r}.", f"There are {', '.join(MODES)}.")
    if mode == NONE and not path.exists():
        raise InvalidCassette(
            f"there is no recording {path}.", "pytest --record-mode=once makes it, against a real server."
        )
    if mode == NONE or (mode == ONCE and path.exists()):
        return _Replayed(file.read(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    return _Extended(path) if mode == NEW and path.exists() else Recorder(path)


class _Replayed(Player):
    """A player that has nothing to save."""

    def save(self) -> None:
        """Save nothing."""


class _Extended:
    """A tape that answers from a recording, sends what is not there, and adds that."""

    offline = False

    def __init__(self, path: Path) -> None:
        self._player = Player(file.read(path))
        self._recorder = Recorder(path, self._player)

    def exchange(self, outgoing: Outgoing, send: Send) -> Outcome:
        """Return the outcome of a message, recorded before or now."""
        try:
            return self._player.exchange(outgoing, send)
        except NotRecorded:
            return self._recorder.exchange(outgoing, send)

    def generations(self, server: Server, find: Generations) -> frozenset[str]:
        """Return which APIs a server speaks, as recorded or as it says."""
        known = self._player.generations(server, find)
        return self._recorder.generations(server, (lambda: known) if known else find)

    def know_people(self, names: Iterable[str]) -> None:
        """Take note of people's full names."""
        self._recorder.know_people(names)

    def save(self) -> Recording | None:
        """Write all of it, where there was something new."""
        return self._recorder.save() if len(self._recorder) else None
