"""``keys legacy``: the one key of an account, as servers had it from December 2021 to February 2025.

It is shown, made anew and deleted for whoever knows the account's password, which is asked for and never
typed into a cell. ``POST /api/v2/api-key`` with ``action`` and ``password``; an answer without a key means
that there is none. Servers of before did the same over a websocket alone, and later ones not at all.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.commands import newkey
from cocalc_magic.commands.confirm import confirmed
from cocalc_magic.commands.keybook import asked
from cocalc_magic.commands.words import sort
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired, did_you_mean
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import Page
from cocalc_magic.servers import keys

if TYPE_CHECKING:
    from cocalc_magic.client import Client
    from cocalc_magic.commands.session import Session
    from cocalc_magic.secrets import Secret

_SENT = {"reveal": "get", "create": "regenerate", "regenerate": "regenerate", "delete": "delete"}
_FLAGS = {"--server": True, "--save": True, "--show": False, "--yes": False}
_OLD = "sk_"  # how such a key begins; what begins with sk- is in the list


def legacy(session: Session, words: list[str]) -> Page:
    """``reveal`` (also without a word), ``create``, ``regenerate`` and ``delete``."""
    alone, flags = sort("keys legacy", words, _FLAGS)
    action = alone[0] if alone else "reveal"
    if action not in _SENT or len(alone) > 1:
        raise InvalidSyntax(
            "keys legacy takes one word.", did_you_mean(action, _SENT), f"One of {', '.join(_SENT)}."
        )
    client = session.client(flags.get("server"))
    if action == "delete":
        fate = None
    else:
        fate = newkey.decide(session, client.server, flags.get("save"), show="show" in flags)
    if action in ("delete", "regenerate"):
        what = "The key of now is gone for good, and what uses it stops working."
        confirmed(session, client.server, what, yes="yes" in flags)
    key = _asked(session, client, action)
    if fate is None:
        return Page((Note("The account has no such key now."),))
    if key is None:
        return Page((Note("The account has no such key. %cocalc keys legacy create makes one."),))
    if action != "reveal" and client.key.reveal().startswith(_OLD):
        keys.give(client.server.url, key)  # the one of before works no more
    if fate.what == newkey.PAGE:
        return _shown(session, client, key)
    return Page((Note(f"The key {key.hint}."), Note(fate.meet(client.server, key, project=False))))


def _asked(session: Session, client: Client, action: str) -> Secret | None:
    """The key that is there after the action. Asks for the password, and whether there is one, first."""
    if not session.surroundings.person:
        raise KeyRequired("this asks for the password of your account, and nobody is here to give it.")
    password = getpass("Password of your account (nothing is shown): ")
    if action == "create" and asked(client, "/api-key", {"action": "get", "password": password})[1]:
        raise CoCalcError("the account has such a key already.", "%cocalc keys legacy regenerate replaces it")
    return asked(client, "/api-key", {"action": _SENT[action], "password": password})[1]


def _shown(session: Session, client: Client, key: Secret) -> Page:
    """The key's text to be had once, in a page."""
    from cocalc_magic import widgets
    from cocalc_magic.commands.keybook import Entry, KeyBook
    from cocalc_magic.commands.keydesk import KeyDesk
    from cocalc_magic.render.page import LivePage

    entry = Entry(0, "of the account", key.hint, "", "")
    desk = KeyDesk(session, KeyBook(client), f"The key at {client.server.name}", (entry, key))
    note = Note("A page with a live kernel shows the key, once and without keeping it.")
    return LivePage((note,), widgets.live_keys(Page((note,))._repr_html_(), desk, alone=True))
