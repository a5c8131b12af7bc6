"""`login` and `logout`. Each way to log in is one function; `login` only picks it.

In a page it is a form, at a terminal a question that does not show the answer. Where nobody can be asked,
as in nbconvert and papermill, a key that is there already is used, and its absence is an error.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING, Any

from cocalc_magic import config
from cocalc_magic.commands.args import parse_args
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, InvalidValue, KeyRequired
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session.login import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.session.session import Session

NO = "no"
FLAGS = {
    "--prompt": False, "--email": True, "--name": True, "--expire": True, "--browser": False, "--save": True,
}  # fmt: skip
WAYS = ("prompt", "email", "browser")
NEED_SERVER = WAYS[1:]
OF_EMAIL = ("name", "expire")  # flags on the key that is to be made


def login(session: Session, argv: list[str]) -> Any:
    """Ask for the key of a server, by default of the one in use; test and use it."""
    words, flags = parse_args("login", argv, FLAGS)
    if len(words) > 1:
        raise InvalidSyntax(
            "login takes one server.", "Write %cocalc login NAME; the key is asked for, never typed here"
        )
    _check(flags)
    server, way = words[0] if words else session.choice().server, _way(flags)
    if way in NEED_SERVER and server == config.SANDBOX and not words:
        raise InvalidSyntax("which server? None is in use.", f"Write %cocalc login ADDRESS --{way} …")
    if not session.frontend.person:
        return without_person(session, server)
    if way == "email":
        return by_email(session, server, flags)
    if way == "browser":
        return by_browser(session, server, flags)
    if session.frontend.page and not flags:
        return form(session, server, named=bool(words))
    return prompt(session, server, named=bool(words), save=flags.get("save"))


def _way(flags: Mapping[str, str]) -> str:
    """Return the way to log in that the flags ask for; empty if they leave it open."""
    ways = [way for way in WAYS if way in flags]
    if len(ways) > 1:
        raise InvalidSyntax(f"login takes one of --{ways[0]} and --{ways[1]}.")
    return ways[0] if ways else ""


def _check(flags: Mapping[str, str]) -> None:
    save = flags.get("save")
    if save not in (None, NO, *keys.PLACES):
        raise InvalidValue(f"--save takes {', '.join(keys.PLACES)} or {NO}, not {save!r}.")
    for flag in OF_EMAIL:
        if flag in flags and "email" not in flags:
            raise InvalidSyntax(f"--{flag} is for a key that login makes.", "Write it with --email ADDRESS")


def form(session: Session, server: str, *, named: bool) -> Page:
    """Return the form; where no page shows it (another front end, a saved notebook), what to type instead."""
    from cocalc_magic import widgets

    actions = Login(session)
    first = server if named or server != config.SANDBOX else next(iter(actions.servers()))
    first = actions.server(first).reference
    note = Note("%cocalc login takes the key of a server; %cocalc login --prompt asks on the line.")
    app_name = session.frontend.app_name
    return LivePage((note,), lambda: widgets.LoginForm(actions, first, app_name))


def prompt(session: Session, server: str, *, named: bool, save: str | None) -> Page:
    """Ask for the key on the line, and also where to save it unless `save` says so."""
    actions = Login(session)
    if server == config.SANDBOX and not named:
        names = ", ".join(actions.servers())
        server = input(f"Server, a name ({names}) or an address [cocalc.com]: ").strip() or "cocalc.com"
    url = actions.sign_in_url(server)  # checks the server before a key is asked for
    print(f"Keys are made in the settings of your account, or where it is still offered at {url}")  # noqa: T201
    tested = actions.test(server, Secret(getpass("Key, or the address with it (nothing is shown): ")))
    return _saved(actions, server, tested, save)


def by_email(session: Session, server: str, flags: Mapping[str, str]) -> Page:
    """Ask for the password on the line, and have the server make a key."""
    from cocalc_magic.commands import login_email

    actions = Login(session)
    result = login_email.log_in(actions, server, flags["email"], flags.get("name"), flags.get("expire"))
    return _saved(actions, server, result, flags.get("save"))


def by_browser(session: Session, server: str, flags: Mapping[str, str]) -> Page:
    """Have a person sign in in a browser, and take the key that its page hands over."""
    from cocalc_magic import browser

    actions = Login(session)
    where, url = actions.server(server), actions.sign_in_url(server)
    print(  # noqa: T201
        f"A browser opens. Sign in to {where.name} there, within {browser.LIMIT / 60:g} minutes; it closes "
        "by itself. To give up, close it or interrupt this cell."
    )
    return _saved(actions, server, actions.test(server, browser.hand_over(where, url)), flags.get("save"))


def _saved(actions: Login, server: str, result: str, save: str | None) -> Page:
    """Save the new key, if wanted, and return what was done."""
    sentences = [result]
    if save is None:
        places = [*actions.places(), NO]
        save = input(f"Save it for later kernels: {' / '.join(places)} [{NO}]: ").strip() or NO
    if save != NO:
        sentences.append(actions.save(server, save))
    return Page(tuple(map(Note, sentences)))


def without_person(session: Session, server: str) -> Page:
    """Use the key that is there already.

    Raises:
        KeyRequired: There is none.
    """
    if server == config.SANDBOX:
        raise KeyRequired(
            "nobody can be asked for a key here.",
            "Set COCALC_HOST and COCALC_API_KEY before the kernel starts,",
            "or log in once with --save file and choose the server by %cocalc server use NAME --always",
        )
    where = config.at(server)
    key = keys.required(where)
    session.use_server(server)
    return Page((Note(f"Nobody was asked: {where.name} has the key {key.key.hint}, from {key.source}."),))


def logout(session: Session, argv: list[str]) -> Page:
    """Forget the key of a server in this kernel; with `--forget` also in keyring and file."""
    words, flags = parse_args("logout", argv, {"--forget": False})
    if len(words) > 1:
        raise InvalidSyntax("logout takes one server.", "Write %cocalc logout NAME")
    server = words[0] if words else session.choice().server
    return Page((Note(Login(session).forget(server, everywhere="forget" in flags)),))
