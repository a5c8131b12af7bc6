"""`help`, `events`, `status` and `version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import __version__, catalog, config
from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.config import keys
from cocalc_magic.errors import CoCalcError, InvalidSyntax, did_you_mean
from cocalc_magic.render.blocks import Facts, Note, Pre, Terms, Title
from cocalc_magic.render.help import events_about, events_page, message_page, option_page
from cocalc_magic.render.page import Page
from cocalc_magic.session.credentials import scope_facts, session_facts
from cocalc_magic.session.whoami import owner
from cocalc_magic.syntax.flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.client.client import Client
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.credentials import Facts as FactList
    from cocalc_magic.session.session import Session

STATUS_TIMEOUT = 5.0  # seconds
_MAX_PAGES = 3

_START = """%cocalc ping
%cocalc create_project title="My project"
%cocalc project_exec project_id="My project" command="ls -a"
%cocalc help project_exec"""

_EACH = """%cocalc create_project --each students.csv title="${row.name}'s project" -o made
%%cocalc write_text_file_to_project --each $made
project_id: $row.project_id
path: welcome.md
content: "# Welcome, ${row.name}"
"""
_OF_EACH = """\
DATA is a DataFrame, a list of dicts, a CSV or JSON-lines file, a response with one table, or the result of \
another --each, whose failed rows are left out. ${row.column} and $row["odd name"] stand in any value, also \
in Python of them: ${row.name.upper()}.
The same line again sends only what is missing, and nothing twice, also in another kernel or with the file \
edited: a row is known by what it sends, or by --key COLUMN. Messages that only read are sent each time.
Failures do not end it; the cell ends with a table and one error that names the rows. The value is a \
sequence of rows: made.ok, made.failed, made.to_frame(), made.to_csv(PATH). From Python: client.map(…).
Stop and Ctrl-C finish what is under way. %cocalc jobs lists what is kept."""


def help_(session: Session, argv: list[str]) -> Page:
    """Describe an event, a command, an option, or the events about a word; without a word, where to start."""
    if not argv:
        return overview()
    word = argv[0]
    if message := catalog.get(word):
        return message_page(message)
    if word in SYNOPSES:
        synopsis = SYNOPSES[word]
        first = _of_action(argv[1]) if word == "course" and argv[1:] else ()
        more = (*map(Note, synopsis.more.splitlines()), *_pages(word))
        usage = Pre(f"%cocalc {word} {synopsis.words}".strip())
        return Page((*first, Title(word, synopsis.meaning), usage, *more))
    if page := flag_page(word) or option_page(word):
        return page
    return events(session, argv)


_FILES = ("--file", "--csv", "--html", "--archive")
_VALUES = dict.fromkeys(_FILES, "FILE") | {
    "--from": "PROJECT:PATH.course",
    "--course": "NAME",
    "--into": "FOLDER",
    "--jobs": "N",
    "--max-delete": "N|P%",
    "--on": "DATE",
    "--timeout": "S",
    "--to": "PATH",
}
"""What the flags of `course` take, where that is not called as they are."""
_ARGUMENTS = {
    "init": ["[STUDENTS]"],
    "run": ["COMMAND"],
    "handout": ["FOLDER"],
    "collect": ["PATH"],
    "return": ["FOLDER"],
}


def _of_action(action: str) -> Iterable[Title | Pre]:
    """Yield what an action of `course` does, and its line with all flags."""
    from cocalc_magic.commands import course, course_room  # late: for this page alone

    if action not in course.ACTIONS:
        return
    meaning = str(course.ACTIONS[action].__doc__).partition("\n")[0].replace("`", "")
    yield Title(f"course {action}", meaning)
    flags = course_room.FLAGS[action] | course_room.EVERYWHERE
    shown = (
        f"[{name} {_VALUES.get(name, name[2:].upper())}]" if takes else f"[{name}]"
        for name, takes in flags.items()
    )
    yield Pre(f"%cocalc course {' '.join([action, *_ARGUMENTS.get(action, ()), *shown])}")


def _pages(command: str) -> Iterable[Note]:
    """Return where the documentation uses a command."""
    from cocalc_magic.docs.search import pages_using  # late: it reads all pages

    names = [page.name.rpartition("/")[2] for page in pages_using(command)][:_MAX_PAGES]
    if names:
        yield Note(f"More: {', '.join(f'%cocalc docs {name}' for name in names)}")


def flag_page(name: str) -> Page | None:
    """Return what a flag of a message does; for one that goes with `--each`, all of those."""
    flag = next((flag for flag in FLAGS if name in flag.names), None)
    if flag is None:
        return None
    if not flag.bulk:
        return Page((Terms(_flags(bulk=False), "Flags of a message"),))
    return Page(
        (
            Title("--each DATA", "one message a row, each exactly once"),
            Pre(_EACH, label="A class, from a file with its names"),
            *map(Note, _OF_EACH.splitlines()),
            Terms(_flags(bulk=True), "Flags with --each"),
        )
    )


def _flags(*, bulk: bool) -> tuple[tuple[str, str, str], ...]:
    return tuple((flag.names[0], flag.value, flag.meaning) for flag in FLAGS if flag.bulk == bulk)


def overview() -> Page:
    """Return the commands, the flags and a few lines to begin with."""
    commands = tuple(
        (f"%cocalc {name}", synopsis.words, synopsis.meaning) for name, synopsis in SYNOPSES.items()
    )
    return Page(
        (
            Title("%cocalc", "sends messages to CoCalc"),
            Pre(_START, label="To begin with"),
            Terms(commands, "Commands"),
            Terms(_flags(bulk=False), "Flags of a message"),
            Terms(_flags(bulk=True), "Flags of many messages: %cocalc help --each"),
            Note(
                f"{len(catalog.messages())} events: %cocalc events. Today's servers have more: {_newer()}. "
                "Tab completes all of it."
            ),
        )
    )


def _newer() -> str:
    """Return the commands that list the events of newer generations."""
    return ", ".join(f"%cocalc events {generation}" for generation in catalog.GENERATIONS[1:])


def events(_session: Session, argv: list[str]) -> Page:
    """List events by subject: those of v1, of the named generation, or all about a word."""
    word = argv[0] if argv else ""
    if not word or word in catalog.GENERATIONS:
        return events_page(word or "v1")
    if page := events_about(word):
        return page
    raise CoCalcError(
        f"there is no event about {word!r}.",
        did_you_mean(word, [*catalog.names(), *SYNOPSES]),
        "%cocalc events lists all.",
    )


def status(session: Session, argv: list[str]) -> Page:
    """Show where messages go, with which key, whose that is, and the current project.

    The server is asked whose the key is; `--offline` sends nothing and shows what is known.
    """
    words, flags = parse_args("status", argv, {"--offline": False})
    if words:
        raise InvalidSyntax("status takes no word.", "Write %cocalc status, or %cocalc status --offline")
    choice = session.choice()
    if session.player is not None:
        facts = [("server", f"none: the recording {session.player.cassette.path} answers")]
    elif choice.server == config.SANDBOX:
        facts = [("server", f"sandbox: an embedded CoCalc, {_sandbox_state()}")]
        if config.sandbox().running:
            facts += scope_facts(session.client(), session.titles)
    else:
        facts = _server_facts(session, ask="offline" not in flags)
    facts.insert(1, ("chosen by", choice.by))
    project = (
        f"{session.project[1]} ({session.project[0]})" if session.project else "none; %cocalc use PROJECT"
    )
    facts += [("current project", project), ("messages sent", str(len(session.history)))]
    facts += [("recorded for", str(recorder.path)) for recorder in session.recorders]
    return Page((Title("cocalc-magic"), Facts(tuple(facts)), Note("%cocalc help lists what there is.")))


def _sandbox_state() -> str:
    running = config.sandbox().running
    return f"running at {running[0].url}" if running else "started by the first message"


def _server_facts(session: Session, *, ask: bool) -> FactList:
    """Return address, key, and whose it is; a problem in place of what is not known."""
    server = config.at(session.choice().server)
    name = "" if server.name in server.url else f"{server.name}: "
    if server.retired:
        gone = f"{name}{server.url}, which was retired {server.retired}"
        return [("server", gone), ("instead", "%cocalc login cocalc.ai")]
    facts = [("server", f"{name}{server.url}")]
    try:
        key = keys.find(server.url)
        if key is None:
            facts.append(("key", f"none; %cocalc login {server.reference}"))
        else:
            facts += [
                ("key", f"{key.key.hint}, from {key.source}"),
                *_of_key(session, server, key.key, ask=ask),
            ]
        held = session_facts(server, has_key=key is not None)
        if ask and (key or held) and facts[-1][0] != "problem":
            held.append(("speaks", _speaks(session.client(), ask=key is None)))
    except CoCalcError as problem:
        return [*facts, ("problem", problem.problem)]
    return facts + held


def _of_key(session: Session, server: config.Server, key: Secret, *, ask: bool) -> FactList:
    """Return whose a key is and what it may do, or what went wrong when its server was asked."""
    client, known = session.client(), (server.url, key)
    try:
        if ask:
            session.owners[known] = owner(client, STATUS_TIMEOUT)
    except CoCalcError as problem:
        return [("problem", problem.problem)]
    whose = session.owners.get(known)
    belongs = [] if whose is None else [("belongs to", whose or "the server does not say")]
    return belongs + scope_facts(client, session.titles)


def _speaks(client: Client, *, ask: bool) -> str:
    """Return the server's APIs; what nothing was found out of has answered to the first."""
    known = client.router.generations(ask=ask)
    return ", ".join(sorted(known, reverse=True)) or "v1, the first API"


def version(_session: Session, _argv: list[str]) -> Page:
    """Show the versions that matter in a bug report."""
    from importlib.metadata import PackageNotFoundError  # late: for reports of bugs alone
    from importlib.metadata import version as installed

    facts = [("cocalc-magic", __version__)]
    for name in ("ipython", "ipywidgets", "anywidget", "jupyterlab", "requests", "tornado"):
        try:
            facts.append((name, installed(name)))
        except PackageNotFoundError:
            facts.append((name, "not installed"))
    return Page((Facts(tuple(facts)),))
