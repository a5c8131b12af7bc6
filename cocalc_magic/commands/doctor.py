"""`doctor`: what a server is, what it speaks, whose the key is, and what works there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate
from cocalc_magic.commands.args import parse_args
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired
from cocalc_magic.render.blocks import Block, Facts, Note, Terms, Title
from cocalc_magic.render.page import Page
from cocalc_magic.session.credentials import scope_facts, session_facts
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.session.session import Session

TIMEOUT = 10.0  # seconds for each request


def doctor(session: Session, argv: list[str]) -> Page:
    """Examine the server in use or the named one, with at most seven requests that change nothing."""
    words, _ = parse_args("doctor", argv, {})
    if len(words) > 1:
        raise InvalidSyntax("doctor takes one server.", "Write %cocalc doctor, or %cocalc doctor NAME")
    try:
        client, has_key = session.client(words[0] if words else None), True
    except KeyRequired:
        client, has_key = session.keyless(*words), False
    try:
        spoken = client.router.generations()
    except CoCalcError as problem:
        return Page((Title("doctor", client.server.url), Facts((("problem", problem.problem),))))
    facts = [
        ("server", client.server.url),
        ("speaks", ", ".join(name for name in catalog.GENERATIONS if name in spoken) or "no known API"),
        *(_site(client, spoken) if has_key else ()),
        (
            "key",
            _owner(client) if client.key and has_key else f"none; %cocalc login {client.server.reference}",
        ),
        *(scope_facts(client, session.titles) if has_key else ()),
        *session_facts(client.server, has_key=bool(client.key) and has_key),
    ]
    blocks: tuple[Block, ...] = (Title("doctor", client.server.name), Facts(tuple(facts)))
    return Page(
        (*blocks, *_events(spoken)) if spoken else (*blocks, Note("Is this the address of a CoCalc?"))
    )


def _site(client: Client, spoken: frozenset[str]) -> list[tuple[str, str]]:
    """Return the name of the site, if the server says it without a key."""
    if "v2" not in spoken:
        return []
    message = catalog.find("/customize")
    try:
        answer = client.router.exchange(message, {"fields": ["siteName", "siteURL"]}, timeout=TIMEOUT)
    except CoCalcError:
        return []
    names = [str(answer[name]) for name in ("siteName", "siteURL") if answer.get(name)]
    return [("site", ", ".join(names))] if names else []


def _owner(client: Client) -> str:
    try:
        return owner(client, TIMEOUT) or "valid, but the server does not say whose it is"
    except CoCalcError as problem:
        return problem.problem


def _events(spoken: frozenset[str]) -> tuple[Block, ...]:
    """Return the v1 events with how they work there, and a count of those of newer APIs."""
    rows = []
    for event, message in catalog.messages().items():
        how, why = translate.outlook(event, spoken)
        if how == "as it is" and message.availability != "open":
            how, why = "no", "not on servers of 2024"
        rows.append((event, how, why))
    newer = [
        f"{len(catalog.messages(name))} of {name}: %cocalc events {name}"
        for name in catalog.GENERATIONS[1:]
        if name in spoken
    ]
    notes = (Note(f"Besides these {'; '.join(newer)}."),) if newer else ()
    return (Terms(tuple(rows), "Events of v1, and how they work there"), *notes)
