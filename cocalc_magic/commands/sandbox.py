"""`sandbox`: start, stop and reset the embedded server, show its state, make it fail."""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from cocalc_magic import config
from cocalc_magic.client.client import Client
from cocalc_magic.commands.args import dispatch, parse_args
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret
from cocalc_magic.conformance.published import score_line
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Block, Column, Facts, Link, Note, Table, Title
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cocalc_magic.session.session import Session

MAX_ROWS = 10  # of each table
_FAULT_KINDS: dict[str, Callable[[str], int | float]] = {
    "status": int,
    "times": int,
    "truncate": int,
    "every": int,
    "retry-after": float,
    "latency": float,
}
_FAULT = {
    **{f"--{name}": True for name in (*_FAULT_KINDS, "content-type", "event")},
    **dict.fromkeys(("--drop", "--html", "--after", "--clear"), False),
}
_KEYS = {"--scope": True, "--projects": True, "--account": True, "--seconds": True}
_ANSWERED = Page((Note("No sandbox is started: a recording answers. %cocalc replay --stop ends that."),))
_START = {
    **dict.fromkeys(("--data", "--world", "--generation", "--frame"), True),
    **dict.fromkeys(("--empty", "--in-process"), False),
}
_NO_PAGES = "No browser and no other program reaches a sandbox in this process; Client().session() does."
_OPEN = "Commands run as you: no isolation."
_OPEN_HERE = "Commands run in a small shell, Python in this one: no isolation."


def sandbox(session: Session, argv: list[str]) -> Page:
    """Run `status` (the default), `start`, `stop`, `reset`, `keys`, `look` or `fault`."""
    actions = {
        "status": status,
        "start": start,
        "stop": stop,
        "reset": reset,
        "fault": fault,
        "keys": keys,
        "look": look,
    }
    page: Page = dispatch("sandbox", session, argv, actions)
    return page


def start(session: Session, argv: list[str]) -> Page:
    """Start a new one; the previous one ends, and its data is deleted unless it had a folder."""
    words, flags = parse_args("sandbox start", argv, _START)
    if words:
        raise InvalidSyntax("sandbox start takes only flags.", f"Its flags: {', '.join(_START)}")
    if session.player is not None:
        return _ANSWERED
    options = [
        f"--{name}={os.path.expanduser(value)}" if _START[f"--{name}"] else f"--{name}"
        for name, value in flags.items()
    ]
    server, _ = config.sandbox().start(*options)
    session.forget_projects()
    kept = flags.get("data")
    facts = (
        ("address", _address(server)),
        ("data", f"{kept}, which is kept" if kept else "deleted when it ends"),
    )
    warning = Note(_OPEN if server.answer is None else _OPEN_HERE)
    return Page((Title("The sandbox has started"), Facts(facts), warning))


def _address(server: config.Server) -> str:
    return server.url if server.answer is None else "none: it is in this process"


def stop(session: Session, argv: list[str]) -> Page:
    """Stop it, with all that runs in it."""
    parse_args("sandbox stop", argv, {})
    was_running = config.sandbox().running is not None
    config.sandbox().stop()
    session.forget_projects()
    return Page((Note("The sandbox has stopped." if was_running else "No sandbox is running."),))


def reset(session: Session, argv: list[str]) -> Page:
    """Restore its initial state."""
    parse_args("sandbox reset", argv, {})
    if session.player is not None:
        return _ANSWERED
    answer = _control(session, "reset")
    config.sandbox().renew(Secret(answer["key"]))
    session.forget_projects()
    return Page((Note("The sandbox is in its initial state: accounts, projects and files."),))


def fault(session: Session, argv: list[str]) -> Page:
    """Make the next messages fail; without a flag, list the faults that are scheduled."""
    words, flags = parse_args("sandbox fault", argv, _FAULT)
    if words:
        raise InvalidSyntax("sandbox fault takes only flags.", f"Its flags: {', '.join(_FAULT)}")
    options = {name.replace("-", "_"): _value(name, text) for name, text in flags.items()}
    scheduled = _control(session, "fault", **options)["faults"]
    lines = [", ".join(f"{name} {json.dumps(value)}" for name, value in item.items()) for item in scheduled]
    return Page((Note("\n".join(f"Scheduled: {line}" for line in lines) or "No fault is scheduled."),))


def keys(session: Session, argv: list[str]) -> Page:
    """`create` a scoped key, and use it from now on; `forget` it, and use that of the start again."""
    words, flags = parse_args("sandbox keys", argv, _KEYS)
    if words == ["forget"] and not flags:
        config.sandbox().use(config.sandbox().start_key)
        return Page((Note("Messages to the sandbox go with the key of its start again."),))
    if words != ["create"] or "scope" not in flags:
        raise InvalidSyntax(
            "sandbox keys makes a key, or forgets it.",
            "%cocalc sandbox keys create --scope project:exec,file:read [--projects ID,…]",
            "%cocalc sandbox keys forget",
        )
    options: dict[str, Any] = {"capabilities": flags["scope"].split(",")}
    options |= {"projects": flags["projects"].split(",")} if "projects" in flags else {}
    options |= {name: flags[name] for name in ("account", "seconds") if name in flags}
    answer = _control(session, "keys", **options)
    key = Secret(answer.pop("key"))
    config.sandbox().use(key)
    scope = UNKNOWN.stating(answer["capabilities"], answer["projects"])
    session.state_scope(session.client("sandbox").server.url, key, scope)
    facts = (
        ("may", ", ".join(answer["capabilities"])),
        ("in projects", ", ".join(answer["projects"]) or "none"),
    )
    note = "Messages to the sandbox go with it from now on; %cocalc sandbox keys forget ends that."
    return Page((Title("A scoped key"), Facts(facts), Note(note)))


