"""``doctor``: what a server is, what it speaks, whose the key is, and what works there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate
from cocalc_magic.commands.args import sort
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired
from cocalc_magic.render.blocks import Block, Facts, Note, Terms, Title
from cocalc_magic.render.page import Page
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.session.session import Session

QUICK = 10.0  # seconds for each question


def doctor(session: Session, words: list[str]) -> Page:
    """The server in use, or the one that is named; at most six requests, none of which changes anything."""
    alone, _ = sort("doctor", words, {})
    if len(alone) > 1:
        raise InvalidSyntax("doctor takes one server.", "Write %cocalc doctor, or %cocalc doctor NAME")
    try:
        client, signed = session.client(alone[0] if alone else None), True
    except KeyRequired:
        client, signed = session.keyless(*alone), False
    try:
        spoken = client.router.generations()
    except CoCalcError as problem:
        return Page((Title("doctor", client.server.url), Facts((("problem", problem.problem),))))
    facts = [
        ("server", client.server.url),
        ("speaks", ", ".join(one for one in catalog.GENERATIONS if one in spoken) or "nothing that is known"),
        *(_site(client, spoken) if signed else ()),
        ("key", _owner(client) if signed else f"none; %cocalc login {client.server.reference}"),
    ]
    blocks: tuple[Block, ...] = (Title("doctor", client.server.name), Facts(tuple(facts)))
    return Page(
        (*blocks, *_events(spoken)) if spoken else (*blocks, Note("Is this the address of a CoCalc?"))
    )


def _site(client: Client, spoken: frozenset[str]) -> list[tuple[str, str]]:
    """What the site calls itself, where it tells that to everybody."""
    if "v2" not in spoken:
        return []
    message = catalog.find("/customize")
    try:
        answer = client.router.exchange(message, {"fields": ["siteName", "siteURL"]}, timeout=QUICK)
    except CoCalcError:
        return []
    names = [str(answer[name]) for name in ("siteName", "siteURL") if answer.get(name)]
    return [("site", ", ".join(names))] if names else []


def _owner(client: Client) -> str:
    try:
        return owner(client, QUICK) or "known to the server, which does not tell whose it is"
    except CoCalcError as problem:
        return problem.problem


def _events(spoken: frozenset[str]) -> tuple[Block, ...]:
    """The events of v1 with how they fare there, and a count of those of today."""
    rows = []
    for event, message in catalog.messages().items():
        how, why = translate.outlook(event, spoken)
        if how == "as it is" and message.availability != "open":
            how, why = "no", "not on servers of 2024"
        rows.append((event, how, why))
    today = [
        f"{len(catalog.messages(name))} of {name}: %cocalc events {name}"
        for name in catalog.GENERATIONS[1:]
        if name in spoken
    ]
    notes = (Note(f"Besides these {'; '.join(today)}."),) if today else ()
    return (Terms(tuple(rows), "Events of v1, and how they work there"), *notes)
