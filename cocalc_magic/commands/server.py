"""The servers that a person has named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import config
from cocalc_magic.commands.args import act, sort
from cocalc_magic.config import keys, servers_file
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.render.blocks import Column, Note, Table
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.session.session import Session

_ADD = {"--insecure": False, "--proxy": True, "--ca": True, "--timeout": True}


def server(session: Session, words: list[str]) -> Page:
    """``list`` (also without a word), ``add``, ``use`` and ``remove``."""
    actions = {"list": listed, "add": add, "use": use, "remove": remove}
    hint = "Write server list, server add NAME ADDRESS, server use NAME or server remove NAME"
    page: Page = act("server", session, words, actions, hint)
    return page


def listed(session: Session, words: list[str]) -> Page:
    """All of them: which is in use and by what, and where the key of each comes from. Nothing is sent."""
    sort("server list", words, {})
    choice = session.choice()
    embedded = config.sandbox().running
    address = embedded[0].url if embedded else "started by the first message"
    rows = [(servers_file.SANDBOX, address, "made at each start", "")]
    known = servers_file.load()
    shown = dict(known.all())
    if choice.server != servers_file.SANDBOX and choice.server not in shown:
        found = config.at(choice.server)
        shown.setdefault(found.name, found)
    rows += [(name, one.url, _key(one), _ways(one)) for name, one in shown.items()]
    used = choice.server if choice.server in (servers_file.SANDBOX, *shown) else config.at(choice.server).name
    marked = tuple(("→" if row[0] == used else "", *row) for row in rows)
    columns = tuple(Column(name) for name in ("", "name", "address", "key", "settings"))
    return Page(
        (
            Table(columns, marked, len(marked), len(columns)),
            Note(f"→ is in use: {choice.by}."),
            Note("%cocalc server use NAME takes another; %cocalc login NAME gives a key."),
        )
    )


def add(session: Session, words: list[str]) -> Page:
    """Names a server; its settings stay in ``servers.json``."""
    del session
    alone, flags = sort("server add", words, _ADD)
    if len(alone) != 2:
        raise InvalidSyntax(
            "server add takes a name and an address.", "Write server add lab https://cocalc.example.edu/lab"
        )
    name, address = alone
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
    notes = [Note(f"{name} is {added.url}. %cocalc login {name} gives its key.")]
    if added.url.startswith("http:") and not added.loopback:
        notes.append(Note("It is reached unencrypted: whoever listens on the way can take the key."))
    elif added.insecure and added.url.startswith("https:"):
        notes.append(Note("Its certificate is checked all the same: --insecure is for addresses with http."))
        notes.append(Note("Where it has a certificate of your own: --ca FILE in place of --insecure"))
    return Page(tuple(notes))


def use(session: Session, words: list[str]) -> Page:
    """Takes a server for this kernel; ``--always`` for later kernels too; ``--clear`` takes none."""
    alone, flags = sort("server use", words, {"--always": False, "--clear": False})
    if len(alone) != (0 if "clear" in flags else 1):
        raise InvalidSyntax(
            "server use takes a name or an address.", "Write server use NAME, or server use --clear"
        )
    name = alone[0] if alone else ""
    known = servers_file.load()
    if name and name != servers_file.SANDBOX:
        config.at(name)  # raises for what is none
    if "always" in flags:
        if name and name not in (servers_file.SANDBOX, *known.all()):
            raise CoCalcError(
                "only a server with a name can be the one of later kernels.",
                "%cocalc server add NAME ADDRESS gives it one",
            )
        known.use = name
        known.save()
    session.use_server(name)
    choice = session.choice()
    always = " So will those of later kernels that nothing else tells." if "always" in flags else ""
    return Page((Note(f"Messages go to {choice.server} now.{always}"),))


def remove(session: Session, words: list[str]) -> Page:
    """Takes a server out of ``servers.json``, and its keys out of this kernel, keyring and file."""
    alone, _ = sort("server remove", words, {})
    if len(alone) != 1:
        raise InvalidSyntax("server remove takes a name.", "%cocalc server list shows the names")
    known = servers_file.load()
    gone = known.remove(alone[0])
    known.save()
    if session.used_server == gone.name:
        session.use_server("")
    shared = known.at(gone.url) or gone.url == config.COCALC_COM
    places = [] if shared else keys.forget(gone.url, everywhere=True)
    key = f" Its key is removed from {' and '.join(places)}." if places else ""
    return Page((Note(f"{gone.name} is removed.{key}"),))


def _key(server: config.Server) -> str:
    """Where its key comes from, in words; what is wrong with it where something is."""
    try:
        found = keys.find(server.url)
    except CoCalcError as problem:
        return problem.problem
    return f"{found.key.hint}, from {found.source}" if found else "none"


def _ways(server: config.Server) -> str:
    """How it is reached other than usually."""
    ways = [
        f"time limit {server.timeout:g} s" if server.timeout else "",
        f"proxy {server.proxy}" if server.proxy else "",
        f"certificates {server.ca}" if server.ca else "",
        "insecure" if server.insecure else "",
    ]
    return ", ".join(way for way in ways if way)


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise InvalidSyntax(f"--timeout takes seconds, not {text!r}.") from None


def _certificates(text: str) -> Path:
    """The file of certificates, whole; raises :class:`CoCalcError` for what holds none."""
    import ssl
    from pathlib import Path

    path = Path(text).expanduser().absolute()
    try:
        ssl.create_default_context(cafile=path)
    except OSError as problem:  # ssl's own errors are among these
        why = problem.strerror if isinstance(problem, FileNotFoundError) else "it holds no certificate (PEM)"
        raise CoCalcError(f"{path} can't be used: {why}.") from None
    return path
