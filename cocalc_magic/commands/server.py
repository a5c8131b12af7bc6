"""`server`: the servers by name, and the one in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import config
from cocalc_magic.commands.args import dispatch, parse_args
from cocalc_magic.config import keys, servers_file
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.render.blocks import Column, Note, Table
from cocalc_magic.render.page import Page
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.session.session import Session

_ADD = {"--insecure": False, "--proxy": True, "--ca": True, "--timeout": True}


def server(session: Session, argv: list[str]) -> Page:
    """Run `list` (the default), `add`, `use` or `remove`."""
    actions = {"list": list_, "add": add, "use": use, "remove": remove}
    hint = "Write server list, server add NAME ADDRESS, server use NAME or server remove NAME"
    page: Page = dispatch("server", session, argv, actions, hint)
    return page


def list_(session: Session, argv: list[str]) -> Page:
    """List the servers: which is in use and why, and where each key comes from. Nothing is sent."""
    parse_args("server list", argv, {})
    choice = session.choice()
    embedded = config.sandbox().running
    address = embedded[0].url if embedded else "started by the first message"
    rows = [(servers_file.SANDBOX, address, "made at each start", "")]
    known = servers_file.load()
    shown = dict(known.all())
    if choice.server != servers_file.SANDBOX and choice.server not in shown:
        chosen = config.at(choice.server)
        shown.setdefault(chosen.name, chosen)
    rows += [(name, server.url, _key(server), _settings(server)) for name, server in shown.items()]
    used = choice.server if choice.server in (servers_file.SANDBOX, *shown) else config.at(choice.server).name
    marked = tuple(("→" if row[0] == used else "", *row) for row in rows)
    columns = tuple(Column(name) for name in ("", "name", "address", "key", "settings"))
    return Page(
        (
            Table(columns, marked, len(marked), len(columns)),
            Note(f"→ is in use: {choice.by}."),
            Note("%cocalc server use NAME chooses another; %cocalc login NAME asks for its key."),
        )
    )


def add(_session: Session, argv: list[str]) -> Page:
    """Give a server a name; its settings are saved in `servers.json`."""
    words, flags = parse_args("server add", argv, _ADD)
    if len(words) != 2:
        raise InvalidSyntax(
            "server add takes a name and an address.", "Write server add lab https://cocalc.example.edu/lab"
        )
    name, address = words
    known = servers_file.load()
    known.add(
        config.Server(
            name,
            address,
            timeout=_seconds(flags.get("timeout")),
            proxy=flags.get("proxy", ""),
            ca=str(_certificates(flags["ca"])) if "ca" in flags else "",
            insecure="insecure" in flags,
        )
    )
    known.save()
    added = known.servers[name]
    notes = [Note(f"{name} is {added.url}. %cocalc login {name} asks for its key.")]
    if added.url.startswith("http:") and not added.loopback:
        notes.append(Note("The connection is not encrypted: whoever listens on the way can take the key."))
    elif added.insecure and added.url.startswith("https:"):
        notes.append(Note("Its certificate is checked all the same: --insecure is for addresses with http."))
        notes.append(Note("If it has a certificate of your own: --ca FILE in place of --insecure"))
    return Page(tuple(notes))


def use(session: Session, argv: list[str]) -> Page:
    """Use a server in this kernel; with `--always` in later ones too; with `--clear` none."""
    words, flags = parse_args("server use", argv, {"--always": False, "--clear": False})
    if len(words) != (0 if "clear" in flags else 1):
        raise InvalidSyntax(
            "server use takes a name or an address.", "Write server use NAME, or server use --clear"
        )
    name = words[0] if words else ""
    known = servers_file.load()
    if name and name != servers_file.SANDBOX:
        config.in_service(config.at(name))  # raises if there is no such server
    if "always" in flags:
        if name and name not in (servers_file.SANDBOX, *known.all()):
            raise CoCalcError(
                "later kernels can only use a server that has a name.",
                "%cocalc server add NAME ADDRESS gives it one",
            )
        known.use = name
        known.save()
    session.use_server(name)
    choice = session.choice()
    always = (
        " So do those of later kernels, unless something else is configured." if "always" in flags else ""
    )
    return Page((Note(f"Messages go to {choice.server} now.{always}"),))


def remove(session: Session, argv: list[str]) -> Page:
    """Remove a server from `servers.json`, and its keys from this kernel, keyring and file."""
    words, _ = parse_args("server remove", argv, {})
    if len(words) != 1:
        raise InvalidSyntax("server remove takes a name.", "%cocalc server list shows the names")
    known = servers_file.load()
    removed = known.remove(words[0])
    known.save()
    if session.used_server == removed.name:
        session.use_server("")
    shared = removed.url in (server.url for server in known.all().values())
    places = [] if shared else keys.forget(removed.url, everywhere=True)
    key = f" Its key was removed from {' and '.join(places)}." if places else ""
    return Page((Note(f"{removed.name} was removed.{key}"),))


def _key(server: config.Server) -> str:
    """Return where the key comes from, or what is wrong with it."""
    try:
        key = keys.find(server.url)
    except CoCalcError as problem:
        return problem.problem
    return f"{key.key.hint}, from {key.source}" if key else "none"


def _settings(server: config.Server) -> str:
    """Return the settings that differ from the defaults."""
    settings = [
        f"time limit {server.timeout:g} s" if server.timeout else "",
        f"proxy {server.proxy}" if server.proxy else "",
        f"certificates {server.ca}" if server.ca else "",
        "insecure" if server.insecure else "",
        f"retired {server.retired}" if server.retired else "",
    ]
    return ", ".join(filter(None, settings))


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise InvalidSyntax(f"--timeout takes seconds, not {text!r}.") from None


def _certificates(text: str) -> Path:
    """Return the absolute path of a file of certificates.

    Raises:
        CoCalcError: The file holds none.
    """
    import ssl  # late: few servers have certificates of their own

    path = typed_path(text).absolute()
    try:
        ssl.create_default_context(cafile=path)
    except OSError as problem:  # ssl's own errors are among these
        why = (
            problem.strerror
            if isinstance(problem, FileNotFoundError)
            else "it does not hold a certificate (PEM)"
        )
        raise CoCalcError(f"{path} cannot be used: {why}.") from None
    return path
