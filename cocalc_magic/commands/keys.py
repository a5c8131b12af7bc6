"""`keys`: the key dialog of CoCalc's settings, as commands and, in a page, as the dialog itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands import legacy_key
from cocalc_magic.commands.args import dispatch, parse_args
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Column, Note, Table, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session import key_destination
from cocalc_magic.session.api_keys import ApiKeys, Entry, KeyManager, NoDialog, moment_after
from cocalc_magic.session.legacy_key import is_offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session

_WHERE = {"--project": True, "--server": True}
_HEADS = ("", "name", "id", "key", "last used", "expires")


def keys(session: Session, argv: list[str]) -> Page:
    """Show the dialog, or run `list`, `create`, `edit`, `delete` or `legacy`."""
    if not argv or argv[0].startswith("--"):
        return dialog(session, argv)
    actions = {"list": list_, "create": create, "edit": edit, "delete": delete, "legacy": legacy_key.legacy}
    page: Page = dispatch("keys", session, argv, actions)
    return page


def dialog(session: Session, argv: list[str]) -> Page:
    """Show the list, in a page the dialog; for older servers the dialog of their one key."""
    _, flags = parse_args("keys", argv, _WHERE)
    api_keys, title = _api_keys(session, flags)
    try:
        page = _table(api_keys, title)
    except NoDialog:
        if session.frontend.page and not api_keys.project_id and is_offered(api_keys.client):
            return legacy_key.dialog(api_keys.client)
        raise
    return _live(KeyManager(api_keys, title), page.blocks) if session.frontend.page else page


def list_(session: Session, argv: list[str]) -> Page:
    """List the keys: name, id, what is known of the text, last use and expiry."""
    words, flags = parse_args("keys list", argv, _WHERE)
    if words:
        raise InvalidSyntax("keys list takes no word.", "Write %cocalc keys list --project PROJECT")
    return _table(*_api_keys(session, flags))


def create(session: Session, argv: list[str]) -> Page:
    """Make a key with a name; where its text goes is settled first, so that none is lost."""
    known = {**_WHERE, "--expire": True, "--save": True, "--show": False}
    words, flags = parse_args("keys create", argv, known)
    if len(words) != 1:
        raise InvalidSyntax("keys create takes one name.", 'Write %cocalc keys create "laptop" --expire 90')
    expire = moment_after(flags["expire"]) if "expire" in flags else None
    api_keys, title = _api_keys(session, flags)
    server = api_keys.client.server
    destination = key_destination.decide(session, server, flags.get("save"), show="show" in flags)
    entry, key = api_keys.create(words[0], expire)
    sentence = f"{_named(entry)} was made, {_until(entry)}."
    if destination.place == key_destination.PAGE:
        note = Note(
            f"{sentence} The dialog shows its text once. If none came up: %cocalc keys delete {entry.number}"
        )
        return _live(KeyManager(api_keys, title, (entry, key)), (note,))
    delivered = destination.deliver(server, key, project=bool(api_keys.project_id))
    return Page((Note(sentence), Note(delivered)))


def edit(session: Session, argv: list[str]) -> Page:
    """Change a key's name or expiry."""
    words, flags = parse_args("keys edit", argv, {**_WHERE, "--name": True, "--expire": True})
    if len(words) != 1 or not {"name", "expire"} & set(flags):
        raise InvalidSyntax(
            "keys edit takes the id of a key, and what is to change.",
            "Write %cocalc keys edit 7 --name laptop --expire 30",
        )
    changes: dict[str, str | None] = {"name": flags["name"]} if "name" in flags else {}
    if "expire" in flags:
        changes["expire"] = moment_after(flags["expire"])
    api_keys, _ = _api_keys(session, flags)
    api_keys.edit(api_keys.find(words[0]).number, **changes)
    entry = api_keys.find(words[0])
    return Page((Note(f"{_named(entry)} was changed, {_until(entry)}."),))


def delete(session: Session, argv: list[str]) -> Page:
    """Delete a key for good, once that is confirmed."""
    words, flags = parse_args("keys delete", argv, {**_WHERE, "--yes": False})
    if len(words) != 1:
        raise InvalidSyntax("keys delete takes the id of a key.", "%cocalc keys list shows them")
    api_keys, _ = _api_keys(session, flags)
    entry = api_keys.find(words[0])
    what = f"{_named(entry)} is deleted for good; what uses it stops working."
    if entry.in_use:
        what += " It is the key of this kernel."
    session.confirm(api_keys.client.server, what, yes="yes" in flags)
    api_keys.delete(entry.number)
    return Page((Note(f"{_named(entry)} was deleted."),))


def _api_keys(session: Session, flags: Mapping[str, str]) -> tuple[ApiKeys, str]:
    """Return the keys that are meant, and a title for them."""
    client = session.client(flags.get("server"))
    if not flags.get("project"):
        return ApiKeys(client), f"Keys of your account at {client.server.name}"
    project = client.router.projects.find(flags["project"])
    title = f"Keys of the project {project.title or project.project_id}"
    return ApiKeys(client, project.project_id), title


def _table(api_keys: ApiKeys, title: str) -> Page:
    rows = tuple(_row(entry) for entry in api_keys.entries())
    table = Table(tuple(Column(head) for head in _HEADS), rows, len(rows), len(_HEADS))
    marked = "→ is the key that is used now. " if any(row[0] for row in rows) else ""
    note = Note(f"{marked}%cocalc keys create NAME makes one, %cocalc keys delete ID deletes one.")
    return Page((Title(title), table, note))


def _row(entry: Entry) -> tuple[str, ...]:
    mark = "→" if entry.in_use else ""
    used, until = to_minute(entry.last_used), to_minute(entry.expires)
    return (mark, entry.name, str(entry.number), entry.trunc, used or "never", until or "never")


def to_minute(moment: str) -> str:
    """Return a server's moment to the minute; unchanged if its form is unknown."""
    head, sign, rest = moment[:16], moment[16:17], moment[-1:]
    return f"{head.replace('T', ' ')} UTC" if sign == ":" and rest == "Z" and "T" in head else moment


def _named(entry: Entry) -> str:
    return f"The key {entry.name!r} (id {entry.number}, {entry.trunc})"


def _until(entry: Entry) -> str:
    return f"valid until {to_minute(entry.expires)}" if entry.expires else "and does not expire"


def _live(manager: KeyManager, blocks: tuple[Block, ...]) -> Page:
    from cocalc_magic import widgets  # late: with the page that shows them

    return LivePage(blocks, lambda: widgets.KeyDialog(manager))
