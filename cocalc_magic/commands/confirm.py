"""A yes before something that can't be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.errors import ConfirmationRequired

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.session.session import Session


def confirmed(session: Session, server: Server, what: str, *, yes: bool) -> None:
    """Passes with ``--yes``, at the sandbox, and where a person at a terminal says so.

    Raises :class:`ConfirmationRequired` anywhere else: a cell can't wait for an answer.
    """
    if yes or server.sandbox:
        return
    if session.surroundings.terminal and input(f"{what} Go on? [y/N] ").strip().lower() in ("y", "yes"):
        return
    raise ConfirmationRequired(what, "Run it with --yes")
