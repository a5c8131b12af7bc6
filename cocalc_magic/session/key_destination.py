"""What becomes of a new key: it is kept, or shown once where nothing keeps what is shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.config import keyring, keys
from cocalc_magic.errors import CoCalcError, InvalidSyntax, InvalidValue

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.session import Session

SHOW = "show"
PAGE = "page"
_TERMINAL = "CONOUT$" if os.name == "nt" else "/dev/tty"


def places() -> list[str]:
    """Where a key can be kept here, the safer first."""
    return ["file"] if keyring.trouble() else ["keyring", "file"]


@dataclass(frozen=True)
class Fate:
    """What shall become of a new key: ``keyring``, ``file``, ``show``, or ``page`` (a page asks for it)."""

    what: str

    def meet(self, server: Server, key: Secret, *, project: bool) -> str:
        """Keeps the key, or shows it to the terminal; what was done, in sentences without it."""
        if self.what == SHOW:
            write_to_terminal(key)
            return "Its text is shown above, this one time."
        if self.what in keys.PLACES:
            return keep(server, key, self.what, project=project)
        return ""


def decide(session: Session, server: Server, save: str | None, *, show: bool) -> Fate:
    """What is asked for by flags, or by a person at a terminal; before a key is made, so that none is lost.

    Raises :class:`CoCalcError` where nothing can be done with a new key.
    """
    if save is not None and show:
        raise InvalidSyntax("a new key is kept or shown.", "Write --save PLACE or --show")
    if save is None and not show and session.surroundings.terminal:
        offered = [*([] if server.sandbox else places()), SHOW]
        save = (
            input(f"What becomes of the new key: {' / '.join(offered)} [{offered[0]}]: ").strip()
            or offered[0]
        )
    if save is not None and save != SHOW:
        return Fate(_checked(server, save))
    if session.surroundings.terminal:
        return Fate(SHOW)
    if session.surroundings.page:
        return Fate(PAGE)
    raise CoCalcError(
        "a key that is shown here would be saved with the notebook.",
        f"Keep it: --save {' or --save '.join(places())}",
        "A live notebook and a terminal show it without keeping it.",
    )


def keep(server: Server, key: Secret, place: str, *, project: bool) -> str:
    """Saves the key as that of later kernels for its server."""
    before = keys.find(server.url)
    kept = keys.save(server.url, key, _checked(server, place))
    told = [f"It is in {kept}: the key that later kernels have for {server.name}."]
    if before and before.source.removeprefix("the ") in kept:
        told.append(f"{before.key.hint} was there before, and works until it is deleted.")
    elif before:
        told.append(f"This kernel goes on with {before.key.hint}, from {before.source}.")
    if project:
        told.append("It speaks for the project alone, not for you.")
    return " ".join(told)


def write_to_terminal(key: Secret) -> None:
    """The key on the terminal itself: what takes the output of Python does not get it."""
    try:
        with open(_TERMINAL, "w", encoding="ascii") as terminal:
            terminal.write(f"\n{key.reveal()}\n\n")
    except OSError:
        raise CoCalcError(
            "there is no terminal to show the key on.", f"Keep it: --save {' or --save '.join(places())}"
        ) from None


def _checked(server: Server, place: str) -> str:
    if place not in keys.PLACES:
        raise InvalidValue(f"a key is kept in the {' or a '.join(keys.PLACES)}, not in {place!r}.")
    if server.sandbox:
        raise CoCalcError(
            "the sandbox and its keys end with this kernel: there is nothing to keep.", "--show"
        )
    if place == keys.PLACES[0] and (why := keyring.trouble()):
        raise CoCalcError(
            f"the key would not be saved: {why}.", "--save file keeps it in a file of your own."
        )
    return place
