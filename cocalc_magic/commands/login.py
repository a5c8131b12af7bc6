"""``login`` and ``logout``. Each way to log in is one function; ``login`` only picks it.

In a page it is a form, at a terminal a question that shows nothing of the answer. Where nobody can be
asked, as in nbconvert and papermill, a key that is there already will do, and its absence is an error.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING, Any

from cocalc_magic import config
from cocalc_magic.commands.args import sort
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, InvalidValue, KeyRequired
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session.login import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.session.session import Session

NO = "no"
FLAGS = {
    "--prompt": False, "--email": True, "--name": True, "--expire": True, "--browser": False, "--save": True,
}  # fmt: skip
WAYS = ("prompt", "email", "browser")
NAMED = WAYS[1:]  # ways that guess no server
OF_EMAIL = ("name", "expire")  # flags that say what key is to be made


def login(session: Session, words: list[str]) -> Any:
    """Asks for the key of a server, the one in use where none is named; tests and uses it."""
    alone, flags = sort("login", words, FLAGS)
    if len(alone) > 1:
        raise InvalidSyntax(
            "login takes one server.", "Write %cocalc login NAME; the key is asked for, never typed here"
        )
    _check(flags)
    server, way = alone[0] if alone else session.choice().server, _way(flags)
    if way in NAMED and server == config.SANDBOX and not alone:
        raise InvalidSyntax("which server? None is in use.", f"Write %cocalc login ADDRESS --{way} …")
    if not session.surroundings.person:
        return without_person(session, server)
    if way == "email":
        return by_email(session, server, flags)
    if way == "browser":
        return by_browser(session, server, flags)
    if session.surroundings.page and not flags:
        return form(session, server, named=bool(alone))
    return prompted(session, server, named=bool(alone), save=flags.get("save"))


def _way(flags: Mapping[str, str]) -> str:
    """The way to log in that the flags ask for; empty where they leave it open."""
    ways = [way for way in WAYS if way in flags]
    if len(ways) > 1:
        raise InvalidSyntax(f"login goes one way: --{ways[0]} or --{ways[1]}.")
    return ways[0] if ways else ""


def _check(flags: Mapping[str, str]) -> None:
    save = flags.get("save")
    if save not in (None, NO, *keys.PLACES):
        raise InvalidValue(f"--save takes {', '.join(keys.PLACES)} or {NO}, not {save!r}.")
    for flag in OF_EMAIL:
        if flag in flags and "email" not in flags:
            raise InvalidSyntax(f"--{flag} is for a key that login makes.", "Write it with --email ADDRESS")


def form(session: Session, server: str, *, named: bool) -> Page:
    """The form; where no page puts it up (another front-end, a saved notebook) a line on what to type."""
    from cocalc_magic import widgets

    desk = Desk(session)
    first = server if named or server != config.SANDBOX else next(iter(desk.servers()))
    desk.link(first)  # raises for what is no server, and for the sandbox
    first = config.at(first).reference
    note = Page((Note("%cocalc login takes the key of a server; %cocalc login --prompt asks on the line."),))
    app_name = session.surroundings.app_name
    return LivePage(note.blocks, lambda: widgets.LoginForm(desk, first, app_name))


def prompted(session: Session, server: str, *, named: bool, save: str | None) -> Page:
    """Asks on the line; ``save`` is asked for too where it is not given."""
    desk = Desk(session)
    if server == config.SANDBOX and not named:
        names = ", ".join(desk.servers())
        server = input(f"Server, a name ({names}) or an address [cocalc.com]: ").strip() or "cocalc.com"
    link = desk.link(server)  # before the key is asked for: it raises for what is no server
    print(f"Keys are made in the settings of your account, or where it is still offered at {link}")  # noqa: T201
    tested = desk.test(server, Secret(getpass("Key, or the address with it (nothing is shown): ")))
    return taken(desk, server, tested, save)


def by_email(session: Session, server: str, flags: Mapping[str, str]) -> Page:
    """Asks for the password on the line, and has the server make a key."""
    from cocalc_magic.commands import login_email

    desk = Desk(session)
    made = login_email.log_in(desk, server, flags["email"], flags.get("name"), flags.get("expire"))
    return taken(desk, server, made, flags.get("save"))


def by_browser(session: Session, server: str, flags: Mapping[str, str]) -> Page:
    """Has a person sign in in a browser, and takes the key that its page hands over."""
    from cocalc_magic.commands import login_browser

    desk = Desk(session)
    return taken(desk, server, login_browser.log_in(desk, server), flags.get("save"))


def taken(desk: Desk, server: str, told: str, save: str | None) -> Page:
    """What was done, after the key is saved too; it is asked where, unless ``save`` says so."""
    said = [told]
    if save is None:
        places = [*desk.places(), NO]
        save = input(f"Save it for later kernels: {' / '.join(places)} [{NO}]: ").strip() or NO
    if save != NO:
        said.append(desk.save(server, save))
    return Page(tuple(Note(sentence) for sentence in said))


def without_person(session: Session, server: str) -> Page:
    """What there is where nobody can be asked; raises :class:`KeyRequired` where that is no key."""
    if server == config.SANDBOX:
        raise KeyRequired(
            "nobody can be asked for a key here.",
            "Set COCALC_HOST and COCALC_API_KEY before the kernel starts,",
            "or log in once with --save file and take the server by %cocalc server use NAME --always",
        )
    where = config.at(server)
    found = keys.required(where)
    session.use_server(server)
    return Page((Note(f"Nobody was asked: {where.name} has the key {found.key.hint}, from {found.source}."),))


def logout(session: Session, words: list[str]) -> Page:
    """Drops the key of a server in this kernel; with ``--forget`` also out of keyring and file."""
    alone, flags = sort("logout", words, {"--forget": False})
    if len(alone) > 1:
        raise InvalidSyntax("logout takes one server.", "Write %cocalc logout NAME")
    server = alone[0] if alone else session.choice().server
    return Page((Note(Desk(session).forget(server, everywhere="forget" in flags)),))
