"""`scope`: which capabilities and projects a key needs for what was sent here, or for a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, config
from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.wire.permission import keys_page
from cocalc_magic.commands.args import parse_args
from cocalc_magic.config.servers_file import load
from cocalc_magic.errors import CoCalcError, InvalidMessage, InvalidSyntax
from cocalc_magic.render.blocks import Facts, Link, Note, Pre, Terms, Title
from cocalc_magic.render.page import Page
from cocalc_magic.sanitize import visible_line
from cocalc_magic.sanitize.file_names import typed_path
from cocalc_magic.session.needs import LISTS, MAKES, RUNS, Needs, needed_by
from cocalc_magic.syntax import outline
from cocalc_magic.syntax.convert import from_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.outline import Usage

MAX_SIZE = 50_000_000  # bytes of a notebook
_CLASS = "those of the class"  # which its file names
_READS = (LISTS, "projects/collaborators/list")  # what every action of a class begins with
_OF_COURSE = {
    **dict.fromkeys(("plan", "status", "report", "drift"), _READS),
    **dict.fromkeys(("run", "handout", "collect", "return", "end"), (*_READS, RUNS)),
    "apply": (*_READS, MAKES),
}
_WITHOUT_NAMES = ("number", "integer", "boolean")  # types for which a text can't stand


@dataclass(frozen=True, repr=False)
class ScopePage(Page):
    """What a key needs; `capabilities` and `projects` are values for code."""

    capabilities: tuple[str, ...]
    projects: tuple[str, ...]


def scope(session: Session, argv: list[str]) -> ScopePage:
    """Tell what a key needs for the messages of this kernel, or for those of a notebook or script."""
    words, _ = parse_args("scope", argv, {})
    if len(words) > 1:
        raise InvalidSyntax("scope takes one file.", "Write %cocalc scope, or %cocalc scope FILE.ipynb")
    if words:
        needs = of_cells(outline.code_cells(_text(typed_path(words[0])), words[0]))
        return _page(session, needs, f"what {Path(words[0]).name} needs of a key")
    needs = Needs.of((sent.message, sent.options) for sent in session.history)
    return _page(session, needs, "what the messages of this kernel need of a key")


def of_cells(cells: list[str]) -> Needs:
    """Return what the messages in these cells need."""
    needs, current = Needs(), ""
    for usage in outline.read(cells):
        if usage.name == "use" and usage.words[:1] not in ((), ("--clear",)):
            current = usage.words[0]
        _add(needs, usage, current)
    return needs


def _add(needs: Needs, usage: Usage, current: str) -> None:
    """Add what one line or cell needs; `current` is the project that is meant where none is named."""
    if add := _COMMANDS.get(usage.name):
        add(needs, usage, current)
    elif message := catalog.get(usage.name):
        try:
            options = dict(_known(message, usage.options))
        except InvalidMessage:  # which is not sent
            return
        if current and message.current_project and message.current_project not in options:
            options[message.current_project] = current
        needs.add(message, options)


def _add_files(needs: Needs, usage: Usage, current: str) -> None:
    words = usage.words
    named = [after for word, after in pairwise(words) if word == "--project"]
    project = str(usage.options.get("project_id") or "".join(named[:1])) or current
    needs.require(usage.name, needed_by(RUNS, project))
    if _is_title(project):
        needs.require(usage.name, needed_by(LISTS))


def _add_list(needs: Needs, usage: Usage, _: str) -> None:
    if usage.name == "projects" or _is_title(*usage.words[:1]):
        needs.require(usage.name, needed_by(LISTS))


def _add_course(needs: Needs, usage: Usage, _: str) -> None:
    for event in _OF_COURSE.get("".join(usage.words[:1]), ()):
        needs.require(f"course {usage.words[0]}", needed_by(event, _CLASS))
        needs.makes_projects |= event == MAKES


def _add_keys(needs: Needs, _: Usage, __: str) -> None:
    needs.impossible["keys"] = "%cocalc keys is not for keys there: people make and delete them."


_COMMANDS: dict[str, Callable[[Needs, Usage, str], None]] = {
    "upload": _add_files,
    "download": _add_files,
    "use": _add_list,
    "projects": _add_list,
    "course": _add_course,
    "keys": _add_keys,
}
"""What the commands need that are no messages."""


def _known(message: Message, options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the options but for values of the notebook that only it knows.

    Raises:
        InvalidMessage: A value that is written there is wrong.
    """
    for name, value in options.items():
        try:
            from_python(message.option(name), value)
        except InvalidMessage:
            if not (isinstance(value, str) and "$" in value):
                raise
            if message.option(name).type in _WITHOUT_NAMES:
                continue
        yield name, value


def _is_title(project: str = "") -> bool:
    """Return whether a project is named by its title, which is looked up in the list of all."""
    return bool(project) and not is_uuid(project) and not project.startswith(("$", "--"))


def _page(session: Session, needs: Needs, title: str) -> ScopePage:
    server = _server(session)
    capabilities, projects = needs.capabilities, needs.projects
    facts = [("capabilities", ", ".join(capabilities) or "none: any key will do")]
    if projects:
        facts.append(("projects", ", ".join(_named(session, projects))))
    facts.append(("made at", Link(keys_page(server.url), keys_page(server.url))))
    blocks: list[Block] = [Title("scope", title), Facts(tuple(facts)), *_by_capability(needs)]
    if capabilities:
        blocks.append(Pre(_login(server, capabilities, projects), label="Once the key is made"))
    return ScopePage((*blocks, *_notes(needs, server)), capabilities, projects)


def _by_capability(needs: Needs) -> Iterable[Block]:
    """Return why each capability is needed."""
    rows = []
    for name in needs.capabilities:
        events = ", ".join(event for event, names in needs.by_event.items() if name in names)
        rows.append((name, "", f"{catalog.CAPABILITIES[name].meaning} For {events}."))
    return [Terms(tuple(rows))] if rows else []


def _login(server: config.Server, capabilities: Iterable[str], projects: Iterable[str]) -> str:
    ids = [project for project in projects if is_uuid(project)]
    where = f" --projects {','.join(ids)}" if ids else ""
    return f"%cocalc login {server.reference} --prompt --scope {','.join(capabilities)}{where}"


def _notes(needs: Needs, server: config.Server) -> Iterable[Note]:
    if any(project.startswith("$") for project in needs.projects):
        yield Note("A $name is a value of the notebook: the key needs the project that it holds.")
    if needs.makes_projects:
        yield Note(
            "It makes projects. A key may not use a project that it has made until it is one of its projects."
        )
    if needs.signed_in:
        yield Note(
            f"No key may send {', '.join(needs.signed_in)}: sign in besides, by "
            f"%cocalc login {server.reference} --page"
        )
    for problem in needs.impossible.values():
        yield Note(problem)
    if needs.wanted and "project:exec" in needs.capabilities:
        yield Note("project:exec lets the key do anything in these projects.")


def _server(session: Session) -> config.Server:
    """Return the server in use where it has a page for keys: any but the sandbox and those retired."""
    name = session.choice().server
    server = None if name == config.SANDBOX else config.at(name)
    return server if server and not server.retired else load().all()["cocalc.ai"]


def _named(session: Session, projects: Iterable[str]) -> list[str]:
    titles = session.titles
    return [
        f"{visible_line(titles[project])} ({project})" if project in titles else project
        for project in projects
    ]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise CoCalcError(f"{path} is larger than {MAX_SIZE // 1_000_000} MB.")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise CoCalcError(
            f"{path} can't be read: {getattr(problem, 'strerror', None) or 'not text'}."
        ) from None
