"""``keys legacy``: the one key of an account, as servers had it from December 2021 to February 2025.

It is shown, made anew and deleted for whoever knows the account's password, which is asked for and never
typed into a cell. ``POST /api/v2/api-key`` with ``action`` and ``password``; an answer without a key means
that there is none. Servers of before did the same over a websocket alone, and later ones not at all.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import sort
from cocalc_magic.commands.confirm import confirmed
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret, redact
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired, MessageFailed, did_you_mean
from cocalc_magic.render.blocks import Note, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session import key_destination
from cocalc_magic.session.api_keys import Entry, KeyBook, NoDialog, asked
from cocalc_magic.session.key_dialog import NewKeyDesk

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.session.session import Session

_SENT = {"reveal": "get", "create": "regenerate", "regenerate": "regenerate", "delete": "delete"}
_FLAGS = {"--server": True, "--save": True, "--show": False, "--yes": False}
_OLD = "sk_"  # how such a key begins; what begins with sk- is in the list


def legacy(session: Session, words: list[str]) -> Page:
    """``reveal``, ``create``, ``regenerate`` and ``delete``; without a word the dialog, or ``reveal``."""
    alone, flags = sort("keys legacy", words, _FLAGS)
    action = alone[0] if alone else "reveal"
    if action not in _SENT or len(alone) > 1:
        raise InvalidSyntax(
            "keys legacy takes one word.", did_you_mean(action, _SENT), f"One of {', '.join(_SENT)}."
        )
    client = session.client(flags.get("server"))
    if session.surroundings.page and not alone and flags.keys() <= {"server"}:
        return dialog(session, client)
    if action == "delete":
        fate = None
    else:
        fate = key_destination.decide(session, client.server, flags.get("save"), show="show" in flags)
    if action in ("delete", "regenerate"):
        what = "The key of now is gone for good, and what uses it stops working."
        confirmed(session, client.server, what, yes="yes" in flags)
    key = _asked(session, client, action)
    if fate is None:
        return Page((Note("The account has no such key now."),))
    if key is None:
        return Page((Note("The account has no such key. %cocalc keys legacy create makes one."),))
    if fate.what == key_destination.PAGE:
        return _shown(session, client, key)
    return Page((Note(f"The key {key.hint}."), Note(fate.meet(client.server, key, project=False))))


def offered(client: Client) -> bool:
    """Whether the server has the message of the one key: it refuses to answer it without a password.

    Raises :class:`CoCalcError` where it refuses the kernel's key, or can't be reached.
    """
    try:
        asked(client, "/api-key", {"action": "get"})
    except NoDialog:
        return False
    except MessageFailed:
        pass
    return True


def dialog(session: Session, client: Client) -> Page:
    """The dialog of such a server, in a page with a live kernel."""
    from cocalc_magic import widgets

    title = f"The key of your account at {client.server.name}"
    desk = OneKeyDesk(session, KeyBook(client), title)
    blocks = (Title(title), Note("%cocalc keys shows the dialog in a page with a live kernel."))
    return LivePage(blocks, lambda: widgets.OneKeyDialog(desk))


class OneKeyDesk(NewKeyDesk):
    """Shows, makes and deletes the one key, for a page."""

    again = "Reveal tells it again."

    def change(self, action: str, password: Secret) -> str:
        """``reveal``, ``create``, ``regenerate`` or ``delete``; ``new`` is the key that is there then."""
        if not password:
            raise CoCalcError("type the password of your account first.")
        try:
            key = _changed(self.book.client, action, password)
        except CoCalcError as problem:  # what is said is saved with the notebook
            raise CoCalcError(redact(str(problem), password)) from None
        self.new = (_entry(key), key) if key else None
        if action == "delete":
            return "The account has no such key now."
        return "Its text can be had now." if key else "The account has no such key. Create makes one."


def _asked(session: Session, client: Client, action: str) -> Secret | None:
    """The key that is there after the action. Asks for the password first."""
    if not session.surroundings.person:
        raise KeyRequired("this asks for the password of your account, and nobody is here to give it.")
    return _changed(client, action, Secret(getpass("Password of your account (nothing is shown): ")))


def _changed(client: Client, action: str, password: Secret) -> Secret | None:
    """The key that is there after the action; none is replaced by ``create``."""
    if action == "create" and _sent(client, "reveal", password):
        raise CoCalcError(
            "the account has such a key already.", "Regenerate replaces it: %cocalc keys legacy regenerate"
        )
    key = _sent(client, action, password)
    if key and action != "reveal" and client.key.reveal().startswith(_OLD):
        keys.give(client.server.url, key)  # the one of before works no more
    return key


def _sent(client: Client, action: str, password: Secret) -> Secret | None:
    return asked(client, "/api-key", {"action": _SENT[action], "password": password.reveal()})[1]


def _entry(key: Secret) -> Entry:
    return Entry(0, "of the account", key.hint, "", "")


def _shown(session: Session, client: Client, key: Secret) -> Page:
    """The key's text to be had once, in a page."""
    from cocalc_magic import widgets

    desk = NewKeyDesk(session, KeyBook(client), f"The key at {client.server.name}", (_entry(key), key))
    note = Note("A page with a live kernel shows the key, once and without keeping it.")
    return LivePage((note,), lambda: widgets.Dialog(desk))
