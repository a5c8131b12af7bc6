"""Errors for a line that cannot be read: what is wrong, and what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax, what_there_is
from cocalc_magic.syntax.characters import QUOTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.errors import SourceSpan


_SEPARATORS = {",": "a comma", ";": "a semicolon"}


def no_blank(span: SourceSpan) -> InvalidSyntax:
    """Return the error for two words that touch."""
    if span.text[span.start] in _SEPARATORS:
        return separator(span)
    return InvalidSyntax(
        f"a blank is missing before {span.text[span.start : span.start + 20]!r}.",
        'Quotes go round the whole value: title="it\'s new"',
        span=span,
    )


def separator(span: SourceSpan) -> InvalidSyntax:
    """Return the error for a comma or semicolon between two items."""
    return InvalidSyntax(
        f"{_SEPARATORS[span.text[span.start]]} stands between two items, which only blanks part.",
        f'Leave it out; where it belongs to the value, use quotes: title="x{span.text[span.start]}"',
        span=span,
    )


def open_quote(span: SourceSpan) -> InvalidSyntax:
    """Return the error for a quote that is not closed."""
    return InvalidSyntax(
        f"the quote {span.text[span.start]} does not close.",
        "Close it, or double-quote the whole value.",
        span=span,
    )


def no_raw(span: SourceSpan) -> InvalidSyntax:
    """Return the error for `raw` without a name or path."""
    return InvalidSyntax(
        "raw needs the name of a message, or a method and a path.",
        "Write raw some/new-thing, raw projects.newThing, raw project:system.newThing or raw GET /stats",
        span=span,
    )


def no_flag(written: str, event: str, flags: Iterable[str], span: SourceSpan) -> InvalidSyntax:
    """Return the error for an unknown flag, which may be an option."""
    name = written.lstrip("-")
    message = catalog.get(event) if event else None
    options = {option.name for option in message.options} if message else set()
    if option := next((known for known in (name, name.replace("-", "_")) if known in options), None):
        return InvalidSyntax(
            f"{option} is an option of {event}, not a flag.", f"Write {option}=…, without dashes.", span=span
        )
    hints = what_there_is(written, flags, "The flags:", "%cocalc help lists the flags.")
    return InvalidSyntax(f"there is no flag {written}.", *hints, span=span)


def no_item(word: str, event: str, span: SourceSpan) -> InvalidSyntax:
    """Return the error for a word that is not an item, a flag or a variable."""
    return InvalidSyntax(f"{word[:40]!r} is not an item.", _item_hint(word, event), span=span)


def _item_hint(word: str, event: str) -> str:
    bare = word.lstrip("'\"")
    if bare.startswith(("{", "[")):
        return (
            f"JSON goes into the cell, below %%cocalc {event or 'EVENT'}; as the value of one option it is "
            "NAME:={…}; and a mapping of the notebook is ${…}"
        )
    if word.startswith("**"):
        return "Write **name for a mapping that the notebook has, and ${…} for any Python."
    if word[0] in QUOTES:
        return f"{word[0]} is a typographic quote; write {QUOTES[word[0]]}"
    if word.startswith("#"):
        return "A comment needs a blank after its #; text with a # needs quotes."
    if word in ("=", ":="):
        return "Write name=value without blanks round the sign."
    if word in (",", ";"):
        return "Only blanks part items."
    if word.endswith(":") and word[:-1].isidentifier():
        return (
            f"On the line it is {word[:-1]}=…; {word} … stands in the cell, below %%cocalc {event or 'EVENT'}"
        )
    return 'An item is name=value; a value with blanks needs quotes: title="My project"'


def curly_end(text: str, start: int) -> int:
    """Return the end of a text in typographic quotes: behind the closing one, or the end of the word."""
    meant = QUOTES[text[start]]
    for at in range(start + 1, len(text)):
        if QUOTES.get(text[at]) == meant and not text[at + 1 : at + 2].strip():
            return at + 1
    words = text[start:].split(maxsplit=1)
    return start + len(words[0])
