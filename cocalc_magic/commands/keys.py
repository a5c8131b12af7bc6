"""``keys``: the key dialog of CoCalc's settings, as commands and, in a page, as the dialog itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands import legacy_key
from cocalc_magic.commands.args import act, sort
from cocalc_magic.commands.confirm import confirmed
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Column, Note, Table, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session import key_destination
from cocalc_magic.session.api_keys import Entry, KeyBook, NoDialog, moment_after
from cocalc_magic.session.key_dialog import KeyDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session

_WHERE = {"--project": True, "--server": True}
_HEADS = ("", "name", "id", "key", "last used", "expires")


def keys(session: Session, words: list[str]) -> Page:
    """The dialog where no word is given; ``list``, ``create``, ``edit``, ``delete`` and ``legacy``."""
    if not words or words[0].startswith("--"):
        return dialog(session, words)
    actions = {"list": listed, "create": create, "edit": edit, "delete": delete, "legacy": legacy_key.legacy}
    page: Page = act("keys", session, words, actions)
    return page


def dialog(session: Session, words: list[str]) -> Page:
    """The list, which a page with a live kernel makes the dialog; that of older servers there."""
    _, flags = sort("keys", words, _WHERE)
    book, title = _book(session, flags)
    try:
        page = _table(book, title)
    except NoDialog:
        if session.surroundings.page and not book.project_id and legacy_key.offered(book.client):
            return legacy_key.dialog(session, book.client)
        raise
    return _live(KeyDesk(session, book, title), page.blocks) if session.surroundings.page else page


def listed(session: Session, words: list[str]) -> Page:
    """Name, id, what is known of the text, last use and expiry of each key."""
    alone, flags = sort("keys list", words, _WHERE)
    if alone:
        raise InvalidSyntax("keys list takes no word.", "Write %cocalc keys list --project PROJECT")
    return _table(*_book(session, flags))


def create(session: Session, words: list[str]) -> Page:
    """Makes a key with a name; what becomes of its text is settled first, so that none is lost."""
    known = {**_WHERE, "--expire": True, "--save": True, "--show": False}
    alone, flags = sort("keys create", words, known)
    if len(alone) != 1:
        raise InvalidSyntax("keys create takes one name.", 'Write %cocalc keys create "laptop" --expire 90')
    expire = moment_after(flags["expire"]) if "expire" in flags else None
    book, title = _book(session, flags)
    fate = key_destination.decide(session, book.client.server, flags.get("save"), show="show" in flags)
    entry, key = book.create(alone[0], expire)
    made = f"{_named(entry)} is made, {_until(entry)}."
    if fate.what == key_destination.PAGE:
        desk = KeyDesk(session, book, title)
        desk.new = (entry, key)
        note = Note(
            f"{made} The dialog shows its text once. If none came up: %cocalc keys delete {entry.number}"
        )
        return _live(desk, (note,))
    return Page((Note(made), Note(fate.meet(book.client.server, key, project=bool(book.project_id)))))


def edit(session: Session, words: list[str]) -> Page:
    """Gives a key another name or expiry."""
    alone, flags = sort("keys edit", words, {**_WHERE, "--name": True, "--expire": True})
    if len(alone) != 1 or not {"name", "expire"} & set(flags):
        raise InvalidSyntax(
            "keys edit takes the id of a key, and what is to change.",
            "Write %cocalc keys edit 7 --name laptop --expire 30",
        )
    changes: dict[str, str | None] = {"name": flags["name"]} if "name" in flags else {}
    if "expire" in flags:
        changes["expire"] = moment_after(flags["expire"])
    book, _ = _book(session, flags)
    entry = book.find(alone[0])
    book.edit(entry.number, **changes)
    now = book.find(alone[0])
    return Page((Note(f"{_named(now)} is changed, {_until(now)}."),))


def delete(session: Session, words: list[str]) -> Page:
    """Forgets a key for good, after a yes."""
    alone, flags = sort("keys delete", words, {**_WHERE, "--yes": False})
    if len(alone) != 1:
        raise InvalidSyntax("keys delete takes the id of a key.", "%cocalc keys list shows them")
    book, _ = _book(session, flags)
    entry = book.find(alone[0])
    what = f"{_named(entry)} is deleted for good; what uses it stops working."
    if entry.in_use:
        what += " It is the key of this kernel."
    confirmed(session, book.client.server, what, yes="yes" in flags)
    book.delete(entry.number)
    return Page((Note(f"{_named(entry)} is deleted."),))


def _book(session: Session, flags: Mapping[str, str]) -> tuple[KeyBook, str]:
    """The keys that are meant, and what they are called."""
    client = session.client(flags.get("server"))
    project = flags.get("project", "")
    if not project:
        return KeyBook(client), f"Keys of your account at {client.server.name}"
    found = client.router.projects.find(project)
    return KeyBook(client, found.project_id), f"Keys of the project {found.title or found.project_id}"


def _table(book: KeyBook, title: str) -> Page:
    rows = tuple(_row(entry) for entry in book.entries())
    table = Table(tuple(Column(head) for head in _HEADS), rows, len(rows), len(_HEADS))
    marked = "→ is the key that is used now. " if any(row[0] for row in rows) else ""
    note = Note(f"{marked}%cocalc keys create NAME makes one, %cocalc keys delete ID deletes one.")
    return Page((Title(title), table, note))


def _row(entry: Entry) -> tuple[str, ...]:
    mark = "→" if entry.in_use else ""
    used, until = (told(entry.last_used), told(entry.expires))
    return (mark, entry.name, str(entry.number), entry.trunc, used or "never", until or "never")


def told(moment: str) -> str:
    """A server's moment to the minute; as it is where it is none that we know."""
    head, sign, rest = moment[:16], moment[16:17], moment[-1:]
    return f"{head.replace('T', ' ')} UTC" if sign == ":" and rest == "Z" and "T" in head else moment


def _named(entry: Entry) -> str:
    return f"The key {entry.name!r} (id {entry.number}, {entry.trunc})"


def _until(entry: Entry) -> str:
    return f"good until {told(entry.expires)}" if entry.expires else "and does not expire"


def _live(desk: KeyDesk, blocks: tuple[Block, ...]) -> Page:
    from cocalc_magic import widgets

    return LivePage(blocks, lambda: widgets.KeyDialog(desk))
