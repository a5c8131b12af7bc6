"""Commands that tell: help, events, status, version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import __version__, catalog, config
from cocalc_magic.commands.args import sort
from cocalc_magic.commands.usage import USAGE
from cocalc_magic.config import keys
from cocalc_magic.errors import CoCalcError, InvalidSyntax, did_you_mean
from cocalc_magic.render.blocks import Facts, Note, Pre, Terms, Title
from cocalc_magic.render.help import events_about, events_page, message_page, option_page
from cocalc_magic.render.page import Page
from cocalc_magic.session.whoami import owner
from cocalc_magic.syntax.flags import FLAGS

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.session.session import Session

QUICK = 5.0  # seconds that status waits for a server

_START = """%cocalc ping
%cocalc create_project title="My project" -o project
%cocalc project_exec project_id=$project command="ls -a"
%cocalc help project_exec"""


def help_(session: Session, words: list[str]) -> Page:
    """All about an event, an option, or the events that a word is about; without a word, where to start."""
    if not words:
        return overview()
    word = words[0]
    if found := catalog.get(word):
        return message_page(found)
    if word in USAGE:
        usage = USAGE[word]
        more = tuple(Note(sentence) for sentence in usage.more.splitlines())
        return Page((Title(word, usage.meaning), Pre(f"%cocalc {word} {usage.words}".strip()), *more))
    if page := option_page(word):
        return page
    return events(session, words)


def overview() -> Page:
    """The commands, the flags and a few lines to begin with."""
    commands = tuple((f"%cocalc {name}", usage.words, usage.meaning) for name, usage in USAGE.items())
    flags = tuple((flag.names[0], flag.value, flag.meaning) for flag in FLAGS)
    return Page(
        (
            Title("%cocalc", "sends messages to CoCalc"),
            Pre(_START, label="To begin with"),
            Terms(commands, "Commands"),
            Terms(flags, "Flags of a message"),
            Note(
                f"{len(catalog.messages())} events: %cocalc events. Today's servers have more: "
                "%cocalc events v2, %cocalc events conat. Tab completes all of it."
            ),
        )
    )


def events(session: Session, words: list[str]) -> Page:
    """The events by subject: those of v1, of the generation that is named, or of all about a word."""
    del session
    word = words[0] if words else ""
    if not word or word in catalog.GENERATIONS:
        return events_page(word or "v1")
    if page := events_about(word):
        return page
    raise CoCalcError(
        f"nothing is about {word!r}.",
        did_you_mean(word, [*catalog.names(), *USAGE]),
        "%cocalc events lists all.",
    )


def status(session: Session, words: list[str]) -> Page:
    """Where messages go, with which key, whose that is, and the current project.

    Its server is asked whose it is; ``--offline`` asks nobody and tells what is known.
    """
    alone, flags = sort("status", words, {"--offline": False})
    if alone:
        raise InvalidSyntax("status takes no word.", "Write %cocalc status, or %cocalc status --offline")
    choice = session.choice()
    if choice.server == config.SANDBOX:
        facts = [("server", f"sandbox: an embedded CoCalc, {_sandbox_state()}")]
    else:
        facts = _server_facts(session, ask="offline" not in flags)
    facts.insert(1, ("chosen by", choice.by))
    project = (
        f"{session.project[1]} ({session.project[0]})" if session.project else "none; %cocalc use PROJECT"
    )
    facts += [("current project", project), ("messages sent", str(len(session.history)))]
    return Page((Title("cocalc-magic"), Facts(tuple(facts)), Note("%cocalc help tells what there is.")))


def _sandbox_state() -> str:
    running = config.sandbox().running
    return f"running at {running[0].url}" if running else "started by the first message"


def _server_facts(session: Session, *, ask: bool) -> list[tuple[str, str]]:
    """Address, key, and whose it is; what is wrong in place of what can't be told."""
    server = config.at(session.choice().server)
    name = "" if server.name in server.url else f"{server.name}: "
    facts = [("server", f"{name}{server.url}")]
    try:
        found = keys.find(server.url)
        if found is None:
            return [*facts, ("key", f"none; %cocalc login {server.reference}")]
        facts.append(("key", f"{found.key.hint}, from {found.source}"))
        known = (server.url, found.key)
        if ask:
            session.owners[known] = owner(session.client(), QUICK)
        if known in session.owners:
            facts.append(("belongs to", session.owners[known] or "not told by the server"))
    except CoCalcError as problem:
        return [*facts, ("problem", problem.problem)]
    return [*facts, ("speaks", _speaks(session.client()))] if ask else facts


def _speaks(client: Client) -> str:
    """What is known of the server's APIs without asking for it."""
    known = client.router.generations(ask=False)
    return ", ".join(sorted(known, reverse=True)) or "v1, the first API; it has answered"


def version(session: Session, words: list[str]) -> Page:
    """The versions that matter when something is reported."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    del session, words
    facts = [("cocalc-magic", __version__)]
    for name in ("ipython", "ipywidgets", "anywidget", "jupyterlab", "requests", "tornado"):
        try:
            facts.append((name, installed(name)))
        except PackageNotFoundError:
            facts.append((name, "not installed"))
    return Page((Facts(tuple(facts)),))
