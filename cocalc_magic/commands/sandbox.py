"""The embedded sandbox: its life, and what goes on in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cocalc_magic import config
from cocalc_magic.commands.args import act, sort
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Block, Column, Facts, Note, Table, Title
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cocalc_magic.session.session import Session

SHOWN = 10  # rows of each kind
_FAULT_KINDS: dict[str, Callable[[str], int | float]] = {
    "status": int,
    "times": int,
    "truncate": int,
    "retry-after": float,
    "latency": float,
}
_FAULT = {
    **{f"--{name}": True for name in (*_FAULT_KINDS, "content-type", "event")},
    **dict.fromkeys(("--drop", "--html", "--after", "--clear"), False),
}
_START = {"--data": True, "--world": True, "--generation": True, "--empty": False}


def sandbox(session: Session, words: list[str]) -> Page:
    """``status`` (also without a word), ``start``, ``stop``, ``reset`` and ``fault``."""
    actions = {"status": status, "start": start, "stop": stop, "reset": reset, "fault": fault}
    page: Page = act("sandbox", session, words, actions)
    return page


def start(session: Session, words: list[str]) -> Page:
    """Starts it anew; the one of before ends, and its data is gone unless it had a folder."""
    alone, flags = sort("sandbox start", words, _START)
    if alone:
        raise InvalidSyntax("sandbox start takes flags alone.", f"Its flags: {', '.join(_START)}")
    options = [f"--{name}={os.path.expanduser(value)}" for name, value in flags.items() if name != "empty"]
    server, _ = config.sandbox().start(*options, *(["--empty"] if "empty" in flags else []))
    _forget(session)
    kept = flags.get("data")
    facts = (
        ("address", server.url),
        ("data", f"{kept}, which stays" if kept else "forgotten when it ends"),
    )
    return Page((Title("The sandbox has started"), Facts(facts), Note("Commands run as you: no isolation.")))


def stop(session: Session, words: list[str]) -> Page:
    """Ends it, with all that runs in it."""
    sort("sandbox stop", words, {})
    ran = config.sandbox().running is not None
    config.sandbox().stop()
    _forget(session)
    return Page((Note("The sandbox has ended." if ran else "No sandbox is running."),))


def reset(session: Session, words: list[str]) -> Page:
    """Brings its first state back."""
    sort("sandbox reset", words, {})
    answer = session.client("sandbox").control("reset")
    config.sandbox().renew(Secret(answer["key"]))
    _forget(session)
    return Page((Note("The sandbox is as it began: its accounts, projects and files."),))


def fault(session: Session, words: list[str]) -> Page:
    """Has the next messages fail; without a flag it tells what is to come."""
    alone, flags = sort("sandbox fault", words, _FAULT)
    if alone:
        raise InvalidSyntax("sandbox fault takes flags alone.", f"Its flags: {', '.join(_FAULT)}")
    options = {name.replace("-", "_"): _value(name, text) for name, text in flags.items()}
    to_come = session.client("sandbox").control("fault", **options)["faults"]
    lines = [", ".join(f"{name} {value}" for name, value in one.items()) for one in to_come]
    return Page((Note("\n".join(f"To come: {line}" for line in lines) or "No fault is to come."),))


def _value(name: str, text: str) -> str | int | float | bool:
    """What a flag of ``sandbox fault`` says, as JSON has it."""
    kind = _FAULT_KINDS.get(name)
    if kind is None:
        return True if not _FAULT[f"--{name}"] else text
    try:
        return kind(text)
    except ValueError:
        raise InvalidSyntax(f"--{name} of sandbox fault is a number, not {text!r}.") from None


def status(session: Session, words: list[str]) -> Page:
    """Accounts, projects, what runs, the last requests; and a link to the same as a page."""
    sort("sandbox status", words, {})
    running = config.sandbox().running
    if running is None:
        return Page((Note("No sandbox is running. The first message starts it, or: %cocalc sandbox start"),))
    client = session.client("sandbox")
    seen, ticket = client.control("status"), client.control("ticket")
    return Page(
        (
            Title("Sandbox", running[0].url),
            _table("Projects", seen["counts"]["projects"], _PROJECTS, seen["projects"]),
            _table("Accounts", seen["counts"]["accounts"], _ACCOUNTS, seen["accounts"]),
            _table("Running", len(seen["processes"]), _PROCESSES, seen["processes"]),
            _table("Requests", len(seen["requests"]), _REQUESTS, seen["requests"]),
            _table("Letters, not sent", seen["counts"]["outbox"], _LETTERS, seen["outbox"]),
            Note(f"In a browser, once within five minutes: {running[0].url}{ticket['path']}"),
        )
    )


def _forget(session: Session) -> None:
    """Projects of another life are not there any more."""
    session.project = None
    session.forget_projects()


def _table(title: str, count: int, columns: Mapping[str, Callable[[Any], str]], rows: Sequence[Any]) -> Block:
    """Some rows of one kind under its name and number."""
    shown = tuple(tuple(tell(row) for tell in columns.values()) for row in rows[:SHOWN])
    heads = (Column(f"{title}: {count}"), *(Column(name) for name in list(columns)[1:]))
    return Table(heads, shown, count, len(columns))


def _people(project: Mapping[str, Any]) -> str:
    return ", ".join(one["name"] for one in project["people"])


def _options(seen: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in seen["options"].items())


_PROJECTS: dict[str, Callable[[Any], str]] = {
    "title": lambda one: str(one["title"]),
    "state": lambda one: str(one["state"]),
    "people": _people,
    "project_id": lambda one: str(one["project_id"]),
}
_ACCOUNTS: dict[str, Callable[[Any], str]] = {
    "name": lambda one: str(one["name"]),
    "e-mail": lambda one: str(one["email_address"] or ""),
    "": lambda one: "administrator" if one["admin"] else "",
}
_PROCESSES: dict[str, Callable[[Any], str]] = {
    "command": lambda one: str(one["command"]),
    "project": lambda one: str(one["project"]),
}
_REQUESTS: dict[str, Callable[[Any], str]] = {
    "event": lambda one: str(one["event"]),
    "by": lambda one: str(one["by"]),
    "options": _options,
    "outcome": lambda one: str(one["outcome"]),
    "took": lambda one: f"{one['milliseconds']} ms",
}
_LETTERS: dict[str, Callable[[Any], str]] = {
    "to": lambda one: str(one["to"]),
    "subject": lambda one: str(one["subject"]),
}