def look(session: Session, argv: list[str]) -> Page:
    """Draw its sign-in page and its pages of projects in the look that is configured."""
    parse_args("sandbox look", argv, {})
    chosen = session.frontend.look
    fields = vars(chosen) if chosen else {}
    _control(session, "look", **fields)
    if not chosen:
        return Page((Note("Its pages look as they did: c.CoCalc.app_title, logo and accent are empty."),))
    shown = (("title", chosen.title), ("accent", chosen.accent), ("logo", "yes" if chosen.logo else ""))
    server = config.sandbox().connection()[0]
    page = f"{server.url}/app?get_api_key={quote(session.frontend.app_name, safe='')}"
    facts = Facts((*(fact for fact in shown if fact[1]), ("sign-in page", Link(page, page))))
    notes = () if server.answer is None else (Note(_NO_PAGES),)
    return Page((Title("The sandbox looks like your product"), facts, *notes))


def _control(session: Session, verb: str, **options: Any) -> dict[str, Any]:
    """Ask the sandbox itself, which takes the key of its start alone, whatever messages go with."""
    client, key = session.client("sandbox"), config.sandbox().start_key
    if client.key == key:
        return client.control(verb, **options)
    with Client(client.server, key) as owner:
        return owner.control(verb, **options)


def _value(name: str, text: str) -> str | int | float | bool:
    """Return the value of a flag of `sandbox fault`, for JSON."""
    kind = _FAULT_KINDS.get(name)
    if kind is None:
        return True if not _FAULT[f"--{name}"] else text
    with suppress(ValueError):
        if math.isfinite(number := kind(text)):
            return number
    raise InvalidSyntax(f"--{name} of sandbox fault takes a number, not {text!r}.")


def status(session: Session, argv: list[str]) -> Page:
    """Show accounts, projects, what runs, the last requests, and a link to the dashboard."""
    parse_args("sandbox status", argv, {})
    running = config.sandbox().running
    if running is None:
        return Page((Note("No sandbox is running. The first message starts it, or: %cocalc sandbox start"),))
    state, ticket = _control(session, "status"), _control(session, "ticket")
    return Page(
        (
            Title("Sandbox"),
            *_addresses(running[0], f"{running[0].url}{ticket['path']}"),
            Note(f"It answers {score_line()}. What differs is listed in its conformance/README.md."),
            _table("Projects", state["counts"]["projects"], _PROJECTS, state["projects"]),
            _table("Accounts", state["counts"]["accounts"], _ACCOUNTS, state["accounts"]),
            _table("Running", len(state["processes"]), _PROCESSES, state["processes"]),
            _table("Requests", len(state["requests"]), _REQUESTS, state["requests"]),
            _table("E-mails the sandbox did not send", state["counts"]["outbox"], _EMAILS, state["outbox"]),
        )
    )


def _addresses(server: config.Server, page: str) -> list[Block]:
    """Return where the sandbox is, with a link to the page that shows what happens in it."""
    if server.answer is not None:
        return [Facts((("address", _address(server)),)), Note(_NO_PAGES)]
    facts = Facts((("address", server.url), ("live page", Link(page, page))))
    note = "The live page opens once, within five minutes; %cocalc sandbox status makes another link."
    if "JUPYTERHUB_USER" in os.environ:
        port = urlsplit(server.url).port
        note += (
            " Behind a JupyterHub the address is of the hub's machine, not of yours: forward its port first, "
            f"ssh -L {port}:127.0.0.1:{port} HUB. The sandbox refuses the hub's proxy, which would make its "
            "pages those of your notebook server. All that the page has stands below too."
        )
    return [facts, Note(note)]


def _table(title: str, count: int, columns: Mapping[str, Callable[[Any], str]], rows: Sequence[Any]) -> Block:
    """Return the first rows of one kind under its name and number."""
    cells = tuple(tuple(cell(row) for cell in columns.values()) for row in rows[:MAX_ROWS])
    heads = (Column(f"{title}: {count}"), *(Column(name) for name in list(columns)[1:]))
    return Table(heads, cells, count, len(columns))


_PROJECTS: dict[str, Callable[[Any], str]] = {
    "title": lambda row: str(row["title"]),
    "state": lambda row: str(row["state"]),
    "people": lambda row: ", ".join(person["name"] for person in row["people"]),
    "project_id": lambda row: str(row["project_id"]),
}
_ACCOUNTS: dict[str, Callable[[Any], str]] = {
    "name": lambda row: str(row["name"]),
    "e-mail": lambda row: str(row["email_address"] or ""),
    "role": lambda row: "administrator" if row["admin"] else "",
}
_PROCESSES: dict[str, Callable[[Any], str]] = {
    "command": lambda row: str(row["command"]),
    "project": lambda row: str(row["project"]),
}
_REQUESTS: dict[str, Callable[[Any], str]] = {
    "event": lambda row: str(row["event"]),
    "by": lambda row: str(row["by"]),
    "options": lambda row: ", ".join(f"{name}={value}" for name, value in row["options"].items()),
    "outcome": lambda row: str(row["outcome"]),
    "took": lambda row: f"{row['milliseconds']} ms",
}
_EMAILS: dict[str, Callable[[Any], str]] = {
    "to": lambda row: str(row["to"]),
    "subject": lambda row: str(row["subject"]),
}
