"""Errors for what is pasted in place of a message: curl commands, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax, SourceSpan

if TYPE_CHECKING:
    from collections.abc import Iterator

# A prompt may stand before it.
_CURL = re.compile(r"(?:[$%>]\s+)?(?P<word>curl(?:\.exe)?)(?=\s|\Z)")
_ADDRESS = re.compile(
    r"""["']?(?P<address>https?://[^\s"'<>]+|[\w.:-]*/api/(?:v1|v2|conat)(?=[/\s"']|\Z)[^\s"'<>]*)"""
)
BEGINS = re.compile(rf"(?:{_CURL.pattern})|(?:{_ADDRESS.pattern})")
"""Matches what `refuse` raises an error for."""
_API = re.compile(r"/api/(?P<api>v1|v2|conat)(?:/(?P<name>[^?#]*[^?#/]))?")
_COMMANDS = (
    "%%cocalc from-curl, with a curl command in the cell below it, gives the magic for it.",
    "%cocalc help tells how messages are written.",
)


def refuse(text: str, at: int = 0) -> None:
    """Raise `InvalidSyntax` for a curl command or an address at a place of the text."""
    if match := _CURL.match(text, at):
        raise curl(SourceSpan(text, match.start("word"), match.end("word")))
    if match := _ADDRESS.match(text, at):
        address = match["address"]
        span = SourceSpan(text, match.start("address"), match.end("address"))
        raise InvalidSyntax("an address is not a message.", *_suggestions(address), *_COMMANDS, span=span)


def curl(span: SourceSpan | None = None) -> InvalidSyntax:
    """Return the error for a curl command."""
    return InvalidSyntax("a curl command is not a message.", *_COMMANDS, span=span)


def is_curl(body: str) -> bool:
    """Return whether the first line of a cell, comments left aside, begins a curl command."""
    lines = (line.strip() for line in body.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return bool(_CURL.match(first))


def _suggestions(address: str) -> Iterator[str]:
    """Yield what to type for an address."""
    match = _API.search(address)
    if match is None:
        yield "Name a server: %cocalc server add NAME ADDRESS; for one message: --server ADDRESS"
        return
    name = match["name"] or ""
    event = name if match["api"] == "v1" or "/" in name else f"/{name}"
    if name and match["api"] != "conat" and catalog.get(event):
        yield f"The message is {event}: %cocalc {event}, and %cocalc help {event} tells its options."
    else:
        yield f"%cocalc events {match['api']} lists the messages there; %cocalc help EVENT tells about one."
