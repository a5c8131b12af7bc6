"""`login` and `logout`. Each way to log in is one function; `login` only picks it.

In a page it is a form, at a terminal a question that does not show the answer; `--page` signs in on a page of
the server, and `--scope` says what the key that is there may do. Where nobody can be asked,
as in nbconvert and papermill, a key that is there already is used, and its absence is an error.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING, Any

from cocalc_magic import config
from cocalc_magic.client.wire.permission import keys_page
from cocalc_magic.commands.args import parse_args
from cocalc_magic.config import keys
from cocalc_magic.config.scope import parse as parse_scope
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, InvalidValue, KeyRequired
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session.login import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.device_login import Approval
    from cocalc_magic.session.session import Session

NO = "no"
FLAGS = {
    "--prompt": False, "--email": True, "--name": True, "--expire": True, "--browser": False, "--page": False,
    "--save": True, "--scope": True, "--projects": True,
}  # fmt: skip
WAYS = ("prompt", "email", "browser", "page")
NEED_SERVER = WAYS[1:]
OF_SCOPE = ("scope", "projects")
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
    if server == config.SANDBOX:
        _check_sandbox(way, flags, named=bool(words))
    actions = Login(
        session, flags.get("scope", ""), tuple(filter(None, flags.get("projects", "").split(",")))
    )
    if "scope" in flags and not way and _has_key(server):
        return Page((Note(actions.state(server)),))
    if not session.frontend.person:
        return without_person(session, server, way)
    if way in _BY:
        return _BY[way](actions, server, flags)
    if session.frontend.page and not flags.keys() - set(OF_SCOPE):
        return form(actions, server, named=bool(words))
    return prompt(actions, server, named=bool(words), save=flags.get("save"))


def _has_key(server: str) -> bool:
    return server != config.SANDBOX and keys.find(config.at(server).url) is not None


def _way(flags: Mapping[str, str]) -> str:
    """Return the way to log in that the flags ask for; empty if they leave it open."""
    ways = [way for way in WAYS if way in flags]
    if len(ways) > 1:
        raise InvalidSyntax(f"login takes one of --{ways[0]} and --{ways[1]}.")
    return ways[0] if ways else ""


def _check_sandbox(way: str, flags: Mapping[str, str], *, named: bool) -> None:
    """Raise `InvalidSyntax` for what the sandbox, named or in use for want of another server, has not."""
    if way in NEED_SERVER and not named:
        raise InvalidSyntax("which server? None is in use.", f"Write %cocalc login ADDRESS --{way} …")
    if "scope" in flags and (named or not way):
        raise InvalidSyntax(
            "a key of the sandbox may do what it was made for.",
            f"%cocalc sandbox keys create --scope {flags['scope']} makes one, and messages go with it",
        )


def _check(flags: Mapping[str, str]) -> None:
    save = flags.get("save")
    if save not in (None, NO, *keys.PLACES):
        raise InvalidValue(f"--save takes {', '.join(keys.PLACES)} or {NO}, not {save!r}.")
    for flag in OF_EMAIL:
        if flag in flags and "email" not in flags:
            raise InvalidSyntax(f"--{flag} is for a key that login makes.", "Write it with --email ADDRESS")
    if save == "file" and "page" in flags:
        raise InvalidValue("a session is saved in the keyring alone.", "Write --save keyring, or nothing")
    if "scope" in flags:
        parse_scope(flags["scope"])
    elif "projects" in flags:
        raise InvalidSyntax("--projects belongs to --scope.", "Write --scope project:exec --projects PROJECT")


def form(actions: Login, server: str, *, named: bool) -> Page:
    """Return the form; where no page shows it (another front end, a saved notebook), what to type instead."""
    from cocalc_magic import widgets  # late: where there is a page

    first = server if named or server != config.SANDBOX else next(iter(actions.servers()))
    first = actions.server(first).reference
    note = Note("%cocalc login takes the key of a server; %cocalc login --prompt asks on the line.")
    app_name, look = actions.session.frontend.app_name, actions.session.frontend.look
    return LivePage((note,), lambda: widgets.branded(look, widgets.LoginForm(actions, first, app_name)))


def prompt(actions: Login, server: str, *, named: bool, save: str | None) -> Page:
    """Ask for the key on the line, and also where to save it unless `save` says so."""
    if server == config.SANDBOX and not named:
        names = ", ".join(actions.servers())
        server = input(f"Server, a name ({names}) or an address [cocalc.ai]: ").strip() or "cocalc.ai"
    for line in _where_keys_are_made(actions, actions.server(server)):  # checks it before a key is asked for
        print(line)  # noqa: T201 - to be seen before the question
    tested = actions.test(server, Secret(getpass("Key, or the address with it (nothing is shown): ")))
    return _saved(actions, server, tested, save)


def _where_keys_are_made(actions: Login, server: config.Server) -> list[str]:
    """Return lines on where a person gets a key of this server."""
    if not actions.has_page(server):
        url = actions.sign_in_url(server.reference)
        return [f"Keys are made in the settings of your account, or where it is still offered at {url}"]
    return [
        f"Keys are made by people, at {keys_page(server.url)}",
        actions.boxes(),
        f"Without one: %cocalc login {server.reference} --page signs you in for some hours.",
    ]


def by_page(actions: Login, server: str, flags: Mapping[str, str]) -> Page:
    """Have a person approve on a page of the server, and wait for it."""

    def show(approval: Approval) -> None:
        elsewhere = f" It is at {approval.elsewhere}: is that right?" if approval.elsewhere else ""
        print(  # noqa: T201 - to be seen before it waits
            f"Open this page in a browser, and approve there:\n  {approval.page}\n"
            f"This waits for it; Ctrl-C gives up.{elsewhere}",
            flush=True,
        )

    sentences = [actions.sign_in(server, show)]
    if flags.get("save", NO) != NO:
        sentences.append(actions.save_session(server))
    return Page(tuple(map(Note, sentences)))


def by_email(actions: Login, server: str, flags: Mapping[str, str]) -> Page:
    """Ask for the password on the line, and have the server make a key."""
    from cocalc_magic.commands import login_email  # late: one way of several

    result = login_email.log_in(actions, server, flags["email"], flags.get("name"), flags.get("expire"))
    return _saved(actions, server, result, flags.get("save"))


def by_browser(actions: Login, server: str, flags: Mapping[str, str]) -> Page:
    """Have a person sign in in a browser, and take the key that its page hands over."""
    from cocalc_magic import browser  # late: one way of several

    where, url = actions.server(server), actions.sign_in_url(server)
    actions.check_makes_keys(where)
    print(  # noqa: T201 - to be seen before it waits
        f"A browser opens. Sign in to {where.name} there, within {browser.LIMIT / 60:g} minutes; it closes "
        "by itself. To give up, close it or interrupt this cell."
    )
    return _saved(actions, server, actions.test(server, browser.hand_over(where, url)), flags.get("save"))


_BY = {"page": by_page, "email": by_email, "browser": by_browser}


def _saved(actions: Login, server: str, result: str, save: str | None) -> Page:
    """Save the new key, if wanted, and return what was done."""
    sentences = [result]
    if save is None:
        places = [*actions.places(), NO]
        save = input(f"Save it for later kernels: {' / '.join(places)} [{NO}]: ").strip() or NO
    if save != NO:
        sentences.append(actions.save(server, save))
    return Page(tuple(map(Note, sentences)))


def without_person(session: Session, server: str, way: str) -> Page:
    """Use the key that is there already.

    Raises:
        KeyRequired: There is none.
    """
    if server != config.SANDBOX:
        config.in_service(config.at(server))
    if way == "page":
        raise KeyRequired(
            "nobody is here to approve on a page.", "Set COCALC_API_KEY before the kernel starts."
        )
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
    """Sign out, and forget the key of a server in this kernel; with `--forget` also in keyring and file."""
    words, flags = parse_args("logout", argv, {"--forget": False})
    if len(words) > 1:
        raise InvalidSyntax("logout takes one server.", "Write %cocalc logout NAME")
    server = words[0] if words else session.choice().server
    return Page((Note(Login(session).forget(server, everywhere="forget" in flags)),))
