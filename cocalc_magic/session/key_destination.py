"""Where the text of a new key goes: saved, or shown once where nothing saves what is shown."""

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
_IN_CODE = "For code: made = %cocalc /api-keys action=create name=NAME; the key is in that response alone."
_TERMINAL = "CONOUT$" if os.name == "nt" else "/dev/tty"


def places() -> list[str]:
    """Return where a key can be saved here, the safest first."""
    return ["file"] if keyring.trouble() else ["keyring", "file"]


@dataclass(frozen=True)
class KeyDestination:
    """Where a new key goes: `keyring`, `file`, `show` (in a terminal), or `page` (a page asks for it)."""

    place: str

    def deliver(self, server: Server, key: Secret, *, project: bool) -> str:
        """Save the key, or write it to the terminal; return what was done, without the key."""
        if self.place == SHOW:
            write_to_terminal(key)
            return "Its text is shown above, this one time."
        if self.place in keys.PLACES:
            return save(server, key, self.place, project=project)
        return ""


def decide(session: Session, server: Server, place: str | None, *, show: bool) -> KeyDestination:
    """Return what flags or a person at a terminal ask for, before a key is made, so that none is lost.

    Raises:
        CoCalcError: Nothing can be done with a new key here.
    """
    if place is not None and show:
        raise InvalidSyntax("a new key is saved or shown.", "Write --save PLACE or --show")
    if place is None and not show and session.frontend.terminal:
        choices = [*([] if server.sandbox else places()), SHOW]
        question = f"Where does the new key go: {' / '.join(choices)} [{choices[0]}]: "
        place = input(question).strip() or choices[0]
    if place is not None and place != SHOW:
        return KeyDestination(_checked(server, place))
    if session.frontend.terminal:
        return KeyDestination(SHOW)
    if session.frontend.page:
        return KeyDestination(PAGE)
    raise CoCalcError(
        "a key that is shown here would be saved with the notebook.",
        _IN_CODE if server.sandbox else f"Save it: --save {' or --save '.join(places())}",
        "A live notebook and a terminal show it without saving it.",
    )


def save(server: Server, key: Secret, place: str, *, project: bool) -> str:
    """Save the key for later kernels; return what was done, and which key this kernel goes on with."""
    before = keys.find(server.url)
    saved = keys.save(server.url, key, _checked(server, place))
    sentences = [f"It is in {saved}: the key that later kernels have for {server.name}."]
    if before and before.source.removeprefix("the ") in saved:
        sentences.append(f"{before.key.hint} was there before, and works until it is deleted.")
    elif before:
        sentences.append(f"This kernel goes on with {before.key.hint}, from {before.source}.")
    if project:
        sentences.append("It speaks for the project alone, not for you.")
    return " ".join(sentences)


def write_to_terminal(key: Secret) -> None:
    """Write the key to the terminal itself, past anything that captures Python's output."""
    try:
        with open(_TERMINAL, "w", encoding="ascii") as terminal:
            terminal.write(f"\n{key.reveal()}\n\n")
    except OSError:
        raise CoCalcError(
            "there is no terminal to show the key on.", f"Save it: --save {' or --save '.join(places())}"
        ) from None


def _checked(server: Server, place: str) -> str:
    if place not in keys.PLACES:
        raise InvalidValue(f"a key is saved in the {' or a '.join(keys.PLACES)}, not in {place!r}.")
    if server.sandbox:
        raise CoCalcError(
            "the sandbox and its keys end with this kernel: there is nothing to save.",
            "Without --save, a live notebook and a terminal show a new key once.",
            _IN_CODE,
        )
    if place == keys.PLACES[0] and (why := keyring.trouble()):
        raise CoCalcError(f"the key would not be saved: {why}.", "--save file puts it in a file of your own.")
    return place
